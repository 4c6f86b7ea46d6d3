import { parsePath } from '../../formats/json-path.ts';
import type { ShippedJsonFormat } from '../../formats/shipped-json.ts';
import { parseTime } from '../../time/time-format.ts';
import { isTimeZone } from '../../time/time-zone.ts';
import { clockOf } from '../clock.ts';
import { type Answers, certain, type Finding, guessed, listed } from '../finding.ts';
import { expectedEveryOf } from '../intervals.ts';
import { type MeasureFound, measuresOf, measuresWithUnit } from '../measures.ts';
import { numberNotationOf } from '../number-notation.ts';
import { numberCells } from '../table/cell-kinds.ts';
import {
  besideLong,
  contradictions,
  longDeclaration,
  longShapeOf,
  parametersOf,
} from '../table/long-shape.ts';
import { seriesOf } from '../table/series.ts';
import { epochFormatOf, spanOf, type TimeFound, timeColumnsOf, timesOf } from '../table/time-columns.ts';
import { documentsOf, pointsOf } from './documents.ts';
import { inspectSenml } from './inspect-senml.ts';
import type { JsonFound } from './json-found.ts';
import { type LeafSource, type Leaves, leavesOf, shownSource } from './leaves.ts';
import { steppedFault, steppedValues } from './stepped-values.ts';
import { saidUnits, unitsBeside } from './units-of-records.ts';
import { isContainer, isOfDocument, pathsIn } from './walk.ts';

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
  const { names, sources, records } = leaves;
  const stepped = known ? undefined : steppedValues(documents[0]);
  if (stepped !== undefined && stepped.numbers >= leaves.numbers) return { fault: steppedFault(stepped) };
  const rows = leaves.rows.map((row) => row.map(String));
  if (rows.length === 0) return { fault: `nothing is at ${records}, where its records should be` };
  const time = known ? knownTime(leaves, known) : timeOf(leaves, rows, answers);
  const isTimeless = known !== undefined && known.format.time === undefined;
  if (time === undefined && !isTimeless)
    return { fault: `no value of it says when; ${shownPaths(documents[0])}` };
  const long = known === undefined ? longShapeOf(names, rows) : undefined;
  const ofLong = long ? [long.parameter, long.value, ...(long.unit === undefined ? [] : [long.unit])] : [];
  const ofTime = time?.columns ?? [];
  const taken = [...ofTime, ...ofLong];
  const series = seriesOf(
    {
      names,
      ...{ called: calledBy(leaves), isAround: leaves.isAround },
      rows,
      taken,
      named: undefined,
      declared: knownSensor(leaves, known),
      fileName: stem(fileName),
    },
    answers,
  );
  if ('fault' in series) return series;
  const within = known?.format.values === undefined ? undefined : parsePath(known.format.values)?.segments;
  const isCandidate = (at: number) =>
    !taken.includes(at) && at !== series.column && (within === undefined || isBelow(sources[at], within));
  const candidates = names.map((_, at) => at).filter(isCandidate);
  const isOfAll = (at: number) =>
    leaves.isAround[at] === true && (leaves.isTable || isOfDocument(lastName(sources[at])));
  // Beside a time around the records stands what was measured then, if they have their own.
  const areTimed = ofTime.length > 0 && ofTime.every((at) => leaves.isAround[at] !== true);
  const isOfOther = (at: number) => areTimed && leaves.isTimed[at] === true && !isOfAll(at);
  const columns = candidates.filter((at) => !isOfAll(at) && !isOfOther(at));
  const textsAt = (at: number) =>
    leaves.rows.flatMap((row) => (typeof row[at] === 'string' ? [row[at]] : []));
  const texts = (long ? [long.value] : columns)
    .flatMap((at) => [...numberCells(textsAt(at)).cells])
    .filter((text) => /^[-+\d.,' \u00a0\u2009\u202f]+$/.test(text));
  const numbers = numberNotationOf(texts, answers);
  const { decimal } = numbers.notation;
  const cellOf = (value: string | number | undefined) =>
    typeof value === 'number' ? String(value).replace('.', decimal) : (value ?? '');
  const instants = time ? timesOf(rows, time, series.column) : new Map<string, number[]>();
  const notation = {
    spanMs: spanOf(instants.values()),
    ...{ notation: numbers.notation, answers },
    ...{ known: known?.format.nothing ?? [], documented: known?.numbers },
  };
  const beside = unitsBeside(leaves);
  const others = columns.map((at) => ({
    name: names[at] ?? '',
    ...numberCells(leaves.rows.map((row) => cellOf(row[at]))),
    below: [leaves.units[at] ?? ''],
    ...(beside[at]?.length === 1 ? { unit: beside[at]?.[0] ?? '' } : {}),
  }));
  const cellRows = leaves.rows.map((row) => row.map(cellOf));
  const parameters =
    long &&
    parametersOf(cellRows, long).map((each) =>
      each.unit === undefined ? { ...each, ...numberCells(each.cells) } : each,
    );
  const units = parameters ? [] : saidUnits(leaves);
  const { measures, unread } = parameters
    ? { ...measuresOf(parameters, notation), unread: others.map(besideLong) }
    : measuresWithUnit(others, units, notation);
  if (measures.length === 0) return { fault: `no value of it is a number; ${shownPaths(documents[0])}` };
  const pattern = time?.pattern ?? { format: '', zone: 'each' as const };
  const heads = ofTime.map((at) => names[at] ?? '');
  const said = isTimeless ? undefined : saidOffset(leaves, known);
  const isOffset = said !== undefined && pattern.zone === undefined && answers.zone === undefined;
  const clock = isOffset
    ? clockOf({ ...pattern, zone: 'each' }, { heads, localMs: [] }, answers)
    : clockOf(pattern, { heads, localMs: [...instants.values()][0] ?? [], said: saidZone(leaves) }, answers);
  const offset = isOffset ? said.path : undefined;
  const expectedEvery = expectedEveryOf(instants.values());
  const sensorPath = series.column === undefined ? undefined : sources[series.column];
  const timePaths = ofTime.flatMap((at) => sources[at] ?? []);
  return {
    format: {
      ...(records === undefined ? {} : { records }),
      ...(leaves.elementNames === undefined ? {} : { names: leaves.elementNames }),
      ...(decimal === ',' ? { decimal } : {}),
      ...(numbers.notation.thousands === undefined ? {} : { thousands: numbers.notation.thousands }),
      ...(time && {
        time: {
          path: timePaths.length === 1 ? (timePaths[0] ?? '') : timePaths,
          format: time.pattern.format,
          ...(clock.zone === undefined ? {} : { zone: clock.zone }),
          ...(offset === undefined ? {} : { offset }),
        },
      }),
      ...(series.sensorId === undefined ? {} : { sensorId: series.sensorId }),
      fields: {
        ...(sensorPath === undefined ? {} : { sensorId: sensorPath }),
        ...(long
          ? {}
          : Object.fromEntries(
              measures.map(({ name, column, nothing, scale }) => {
                const path = sources[names.indexOf(column)] as string; // names of members are no numbers
                if (nothing.length === 0 && scale === 1) return [name, path];
                const more = {
                  ...(nothing.length === 0 ? {} : { nothing }),
                  ...(scale === 1 ? {} : { scale }),
                };
                return [name, { path, ...more }];
              }),
            )),
      },
      ...(long && {
        long: {
          ...longDeclaration(long, sources.map(shownSource), measures),
          parameter: sources[long.parameter] ?? '',
        },
      }),
    },
    ...{ isTimeless, timeZone: clock.timeZone, expectedEvery, measures },
    unread: [
      ...unread,
      ...candidates.filter(isOfAll).map((at) => ({ column: names[at] ?? '', reason: ofAll })),
      ...candidates.filter(isOfOther).map((at) => ({ column: names[at] ?? '', reason: ofOther })),
    ],
    findings: [
      records === undefined
        ? certain('records', 'a document each', leaves.reason)
        : certain('records', records, leaves.reason),
      ...(leaves.others === ''
        ? []
        : [guessed('other records', leaves.others, 'they have times too, and are not read')]),
      ...(known !== undefined || leaves.lists.length === 0 ? [] : [listsFinding(leaves.lists)]),
      ...(leaves.namedLists.length === 0
        ? []
        : [
            guessed(
              'names of values',
              `of those at ${listed(leaves.namedLists)}`,
              'the document has them elsewhere, as many and in this order; a format reads these values by their places: files with others need one of their own',
            ),
          ]),
      ...(units.length < 2 ? [] : [unitsFinding(units)]),
      ...(long
        ? []
        : columns.flatMap((at) => ((beside[at]?.length ?? 0) > 1 ? [unitsFinding(beside[at] ?? [])] : []))),
      ...aroundFinding(measures.filter(({ column }) => leaves.isAround[names.indexOf(column)])),
      ...(long?.findings ?? []),
      ...(long
        ? contradictions(long, {
            names,
            rows,
            identity: [...ofTime, ...(series.column === undefined ? [] : [series.column])],
          })
        : []),
      ...(time?.findings ?? [guessed('time', 'of arrival', 'its lines have none')]),
      ...(isTimeless ? [] : isOffset ? [said.finding, ...clock.findings.slice(1)] : clock.findings),
      ...(typeof sensorPath === 'object' ? series.findings.map(asGuess) : series.findings),
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

const listsFinding = (lists: readonly string[]): Finding =>
  guessed(
    'lists',
    listed(lists.slice(0, 5)),
    `${lists.length === 1 ? 'it has' : 'they have'} numbers within records, which are not read; a format takes one by its place, such as ${lists[0]}[0]`,
  );

/** Values of a document, or of a part of it, that are read as those of each record within it. */
const aroundFinding = (measures: readonly MeasureFound[]): readonly Finding[] =>
  measures.length === 0
    ? []
    : [
        guessed(
          'values around records',
          listed(measures.map(({ column }) => column)),
          'each stands once around several records, and is read as a value of each of them',
        ),
      ];

const ofAll = 'it tells of the document, not of its records';
const ofOther = 'it stands around the records, beside a time of its own: it is of another reading';

/** What there is, where nothing is found in it. */
function shownPaths(document: unknown): string {
  const paths = isContainer(document) ? pathsIn(document) : [];
  return paths.length === 0 ? 'it has no objects with values' : `it has ${listed(paths)}`;
}

const stem = (fileName: string | undefined): string | undefined => fileName?.replace(/\.[a-z0-9]+$/i, '');

/** Of a path from the document `@` and `$` are the same where each document is a record. */
function columnAt({ sources }: Leaves, path: unknown): number | undefined {
  if (typeof path !== 'string') return undefined;
  const at = [path, path.replace(/^@/, '$'), path.replace(/^\$/, '@')]
    .map((each) => sources.indexOf(each))
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
    findings: [told('time', `${[time.path].flat().map(shownSource).join(' and ')} as ${format}`, reason)],
    questions: [],
  };
}

/** What each column is called, with the object that a name such as `id` is of: that of a parameter is no sensor's. */
const calledBy = ({ names, sources }: Leaves): string[] =>
  names.map((name, at) => {
    const [last, within] = parsePath(sources[at])?.segments.toReversed() ?? [];
    if (typeof last !== 'string') return name;
    const isOfParent = /^(?:id|name|code|no|nr|number)$/i.test(last) && typeof within === 'string';
    return isOfParent && !wrapping.test(within) ? `${within}_${last}` : last;
  });

/** Objects that are none of anything: their members are those of the record. */
const wrapping = /^(?:properties|attributes|tags|labels|fields|payload|body|metric|dimensions|result|data)$/i;

const knownSensor = (leaves: Leaves, known: ShippedJsonFormat | undefined): number | undefined =>
  columnAt(leaves, known?.format.fields?.sensorId);

/** Nobody knows whether what objects stand under is a sensor. */
const asGuess = ({ subject, value, reason }: Finding): Finding =>
  guessed(
    subject,
    value === 'column name' ? 'the names of the objects' : value,
    reason.replace('it is called so', 'objects stand under them'),
  );

/** The time of records is theirs, or else one around them. */
function timeOf(
  leaves: Leaves,
  rows: readonly (readonly string[])[],
  answers: Answers,
): TimeFound | undefined {
  const own = rows.map((row) => row.map((cell, at) => (leaves.isAround[at] ? '' : cell)));
  const [ofRecords, found] = [own, rows].map((cells) => timeColumnsOf(leaves.names, cells, answers));
  const isOfServer = ofRecords?.kind === 'answering' || ofRecords?.kind === 'handling';
  // When a record was stored says less than when, around it, was measured.
  return ofRecords === undefined || (isOfServer && found !== undefined) ? found : ofRecords;
}

const lastName = (source: LeafSource | undefined): string =>
  typeof source === 'string' ? String(parsePath(source)?.segments.at(-1) ?? '') : '';

/** Whether a path leads to what is in the object at others. */
function isBelow(path: LeafSource | undefined, steps: readonly unknown[]): boolean {
  const segments = parsePath(path)?.segments ?? [];
  return segments.length > steps.length && steps.every((step, at) => step === segments[at]);
}

/** A measure has one unit: its records must not be read as one where they say several. */
const unitsFinding = (units: readonly string[]): Finding =>
  guessed(
    'units',
    listed(units.slice(0, 5)),
    'its records name several for the same value, and a measure has one: a format takes some of them by filter',
  );

/** What documents call the offset of their clock, in seconds. */
const offsetName = /^(?:utc|gmt|time_?zone|tz)_?(?:offset|shift)(?:_?(?:s|seconds|sec))?$/i;

/** Where documents say the offset of their clock: as a format says, or as a guess where something is called so. */
function saidOffset(leaves: Leaves, known: ShippedJsonFormat | undefined) {
  const declared = known?.format.time?.offset;
  if (declared !== undefined)
    return { path: declared, finding: certain('zone', `the offset at ${declared}`, 'such files have it there, of all of their times') };
  const at = leaves.names.findIndex((name) => offsetName.test(name.split('.').at(-1) ?? name));
  const path = leaves.sources[at];
  const isOffset = (value: string | number | undefined) => typeof value === 'number' && value % 900 === 0 && Math.abs(value) <= 50_400;
  if (typeof path !== 'string' || !leaves.rows.every((row) => isOffset(row[at]))) return undefined;
  const reason = `it is called so, and has ${leaves.rows[0]?.[at]}: are all times of a document by it? If not, --zone`;
  return { path, finding: guessed('zone', `the offset at ${path}`, reason) };
} // biome-ignore format: short

/** The zone that all documents name. */
function saidZone(leaves: Leaves): { readonly zone: string; readonly at: string } | undefined {
  const at = leaves.names.findIndex((name) => /(?:^|[._])(?:time_?zone|tz)(?:_?(?:id|name))?$/i.test(name));
  const zones = new Set(leaves.rows.map((row) => row[at]));
  const [zone] = zones;
  if (at === -1 || zones.size !== 1 || !isTimeZone(zone)) return undefined;
  return { zone, at: leaves.names[at] ?? '' };
}
