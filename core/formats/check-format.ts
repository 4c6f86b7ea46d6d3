import { parseDuration } from '../time/duration.ts';
import { checkFormat as checkTimeFormat } from '../time/time-format.ts';
import { fixedOffsetMs, isTimeZone } from '../time/time-zone.ts';
import { checkFilePattern } from './file-pattern.ts';
import { type ColumnDeclaration, encodings, type TextFormat } from './text-format.ts';
import { conversionOf, convertibleTo } from './units.ts';

/** What of a dataset a format is checked against. */
export interface FormatSubject {
  readonly time?: 'arrival' | undefined;
  /** What stands for no measurement in every file. */
  readonly missing: readonly (number | string)[];
  readonly measures: Readonly<Record<string, FormatMeasure>>;
  readonly attributes: readonly string[];
}

interface FormatMeasure {
  readonly unit: string;
  readonly min: number;
  readonly max: number;
}

/** A fault: the field, what was found, what is accepted. */
export type FormatFault = readonly [field: string, found: unknown, accepted: string];

const known: ReadonlySet<string> = new Set([
  ...[
    'kind',
    'match',
    'encoding',
    'delimiter',
    'widths',
    'quote',
    'comment',
    'skipLines',
    'header',
    'skipRows',
  ],
  ...['decimal', 'thousands', 'nothing', 'time', 'sensorId', 'columns'],
]);
const maxSkipped = 10_000;
const maxColumns = 10_000;

/** The first fault of a format; `undefined` when it is sound. */
export function checkTextFormat(format: TextFormat, subject: FormatSubject): FormatFault | undefined {
  if (typeof format !== 'object' || format === null) return ['', format, 'an object'];
  if (format.kind !== 'text') return ['kind', format.kind, 'text, as text({ … }) has it'];
  const odd = Object.keys(format).find((name) => !known.has(name));
  if (odd !== undefined) return [odd, odd, [...known].join(', ')];
  return (
    checkFile(format) ?? checkNumbers(format) ?? checkTime(format, subject) ?? checkColumns(format, subject)
  );
}

function checkFile(format: TextFormat): FormatFault | undefined {
  const { match, encoding, delimiter, widths, quote, comment, skipLines, header, skipRows } = format;
  const patterns = typeof match === 'string' ? [match] : match;
  if (!Array.isArray(patterns) || patterns.length === 0) return ['match', match, 'a pattern, or several'];
  for (const pattern of patterns) {
    const accepted = checkFilePattern(pattern);
    if (accepted !== undefined) return ['match', pattern, accepted];
  }
  return (
    oneOf('encoding', encoding, encodings) ??
    oneOf('delimiter', delimiter, [',', ';', '\t', '|', 'spaces']) ??
    oneOf('quote', quote, ['"', "'", 'none']) ??
    checkWidths(widths, delimiter) ??
    (comment === undefined || (typeof comment === 'string' && comment.trim() !== '')
      ? undefined
      : (['comment', comment, 'a text that such lines begin with'] as const)) ??
    whole('skipLines', skipLines) ??
    whole('skipRows', skipRows) ??
    checkHeader(header, widths)
  );
}

function checkWidths(widths: unknown, delimiter: unknown): FormatFault | undefined {
  if (widths === undefined) return undefined;
  const isSound =
    Array.isArray(widths) &&
    widths.length > 0 &&
    widths.length <= maxColumns &&
    widths.every((width) => Number.isInteger(width) && width > 0);
  if (!isSound) return ['widths', widths, 'the characters of each column, whole numbers from 1 on'];
  return delimiter === undefined ? undefined : ['delimiter', delimiter, 'none beside widths'];
}

function checkHeader(header: unknown, widths: readonly number[] | undefined): FormatFault | undefined {
  if (header === undefined) return undefined;
  const isSound =
    Array.isArray(header) &&
    header.length > 0 &&
    header.length <= maxColumns &&
    header.every((name) => typeof name === 'string' && name === name.trim());
  if (!isSound) return ['header', header, 'the names of the columns'];
  if (widths === undefined || widths.length === header.length) return undefined;
  return ['header', header, `as many names as widths: ${widths.length}`];
}

function checkNumbers({ decimal, thousands, nothing, delimiter }: TextFormat): FormatFault | undefined {
  const fault =
    oneOf('decimal', decimal, ['.', ',']) ??
    oneOf('thousands', thousands, ['.', ',', ' ', "'"]) ??
    checkNothing('nothing', nothing);
  if (fault !== undefined) return fault;
  if (thousands !== undefined && thousands === (decimal ?? '.'))
    return ['thousands', thousands, 'another character than the decimal mark'];
  if (thousands === ' ' && delimiter === 'spaces')
    return ['thousands', thousands, 'no spaces where they stand between cells'];
  return undefined;
}

function checkTime({ time }: TextFormat, subject: FormatSubject): FormatFault | undefined {
  if (subject.time === 'arrival')
    return time === undefined ? undefined : ['time', time, "none where the dataset's time is 'arrival'"];
  if (typeof time !== 'object' || time === null) return ['time', time, '{ column, format }'];
  const { column, format, zone, shift, ...more } = time;
  const [odd] = Object.keys(more);
  if (odd !== undefined) return [`time.${odd}`, odd, 'column, format, zone, shift'];
  const columns = typeof column === 'string' ? [column] : column;
  if (!Array.isArray(columns) || columns.length === 0 || !columns.every(isName))
    return ['time.column', column, 'the name of a column, or of several'];
  const accepted = checkTimeFormat(format);
  if (accepted !== undefined) return ['time.format', format, accepted];
  if (
    zone !== undefined &&
    !isTimeZone(zone) &&
    (typeof zone !== 'string' || fixedOffsetMs(zone) === undefined)
  )
    return ['time.zone', zone, 'an IANA name such as Europe/Madrid, or an offset such as +01:00'];
  if (shiftMs(shift) === undefined)
    return ['time.shift', shift, 'a sign, a number and a unit, such as -10 minutes'];
  return undefined;
}

/** ms that a shift such as `-10 minutes` adds, 0 where there is none; `undefined` for any other text. */
export function shiftMs(shift: string | undefined): number | undefined {
  if (shift === undefined) return 0;
  const found = /^([+-]) ?(.+)$/.exec(String(shift));
  const ms = found?.[2] === undefined ? undefined : parseDuration(found[2]);
  return ms === undefined ? undefined : found?.[1] === '-' ? -ms : ms;
}

function checkColumns(format: TextFormat, subject: FormatSubject): FormatFault | undefined {
  const { columns = {}, sensorId } = format;
  if (typeof columns !== 'object' || columns === null) return ['columns', columns, 'fields by their columns'];
  const fields = [
    'sensorId',
    'revision',
    'withdrawn',
    ...Object.keys(subject.measures),
    ...subject.attributes,
  ];
  for (const [field, declared] of Object.entries(columns)) {
    if (!fields.includes(field)) return [`columns.${field}`, field, fields.join(', ')];
    const measure = Object.hasOwn(subject.measures, field) ? subject.measures[field] : undefined;
    const fault = measure
      ? (checkMeasure(field, declared, measure.unit) ??
        checkConversion(field, declared, { ...measure, ...subject }))
      : checkField(field, declared);
    if (fault !== undefined) return fault;
  }
  const patterns = [format.match].flat();
  const isInName = patterns.some((pattern) => pattern.includes('{sensorId}'));
  if (isInName && (sensorId !== undefined || columns.sensorId !== undefined))
    return ['sensorId', sensorId ?? columns.sensorId, "none where the file's name has it"];
  if (sensorId !== undefined && columns.sensorId !== undefined)
    return ['sensorId', sensorId, 'none where a column has it'];
  return undefined;
}

function checkMeasure(field: string, declared: unknown, unit: string): FormatFault | undefined {
  const at = `columns.${field}`;
  if (isName(declared)) return undefined;
  if (typeof declared !== 'object' || declared === null || Array.isArray(declared))
    return [at, declared, 'the name of a column, or { column, nothing, unit, scale, offset }'];
  const { column, nothing, unit: from, scale, offset, ...more } = declared as ColumnDeclaration;
  const [odd] = Object.keys(more);
  if (odd !== undefined) return [`${at}.${odd}`, odd, 'column, nothing, unit, scale, offset'];
  if (!isName(column)) return [`${at}.column`, column, 'the name of a column'];
  if (from !== undefined && (scale !== undefined || offset !== undefined))
    return [`${at}.unit`, from, 'a unit, or scale and offset'];
  if (from !== undefined && from !== unit && conversionOf(from, unit) === undefined)
    return [`${at}.unit`, from, [unit, ...convertibleTo(unit)].join(', ')];
  if (scale !== undefined && (!Number.isFinite(scale) || scale === 0))
    return [`${at}.scale`, scale, 'a finite number other than 0'];
  if (offset !== undefined && !Number.isFinite(offset)) return [`${at}.offset`, offset, 'a finite number'];
  return checkNothing(`${at}.nothing`, nothing);
}

/** A converted value may be a number that stands for nothing, and nobody could tell the two apart. */
function checkConversion(
  field: string,
  declared: unknown,
  { missing, min, max }: Pick<FormatSubject, 'missing'> & Pick<FormatMeasure, 'min' | 'max'>,
): FormatFault | undefined {
  const isConverted =
    typeof declared === 'object' &&
    declared !== null &&
    ['unit', 'scale', 'offset'].some((member) => member in declared);
  const within = missing.find((value) => typeof value === 'number' && value >= min && value <= max);
  if (!isConverted || within === undefined) return undefined;
  return [
    `columns.${field}`,
    declared,
    `no conversion where ${within}, which stands for no measurement, is within the measure's bounds`,
  ];
}

function checkField(field: string, declared: unknown): FormatFault | undefined {
  if (isName(declared)) return undefined;
  const isJoined =
    field === 'sensorId' && Array.isArray(declared) && declared.length > 0 && declared.every(isName);
  return isJoined
    ? undefined
    : [
        `columns.${field}`,
        declared,
        field === 'sensorId' ? 'the name of a column, or of several' : 'the name of a column',
      ];
}

function checkNothing(field: string, nothing: unknown): FormatFault | undefined {
  if (nothing === undefined) return undefined;
  const isSound =
    Array.isArray(nothing) &&
    nothing.every((value) => Number.isFinite(value) || (typeof value === 'string' && value.trim() !== ''));
  return isSound ? undefined : [field, nothing, 'finite numbers, and texts as the file has them'];
}

const isName = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

function oneOf(field: string, value: unknown, accepted: readonly unknown[]): FormatFault | undefined {
  if (value === undefined || accepted.includes(value)) return undefined;
  return [field, value, accepted.map((each) => JSON.stringify(each)).join(', ')];
}

function whole(field: string, value: unknown): FormatFault | undefined {
  const isSound =
    value === undefined ||
    (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= maxSkipped);
  return isSound ? undefined : [field, value, `a whole number from 0 to ${maxSkipped}`];
}
