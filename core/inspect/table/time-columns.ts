import { parseTime } from '../../time/time-format.ts';
import { zoneApart } from '../clock.ts';
import { type Answers, certain, type Finding, guessed, type Question } from '../finding.ts';
import { timeKindOf, wordsOf } from '../name-words.ts';
import { type TimePattern, timePatternsOf } from '../time-patterns.ts';
import { mostlyOf } from './cell-kinds.ts';
import { orderIn, orderNamed, orderOf } from './time-order.ts';

/** The columns that say when, and how. */
export interface TimeFound {
  /** Indexes; several are put together with a space. */
  readonly columns: readonly number[];
  readonly pattern: TimePattern;
  /** What its name says that it is of. */
  readonly kind?: ReturnType<typeof timeKindOf>;
  readonly findings: readonly Finding[];
  readonly questions: readonly Question[];
}

/** What columns are called that say when. */
export const timeName =
  /time|date|datum|zeit|fecha|hora|heure|^data$|^data |stamp|(?:^|[_ ])ts$|^dt$|^aika|^tid\b|^tijd|utc|gmt|epoch|created_at|observed|^#?yy/i;

/** Counts since 1970, by their digits, in the years 2001 to 2100. */
const epochs: readonly (readonly [format: string, least: number, most: number])[] = [
  ['epoch-s', 9.5e8, 4.2e9],
  ['epoch-ms', 9.5e11, 4.2e12],
  ['epoch-us', 9.5e14, 4.2e15],
  ['epoch-ns', 9.5e17, 4.2e18],
];

interface Candidate {
  readonly columns: readonly number[];
  readonly patterns: readonly TimePattern[];
  /** The more, the likelier. */
  readonly weight: number;
  readonly reason: string;
  /** What stands beside it that is not taken for a part of it, as a sentence. */
  readonly beside?: string;
}

/** @returns `undefined` where no column says when */
export function timeColumnsOf(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  answers: Answers,
): TimeFound | undefined {
  const cellsOf = (column: number) => rows.map((row) => row[column] ?? '');
  const candidates = [
    ...partColumns(names, rows),
    ...names.flatMap((name, column) => candidatesOf(name, column, { names, cellsOf })),
  ]
    .map((each) => (isConstant(each, rows) ? { ...each, weight: each.weight - 0.3 } : each))
    .toSorted((a, b) => b.weight - a.weight);
  const [best, ...others] = candidates;
  if (best === undefined) return undefined;
  const { columns, patterns } = best;
  const cells = rows.map((row) => columns.map((column) => row[column] ?? '').join(' '));
  const shown = columns.map((column) => names[column]).join(' and ');
  const other = others.find((each) => !each.columns.some((column) => columns.includes(column)));
  const kind = columns.map((column) => timeKindOf(names[column] ?? '')).find((each) => each !== undefined);
  const ofHandling = handlings[kind ?? ''];
  const told = best.weight >= 1 && ofHandling === undefined ? certain : guessed;
  const also = [
    ...offsetsBeside(names, rows),
    ...(best.beside === undefined ? [] : [guessed('time of day', 'none', best.beside)]),
    ...(ofHandling === undefined ? [] : [guessed('time column', shown, ofHandling)]),
    ...(other === undefined
      ? []
      : [
          guessed(
            'time column',
            shown,
            `${other.columns.map((column) => names[column]).join(' and ')} has times too, and is not read`,
          ),
        ]),
  ];
  const [first, second] = patterns as readonly [TimePattern, ...TimePattern[]]; // candidates have some
  if (second === undefined) {
    return {
      ...{ columns, pattern: first, kind },
      findings: [told('time', `${shown} as ${first.format}`, best.reason), ...also],
      questions: [],
    };
  }
  const named =
    answers.order === undefined ? orderNamed(columns.map((column) => names[column] ?? '')) : undefined;
  const said = patterns.find(({ format }) => orderIn(format) === named);
  if (said !== undefined)
    return {
      ...{ columns, pattern: said, questions: [], kind },
      findings: [
        told('time', `${shown} as ${said.format}`, 'its name says which of day and month comes first'),
        ...also,
      ],
    };
  return { columns, kind, ...orderOf(patterns, { cells, shown, answers, also }) };
}

function candidatesOf(
  name: string,
  column: number,
  { names, cellsOf }: { names: readonly string[]; cellsOf: (column: number) => readonly string[] },
): Candidate[] {
  const cells = cellsOf(column);
  const isNamed = timeName.test(name);
  const counted = countsOf(cells, isNamed, name);
  if (counted !== undefined) return [{ columns: [column], ...counted }];
  const areDigits = cells.every((cell) => /^\d*$/.test(cell));
  if (areDigits && !isNamed && !rises(cells)) return [];
  const patterns = timePatternsOf(cells);
  const [first] = patterns;
  if (first === undefined) return [];
  const weight =
    (areDigits && !isNamed ? 0.4 : 1) +
    (isNamed ? 0.2 : 0) +
    (first.zone === undefined ? 0 : 0.3) +
    weightOfName(name);
  const alone = {
    columns: [column],
    patterns,
    weight,
    reason: formReason(cells, patterns),
  };
  if (/[Hh]/.test(first.format) || first.format === 'iso') return [alone];
  // The one behind the date: that in front of it is of another date, where there are two.
  const isClock = (at: number) =>
    at >= 0 &&
    at < names.length &&
    timePatternsOf(cellsOf(at), 'clock').length > 0 &&
    !isCount(cellsOf(at), names[at] ?? '');
  const isHour = (at: number) =>
    at !== column && /^(?:hour(?:[ _]ending)?|he|hr|hh|hora|stunde|heure|time|hhmm)$/i.test(names[at] ?? '');
  // Of a row a day, a time behind a maximum or the like is that of it.
  const texts = names.map((_, at) => at).filter((at) => mostlyOf(cellsOf(at)) === 'text');
  const isRowADay =
    new Set(cells.map((cell, row) => [cell, ...texts.map((at) => cellsOf(at)[row])].join('\n'))).size ===
    cells.length;
  const isOfExtreme = (at: number) =>
    isRowADay &&
    cells.length > 2 &&
    mostlyOf(cellsOf(at - 1)) === 'number' &&
    extreme.test(names[at - 1] ?? '');
  const elsewhere = names.map((_, at) => at).filter(isHour);
  const clock = [column + 1, column - 1, ...elsewhere.filter((at) => !isOfExtreme(at))].find(isClock) ?? -1;
  const [ofClock] = clock === -1 ? [] : timePatternsOf(cellsOf(clock), 'clock');
  if (ofClock === undefined) {
    const passed = elsewhere.filter((at) => isOfExtreme(at) && isClock(at)).map((at) => names[at]);
    const beside = `each date is there once, and ${passed.join(' and ')} stands behind ${passed.length === 1 ? 'a maximum or the like' : 'maxima or the like'}: taken for the time of that, and not of the row`;
    return [{ ...alone, weight: weight - 0.1, ...(passed.length === 0 ? {} : { beside }) }];
  }
  const joined = patterns.map(({ format }) => ({
    format: `${format} ${ofClock.format}`,
    zone: ofClock.zone,
  }));
  const reason = 'one column has the date, another one the time of day';
  return [{ columns: [column, clock], patterns: joined, weight: weight + 0.1, reason }];
}

/** Of several columns with times that is taken whose name says that it is of measuring, and the clock; not one that says when a server answered. */
function weightOfName(name: string): number {
  const kind = timeKindOf(name);
  const ofKind = kind === 'measuring' ? 0.1 : kind === 'answering' ? -0.7 : kind === 'handling' ? -0.6 : 0;
  // The time of a day's maximum is that of another value.
  const ofExtreme = wordsOf(name).some((word) => /^(?:max|min|maximum|minimum|peak|gust)$/.test(word))
    ? -0.3
    : 0;
  return ofKind + ofExtreme + (/\b(?:utc|gmt)\b/i.test(zoneApart(name)) ? 0.15 : 0);
}

/** Whether all rows have one time: where others vary, these are theirs. */
const isConstant = ({ columns }: Candidate, rows: readonly (readonly string[])[]): boolean =>
  rows.length > 2 && columns.every((at) => rows.every((row) => row[at] === rows[0]?.[at]));

/** Durations beside a time that move it, as the `timeOffset` of Frost does. */
function offsetsBeside(names: readonly string[], rows: readonly (readonly string[])[]): readonly Finding[] {
  return names.flatMap((name, at) => {
    if (!wordsOf(name).includes('offset')) return [];
    const moved = [...new Set(rows.map((row) => row[at] ?? ''))].filter((cell) =>
      /^[-+]?P.*[1-9]/.test(cell),
    );
    const reason = `it has ${moved.slice(0, 3).join(', ')}, which is not added to the time: is it to be? \`shift\` adds the same to all`;
    return moved.length === 0 ? [] : [guessed('time offset', name, reason)];
  });
}

/** What is said of times that by their name are of something else than measuring. */
const handlings: Readonly<Record<string, string>> = {
  answering: 'by its name it is when a server answered, and not when was measured: is there no other?',
  handling:
    'by its name it is when something was done with the values, and not when was measured: is there no other?',
};

/** What the largest, or the smallest, number of a day is called. */
const extreme = /max|min|mx|mn|high|low|gust|peak|racha|extrem|höchst|tiefst/i;

/** How many of the cells are times in a form, as a sentence. */
function formReason(cells: readonly string[], patterns: readonly TimePattern[]): string {
  const filled = cells.filter((cell) => cell !== '');
  const isRead = (cell: string) => patterns.some(({ format }) => parseTime(cell, format, 'UTC').length > 0);
  const others = filled.filter((cell) => !isRead(cell));
  if (others.length === 0) return `each of its cells is a time in this form, such as ${filled[0]}`;
  const count = `${filled.length - others.length} of its ${filled.length} cells are times`;
  return `${count} in this form, such as ${filled.find(isRead)}; ${others[0]} is none`;
}

/** Whether digits, without a mark or with a point that may be a decimal one, and words among them, are no time of day: their column is not called so. */
const isCount = (cells: readonly string[], name: string): boolean =>
  cells.every((cell) => /^(?:\d*(?:\.\d+)?|\D*)$/.test(cell)) &&
  !/time|hour|hora|zeit|hhmm|^hh$|^hr$|^utc$|^he$|^heure|^aika|^tid\b|^tijd|^klok/i.test(name);

/** A column of counts: since 1970, or a spreadsheet's days. */
function countsOf(
  cells: readonly string[],
  isNamed: boolean,
  name: string,
): Omit<Candidate, 'columns'> | undefined {
  const filled = cells.filter((cell) => cell !== '');
  if (filled.length === 0 || !filled.every((cell) => /^(?:\d+(?:\.\d+)?|\d{5},\d+)$/.test(cell)))
    return undefined;
  const values = filled.map((cell) => Number(cell.replace(',', '.')));
  const format = epochFormatOf(filled);
  // 2026050112 is an hour of a day, not a second of 2034.
  if (format !== undefined && timePatternsOf(filled).length === 0) {
    const reason = `its counts since 1970 are of ${new Date(parseTime(filled[0] ?? '', format, 'UTC')[0] ?? 0).toISOString().slice(0, 10)} and later`;
    if (isNamed || rises(cells))
      return {
        ...{ patterns: [{ format, zone: 'each' }], reason },
        weight: (isNamed ? 1.4 : 0.9) + weightOfName(name),
      };
  }
  const isSerial = values.every((value) => value > 30_000 && value < 75_000);
  if (!isSerial || !isNamed || !rises(values.map(String))) return undefined;
  const [ms = 0] = parseTime(filled[0] ?? '', 'excel', 'UTC');
  const reason = `as a spreadsheet's days ${name} begins on ${new Date(ms).toISOString().slice(0, 10)}`;
  return { patterns: [{ format: 'excel', zone: undefined }], weight: 0.8, reason };
}

/** The unit of counts since 1970 that are of the years 2001 to 2100; `undefined` for what are no such counts, all of one unit. */
export function epochFormatOf(cells: readonly string[]): string | undefined {
  if (cells.length === 0 || !cells.every((cell) => /^\d+(?:\.\d+)?$/.test(cell))) return undefined;
  const values = cells.map(Number);
  return epochs.find(([, least, most]) => values.every((value) => value >= least && value <= most))?.[0];
}

/** Whether a column of digits goes up, as time does. */
function rises(cells: readonly string[]): boolean {
  const values = cells.filter((cell) => cell !== '').map(Number);
  return (
    values.length > 2 &&
    values.every((value, at) => at === 0 || value >= (values[at - 1] as number)) &&
    values.at(-1) !== values[0]
  );
}

interface TimePart {
  readonly name: RegExp;
  readonly token: string;
  readonly least: number;
  readonly most: number;
}

/** The names that columns of a time's parts have, and what reads them. */
const year: TimePart = {
  name: /^#?(?:yyyy|yy|yr|year|año|ano|jahr|année|vuosi|år|anno|jaar|.* in yyyy)$/i,
  ...{ token: 'yyyy', least: 1970, most: 2099 },
};
const dayOfYear: TimePart = {
  name: /^(?:doy|jday|julian|jd|yday|day_?of_?year)$/i,
  ...{ token: 'D', least: 1, most: 366 },
};
const parts: readonly TimePart[] = [
  year,
  { name: /^(?:mo|mm|mon|month|mes|monat|mois|kuukausi|månad|mese|maand)$/i, token: 'M', least: 1, most: 12 },
  { name: /^(?:dd|dy|day|día|dia|tag|jour|päivä|dag|giorno)$/i, token: 'd', least: 1, most: 31 },
];
const clockParts: readonly TimePart[] = [
  { name: /^(?:hh|hh24|hr|hour|hora|stunde|heure)$/i, token: 'H', least: 0, most: 24 },
  { name: /^(?:mm|mn|mi|min|minute|minuto|mi format.*)$/i, token: 'm', least: 0, most: 59 },
  { name: /^(?:ss|sec|second|segundo)$/i, token: 's', least: 0, most: 59 },
];

const hourAndMinute = /^(?:hh|hr|hour)_?(?:mm|mn|min|minute)$/i;

/** Year, month, day and so on in columns of their own, one behind the other. */
function partColumns(names: readonly string[], rows: readonly (readonly string[])[]): Candidate[] {
  const cellsOf = (column: number) => rows.map((row) => row[column] ?? '');
  const start = names.findIndex((name) => year.name.test(name));
  if (start === -1) return [];
  const follow = (from: number, all: readonly TimePart[]): number => {
    const broken = all.findIndex(
      ({ name, least, most }, at) =>
        !name.test(names[from + at] ?? '') ||
        !cellsOf(from + at).every(
          (cell) => /^\d{1,4}$/.test(cell) && Number(cell) >= least && Number(cell) <= most,
        ),
    );
    return broken === -1 ? all.length : broken;
  };
  const date = [parts, [year, dayOfYear]].find((all) => follow(start, all) === all.length);
  if (date === undefined) return [];
  const behind = start + date.length;
  const count = follow(behind, clockParts);
  const [clock] =
    count === 0 && (timeName.test(names[behind] ?? '') || hourAndMinute.test(names[behind] ?? ''))
      ? timePatternsOf(cellsOf(behind), 'clock')
      : [];
  const tokens = [...date, ...clockParts.slice(0, count)].map(({ token }) => token);
  const length = tokens.length + (clock === undefined ? 0 : 1);
  return [
    {
      columns: Array.from({ length }, (_, at) => start + at),
      patterns: [{ format: [...tokens, ...(clock ? [clock.format] : [])].join(' '), zone: clock?.zone }],
      ...{ weight: 1.5, reason: 'each part of the time has a column of its own' },
    },
  ];
}

/** Times of each series as if they were UTC, in the file's order. */
export function timesOf(
  rows: readonly (readonly string[])[],
  { columns, pattern }: TimeFound,
  sensor: number | undefined,
): Map<string, number[]> {
  const series = new Map<string, number[]>();
  for (const row of rows) {
    const [ms] = parseTime(columns.map((at) => row[at] ?? '').join(' '), pattern.format, 'UTC');
    if (ms === undefined) continue;
    const id = sensor === undefined ? '' : (row[sensor] ?? '');
    const times = series.get(id);
    if (times) times.push(ms);
    else series.set(id, [ms]);
  }
  return series;
}

/** The first and the last of the times of all series. */
export function spanOf(series: Iterable<readonly number[]>): { first: number; last: number } | undefined {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const times of series)
    for (const ms of times) [first, last] = [Math.min(first, ms), Math.max(last, ms)];
  return first > last ? undefined : { first, last };
}
