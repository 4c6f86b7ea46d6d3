import { endOrTimeOfDayMs, instantsOf, isWithin, readTimestamp, startOfDay, utcMs } from './calendar.ts';
import { dayMs } from './duration.ts';
import { monthNamed } from './month-names.ts';
import { readOffset } from './offset.ts';
import { timeZoneNamed } from './time-zone.ts';

/** The parts of a time that a pattern can name. */
export type Part =
  | 'year'
  | 'month'
  | 'monthName'
  | 'day'
  | 'dayOfYear'
  | 'hour'
  | 'hour12'
  | 'half'
  | 'minute'
  | 'second'
  | 'fraction'
  | 'offset'
  | 'other';

interface Token {
  readonly part: Part;
  readonly source: string;
  /** It takes as many digits as there are, within bounds. */
  readonly isOpen?: boolean;
}

/** A single letter takes the digits that are there, a double one exactly two; after Unicode's date patterns (UTS 35). */
const tokens: Readonly<Record<string, Token>> = {
  yyyy: { part: 'year', source: '\\d{4}' },
  yy: { part: 'year', source: '\\d{2}' },
  MMMM: { part: 'monthName', source: '\\p{L}[\\p{L}\\p{M}]{2,11}\\.?' },
  MMM: { part: 'monthName', source: '\\p{L}[\\p{L}\\p{M}]{2,11}\\.?' },
  MM: { part: 'month', source: '\\d{2}' },
  M: { part: 'month', source: '\\d{1,2}', isOpen: true },
  dd: { part: 'day', source: '\\d{2}' },
  d: { part: 'day', source: '\\d{1,2}', isOpen: true },
  DDD: { part: 'dayOfYear', source: '\\d{3}' },
  D: { part: 'dayOfYear', source: '\\d{1,3}', isOpen: true },
  HH: { part: 'hour', source: '\\d{2}' },
  H: { part: 'hour', source: '\\d{1,2}', isOpen: true },
  hh: { part: 'hour12', source: '\\d{2}' },
  h: { part: 'hour12', source: '\\d{1,2}', isOpen: true },
  a: { part: 'half', source: '[AaPp](?:\\.?\\s?[Mm]\\.?)?' },
  mm: { part: 'minute', source: '\\d{2}' },
  m: { part: 'minute', source: '\\d{1,2}', isOpen: true },
  ss: { part: 'second', source: '\\d{2}' },
  s: { part: 'second', source: '\\d{1,2}', isOpen: true },
  S: { part: 'fraction', source: '\\d{1,9}', isOpen: true },
  ...Object.fromEntries(
    Array.from({ length: 8 }, (_, at) => [
      'S'.repeat(at + 2),
      { part: 'fraction', source: `\\d{${at + 2}}` } as const,
    ]),
  ),
  X: { part: 'offset', source: '[Zz]|[+-]\\d{2}(?::?\\d{2})?' },
  z: { part: 'offset', source: '[A-Z]{3,4}' },
  // Not AM or PM, nor an offset: these would say another time.
  '*': { part: 'other', source: '(?![AaPp]\\.?\\s?[Mm]|[+-]\\d|[Zz](?!\\p{L})).+?' },
};

const accepted =
  'iso, iso-local, epoch-s, epoch-ms, epoch-us, epoch-ns, excel, excel-1904, or a pattern, each part once: yyyy or yy; M, MM or MMM (a name) with d or dd, or D or DDD (day of the year); ' +
  'H or HH, or h or hh with a (AM, PM); m or mm; s or ss; S (1 to 9 digits) or SSS; X (Z or an offset), or z (EST, EDT, CET, CEST and others of the US and Europe); [ ] around what may be missing; * for other text, with a mark between; text in quotes';

/** A piece of a pattern: a token, a bracket, or text that stands as it is. */
export type Piece = { readonly token: Token } | { readonly bracket: string } | { readonly text: string };

interface Pattern {
  readonly expression: RegExp;
  /** Of each part the expression's group. */
  readonly groups: ReadonlyMap<Part, number>;
}

/** What reads a text in a zone: local times, and instants where the text says its offset. */
type Reader = (text: string, timeZone: string) => readonly number[];

const readers = new Map<string, Reader>();

/** What is wrong with a time format, as a text of what is accepted; `undefined` when it is sound. */
export function checkFormat(format: unknown): string | undefined {
  return typeof format === 'string' && readerOf(format) !== undefined ? undefined : accepted;
}

/**
 * The instants, UTC ms in order, of a time that is written in `format` (see {@link checkFormat}): two for a local time that
 * the clock showed twice, in the hour that is repeated when summer time ends. A date alone is the first instant of its day, 24:00 that of
 * the next day. What is finer than a millisecond is cut off. None when the text has another form, the date doesn't exist, the clock
 * skipped the time, or the year is outside 1970 to 2099.
 */
export function parseTime(text: string, format: string, timeZone: string): readonly number[] {
  return readTime(text, format, timeZone).filter(isWithin);
}

/**
 * As {@link parseTime}, of the years 100 to 9999: what can be read and is no time that can be stored. More than a day outside of 1970 to
 * 2099 it is taken for UTC, since nothing but that is asked of it.
 */
export function readTime(text: string, format: string, timeZone: string): readonly number[] {
  return readerOf(format)?.(text, timeZone) ?? [];
}

/** A pattern with day and month in each other's place; `undefined` where they are not both numbers, so that nobody takes one for the other. */
export function swappedFormat(format: string): string | undefined {
  const pieces = piecesOf(format);
  const parts = pieces?.flatMap((piece) => ('token' in piece ? [piece.token.part] : [])) ?? [];
  if (!parts.includes('month') || !parts.includes('day')) return undefined;
  return format.replace(/'[^']*'|d+|M+/g, (piece) =>
    piece.startsWith("'") ? piece : (piece[0] === 'd' ? 'M' : 'd').repeat(piece.length),
  );
}

function readerOf(format: string): Reader | undefined {
  let reader = readers.get(format) ?? named(format);
  if (reader === undefined) {
    const pattern = patternOf(format);
    reader = pattern && ((text, timeZone) => readPattern(pattern, text, timeZone));
  }
  if (reader !== undefined) readers.set(format, reader);
  return reader;
}

/** Digits of a second, ms, µs or ns that a count of them has behind the ms. */
const epochDigits: Readonly<Record<string, number>> = {
  'epoch-s': -3,
  'epoch-ms': 0,
  'epoch-us': 3,
  'epoch-ns': 6,
};

/** Days from the first day of a spreadsheet's calendar to 1970-01-01. The one of 1900 counts a 29 February 1900, long before any reading. */
const spreadsheetDays: Readonly<Record<string, number>> = { excel: 25_569, 'excel-1904': 24_107 };

function named(format: string): Reader | undefined {
  const digits = Object.hasOwn(epochDigits, format) ? epochDigits[format] : undefined;
  if (digits !== undefined) return (text) => readEpoch(text, digits);
  const days = Object.hasOwn(spreadsheetDays, format) ? spreadsheetDays[format] : undefined;
  if (days !== undefined) return (text, timeZone) => readSerial(text, days, timeZone);
  if (format === 'iso-local') return readIsoLocal;
  if (format !== 'iso') return undefined;
  return (text) => {
    const instant = readTimestamp(text);
    return instant === undefined ? [] : [instant];
  };
}

const isoLocal = 'yyyy-MM-dd[ HH:mm[:ss[.S]][X]]';

/** ISO 8601 as programs write it: a space for the T, an offset without its colon, UTC by name, or nothing of all that. */
function readIsoLocal(text: string, timeZone: string): readonly number[] {
  const plain = text
    .replace(/^([-\d]{10})T/i, '$1 ')
    .replace(/ ?(?:utc|gmt|z)$/i, 'Z')
    .replace(/ (?=[+-][\d:]+$)/, '')
    .replace(/,(?=\d)/, '.');
  return readTime(plain, isoLocal, timeZone);
}

/** Digits that a count of ms, µs or ns has from March 1973 on: one of fewer is of another unit, in which it is a time of today. */
const leastDigits: Readonly<Record<number, number>> = { 0: 12, 3: 15, 6: 18 };

/** Counted by digits: of nanoseconds a double has not all. */
function readEpoch(text: string, digits: number): readonly number[] {
  const found = /^(\d{1,20})(?:\.(\d*))?$/.exec(text);
  if (!found) return [];
  const [, whole = '', fraction = ''] = found;
  if (whole.length < (leastDigits[digits] ?? 0)) return [];
  if (digits < 0) return [Number(whole + fraction.padEnd(-digits, '0').slice(0, -digits))];
  return [Number(whole.slice(0, whole.length - digits))];
}

/** Rounded to the ms: a spreadsheet keeps ten minutes as 0.00694444444444444 days, and what was meant is just above it. */
function readSerial(text: string, days: number, timeZone: string): readonly number[] {
  // A spreadsheet of a language with decimal commas writes them here, too.
  const number = text.replace(/^(\d{4,6}),(?=\d*$)/, '$1.');
  if (!/^\d{1,6}(?:\.\d*)?$/.test(number)) return [];
  return localInstants(Math.round((Number(number) - days) * dayMs), timeZone);
}

/** The pieces of a pattern; `undefined` when a word is no token. */
export function piecesOf(format: string): Piece[] | undefined {
  const pieces: Piece[] = [];
  for (const [piece] of format.matchAll(/'[^']*'|([A-Za-z])\1*|[\s\S]/g)) {
    const token = Object.hasOwn(tokens, piece) ? tokens[piece] : undefined;
    if (token !== undefined) pieces.push({ token });
    else if (piece.length > 1 && piece.startsWith("'")) pieces.push({ text: piece.slice(1, -1) || "'" });
    else if (/^[A-SU-Za-z']/.test(piece)) return undefined;
    else if (piece === '[' || piece === ']') pieces.push({ bracket: piece });
    else pieces.push({ text: piece });
  }
  return pieces;
}

function patternOf(format: string): Pattern | undefined {
  const pieces = piecesOf(format);
  if (pieces === undefined || !isSound(pieces)) return undefined;
  const parts: Part[] = [];
  let source = '';
  for (const piece of pieces) {
    if ('token' in piece) {
      parts.push(piece.token.part);
      source += `(${piece.token.source})`;
    } else if ('bracket' in piece) source += piece.bracket === '[' ? '(?:' : ')?';
    else
      source += piece.text
        .replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
        .replace(/ +/g, '[ \\u00a0\\u2009\\u202f]+');
  }
  return {
    expression: new RegExp(`^${source}$`, 'u'),
    groups: new Map(parts.map((part, at) => [part, at + 1])),
  };
}

/** What has to be there before a part says anything. */
const needed: Readonly<Partial<Record<Part, readonly Part[]>>> = {
  minute: ['hour', 'hour12'],
  second: ['minute'],
  fraction: ['second'],
  hour12: ['half'],
  half: ['hour12'],
  offset: ['hour', 'hour12'],
  month: ['day'],
  monthName: ['day'],
  day: ['month', 'monthName'],
};

/** Parts of which a pattern has one at the most. */
const oneOf: readonly (readonly Part[])[] = [
  ['month', 'monthName', 'dayOfYear'],
  ['hour', 'hour12'],
];

function isSound(pieces: readonly Piece[]): boolean {
  const parts = pieces.flatMap((piece) => ('token' in piece ? [piece.token.part] : []));
  const has = (part: Part) => parts.includes(part);
  if (new Set(parts).size !== parts.length) return false;
  if (!has('year') || !(has('dayOfYear') || has('day')) || !hasSoundBrackets(pieces)) return false;
  if (oneOf.some((some) => some.filter(has).length > 1)) return false;
  if (parts.some((part) => needed[part]?.some(has) === false)) return false;
  return hasSoundRest(pieces) && !pieces.some((_, at) => startsTwoOpen(pieces, at));
}

/** What `*` stands for is told from the parts of the time by the text beside it, which is no digit. */
function hasSoundRest(pieces: readonly Piece[]): boolean {
  const bare = pieces.filter((piece) => !('bracket' in piece));
  const at = bare.findIndex((piece) => 'token' in piece && piece.token.part === 'other');
  const beside = at === -1 ? [] : [bare[at - 1], bare[at + 1]];
  return beside.every((piece) => piece === undefined || ('text' in piece && /^\D+$/.test(piece.text)));
}

/** Brackets come in pairs, and never around a part of the date. */
function hasSoundBrackets(pieces: readonly Piece[]): boolean {
  const dateParts: ReadonlySet<Part> = new Set(['year', 'month', 'monthName', 'day', 'dayOfYear']);
  let depth = 0;
  for (const piece of pieces) {
    if ('bracket' in piece) depth += piece.bracket === '[' ? 1 : -1;
    else if ('token' in piece && depth > 0 && dateParts.has(piece.token.part)) return false;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** Whether two parts of open length stand in one run of digits: nobody could tell where the first ends. */
function startsTwoOpen(pieces: readonly Piece[], start: number): boolean {
  let open = 0;
  for (const piece of pieces.slice(start)) {
    if ('bracket' in piece) continue;
    if ('text' in piece || !piece.token.source.startsWith('\\d')) return false;
    if (piece.token.isOpen) open++;
    if (open > 1) return true;
  }
  return false;
}

function readPattern({ expression, groups }: Pattern, text: string, timeZone: string): readonly number[] {
  const found = expression.exec(text);
  if (!found) return [];
  const shown = (part: Part): string | undefined => {
    const group = groups.get(part);
    return group === undefined ? undefined : found[group];
  };
  const number = (part: Part): number => Number(shown(part) ?? 0);
  const dateMs = dateOf(shown);
  const hour = hourOf(shown);
  if (dateMs === undefined || hour === undefined) return [];
  const fraction = (shown('fraction') ?? '').padEnd(3, '0').slice(0, 3);
  const [minute, second, ms] = [number('minute'), number('second'), Number(fraction)];
  const timeMs = endOrTimeOfDayMs(hour, minute, second, ms);
  if (timeMs === undefined) return [];
  const offset = shown('offset');
  if (offset !== undefined) {
    const offsetMs = offsetOf(offset);
    return offsetMs === undefined ? [] : [dateMs + timeMs - offsetMs];
  }
  if (shown('hour') !== undefined || shown('hour12') !== undefined)
    return localInstants(dateMs + timeMs, timeZone);
  return firstOfDay(dateMs, timeZone);
}

/** UTC ms of the date's midnight. Of a year of two digits 70 to 99 are 1970 to 1999, the others 2000 to 2069. */
function dateOf(shown: (part: Part) => string | undefined): number | undefined {
  const digits = shown('year') ?? '';
  const year = Number(digits) + (digits.length > 2 ? 0 : Number(digits) < 70 ? 2000 : 1900);
  const ordinal = shown('dayOfYear');
  if (ordinal !== undefined) {
    const first = utcMs(year, 1, 1);
    const ms = first === undefined || Number(ordinal) < 1 ? undefined : first + (Number(ordinal) - 1) * dayMs;
    return ms !== undefined && new Date(ms).getUTCFullYear() === year ? ms : undefined;
  }
  const name = shown('monthName');
  const month = name === undefined ? Number(shown('month')) : monthNamed(name);
  return month === undefined ? undefined : utcMs(year, month, Number(shown('day')));
}

/** 0 to 24 of either clock; `undefined` where a clock of twelve hours has no such hour. */
function hourOf(shown: (part: Part) => string | undefined): number | undefined {
  const half = shown('half');
  if (half === undefined) return Number(shown('hour') ?? 0);
  const hour = Number(shown('hour12'));
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (/^p/i.test(half) ? 12 : 0);
}

/**
 * Hours from UTC of the zones of the United States, as its services write them, of those of Europe, and of UTC itself. BST and IST are not here: each is of
 * several countries.
 */
const zoneHours: Readonly<Record<string, number>> = {
  ...{ UTC: 0, GMT: 0, AST: -4, ADT: -3, EST: -5, EDT: -4, CST: -6, CDT: -5, MST: -7, MDT: -6 },
  ...{ WET: 0, WEST: 1, CET: 1, CEST: 2, MEZ: 1, MESZ: 2, EET: 2, EEST: 3 },
  ...{ PST: -8, PDT: -7, AKST: -9, AKDT: -8, HST: -10, HDT: -9, SST: -11 },
};

/** Whether `z` reads it. */
export const isZoneWord = (text: string): boolean => Object.hasOwn(zoneHours, text);

/** Local minus UTC, ms, of an offset, or of a zone by its letters. */
function offsetOf(text: string): number | undefined {
  return isZoneWord(text) ? (zoneHours[text] ?? 0) * 3_600_000 : readOffset(text);
}

const isFar = (localMs: number): boolean => !isWithin(localMs - dayMs) && !isWithin(localMs + 2 * dayMs);

function localInstants(localMs: number, timeZone: string): readonly number[] {
  return isFar(localMs) ? [localMs] : instantsOf(timeZoneNamed(timeZone), localMs);
}

function firstOfDay(dateMs: number, timeZone: string): readonly number[] {
  if (isFar(dateMs)) return [dateMs];
  const zone = timeZoneNamed(timeZone);
  const start = startOfDay(zone, dateMs / dayMs);
  return start + zone.offsetMs(start) < dateMs + dayMs ? [start] : [];
}
