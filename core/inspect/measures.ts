import { checkColumnName, columnsNamed } from '../formats/column-name.ts';
import { type NumberNotation, numberOf } from '../formats/number-text.ts';
import type { DocumentedNumber, DocumentedNumbers } from '../formats/shipped-format.ts';
import { converter } from '../formats/units.ts';
import { isUsualWordForNothing, markedNumber } from '../lines/dropped-values.ts';
import { dayMs } from '../time/duration.ts';
import { parseTime } from '../time/time-format.ts';
import { labelOf } from './column-label.ts';
import { type Answers, asked, certain, type Finding, guessed } from './finding.ts';
import { unmeasuredBy } from './name-words.ts';
import { sentinelsOf } from './sentinels.ts';
import { kindOf } from './table/cell-kinds.ts';
import { epochFormatOf, timeName } from './table/time-columns.ts';
import { unitBounds, unitOf } from './unit-bounds.ts';

/** A column of measurements. */
export interface MeasureFound {
  readonly name: string;
  readonly column: string;
  /** `unknown` where nothing says it. */
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  /** Of the numbers that stand for something; `undefined` without one. */
  readonly range: { readonly min: number; readonly max: number } | undefined;
  /** What stands for no measurement in the column, beside the usual words. */
  readonly nothing: readonly (number | string)[];
  /** What makes a number of the file one in the unit; 1 as a rule. */
  readonly scale: number;
  readonly findings: readonly Finding[];
}

/** A column that nothing reads, and why. */
export interface UnreadColumn {
  readonly column: string;
  readonly reason: string;
}

export interface ColumnCells {
  readonly name: string;
  readonly cells: readonly string[];
  /** What rows between header and rows have for it. */
  readonly below: readonly string[];
  /** The unit as the rows have it, where a column of theirs says it: the measure's then, as it is spelled. */
  readonly unit?: string;
}

interface Given {
  readonly notation: NumberNotation;
  readonly answers: Answers;
  /** The first and the last time of the rows, as if they were UTC; `undefined` where they have none. */
  readonly spanMs?: { readonly first: number; readonly last: number } | undefined;
  /** What stands for nothing in all columns, by the format. */
  readonly known: readonly (number | string)[];
  /** What the documentation of a shipped format says of its columns. */
  readonly documented?: DocumentedNumbers | undefined;
}

/** A number with whichever marks: `1,234` is one, `1.4.0` is none. */
const inSomeNotation = /^[-+]?(?:\d+|\d{1,3}(?:[.,' \u00a0\u2009\u202f]\d{3})+)(?:[.,]\d*)?$/;

/** Names of columns that number the rows. */
export const rowNumber =
  /^(?:unnamed: \d+(?:\.\d+)?|record|rn|rec(?:ord)?_?(?:no|num|nr|number)?|#|no\.?|nr\.?|index|row|obs|entry_?id|_id|line ?#?|n)$/i;
/** Of OData and SensorThings, such as `@iot.id`: a name of its own, or the end of a path. */
const annotation = /^@(?![.[])|\["@[^"]*"\]$/;
/** Names of numbers that stand for something, where all rows have the same. */
const code =
  /(?:^|[\s_])(?:code|id|no|num|number|nr|nummer|poste|poc|indicativo|station|source)$|^(?:code|id|num|station|wmo)[\s_]/i;
/** A time in digits: 202603201030, with or without seconds. */
const dayAndClock = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])[0-2]\d[0-5]\d(?:[0-5]\d)?$/;
/** Names of what is beside a count of seconds. */
const fraction = /^(?:(?:offset_?in_?)?nano(?:s|_?seconds?)|ms|msec|milli(?:s|_?seconds?))$/i;
const position =
  /^(?:lat|lon|lng|long|latitude|longitude|elev(?:ation)?|alt(?:itude?)?|breite|l[aä]nge|latitud|longitud)(?:[^a-z].*)?$/i;

/** The columns of numbers as measures; of all others why they are none. */
export function measuresOf(
  columns: readonly ColumnCells[],
  given: Given,
): { measures: MeasureFound[]; unread: UnreadColumn[] } {
  const alone = measuresBy(columns, given, new Set());
  const nothing = new Set(
    alone.measures.flatMap((measure) => measure.nothing.filter((each) => typeof each === 'number')),
  );
  return nothing.size === 0 ? alone : measuresBy(columns, given, nothing);
}

/** @param elsewhere numbers that stand for nothing in some of the columns */
function measuresBy(
  columns: readonly ColumnCells[],
  given: Given,
  elsewhere: ReadonlySet<number>,
): { measures: MeasureFound[]; unread: UnreadColumn[] } {
  const taken = new Set<string>();
  const measures: MeasureFound[] = [];
  const unread: UnreadColumn[] = [];
  for (const column of columns) {
    const { name, cells } = column;
    const odd = checkColumnName(name) === undefined ? undefined : 'its name is none that a format can say';
    const reason = name === '' ? 'it has no name' : (odd ?? whyUnread(column, given));
    if (reason !== undefined) unread.push({ column: name, reason });
    else {
      const label = labelOf(name, taken);
      const told = documentedAs(name, given.documented);
      const units = [
        given.answers.units?.[name],
        column.unit,
        label.unit,
        ...column.below.map(unitOf),
        told?.unit,
      ];
      const unit = units.find((each) => each !== undefined);
      measures.push(measureOf({ name: label.name, column: name, unit, cells, told, elsewhere }, given));
    }
  }
  return { measures, unread };
}

/** Measures where something else says the unit of the only one. @param units of several nothing is known */
export function measuresWithUnit(
  columns: readonly ColumnCells[],
  units: readonly string[],
  given: Given,
): ReturnType<typeof measuresOf> {
  const found = measuresOf(columns, given);
  const [only, ...others] = found.measures;
  const [unit] = units;
  if (unit === undefined || units.length > 1 || only?.unit !== 'unknown' || others.length > 0) return found;
  return measuresOf(
    columns.map((each) => (each.name === only.column ? { ...each, unit } : each)),
    given,
  );
}

/** Whether counts since 1970 are of times near those of the rows, as of a sunset or of the last message: within a year of one of them. */
function aroundTimes(cells: readonly string[], span: Given['spanMs']): boolean {
  const format = epochFormatOf(cells);
  if (span === undefined || format === undefined || cells.some((cell) => !/^\d+$/.test(cell))) return false;
  return cells.every((cell) => {
    const [ms] = parseTime(cell, format, 'UTC');
    return ms !== undefined && ms > span.first - 366 * dayMs && ms < span.last + 366 * dayMs;
  });
}

function whyUnread({ name, cells }: ColumnCells, given: Given): string | undefined {
  const { notation } = given;
  const filled = cells.filter((cell) => cell !== '' && !isUsualWordForNothing(cell));
  if (filled.length === 0) return 'nothing stands in it';
  if (annotation.test(name)) return 'it is an annotation of OData';
  const units = new Set(filled.map((cell) => unitOf(/^[-+]?[\d.,]+\s*(\D\S*)$/.exec(cell)?.[1] ?? '')));
  if (units.size > 1 && !units.has(undefined))
    return `its cells have several units, ${[...units].join(' and ')}: write them in one`;
  if (filled.some((cell) => cell.includes('\n'))) return 'it has texts of several lines among its numbers';
  const numbers = filled.filter(
    (cell) => typeof numberOf(cell, notation) === 'number' || markedNumber.test(cell),
  );
  if (filled.every((cell) => kindOf(cell) === 'time') && numbers.length < filled.length)
    return 'it has times';
  const isTimeInDigits = () =>
    epochFormatOf(filled) !== undefined || filled.every((cell) => dayAndClock.test(cell));
  if (timeName.test(name) && isTimeInDigits()) return 'it has times';
  if (aroundTimes(filled, given.spanMs)) return 'by its numbers it has times, near those that are read';
  if (fraction.test(name))
    return 'it is a fraction of a second: of the time beside it, which is read without';
  if (
    filled.some((cell) => /[a-f]/i.test(cell)) &&
    filled.every((cell) => /^[\da-f]{4,}$/i.test(cell) && cell.length === filled[0]?.length)
  )
    return 'it has numbers in hexadecimal';
  const unmeasured = unmeasuredBy(/^[$@]/.test(name) ? (/[\w-]+(?=\W*$)/.exec(name)?.[0] ?? name) : name);
  if (unmeasured !== undefined) return `by its name it is ${unmeasured}, and not measured`;
  if (numbers.length < filled.length / 2) return 'it has texts; an attribute of the dataset would keep them';
  if (!filled.some((cell) => typeof numberOf(cell, notation) === 'number' || inSomeNotation.test(cell)))
    return `no cell of it is a number, but such as ${JSON.stringify(filled[0])}`;
  if (filled.every((cell) => tooLarge(numberOf(cell, notation))))
    return 'its numbers are beyond 10^15, as ids are; no measure has such';
  const values = filled.map(Number);
  const counts = values.every((value, at) => at === 0 || value === (values[at - 1] as number) + 1);
  const isFromStart = values.length >= manyRows && (values[0] === 0 || values[0] === 1);
  if ((rowNumber.test(name) || isFromStart) && counts && values.every(Number.isInteger))
    return 'it numbers the rows';
  const isSame = new Set(filled).size === 1 && filled.length > 2;
  // Of many digits, with zeros in front, it is an id.
  if (filled.some((cell) => /^0\d{4}/.test(cell)) && filled.every((cell) => /^\d{5,}$/.test(cell)))
    return 'it is a code, by the zeros in front of it';
  // 007 is no number of a measurement.
  if (isSame && (code.test(name) ? /^\d+$/ : /^0\d+$/).test(filled[0] ?? ''))
    return 'it is a code, the same in all rows';
  if (position.test(name) && new Set(filled).size <= Math.max(1, filled.length / 10))
    return 'it is where the sensor stands';
  return undefined;
}

/** What counts up by one from the start in so many rows is no measurement. */
const manyRows = 10;

/** Past what a measure's bounds may be. */
const mostBound = 1e15;
const tooLarge = (value: unknown): boolean => typeof value === 'number' && Math.abs(value) > mostBound;

/** What a shipped format's documentation says of a column. */
function documentedAs(
  column: string,
  documented: DocumentedNumbers | undefined,
): DocumentedNumber | undefined {
  const found = Object.entries(documented ?? {}).find(([name]) => columnsNamed(name, [column]).length > 0);
  return typeof found?.[1] === 'string' ? { unit: found[1] } : found?.[1];
}

function measureOf(
  {
    name,
    column,
    unit,
    cells,
    told,
    elsewhere,
  }: {
    name: string;
    column: string;
    unit: string | undefined;
    cells: readonly string[];
    told: DocumentedNumber | undefined;
    elsewhere: ReadonlySet<number>;
  },
  { notation, answers, known: shared }: Given,
): MeasureFound {
  const { scale = 1 } = told ?? {};
  const known = [...shared, ...(told?.nothing ?? [])];
  const values: number[] = [];
  const words = new Map<string, number>();
  for (const cell of cells) {
    if (cell === '' || isUsualWordForNothing(cell) || known.includes(cell)) continue;
    const value = numberOf(cell, notation);
    if (typeof value === 'number' && known.includes(value)) continue;
    if (typeof value === 'number') values.push(value);
    // What begins as a number, such as 55 # cal, may have been measured.
    else if (!markedNumber.test(cell) && !/^[^\p{L}]*\p{N}/u.test(cell))
      words.set(cell, (words.get(cell) ?? 0) + 1);
  }
  const finite = values.filter(Number.isFinite);
  // Of tenths, a number that is usual for nothing may be a value: -99.9 is the format's to say.
  const { sure, likely } =
    scale === 1 ? sentinelsOf(finite, unit && (unitOf(unit) ?? unit), elsewhere) : { sure: [], likely: [] };
  const inFile = rangeOf(finite.filter((value) => !sure.includes(value) && !likely.includes(value)));
  const toUnit = converter({ scale }, unit ?? '') ?? ((value: number) => value);
  const range = inFile && { min: toUnit(inFile.min), max: toUnit(inFile.max) };
  const { bounds, finding } = boundsOf(name, unit && (unitOf(unit) ?? unit), range);
  const subject = `measure ${name}`;
  const unitFinding =
    answers.units?.[column] !== undefined
      ? asked(subject, `column ${column}, ${unit}`)
      : unit === undefined
        ? guessed(
            subject,
            `column ${column}`,
            'the file does not say its unit: write it into the dataset, or say --unit',
          )
        : certain(
            subject,
            `column ${column}, ${unit}${scale === 1 ? '' : ` by ${scale}`}`,
            told?.unit === unit
              ? 'its numbers are those of a measure, and such files have it so'
              : 'its numbers are those of a measure, and its unit is in the file',
          );
  const nothing = [...(told?.nothing ?? []), ...sure, ...likely, ...words.keys()];
  return {
    ...{ name, column, unit: unit ?? 'unknown', range, nothing, scale },
    ...{ min: bounds[0], max: bounds[1] },
    findings: [
      unitFinding,
      ...finding,
      ...sure.map((value) =>
        certain(
          `nothing in ${name}`,
          String(value),
          'loggers write it for no measurement, and no measurement of this unit is like it',
        ),
      ),
      ...likely.map((value) =>
        guessed(
          `nothing in ${name}`,
          String(value),
          'loggers write it for no measurement, and it is far from all other values, or has none beside it',
        ),
      ),
      ...[...words].map(([word, count]) =>
        guessed(
          `nothing in ${name}`,
          word,
          `a word among numbers, ${count === 1 ? 'once' : `${count} times`}`,
        ),
      ),
    ],
  };
}

function rangeOf(values: readonly number[]): { min: number; max: number } | undefined {
  if (values.length === 0) return undefined;
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return { min: min + 0, max: max + 0 }; // -0 + 0 is 0
}

/** Bounds that take all of the file's values: by the unit, or far around them. */
function boundsOf(
  name: string,
  unit: string | undefined,
  range: { readonly min: number; readonly max: number } | undefined,
): { bounds: readonly [number, number]; finding: Finding[] } {
  const subject = `bounds of ${name}`;
  const known = unit === undefined ? undefined : unitBounds[unit];
  const [least, most] = known ?? [0, 0];
  const found = range ?? { min: least, max: most };
  if (known === undefined) {
    const largest = Math.max(Math.abs(found.min), Math.abs(found.max), 1);
    const far = Math.min(mostBound, Math.max(leastBound, 10 ** (Math.ceil(Math.log10(largest)) + 2)));
    const reason = 'far around the values of the file; narrower ones find more faults';
    return { bounds: [-far, far], finding: [guessed(subject, `${-far} to ${far}`, reason)] };
  }
  const min = found.min < known[0] ? Math.max(-mostBound, lower(found.min)) : known[0];
  const max = found.max > known[1] ? Math.min(mostBound, -lower(-found.max)) : known[1];
  if (min === known[0] && max === known[1])
    return {
      bounds: known,
      finding: [guessed(subject, `${min} to ${max}`, `those of any ${unit}; narrower ones find more faults`)],
    };
  const reason = `wider than ${known[0]} to ${known[1]}, which is usual for ${unit}, since the file has ${found.min} to ${found.max}: is that measured?`;
  return { bounds: [min, max], finding: [guessed(subject, `${min} to ${max}`, reason)] };
}

/** Of a measure whose unit nobody has said. */
const leastBound = 10_000;

/** The next number below with one digit that counts. */
function lower(value: number): number {
  // Of the least that a double has no digit is left to count.
  if (Math.abs(value) < 1e-15) return value < 0 ? -1e-15 : 0;
  const step = 10 ** Math.floor(Math.log10(Math.abs(value)));
  return Math.floor(value / step) * step;
}
