import { existsSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { formatBytes } from '../../cli/format.ts';
import { inputFile, inputFileOf } from '../../cli/input-file.ts';
import { choice, flag, option, sensorId, text, wholeNumber } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { defineVerb } from '../../cli/verb.ts';
import { isOfSensors } from '../../core/formats/column-name.ts';
import { checkFilePattern } from '../../core/formats/file-pattern.ts';
import { datasetSource } from '../../core/inspect/dataset-source.ts';
import { fileStart } from '../../core/inspect/file-start.ts';
import type { Answers } from '../../core/inspect/finding.ts';
import {
  type FileStart,
  type Inspection,
  inspectedBytes,
  inspectFile,
} from '../../core/inspect/inspect-file.ts';
import { shellWord } from '../../core/shell-word.ts';
import { fixedOffsetMs, isTimeZone } from '../../core/time/time-zone.ts';
import { shippedFormats } from '../../formats/index.ts';
import { shippedJsonFormats } from '../../formats/json/index.ts';
import { inspectReport } from '../../handlers/api/inspect-file/inspect-report.ts';
import { tryDataset } from '../../handlers/api/inspect-file/trial.ts';
import { jsonOption } from '../shared/options.ts';
import { ask, canAsk } from './ask.ts';
import { inspectPage } from './inspect-page.ts';

const shipped = { text: shippedFormats, json: shippedJsonFormats };
const folder = join(import.meta.dirname, '..', '..', 'datasets');

const zone = (help: string, accepts: 'offset too' | 'name') => {
  const accepted = `an IANA name such as Europe/Madrid${accepts === 'name' ? '' : ', or an offset such as +01:00'}`;
  const isOffset = (typed: string) => accepts === 'offset too' && fixedOffsetMs(typed) !== undefined;
  const read = (typed: string) => (isTimeZone(typed) || isOffset(typed) ? typed : undefined);
  return option({ valueName: 'ZONE', accepted, read }, { help });
};

/** `caudal inspect` */
export const inspect = defineVerb({
  command: 'npm run caudal -- inspect',
  summary: 'works out how a file is written, and writes a dataset for files like it',
  about: [
    'Reads the first MiB: recognises a format that ships, or finds encoding, columns, header, numbers, times, sensor, measures with their units, and what stands for nothing. It says what the file shows, what is guessed, and what only its owner can know, and asks for that. Then it reads the MiB by the dataset that it has made, with the code of the ingestion, and shows the first readings and what would be rejected.',
  ],
  positionals: { file: inputFile },
  options: {
    zone: zone("the clock's: an offset where it is never changed", 'offset too'),
    'time-zone': zone('of days and months, where it is not --zone', 'name'),
    'day-first': flag({ help: '01/02 is the first of February' }),
    'month-first': flag({ help: '01/02 is the second of January' }),
    'year-first': flag({ help: '01/02/03 is in 2001' }),
    sensor: sensorId({ help: 'the series of all rows' }),
    'sensor-column': text({ help: 'the column that names the series', valueName: 'COLUMN' }),
    'sensor-columns': option(
      { valueName: 'NAME', accepted: "the name of columns with {sensorId} in it, such as '{sensorId} T (°C)'", read: (typed) => (isOfSensors(typed) ? typed : undefined) },
      { help: 'columns that are each of a sensor, by their name with {sensorId} for the sensor', repeatable: true },
    ), // biome-ignore format: as one
    decimal: choice(['.', ','], { help: 'the decimal mark' }),
    unit: option(
      {
        valueName: 'COLUMN=UNIT',
        accepted: 'a column and its unit, such as Temp=°C',
        read: (typed) => /^(.+)=([^=]+)$/.exec(typed)?.slice(1, 3) as [string, string] | undefined,
      },
      { help: 'the unit of a column', repeatable: true },
    ),
    match: text({
      valueName: 'PATTERN',
      help: 'the files that are written so, such as {sensorId}_*.csv; by default those with this ending',
    }),
    name: text({ valueName: 'NAME', help: 'what the file is called, for standard input' }),
    write: text({
      valueName: 'NAME',
      help: 'writes datasets/NAME.ts, ready to run',
      pattern: /^[a-z][a-z0-9-]{0,62}$/,
      accepted: 'lower case letters, digits and -, at most 63, a letter first',
    }),
    limit: wholeNumber({ help: 'readings to show', min: 0, max: 1_000, default: 5 }),
    ...jsonOption,
  },
  exclusive: [
    ['day-first', 'month-first', 'year-first'],
    ['sensor', 'sensor-column', 'sensor-columns'],
  ],
  notes: [
    'The exit code is 1 when nothing can be made of the file, or a question is left without an answer.',
  ],
  examples: [
    'npm run caudal -- inspect met10.dat',
    'npm run caudal -- inspect met10.dat --zone +01:00 --write masts',
  ],
  async run({ file: typed, limit, write, json, name: named, ...given }) {
    const path = write === undefined ? undefined : newDataset(write);
    if (given.match !== undefined) checkMatch(given.match);
    const file = inputFileOf(typed);
    const name = named ?? file.name;
    const start = await fileStart(file.open(), name);
    const found = await inspected(start, answersOf(given), {
      ...{ name: write ?? 'inspected', mayAsk: !json && typed !== '-' && canAsk() },
    });
    if ('fault' in found) throw new Error(`Nothing can be made of ${file.shown}: ${found.fault}.`);
    const isAnswered = found.questions.length === 0;
    const trial = isAnswered ? await tryDataset(found, start, { limit, nowMs: Date.now() }) : undefined;
    const part = start.isWhole ? formatBytes(start.bytes.length) : `its first ${formatBytes(inspectedBytes)}`;
    if (json) print(JSON.stringify(inspectReport(found, { file: file.shown, trial }), null, 2));
    else print(inspectPage(found, { file: file.shown, part, trial }));
    const isWritten = path !== undefined && isAnswered;
    if (isWritten)
      writeFileSync(path, datasetSource(found, { from: name ?? 'standard input' }), { flag: 'wx' });
    if (isWritten && !json) {
      const shown = relative(process.cwd(), path);
      const again = typed === '-' ? `- --name ${shellWord(name ?? 'readings.csv')}` : shellWord(typed);
      print(
        `\nWrote ${shown}. Try it on the whole file: npm run caudal -- preview ${again} --dataset ${write}`,
      );
    }
    return isAnswered && trial?.preview.totals.refusal === undefined ? 0 : 1;
  },
});

/** Where a dataset is written. @throws {UsageError} for a name that another has */
function newDataset(name: string): string {
  const path = join(folder, `${name}.ts`);
  if (existsSync(path))
    throw new UsageError(
      `There is a dataset ${name} already, in datasets/${name}.ts: give --write another name.`,
    );
  return path;
}

function checkMatch(pattern: string): void {
  const accepted = checkFilePattern(pattern);
  if (accepted !== undefined) throw new UsageError(`--match takes ${accepted}, not "${pattern}".`);
}

interface Given {
  readonly zone: string | undefined;
  readonly timeZone: string | undefined;
  readonly dayFirst: boolean;
  readonly monthFirst: boolean;
  readonly yearFirst: boolean;
  readonly sensor: string | undefined;
  readonly sensorColumn: string | undefined;
  readonly sensorColumns: readonly string[];
  readonly decimal: '.' | ',' | undefined;
  readonly unit: readonly (readonly [string, string])[];
  readonly match: string | undefined;
}

function answersOf({ dayFirst, monthFirst, yearFirst, sensor, unit, ...given }: Given): Answers {
  const order = dayFirst ? 'day-first' : monthFirst ? 'month-first' : yearFirst ? 'year-first' : undefined;
  return { ...given, order, sensorId: sensor, units: Object.fromEntries(unit) };
}

/** Asks until nothing is left to be asked, where there is somebody to ask. */
async function inspected(
  start: FileStart,
  given: Answers,
  { name, mayAsk }: { name: string; mayAsk: boolean },
): Promise<Inspection | { readonly fault: string }> {
  let answers = given;
  for (;;) {
    const found = inspectFile(start, { name, answers, shipped });
    const [question] = 'fault' in found ? [] : found.questions;
    if (question === undefined || !mayAsk) return found;
    const answer = await ask(question);
    if (answer === undefined) return found;
    answers = { ...answers, ...answer };
  }
}
