import { datasets } from '#datasets';
import { inputFile, inputFileOf } from '../../cli/input-file.ts';
import { flag, oneOf, sensorId, text, wholeNumber } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { defineVerb } from '../../cli/verb.ts';
import { type Dataset, filledFault } from '../../core/dataset/dataset.ts';
import { landingKey } from '../../core/lines/segment-origin.ts';
import { previewSegment } from '../../core/preview/preview-segment.ts';
import { previewReport } from '../../handlers/api/inspect-file/preview-report.ts';
import { jsonOption } from '../shared/options.ts';
import { previewPage } from './preview-page.ts';

/** `caudal preview` */
export const preview = defineVerb({
  command: 'npm run caudal -- preview',
  summary: 'shows what a file would come to if it was uploaded, and sends nothing',
  about: [
    'Reads the whole file as the installation would, by the same code: its readings, its rejected lines and dropped values by reason with examples, columns that nothing reads, readings that it says in several ways, and its days and months with statistics. It needs no installation.',
  ],
  positionals: { file: inputFile },
  options: {
    dataset: oneOf(datasets, { help: 'what the lines are readings of', required: true }),
    sensor: sensorId({ help: 'the series of lines that name none, as upload has it' }),
    name: text({
      valueName: 'NAME',
      help: 'what the file would be called, also with its folders, such as masts/dam.dat; by it a format is chosen. Standard input needs one',
      pattern: /^[^/]+(?:\/[^/]+)*$/,
      accepted: 'a name below landing/<dataset>/, such as masts/dam.dat',
    }),
    examples: wholeNumber({ help: 'of each reason and measure', min: 0, max: 1_000, default: 3 }),
    'accept-unreadable': flag({
      help: 'as if a person had accepted the file, whatever its lines are',
    }),
    ...jsonOption,
  },
  notes: [
    'The readings of the file are in memory: two million of three measures take 400 MB.',
    'The exit code is 1 when the file would be refused, or no line of it would be accepted.',
  ],
  examples: [
    'npm run caudal -- preview 2025.csv --dataset water-temperature',
    'gunzip -c 2025.csv.gz | npm run -s caudal -- preview - --name 2025.csv --dataset water-temperature --json',
  ],
  async run({ file: typed, dataset, sensor, name, examples, acceptUnreadable, json }) {
    const filled = filledFault(dataset);
    if (filled !== undefined) throw new UsageError(`No file would be taken: ${filled}`);
    const file = inputFileOf(typed);
    const key = keyOf(dataset, { sensor, name: name ?? file.name });
    const source = { key, arrivedMs: Date.now(), accepted: acceptUnreadable };
    const found = await previewSegment({ source, dataset, bytes: file.open() }, { examples });
    const previewed = { file: file.shown, key, preview: found };
    print(
      json ? JSON.stringify(previewReport(dataset, previewed), null, 2) : previewPage(dataset, previewed),
    );
    return found.totals.refusal === undefined && found.totals.valid > 0 ? 0 : 1;
  },
});

function keyOf(
  dataset: Dataset,
  { sensor, name }: { sensor: string | undefined; name: string | undefined },
): string {
  if (name === undefined)
    throw new UsageError(
      'Standard input has no name, by which it is known how to read it: say one, such as --name readings.csv.',
    );
  if (sensor !== undefined && name.includes('/'))
    throw new UsageError(`--name ${name} has a folder, and --sensor ${sensor} is one: give one of them.`);
  return landingKey({ dataset, sensorId: sensor, file: name });
}
