import { columnsNamed } from '../../formats/column-name.ts';
import type { ShippedFormat } from '../../formats/shipped-format.ts';
import type { TextFormat } from '../../formats/text-format.ts';
import { parseTime } from '../../time/time-format.ts';
import { clockOf } from '../clock.ts';
import { type Answers, asked, certain, type Finding, guessed, listed, type Question } from '../finding.ts';
import { expectedEveryOf } from '../intervals.ts';
import { type MeasureFound, measuresOf, measuresWithUnit, type UnreadColumn } from '../measures.ts';
import { numberNotationOf } from '../number-notation.ts';
import { timePatternsOf } from '../time-patterns.ts';
import { kindOf, numberCells } from './cell-kinds.ts';
import { cutLine, type Dialect, dialectOf } from './dialect.ts';
import { datesToFill, filledRows } from './filled-dates.ts';
import { joinedLines } from './joined-lines.ts';
import { type Layout, layoutOf, namedIn } from './layout.ts';
import { besideLong, contradictions, longDeclaration, longShapeOf } from './long-shape.ts';
import { hoursAcross, sensorIn, sensorPartsOf, unitsAcross, unitsInRows } from './parts-of-file.ts';
import { type SeriesFound, seriesOf } from './series.ts';
import { type Shape, sensorColumnOf, shippedLong, shippedShape, shippedTime } from './shipped-table.ts';
import { spanOf, type TimeFound, timeColumnsOf, timeName, timesOf } from './time-columns.ts';
import { familiesOf, type WideShape, wideShapeOf } from './wide-shape.ts';

/** What a table is, for a dataset. */
export interface TableFound {
  readonly format: Omit<TextFormat, 'kind' | 'match' | 'encoding'>;
  readonly timeZone: string;
  readonly expectedEvery: string | undefined;
  readonly measures: readonly MeasureFound[];
  readonly unread: readonly UnreadColumn[];
  readonly findings: readonly Finding[];
  readonly questions: readonly Question[];
}

interface Known {
  readonly known: ShippedFormat | undefined;
  readonly answers: Answers;
  readonly fileName: string | undefined;
}

/** @param text decoded, of whole lines */
export function inspectTable(text: string, given: Known): TableFound | { readonly fault: string } {
  const found = tableOf(text, given, []);
  return 'unnamed' in found ? (tableOf(text, given, found.unnamed) as TableFound) : found;
}

/** @param named columns without a name that are read @returns `unnamed` where others are */
function tableOf(
  text: string,
  { known: shipped, answers, fileName }: Known,
  named: readonly number[],
): TableFound | { readonly fault: string } | { readonly unnamed: readonly number[] } {
  const shown = shipped?.shownBy?.(text) ?? {};
  if ('fault' in shown) return shown;
  const known = shipped && {
    ...shipped,
    ...shown,
    format: { ...shipped.format, ...shown.format },
    numbers: shown.numbers ?? shipped.numbers,
  };
  const lines = text.split(/\r\n|\r|\n/);
  const shape = known ? shippedShape(lines, known.format) : shapeOf(lines, named);
  if ('fault' in shape) return shape;
  const { layout, format } = shape;
  const { columns, preamble } = layout;
  const toFill = known ? [] : datesToFill(layout.rows);
  const allRows = filledRows(layout.rows, toFill);
  const time = known ? shippedTime(layout, known.format, answers) : timeColumnsOf(columns, allRows, answers);
  if (time === undefined) return { fault: `no column of it says when; ${unreadTime(columns, allRows)}` };
  const rows = timedRows(allRows, time);
  const fill = toFill.filter((at) => time.columns.includes(at)).map((at) => columns[at] ?? '');
  const across = known ? undefined : (hoursAcross(columns) ?? hoursAcross(shape.above ?? []));
  if (across !== undefined) return { fault: across };
  const long = known ? shippedLong(layout, known.format) : longShapeOf(columns, rows);
  const mixed = known || long ? undefined : unitsAcross(columns, rows);
  if (mixed !== undefined) return { fault: mixed };
  const parts =
    known || answers.sensorId !== undefined ? undefined : sensorPartsOf(lines, shape.format.comment);
  if (parts && !parts.areRemarks)
    return {
      fault: `it has parts of several sensors, ${listed(parts.sensors)}, each under a line that names it: make a file of each, or remarks of these lines, as # Station: A, which sensorLine of a format reads`,
    };
  const ofLong = long ? [long.parameter, long.value, ...(long.unit === undefined ? [] : [long.unit])] : [];
  const columnOf = (at: number) => ({
    name: columns[at] ?? '',
    ...numberCells(rows.map((row) => row[at] ?? '')),
    below: layout.below.map((row) => row[at] ?? ''),
  });
  const patterns = answers.sensorColumns ?? [];
  if (patterns.length > 0 && (known || long))
    return { fault: 'its columns are no sensors: each is a measure, or its rows have a value each' };
  const wide = patterns.length === 0 ? undefined : wideShapeOf(patterns, columns, columnOf);
  if (wide && 'fault' in wide) return wide;
  const families =
    known || long || columns.every((name, at) => name === `column${at + 1}`)
      ? []
      : familiesOf(
          columns
            .map((_, at) => at)
            .filter((at) => !time.columns.includes(at))
            .map(columnOf),
        );
  const sensorLine = parts?.pattern ?? known?.format.sensorLine;
  const isByLines =
    sensorLine !== undefined && answers.sensorId === undefined && answers.sensorColumn === undefined;
  const series = isByLines
    ? seriesOfLines([sensorLine].flat(), parts?.sensors)
    : wide
      ? seriesOfColumns(wide)
      : seriesOf(
          {
            // Rows of one time and several parameters are of one sensor.
            ...{ names: columns, rows, taken: [...time.columns, ...ofLong] },
            ...{ families, declared: sensorColumnOf(columns, known) },
            named: known?.sensorOf?.(text) ?? preamble.map(sensorIn).find((id) => id !== undefined),
            fileName: fileName?.replace(/\.[a-z0-9]+$/i, ''),
          },
          answers,
        );
  if ('fault' in series) return series;
  const read = [...time.columns, ...ofLong, ...(series.inFront ?? []), series.column ?? time.columns[0] ?? 0];
  const unnamed = read.filter((at) => columns[at] === '');
  if (unnamed.length > 0) return { unnamed: [...new Set(unnamed)] };
  const ignored = new Set(
    known?.format.ignore?.flatMap((name) => columnsNamed(name, columns).map(({ index }) => index)),
  );
  const others = columns.flatMap((_, at) => {
    const isSensor = at === series.column || series.inFront?.includes(at) === true;
    if (time.columns.includes(at) || isSensor || ofLong.includes(at) || ignored.has(at)) return [];
    return wide?.taken.includes(at) ? [] : [columnOf(at)];
  });
  const numbers = numberNotationOf(
    (long?.parameters ?? wide?.columns ?? others).flatMap(({ cells }) =>
      cells.filter((cell) => kindOf(cell) === 'number'),
    ),
    answers,
  );
  const shared = known?.format.nothing ?? [];
  const ofSensors = rowsOfSensors(rows, series);
  const instants = timesOf(ofSensors, time, series.column);
  const given = {
    ...{ notation: numbers.notation, answers, known: shared, documented: known?.numbers },
    spanMs: spanOf(instants.values()),
  };
  const { measures, unread } = long
    ? { ...measuresOf(long.parameters, given), unread: others.map(besideLong) }
    : wide
      ? { ...measuresOf(wide.columns, given), unread: others.map(besideWide) }
      : measuresWithUnit(others, known ? [] : unitsInRows(columns, rows), given);
  if (measures.length === 0)
    return {
      fault: `no column of it has numbers; its columns are ${listed(columns)}${unread.length > 5 ? '' : unread.map(({ column, reason }) => `; ${column}: ${reason}`).join('')}`,
    };
  const heads = [
    ...time.columns.map((at) => columns[at] ?? ''),
    ...layout.below.flatMap((row) => time.columns.map((at) => row[at] ?? '')),
  ];
  const localMs = [...instants.values()][0] ?? [];
  const above = shown.zone === undefined ? preamble : [shown.zone];
  const clock = clockOf(time.pattern, { heads, above, localMs }, answers);
  const expectedEvery = expectedEveryOf(instants.values());
  const { decimal, thousands } = numbers.notation;
  const sensorNames = [
    ...(series.inFront ?? []),
    ...(series.column === undefined ? [] : [series.column]),
  ].map((at) => columns[at] ?? '');
  const [sensorName] = sensorNames;
  const sensorColumn =
    sensorName === undefined ? {} : { sensorId: sensorNames.length === 1 ? sensorName : sensorNames };
  const column = time.columns.map((at) => columns[at] ?? '');
  const mapped = Object.fromEntries(
    measures.flatMap((measure) => {
      const pattern = wide?.columns.find(({ name }) => name === measure.column)?.pattern;
      const declared = declarationOf(measure, columns, pattern);
      return declared === measure.name ? [] : [[measure.name, declared]];
    }),
  );
  return {
    format: {
      ...{ ...format, ...shown.format, ...(parts && isByLines && { sensorLine: parts.pattern }) },
      ...(decimal === ',' ? { decimal } : {}),
      ...(thousands === undefined ? {} : { thousands }),
      time: {
        ...{ column: column.length === 1 ? (column[0] ?? '') : column, format: time.pattern.format },
        ...(clock.zone === undefined ? {} : { zone: clock.zone }),
      },
      ...(series.sensorId === undefined ? {} : { sensorId: series.sensorId }),
      ...(fill.length === 0 ? {} : { fill }),
      columns: { ...sensorColumn, ...(long ? {} : mapped) },
      ...(long && { long: longDeclaration(long, columns, measures) }),
    },
    timeZone: clock.timeZone,
    ...{ expectedEvery, measures, unread },
    findings: [
      ...shape.findings,
      ...(fill.length === 0
        ? []
        : [
            guessed(
              'fill',
              listed(fill),
              'an empty cell has what the row above has: the date stands once for several rows',
            ),
          ]),
      ...(long?.findings ?? []),
      ...time.findings,
      ...clock.findings,
      ...series.findings,
      ...(long && !isByLines
        ? contradictions(long, {
            names: columns,
            rows,
            identity: [
              ...time.columns,
              ...(series.inFront ?? []),
              ...(series.column === undefined ? [] : [series.column]),
            ],
          })
        : []),
      ...(long || wide || isByLines ? [] : repeatedTimes(ofSensors, time, series.column)),
      ...numbers.findings,
      ...(expectedEvery === undefined
        ? []
        : [certain('interval', expectedEvery, 'most readings of a series are so far apart')]),
      ...measures.flatMap(({ findings }) => findings),
    ],
    questions: [...time.questions, ...clock.questions, ...series.questions, ...numbers.questions],
  };
}

const seriesOfColumns = ({ sensors, columns }: WideShape): SeriesFound => ({
  ...{ column: undefined, sensorId: undefined, questions: [] },
  findings: [
    asked(
      'sensor',
      `in the names of columns, ${columns.map(({ pattern }) => pattern).join(' and ')}: ${sensors.slice(0, 3).join(', ')}`,
    ),
  ],
});

const seriesOfLines = (patterns: readonly string[], sensors: readonly string[] | undefined): SeriesFound => ({
  ...{ column: undefined, sensorId: undefined, questions: [] },
  findings: [
    (sensors ? guessed : certain)(
      'sensor',
      `in the lines above rows, ${patterns.join(' and ')}`,
      sensors
        ? `each part of the file is under one: ${sensors.slice(0, 3).join(', ')}`
        : 'such files have it there',
    ),
  ],
});

const besideWide = ({ name }: { name: string }): UnreadColumn => ({
  column: name,
  reason: 'it is of no sensor: where columns are sensors, all that is measured is in such columns',
});

/** @param named columns without a name that have a made-up one */
function shapeOf(lines: readonly string[], named: readonly number[]): Shape | { readonly fault: string } {
  const joined = joinedShape(lines);
  const found = joined ?? dialectOf(lines);
  if (found === undefined)
    return { fault: 'its lines are no rows of a table: no mark cuts them into as many cells each' };
  const { dialect } = found;
  const laid = joined?.layout ?? layoutOf(lines, dialect);
  if (laid === undefined) return { fault: 'no row of it has a number or a time' };
  const layout = named.length === 0 ? laid : namedIn(laid, named);
  const { skipLines, headerLines, skipRows, header, isCommentHeader } = layout;
  const above = lines
    .slice(0, skipLines)
    .flatMap((line) => (line.trim() === '' ? [] : [cutLine(line, dialect) ?? []]));
  const { delimiter, widths, quote, comment, isDeclared } = dialect;
  // Where the format has the names, no line of the file is looked at for what stands between them.
  const isShown = header === undefined && delimiter !== 'spaces' && isShownBy(layout.columns, delimiter);
  // Nor is it where names are made of several lines, or a line that says it is skipped.
  const isSeen =
    headerLines === 1 &&
    ((isDeclared && header === undefined) || isShown || (header !== undefined && delimiter === ','));
  return {
    ...{ layout, above: header === undefined ? [] : (above.at(-1) ?? []) },
    format: {
      ...(widths ? { widths } : delimiter === undefined || isSeen ? {} : { delimiter }),
      ...(quote === '"' ? {} : { quote }),
      ...(joined ? { multiline: true } : {}),
      ...(comment === undefined || isCommentHeader ? {} : { comment }),
      ...(skipLines === 0 ? {} : { skipLines }),
      ...(headerLines === 1 ? {} : { headerLines }),
      ...(header === undefined ? {} : { header }),
      ...(skipRows === 0 || header !== undefined ? {} : { skipRows }),
    },
    findings: [
      ...found.findings.filter(({ subject }) => subject !== 'comments' || !isCommentHeader),
      ...(joined
        ? [certain('quoted cells', 'of several lines', `such as that which begins in line ${joined.first}`)]
        : []),
      ...layout.findings,
    ],
  };
}

/** The shape where quoted cells go on over several lines: each that does is opened in its first line, and its row has as many cells as the others. */
function joinedShape(lines: readonly string[]) {
  const joined = joinedLines(lines);
  const found = joined && dialectOf(joined.lines);
  const layout = found && layoutOf(joined.lines, found.dialect);
  if (found === undefined || layout === undefined) return undefined;
  const isWhole = ({ text }: { text: string }) =>
    cutLine(text.slice(0, text.indexOf('\n')), found.dialect) === undefined &&
    cutLine(text, found.dialect)?.length === layout.columns.length;
  return joined?.rows.every(isWhole) ? { ...found, layout, first: joined.rows[0]?.line } : undefined;
}

/** Whether the header shows the delimiter by itself: no name of a column has another one. */
const isShownBy = (columns: readonly string[], delimiter: Dialect['delimiter']): boolean =>
  !columns.some((name) => [',', ';', '\t', '|'].some((mark) => mark !== delimiter && name.includes(mark)));

/** What a format says of a measure's column: its name alone where that is all. */
function declarationOf(
  { column: name, nothing, scale }: MeasureFound,
  columns: readonly string[],
  pattern: string | undefined,
) {
  // A serial number in the name is of one logger alone, and files of others are to be read too.
  const general = name.replace(/\([^()]*S\/N.*$/i, '(*');
  const column = pattern ?? (columnsNamed(general, columns).length === 1 ? general : name);
  if (nothing.length === 0 && scale === 1) return column;
  return { column, ...(nothing.length === 0 ? {} : { nothing }), ...(scale === 1 ? {} : { scale }) };
}

/** The rows whose time can be read, or all where none can: the others, such as a header that is repeated, say nothing of the columns. */
function timedRows(rows: Layout['rows'], { columns, pattern }: TimeFound): Layout['rows'] {
  const timed = rows.filter(
    (row) => parseTime(columns.map((at) => row[at] ?? '').join(' '), pattern.format, 'UTC').length > 0,
  );
  return timed.length === 0 ? rows : timed;
}

/** The rows with the whole of what names the sensor in its column. */
function rowsOfSensors(rows: Layout['rows'], { column, inFront = [] }: SeriesFound): Layout['rows'] {
  if (column === undefined || inFront.length === 0) return rows;
  return rows.map((row) => row.with(column, [...inFront, column].map((at) => row[at]).join('-')));
}

/** What is known where no column says when: one that is called so has cells that no one form reads. */
function unreadTime(columns: readonly string[], rows: Layout['rows']): string {
  const at = columns.findIndex((name) => timeName.test(name));
  const cells = [...new Set(rows.map((row) => row[at] ?? ''))].filter((cell) => cell !== '');
  const [first] = cells;
  if (first === undefined) return `its columns are ${listed(columns)}`;
  const known = 'docs/formats.md has those that can be declared';
  const formats = timePatternsOf(cells.slice(0, begun)).map(({ format }) => format);
  const other = cells.find((cell) => !formats.some((format) => parseTime(cell, format, 'UTC').length > 0));
  if (formats.length > 0 && other !== undefined)
    return `the cells of ${columns[at]} have no one form: ${first} is ${formats.join(' or ')}, and ${other} is not; ${known}`;
  return `the cells of ${columns[at]}, such as ${cells.slice(0, 3).join(' and ')}, have no one form that is known: ${known}`;
}

/** So many cells show how a column begins. */
const begun = 8;

/** Rows of one sensor that have the same time and are not the same: of them one is kept. A clock that is put back gives a few. */
function repeatedTimes(
  rows: readonly (readonly string[])[],
  time: TimeFound,
  sensor: number | undefined,
): readonly Finding[] {
  const distinct = [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
  let repeated = 0;
  for (const times of timesOf(distinct, time, sensor).values())
    repeated += times.length - new Set(times).size;
  if (repeated * 10 <= distinct.length) return [];
  return [
    guessed(
      'rows of one time',
      `${repeated} of ${distinct.length}`,
      'of one sensor and time one reading is kept, and no column that is read tells these apart: is the time of day in another one, or the sensor?',
    ),
  ];
}
