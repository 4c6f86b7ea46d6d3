import { parsePath } from '../../formats/json-path.ts';
import type { ShippedJsonFormat } from '../../formats/shipped-json.ts';
import { parseTime } from '../../time/time-format.ts';
import { clockOf } from '../clock.ts';
import { type Answers, certain, guessed } from '../finding.ts';
import { expectedEveryOf } from '../intervals.ts';
import { measuresOf } from '../measures.ts';
import { numberNotationOf } from '../number-notation.ts';
import { besideLong, longDeclaration, longShapeOf, parametersOf } from '../table/long-shape.ts';
import { seriesOf } from '../table/series.ts';
import { epochFormatOf, type TimeFound, timeColumnsOf, timesOf } from '../table/time-columns.ts';
import { documentsOf, pointsOf } from './documents.ts';
import { inspectSenml } from './inspect-senml.ts';
import type { JsonFound } from './json-found.ts';
import { type Leaves, leavesOf } from './leaves.ts';

/** @param text decoded, of whole lines */
export function inspectJson(
  text: string,
  given: {
    readonly known: ShippedJsonFormat | undefined;
    readonly answers: Answers;
    readonly fileName: string | undefined;
  },
): JsonFound | { readonly fault: string } {
  const { known, answers, fileName } = given;
  const documents = known?.format.syntax === 'line-protocol' ? pointsOf(text) : documentsOf(text);
  if (documents.length === 0) return { fault: 'it begins as JSON, and no document of it is whole' };
  if (known?.format.syntax === 'senml') return inspectSenml(documents, { known, answers });
  const leaves = leavesOf(documents, known?.format.records);
  const { names, paths, records } = leaves;
  const rows = leaves.rows.map((row) => row.map(String));
  if (rows.length === 0) return { fault: `nothing is at ${records}, where its records should be` };
  const time = known ? knownTime(leaves, known) : timeColumnsOf(names, rows, answers);
  const isTimeless = known !== undefined && known.format.time === undefined;
  if (time === undefined && !isTimeless)
    return { fault: areInColumns(text) ? inColumns : `no value of it says when; ${shownPaths(paths)}` };
  if (!known && time?.columns.some((at) => isNumbered(paths, at))) return { fault: inColumns };
  const long = known === undefined ? longShapeOf(names, rows) : undefined;
  const ofLong = long ? [long.parameter, long.value, ...(long.unit === undefined ? [] : [long.unit])] : [];
  const ofTime = time?.columns ?? [];
  const taken = [...ofTime, ...ofLong];
  const series = seriesOf(
    { names, rows, taken, named: undefined, declared: knownSensor(leaves, known), fileName: stem(fileName) },
    answers,
  );
  if ('fault' in series) return series;
  const within = known?.format.values === undefined ? undefined : parsePath(known.format.values)?.segments;
  const isCandidate = (at: number) =>
    !taken.includes(at) && at !== series.column && (within === undefined || isBelow(paths[at] ?? '', within));
  const columns = names.map((_, at) => at).filter(isCandidate);
  const texts = (long ? [long.value] : columns).flatMap((at) =>
    leaves.rows.flatMap((row) =>
      typeof row[at] === 'string' && /^[-+\d.,' ]+$/.test(row[at]) ? [row[at]] : [],
    ),
  );
  const numbers = numberNotationOf(texts, answers);
  const { decimal } = numbers.notation;
  const cellOf = (value: string | number | undefined) =>
    typeof value === 'number' ? String(value).replace('.', decimal) : (value ?? '');
  const notation = {
    ...{ notation: numbers.notation, answers },
    ...{ known: known?.format.nothing ?? [], documented: known?.numbers },
  };
  const others = columns.map((at) => ({
    name: names[at] ?? '',
    cells: leaves.rows.map((row) => cellOf(row[at])),
    below: [],
  }));
  const cellRows = leaves.rows.map((row) => row.map(cellOf));
  const parameters = long && parametersOf(cellRows, long);
  const { measures, unread } = parameters
    ? { ...measuresOf(parameters, notation), unread: others.map(besideLong) }
    : measuresOf(others, notation);
  if (measures.length === 0) return { fault: `no value of it is a number; ${shownPaths(paths)}` };
  const instants = time ? timesOf(rows, time, series.column) : new Map<string, number[]>();
  const pattern = time?.pattern ?? { format: '', zone: 'each' as const };
  const clock = clockOf(
    pattern,
    { heads: ofTime.map((at) => names[at] ?? ''), localMs: [...instants.values()][0] ?? [] },
    answers,
  );
  const expectedEvery = expectedEveryOf(instants.values());
  const sensorPath = series.column === undefined ? undefined : paths[series.column];
  const timePaths = ofTime.map((at) => paths[at] ?? '');
  return {
    format: {
      ...(records === undefined ? {} : { records }),
      ...(decimal === ',' ? { decimal } : {}),
      ...(numbers.notation.thousands === undefined ? {} : { thousands: numbers.notation.thousands }),
      ...(time && {
        time: {
          path: timePaths.length === 1 ? (timePaths[0] ?? '') : timePaths,
          format: time.pattern.format,
          ...(clock.zone === undefined ? {} : { zone: clock.zone }),
        },
      }),
      ...(series.sensorId === undefined ? {} : { sensorId: series.sensorId }),
      fields: {
        ...(sensorPath === undefined ? {} : { sensorId: sensorPath }),
        ...(long
          ? {}
          : Object.fromEntries(
              measures.map(({ name, column, nothing, scale }) => {
                const path = paths[names.indexOf(column)] ?? '';
                if (nothing.length === 0 && scale === 1) return [name, path];
                const more = {
                  ...(nothing.length === 0 ? {} : { nothing }),
                  ...(scale === 1 ? {} : { scale }),
                };
                return [name, { path, ...more }];
              }),
            )),
      },
      ...(long && { long: longDeclaration(long, paths, measures) }),
    },
    ...{ isTimeless, timeZone: clock.timeZone, expectedEvery, measures, unread },
    findings: [
      records === undefined
        ? certain('records', 'a document each', 'each has its own time and values')
        : certain('records', records, 'the objects there have a time each'),
      ...(long?.findings ?? []),
      ...(time?.findings ?? [guessed('time', 'of arrival', 'its lines have none')]),
      ...(isTimeless ? [] : clock.findings),
      ...series.findings,
      ...numbers.findings.filter(() => texts.length > 0),
      ...measures.flatMap(({ findings }) => findings),
    ],
    questions: [
      ...(time?.questions ?? []),
      ...(isTimeless ? [] : clock.questions),
      ...series.questions,
      ...numbers.questions,
    ],
  };
}

/** As pandas writes a table by default, and services that answer with a list a quantity. */
const inColumns =
  "its values stand in columns: times in a list of their own, or under the numbers of rows; accepted: an object a time, as to_json(orient='records') of pandas writes it";

/** Whether a list has times alone, or lists of values. */
const areInColumns = (text: string): boolean =>
  /"[^"]*(?:time|date)[^"]*"\s*:\s*\[\s*["\d]|:\s*\[\s*\[/i.test(text);

/** Whether a path ends in the number of a row, and others beside it too. */
function isNumbered(paths: readonly string[], at: number): boolean {
  const parent = /^(.+)\["\d+"\]$/.exec(paths[at] ?? '')?.[1];
  return parent !== undefined && paths.filter((path) => path.startsWith(`${parent}["`)).length > 2;
}

const shownPaths = (paths: readonly string[]): string =>
  paths.length === 0 ? 'its records are no objects with values' : `it has ${paths.slice(0, 20).join(', ')}`;

const stem = (fileName: string | undefined): string | undefined => fileName?.replace(/\.[a-z0-9]+$/i, '');

/** Of a path from the document `@` and `$` are the same where each document is a record. */
function columnAt({ paths }: Leaves, path: unknown): number | undefined {
  if (typeof path !== 'string') return undefined;
  const at = [path, path.replace(/^@/, '$'), path.replace(/^\$/, '@')]
    .map((each) => paths.indexOf(each))
    .find((each) => each !== -1);
  return at;
}

/** The time as a shipped format has it, or where its sender can be set to another unit of counts, as these are. */
function knownTime(leaves: Leaves, { format: { time } }: ShippedJsonFormat): TimeFound | undefined {
  if (time === undefined) return undefined;
  const columns = [time.path].flat().flatMap((path) => columnAt(leaves, path) ?? []);
  if (columns.length < [time.path].flat().length) return undefined;
  const cells = leaves.rows
    .map((row) => columns.map((at) => String(row[at] ?? '')).join(' '))
    .filter((cell) => cell !== '')
    .map((cell) => (time.interval === undefined ? cell : (cell.split('/')[0] ?? '')));
  const counted = time.format.startsWith('epoch-') ? epochFormatOf(cells) : undefined;
  const format = counted ?? time.format;
  const read = cells.filter((cell) => parseTime(cell, format, 'UTC').length > 0).length;
  if (read < cells.length / 2) return undefined;
  const isAbsolute = format === 'iso' || format.startsWith('epoch-') || /X$/.test(format);
  const [ms = 0] = parseTime(cells[0] ?? '', format, 'UTC');
  const habit = format === time.format ? 'such messages have it there' : `not ${time.format}, as is usual`;
  const reason = `${habit}: so they begin on ${new Date(ms).toISOString().slice(0, 10)}`;
  const told = format.startsWith('epoch-') && counted === undefined ? guessed : certain;
  return {
    columns,
    pattern: { format, zone: isAbsolute ? 'each' : time.zone === 'UTC' ? 'UTC' : undefined },
    findings: [told('time', `${[time.path].flat().join(' and ')} as ${format}`, reason)],
    questions: [],
  };
}

const knownSensor = (leaves: Leaves, known: ShippedJsonFormat | undefined): number | undefined =>
  columnAt(leaves, known?.format.fields?.sensorId);

/** Whether a path leads to a member of the object at others. */
function isBelow(path: string, steps: readonly unknown[]): boolean {
  const segments = parsePath(path)?.segments ?? [];
  return segments.length === steps.length + 1 && steps.every((step, at) => step === segments[at]);
}
