import fc from 'fast-check';
import type { ColumnKind, Original, Truth } from './originals.ts';

/** A file on its way from an original to bytes: its cells. */
export interface Draft {
  readonly original: Original;
  readonly delimiter: string;
  readonly preface: readonly string[];
  /** Nothing where the header is dropped. */
  readonly header: readonly string[] | undefined;
  readonly rows: readonly DraftRow[];
  readonly quoting: 'where needed' | 'all' | 'all after a space';
  /** JSON: all rows are the elements of an array on one line, or follow one another without a newline. */
  readonly joined: 'lines' | 'array' | 'unseparated';
  /** Its cells are in the wrong columns. */
  readonly isDisplaced: boolean;
}

interface DraftRow {
  readonly cells: readonly string[];
  readonly truth: Truth | undefined;
  /** A line as it is, which has no cells. */
  readonly raw?: string;
}

/** A change of a file whose effect is known. */
export type Mutation =
  | { kind: 'shuffle columns'; keys: readonly number[] }
  | { kind: 'shuffle cells, not the header'; keys: readonly number[] }
  | { kind: 'delimiter'; to: string }
  | { kind: 'decimal comma'; grouped: boolean }
  | { kind: 'swap day and month' }
  | { kind: 'quote'; spaced: boolean }
  | { kind: 'NUL'; row: number; cell: number; at: number }
  | { kind: 'repeat a row'; row: number; to: number }
  | { kind: 'rename a column'; column: number; to: 'other' | 'upper case' | 'another one' }
  | { kind: 'drop a column of the header'; column: number }
  | { kind: 'drop the header' }
  | { kind: 'units row' }
  | { kind: 'comment'; at: number }
  | { kind: 'blank lines'; at: number }
  | { kind: 'header again'; at: number; keys: readonly number[] | undefined }
  | { kind: 'join'; as: 'array' | 'unseparated' };

const keys = fc.array(fc.nat(), { minLength: 8, maxLength: 8 });
const small = fc.nat(30);
export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('shuffle columns' as const), keys }),
  fc.record({ kind: fc.constant('shuffle cells, not the header' as const), keys }),
  fc.record({ kind: fc.constant('delimiter' as const), to: fc.constantFrom(',', ';', '\t', '|') }),
  fc.record({ kind: fc.constant('decimal comma' as const), grouped: fc.boolean() }),
  fc.record({ kind: fc.constant('swap day and month' as const) }),
  fc.record({ kind: fc.constant('quote' as const), spaced: fc.boolean() }),
  fc.record({ kind: fc.constant('NUL' as const), row: small, cell: small, at: small }),
  fc.record({ kind: fc.constant('repeat a row' as const), row: small, to: small }),
  fc.record({ kind: fc.constant('rename a column' as const), column: small, to: fc.constantFrom('other', 'upper case', 'another one') }),
  fc.record({ kind: fc.constant('drop a column of the header' as const), column: small }),
  fc.record({ kind: fc.constant('drop the header' as const) }),
  fc.record({ kind: fc.constant('units row' as const) }),
  fc.record({ kind: fc.constant('comment' as const), at: small }),
  fc.record({ kind: fc.constant('blank lines' as const), at: small }),
  fc.record({ kind: fc.constant('header again' as const), at: small, keys: fc.option(keys, { nil: undefined }) }),
  fc.record({ kind: fc.constant('join' as const), as: fc.constantFrom('array', 'unseparated') }),
); // biome-ignore format: a table

/** These leave every reading as readable as it was. */
const harmless: ReadonlySet<Mutation['kind']> = new Set(['shuffle columns', 'quote', 'repeat a row', 'blank lines', 'join']); // biome-ignore format: a list
export const isHarmless = (change: Mutation): boolean =>
  harmless.has(change.kind) || (change.kind === 'delimiter' && change.to !== '|');

export function draftOf(original: Original): Draft {
  const { delimiter, header, preface, rows } = original;
  return {
    original,
    delimiter,
    preface,
    header,
    rows,
    quoting: 'where needed',
    joined: 'lines',
    isDisplaced: false,
  };
}

const isFull = (draft: Draft, { cells, raw }: DraftRow) =>
  raw === undefined && cells.length === draft.original.header.length;

/** The columns in the order of their keys. */
const orderBy = (keys: readonly number[], count: number): number[] =>
  [...Array(count).keys()].sort((a, b) => (keys[a % keys.length] ?? 0) - (keys[b % keys.length] ?? 0));

const inOrder = <T>(items: readonly T[], order: readonly number[]): T[] =>
  order.map((index) => items[index] as T);

/** What is in which column now. A shuffle of a shuffle is passed over, so that this is always known. */
function shuffled(draft: Draft, keys: readonly number[], { withHeader }: { withHeader: boolean }): Draft {
  const { header, kinds } = draft.original;
  if (draft.header === undefined || draft.header.length !== header.length) return draft;
  if (draft.header.some((name, column) => name !== header[column])) return draft;
  const order = orderBy(keys, header.length);
  // A second one may leave nothing but measures in each other's column.
  if (!withHeader && (draft.isDisplaced || !isTold(draft, order, kinds))) return draft;
  const rows = draft.rows.map((row) =>
    isFull(draft, row) ? { ...row, cells: inOrder(row.cells, order) } : row,
  );
  const names = withHeader ? inOrder(draft.header, order) : draft.header;
  return { ...draft, rows, header: names, isDisplaced: draft.isDisplaced || !withHeader };
}

/**
 * Whether a file says that its cells are in the wrong columns: a time that is none, or a station's name where a number belongs. Values
 * that are all numbers, or names that are all texts, can be in each other's column and nobody can tell.
 */
function isTold(draft: Draft, order: readonly number[], kinds: readonly ColumnKind[]): boolean {
  const time = kinds.indexOf('time');
  if (order[time] !== time) return true;
  const sensor = kinds.indexOf('sensor');
  const readsNumber = kinds[order.indexOf(sensor)] === 'measure';
  const isName = draft.rows.every((row) => !isFull(draft, row) || !/^[-+.\d]/.test(row.cells[sensor] ?? ''));
  return sensor !== -1 && readsNumber && isName;
}

const grouping = /\B(?=(\d{3})+(?!\d))/g;

function withDecimalCommas(draft: Draft, grouped: boolean): Draft {
  const { header, kinds, format } = draft.original;
  const isMeasure = (column: number) => kinds[header.indexOf(draft.header?.[column] ?? '')] === 'measure';
  const isNumber = (text: string) => /^-?\d+(\.\d+)?$/.test(text);
  const measured = draft.rows.flatMap((row) =>
    isFull(draft, row) ? row.cells.filter((_, column) => isMeasure(column)) : [],
  );
  // Without a decimal comma anywhere nobody can tell 1.234 for 1,234.
  const isGrouped = grouped && measured.some((text) => isNumber(text) && text.includes('.'));
  const written = (text: string) => {
    if (!isNumber(text)) return text;
    const [whole = '', fraction] = text.split('.');
    const digits = isGrouped ? whole.replace(grouping, '.') : whole;
    return fraction === undefined ? digits : `${digits},${fraction}`;
  };
  const rows = draft.rows.map((row) =>
    isFull(draft, row)
      ? { ...row, cells: row.cells.map((text, column) => (isMeasure(column) ? written(text) : text)) }
      : row,
  );
  return { ...draft, rows, delimiter: format === 'csv' && grouped ? ';' : draft.delimiter };
}

const swaps: Readonly<Record<Original['order'], RegExp>> = {
  iso: /^(\d{4}-)(\d\d)(-)(\d\d)/,
  'day-first': /^()(\d\d)(\/)(\d\d)/,
  'month-first': /^()(\d\d)(\/)(\d\d)/,
  'year-first': /^(\d{4}\/)(\d{1,2})(\/)(\d{1,2})/,
};

/** @param least so many days after the 12th: fewer may be a slip in a file that shows another order elsewhere */
export function withDaysSwapped(draft: Draft, least: number): Draft {
  const { header, kinds, order } = draft.original;
  const column = draft.header?.indexOf(header[kinds.indexOf('time')] ?? '') ?? -1;
  if (column === -1) return draft;
  const day = order === 'day-first' ? 2 : 4;
  const late = draft.rows.filter(
    (row) =>
      isFull(draft, row) &&
      !row.cells.some((text) => text.includes('\0')) &&
      Number(swaps[order].exec(row.cells[column] ?? '')?.[day]) > 12,
  );
  if (late.length < least) return draft;
  const rows = draft.rows.map((row) => {
    const cells = row.cells.map((text, at) =>
      at === column ? text.replace(swaps[order], '$1$4$3$2') : text,
    );
    return { ...row, cells };
  });
  return { ...draft, rows };
}

/** The draft after a change; of days and months {@link withDaysSwapped} makes it, when all else is done. */
export function changed(draft: Draft, change: Mutation): Draft {
  const { original, header, rows } = draft;
  const isCsv = original.format === 'csv';
  const columnOf = (column: number) => column % Math.max(1, header?.length ?? 1);
  const insert = (at: number, ...more: DraftRow[]) => [
    ...rows.slice(0, at % (rows.length + 1)),
    ...more,
    ...rows.slice(at % (rows.length + 1)),
  ];
  const line = (raw: string): DraftRow => ({ cells: [], truth: undefined, raw });
  switch (change.kind) {
    case 'shuffle columns':
      return shuffled(draft, change.keys, { withHeader: true });
    case 'shuffle cells, not the header':
      return shuffled(draft, change.keys, { withHeader: false });
    case 'delimiter':
      return { ...draft, delimiter: change.to };
    case 'decimal comma':
      return withDecimalCommas(draft, change.grouped);
    case 'swap day and month':
      return draft; // at the end
    case 'quote':
      return { ...draft, quoting: change.spaced ? 'all after a space' : 'all' };
    case 'NUL': {
      const nul = (text: string) => `${text.slice(0, change.at % (text.length + 1))}\0${text.slice(change.at % (text.length + 1))}`;
      const target = change.row % (rows.length + 1);
      const at = columnOf(change.cell);
      const marked = (cells: readonly string[]) => cells.map((text, column) => (column === at ? nul(text) : text));
      if (target === rows.length) return header ? { ...draft, header: marked(header) } : draft;
      return { ...draft, rows: rows.map((row, index) => (index === target ? { ...row, cells: marked(row.cells) } : row)) };
    }
    case 'repeat a row': {
      // In the hour that a clock repeats a row that is there twice looks like a row of each pass.
      const row = rows[change.row % Math.max(1, rows.length)];
      // Another header above rows that have lost theirs is their header to anybody.
      return row?.truth === undefined || original.name.includes('dst-overlap') ? draft : { ...draft, rows: insert(change.to, row) };
    }
    case 'rename a column': {
      const at = columnOf(change.column);
      const next = header?.[columnOf(at + 1)];
      // Of a value that is alone under the name of another one nobody can tell: JSON leaves out a name whose value is none.
      const isAlone = ({ cells }: DraftRow) => cells[at] !== '' && cells.every((text, column) => column === at || header?.[column] !== next || text === '');
      if (change.to === 'another one' && !isCsv && rows.some(isAlone)) return draft;
      // One of two of a name: after it the other is a name in its right place, with the wrong values, and nobody can tell.
      if (header?.some((name, column) => column !== at && name === header[at])) return draft;
      // Of cells in the wrong columns perhaps one tells, a word under a measure: under a name that nothing reads it tells nothing.
      if (draft.isDisplaced) return draft;
      const to = (name: string) => change.to === 'other' ? `x${name}` : change.to === 'upper case' ? name.toUpperCase() : (next ?? name);
      return { ...draft, header: header?.map((name, column) => (column === at ? to(name) : name)) };
    }
    case 'drop a column of the header':
      if (!isCsv || rows.some((row) => !isFull(draft, row))) return draft;
      return { ...draft, header: header?.filter((_, column) => column !== columnOf(change.column)) };
    case 'drop the header':
      return isCsv ? { ...draft, preface: [], header: undefined } : draft;
    case 'units row':
      return isCsv && header ? { ...draft, rows: [{ cells: header.map((_, at) => ['', 'UTC', '°C', '%', 'm/s'][at % 5] ?? ''), truth: undefined }, ...rows] } : draft;
    case 'comment':
      return { ...draft, rows: insert(change.at, line('# maintenance, 10:00 to 11:00')) };
    case 'blank lines':
      return { ...draft, rows: insert(change.at, line(' '), line('')) };
    case 'header again': {
      if (!isCsv || header === undefined) return draft;
      const order = change.keys && orderBy(change.keys, header.length);
      const at = change.at % (rows.length + 1);
      // Cells that the header has no name for would be lost with the order: rows that are as long as it, and are those of no row.
      const isWhole = rows.every((row) => isFull(draft, row) && row.cells.length === header.length);
      if (!order || !isWhole) return { ...draft, rows: insert(at, { cells: header, truth: undefined }) };
      const below = rows.slice(at).map((row) => ({ ...row, cells: inOrder(row.cells, order) }));
      return { ...draft, rows: [...rows.slice(0, at), { cells: inOrder(header, order), truth: undefined }, ...below] };
    }
    case 'join':
      return isCsv ? draft : { ...draft, joined: change.as };
  }
} // biome-ignore format: a case a line
