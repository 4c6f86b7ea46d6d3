import { isZoneWord, parseTime } from '../time/time-format.ts';

/** A way to read the cells of a time column. */
export interface TimePattern {
  /** As `core/time/time-format.ts` reads it. */
  readonly format: string;
  /** What the cells say of their zone: their own offset each, or words such as UTC. */
  readonly zone: 'each' | 'UTC' | undefined;
}

/** What cells of several columns may be put together of: a pattern for dates, and one for times of day. */
type Part = 'date' | 'clock' | 'both';

/** So many of the cells have to be read: the rest is a broken row or a footer. */
const leastRead = 0.9;

/**
 * The patterns that read most of the cells: two where day and month may be either. Empty cells say nothing.
 * @param part of `clock` alone the patterns are those of a time of day
 */
export function timePatternsOf(all: readonly string[], part: Part = 'both'): TimePattern[] {
  const cells = all.filter((cell) => cell !== '').map((cell) => cell.replace(/[\u00a0\u2009\u202f]/g, ' '));
  if (cells.length === 0) return [];
  if (part === 'clock') {
    const dated = cells.map((cell) => `2020-01-02 ${cell}`);
    return bestOf(tailsOf(cells, ''), dated, (format) => `yyyy-MM-dd ${format}`);
  }
  const iso = bestOf([{ format: 'iso', zone: 'each' }], cells);
  if (part === 'both' && iso.length > 0) return iso;
  for (const { length, formats } of dateFormsOf(cells)) {
    const tails =
      part === 'date'
        ? [{ format: '', zone: undefined }]
        : restsOf(cells.filter((cell) => length(cell) > 0).map((cell) => cell.slice(length(cell))));
    const patterns = formats.flatMap((date) =>
      tails.map(({ format, zone }) => ({ format: date + format, zone })),
    );
    const found = bestOf(patterns, cells);
    if (found.length > 0) return found;
  }
  return part === 'both' ? withOthers(cells) : [];
}

/** What stands in front of a time, as a weekday does, or between two that are an interval. */
const beside: readonly (readonly [others: RegExp, format: (of: string, mark: string) => string])[] = [
  [/^\p{L}{2,12}\.?(,? +)/u, (of, mark) => `*${mark}${of}`],
  [/( - | \u2013 | to | bis | a )\S.*$/, (of, mark) => `${of}${literal(mark)}*`],
];

/** Patterns of times that have other text beside them: of an interval its start is the time. */
function withOthers(cells: readonly string[]): TimePattern[] {
  for (const [others, formatOf] of beside) {
    const mark = others.exec(cells[0] ?? '')?.[1];
    if (mark === undefined || !cells.every((cell) => others.exec(cell)?.[1] === mark)) continue;
    const patterns = timePatternsOf(cells.map((cell) => cell.replace(others, '')));
    const isPattern = ({ format }: TimePattern) => !format.includes('*') && format !== 'iso';
    return bestOf(patterns.filter(isPattern).map(({ format, zone }) => ({ format: formatOf(format, mark), zone })), cells);
  }
  return [];
} // biome-ignore format: short

/** Those that read most: where 13/05 is there, it is a day, and 12/05 is the twelfth of May. Read in UTC, which skips nothing. */
function bestOf(
  patterns: readonly TimePattern[],
  cells: readonly string[],
  whole = (format: string) => format,
): TimePattern[] {
  const counted = patterns.map((pattern) => {
    const format = whole(pattern.format);
    return { pattern, read: cells.filter((cell) => parseTime(cell, format, 'UTC').length > 0).length };
  });
  const most = Math.max(0, ...counted.map(({ read }) => read));
  if (most === 0 || most < cells.length * leastRead) return [];
  return counted.filter(({ read }) => read === most).map(({ pattern }) => pattern);
}

interface DateForm {
  /** How much of a cell the date is. */
  length(cell: string): number;
  readonly formats: readonly string[];
}

/** How the dates at the start of most cells may be written. */
function dateFormsOf(cells: readonly string[]): DateForm[] {
  const forms: DateForm[] = [];
  const add = (expression: RegExp, formatsOf: (found: readonly RegExpExecArray[]) => readonly string[]) => {
    const found = cells.map((cell) => expression.exec(cell)).filter((match) => match !== null);
    if (found.length < cells.length * leastRead) return;
    forms.push({ length: (cell) => expression.exec(cell)?.[0].length ?? 0, formats: formatsOf(found) });
  };
  const one = (found: readonly RegExpExecArray[], group: number, letter: string) =>
    found.every((match) => match[group]?.length === 2) ? letter.repeat(2) : letter;
  const mark = (found: readonly RegExpExecArray[], group: number) => literal(found[0]?.[group] ?? '');
  add(/^\d{4}([-/. ])(\d{1,2})\1(\d{1,2})(?!\d)/, (found) => {
    const [separator, day] = [mark(found, 1), one(found, 3, 'd')];
    const month = one(found, 2, 'M');
    return [`yyyy${separator}${month}${separator}${day}`];
  });
  add(/^(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/, (found) => {
    const separator = mark(found, 2);
    const year = found.every((match) => match[4]?.length === 4) ? 'yyyy' : 'yy';
    const of = (first: string, second: string, third: string) => [first, second, third].join(separator);
    const [day, month] = ['d', 'M'].map((letter) => [one(found, 1, letter), one(found, 3, letter)] as const);
    if (day === undefined || month === undefined) return [];
    const endings = [of(day[0], month[1], year), of(month[0], day[1], year)];
    return year === 'yy' ? [...endings, of('yy', month[1], one(found, 4, 'd'))] : endings;
  });
  add(/^(\d{1,2})(\. |[-/. ]?)(\p{L}[\p{L}\p{M}]{2,11}\.?)([-/., ]*)(\d{4}|\d{2})(?!\d)/u, (found) => [
    `${one(found, 1, 'd')}${mark(found, 2)}MMM${mark(found, 4)}${found.every((match) => match[5]?.length === 4) ? 'yyyy' : 'yy'}`,
  ]);
  add(/^(\p{L}[\p{L}\p{M}]{2,11}\.?) (\d{1,2})(,? )(\d{4})(?!\d)/u, (found) => [
    `MMM ${one(found, 2, 'd')}${mark(found, 3)}yyyy`,
  ]);
  add(/^(?:19|20)\d{2}([-/. ]?)(?:[0-3]\d\d)(?!\d)/, (found) => [`yyyy${mark(found, 1)}DDD`]);
  add(/^(?:19|20)\d{6}(?=\d{2}(?:\d{2}){0,2}(?!\d)|\D|$)/, () => ['yyyyMMdd']);
  add(/^\d{2}(?:0[1-9]|1[0-2])\d{2}(?!\d)/, () => ['yyMMdd']);
  return forms;
}

/** What follows the date in the cells: nothing, or a separator and a time of day. */
function restsOf(rests: readonly string[]): TimePattern[] {
  if (rests.every((rest) => rest === '')) return [{ format: '', zone: undefined }];
  const behind = rests.filter((rest) => rest !== '');
  // R writes midnight as the date alone. Where times have an offset nobody knows that of such a date.
  if (behind.length < rests.length)
    return restsOf(behind).map(({ format, zone }) => ({ format: zone ? format : `[${format}]`, zone }));
  const separator = /^(?:T| {1,3}|[,;_-] ?|, |)(?=\d)/.exec(rests[0] ?? '')?.[0];
  if (separator === undefined) return [];
  return tailsOf(
    rests.map((rest) => (rest.startsWith(separator) ? rest.slice(separator.length) : rest)),
    literal(separator),
  );
}

/** Patterns of times of day, behind a separator. */
function tailsOf(clocks: readonly string[], separator: string): TimePattern[] {
  const expression =
    /^(\d{1,2})([:.h])(\d{2})(?:\2(\d{2})(?:([.,])(\d{1,9}))?)?( ?)([AaPp](?:\.?\s?[Mm]\.?)?)?(?: ?(Z|[+-]\d{2}(?::?\d{2})?)| ?([A-Z]{3,4}))?$/;
  const found = clocks
    .map((clock) => expression.exec(clock))
    .filter((match) => match !== null)
    .filter(([, , , , , , , , , , word]) => word === undefined || isZoneWord(word));
  if (found.length >= clocks.length * leastRead) {
    const any = (group: number) => found.find((match) => match[group] !== undefined)?.[group];
    const all = (group: number) => found.every((match) => match[group] !== undefined);
    const optional = (text: string, isAlways: boolean) => (isAlways ? text : `[${text}]`);
    const isHalf = any(8) !== undefined;
    const letter = isHalf ? 'h' : 'H';
    const hour = found.every((match) => match[1]?.length === 2) ? letter.repeat(2) : letter;
    const colon = literal(any(2) ?? ':');
    const fraction = any(6) === undefined ? '' : optional(`${any(5) === '.' ? '.' : literal(',')}S`, all(6));
    const seconds = any(4) === undefined ? '' : optional(`${colon}ss${fraction}`, all(4));
    const half = isHalf ? `${found.some((match) => match[7] === ' ') ? ' ' : ''}a` : '';
    const space = found.some(([clock]) => / (?:Z|[+-]\d{2}(?::?\d{2})?|[A-Z]{3,4})$/.test(clock)) ? ' ' : '';
    const words = new Set(found.flatMap((match) => match[10] ?? []));
    const isUtc = words.size === 1 && (words.has('UTC') || words.has('GMT'));
    const zone = any(9) !== undefined || (words.size > 0 && !isUtc) ? 'each' : isUtc ? 'UTC' : undefined;
    const offset =
      any(9) !== undefined
        ? `${space}X`
        : zone === 'each'
          ? `${space}z`
          : isUtc
            ? literal(`${space}${any(10)}`)
            : '';
    return [{ format: `${separator}${hour}${colon}mm${seconds}${half}${offset}`, zone }];
  }
  const compact = ['HHmmss', 'HHmm', 'HH', 'H'].find((form) => {
    const digits = form === 'H' ? /^\d{1,2}$/ : new RegExp(`^\\d{${form.length}}(?:Z| UTC)?$`);
    return clocks.filter((clock) => digits.test(clock)).length >= clocks.length * leastRead;
  });
  if (compact === undefined) return [];
  if (clocks.some((clock) => clock.endsWith(' UTC')))
    return [{ format: `${separator}${compact}' UTC'`, zone: 'UTC' }];
  const isUtc = clocks.some((clock) => clock.endsWith('Z'));
  return [{ format: `${separator}${compact}${isUtc ? 'X' : ''}`, zone: isUtc ? 'each' : undefined }];
}

/** Text as it stands in a pattern: letters, brackets and quotes in quotes. */
const literal = (text: string): string =>
  text !== 'T' && /[\p{L}[\]']/u.test(text) ? `'${text.replaceAll("'", "''")}'` : text;
