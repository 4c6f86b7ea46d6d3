import { parseDuration } from '../time/duration.ts';
import { checkFormat as checkTimeFormat } from '../time/time-format.ts';
import { fixedOffsetMs, isTimeZone } from '../time/time-zone.ts';
import { checkFilePattern } from './file-pattern.ts';
import type { ColumnDeclaration } from './text-format.ts';
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

/** The fields that a format may place. */
export const fieldsOf = ({ measures, attributes }: FormatSubject): string[] => [
  ...['sensorId', 'revision', 'withdrawn'],
  ...Object.keys(measures),
  ...attributes,
];

/** A fault: the field, what was found, what is accepted. */
export type FormatFault = readonly [field: string, found: unknown, accepted: string];

/** The files of a format. */
export function checkMatch(match: unknown): FormatFault | undefined {
  const patterns = typeof match === 'string' ? [match] : match;
  if (!Array.isArray(patterns) || patterns.length === 0) return ['match', match, 'a pattern, or several'];
  for (const pattern of patterns) {
    const accepted = checkFilePattern(pattern);
    if (accepted !== undefined) return ['match', pattern, accepted];
  }
  return undefined;
}

/** How numbers are written. */
export function checkNotation({
  decimal,
  thousands,
}: {
  readonly decimal?: unknown;
  readonly thousands?: unknown;
}): FormatFault | undefined {
  const fault = oneOf('decimal', decimal, ['.', ',']) ?? oneOf('thousands', thousands, ['.', ',', ' ', "'"]);
  if (fault !== undefined || thousands === undefined || thousands !== (decimal ?? '.')) return fault;
  return ['thousands', thousands, 'another character than the decimal mark'];
}

/** How times are written, and by which clock. */
export function checkClock({
  format,
  zone,
  shift,
}: {
  readonly format: string;
  readonly zone?: string | undefined;
  readonly shift?: string | undefined;
}): FormatFault | undefined {
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

/** What the numbers of a column, or of a parameter, stand for. */
export function checkValue(at: string, declared: object, unit: string, isUnitSaid = false): FormatFault | undefined {
  const { nothing, unit: from, scale, offset, ...more } = declared as Partial<ColumnDeclaration>;
  const [odd] = Object.keys(more);
  if (odd !== undefined) return [`${at}.${odd}`, odd, 'nothing, unit, scale, offset'];
  const isScaled = scale !== undefined || offset !== undefined;
  if (from !== undefined && isScaled && !isUnitSaid) return [`${at}.unit`, from, 'a unit, or scale and offset'];
  if (from !== undefined && !isScaled && from !== unit && conversionOf(from, unit) === undefined)
    return [`${at}.unit`, from, [unit, ...convertibleTo(unit)].join(', ')];
  if (scale !== undefined && (!Number.isFinite(scale) || scale === 0))
    return [`${at}.scale`, scale, 'a finite number other than 0'];
  if (offset !== undefined && !Number.isFinite(offset)) return [`${at}.offset`, offset, 'a finite number'];
  return checkNothing(`${at}.nothing`, nothing);
} // biome-ignore format: a check a line

/** A converted value may be a number that stands for nothing, and nobody could tell the two apart. */
export function checkConversion(
  at: string,
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
    at,
    declared,
    `no conversion where ${within}, which stands for no measurement, is within the measure's bounds`,
  ];
}

export function checkNothing(field: string, nothing: unknown): FormatFault | undefined {
  if (nothing === undefined) return undefined;
  const isSound =
    Array.isArray(nothing) &&
    nothing.every((value) => Number.isFinite(value) || (typeof value === 'string' && value.trim() !== ''));
  return isSound ? undefined : [field, nothing, 'finite numbers, and texts as the file has them'];
}

export const isName = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

export function oneOf(field: string, value: unknown, accepted: readonly unknown[]): FormatFault | undefined {
  if (value === undefined || accepted.includes(value)) return undefined;
  return [field, value, accepted.map((each) => JSON.stringify(each)).join(', ')];
}
