import { certain, type Finding, guessed } from '../finding.ts';
import { kindOf, mostlyOf } from './cell-kinds.ts';
import { cutLine, type Dialect } from './dialect.ts';
import { type HeaderLines, headerLinesOf } from './header-lines.ts';
import { timeName } from './time-columns.ts';

/** Where in a file the header is and the rows are. */
export interface Layout {
  /** The names of the columns, made up where the file has none. */
  readonly columns: readonly string[];
  /** What a format has to say of them: the lines above the header, those of which it is made, the rows below it, the names where no line has them all. */
  readonly skipLines: number;
  readonly headerLines: number;
  readonly skipRows: number;
  readonly header: readonly string[] | undefined;
  /** Lines above the rows: what a format skips that has the names itself. */
  readonly linesAbove: number;
  /** Lines that begin with the comment's mark are none where one of them is the header. */
  readonly isCommentHeader: boolean;
  /** Lines above the header. */
  readonly preamble: readonly string[];
  /** Rows of units and the like between the header and the rows. */
  readonly below: readonly (readonly string[])[];
  /** Rows with as many cells as there are columns, in the file's order. */
  readonly rows: readonly (readonly string[])[];
  readonly findings: readonly Finding[];
}

interface CutLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  readonly isComment: boolean;
  readonly cells: readonly string[];
}

/** @returns `undefined` where there is no row of numbers or times */
export function layoutOf(lines: readonly string[], dialect: Dialect): Layout | undefined {
  const { comment } = dialect;
  const cut = lines.flatMap((text, at): CutLine[] => {
    if (text.trim() === '' || (at === 0 && dialect.isDeclared)) return [];
    const isComment = comment !== undefined && text.trimStart().startsWith(comment);
    return [{ number: at + 1, text, isComment, cells: cutLine(text, dialect) ?? [] }];
  });
  const count = commonCount(cut.filter(({ isComment }) => !isComment).slice(-400));
  const kinds = kindsOf(cut.filter(({ isComment, cells }) => !isComment && cells.length === count));
  const isWhole = ({ isComment, cells }: CutLine) => !isComment && cells.length === count;
  const first = cut.findIndex((line) => isWhole(line) && fits(line.cells, kinds));
  if (first === -1) return undefined;
  // Behind the first a row is what has a time, whatever else stands in it: a word among its numbers is to be seen.
  const rows = cut
    .slice(first)
    .filter((line) => isWhole(line) && (hasTime(line.cells, kinds) ?? fits(line.cells, kinds)));
  const above = cut.slice(0, first);
  // A row that is too short or too long is no header, and stands below it.
  const isRagged = ({ isComment, cells }: CutLine) =>
    !isComment && cells.length > 1 && cells.length !== count && fits(cells, kinds);
  const needless = kinds.map((kind, column) => kind === 'nothing' || (column === 0 && areCounted(rows)));
  const times = kinds.flatMap((kind, column) => (kind === 'time' ? [column] : []));
  const at = headerOf(above, needless, { isRagged, times });
  const several = severalOf(above, at, { count, needless, times });
  const line = several ? above[several.at] : at === undefined ? undefined : above[at];
  const headerEnd = several ? several.at + several.count - 1 : at;
  // A row of which the only number is <0.1 or 12.3* is one all the same, and would be lost as a row of units.
  const isBroken = ({ isComment, cells }: CutLine) =>
    !isComment && cells.length === count && fitsOnce(cells, kinds);
  const under = headerEnd === undefined ? [] : above.slice(headerEnd + 1);
  const broken = under.findIndex((each) => isBroken(each) || isRagged(each));
  const underHeader = under.slice(0, broken === -1 ? undefined : broken);
  const below = underHeader.filter(({ isComment }) => !isComment);
  const names: Named = several
    ? {
        columns: several.names,
        header: several.isJoined ? undefined : several.names,
        from: undefined,
        why: '',
      }
    : line === undefined
      ? unnamed(above, rows, count, times)
      : { columns: line.cells, header: undefined, from: undefined, why: '' };
  const isCommentHeader = line?.isComment === true;
  // Units stand below names that the format has, too.
  const { from = Number.POSITIVE_INFINITY } = names;
  const belowNamed = above.filter(
    ({ number, isComment, cells }) => number > from && !isComment && cells.length === count,
  );
  const linesAbove = (broken === -1 ? (cut[first] as CutLine) : (under[broken] as CutLine)).number - 1;
  const headerLine = (line ?? (cut[first] as CutLine)).number;
  const preamble = cut.filter(({ number }) => number < headerLine);
  const skipped = names.header === undefined ? headerLine - 1 : linesAbove;
  // A line that says what stands between cells is looked at where nothing else says it.
  const isToldAbove = dialect.isDeclared && (names.header !== undefined || several !== undefined);
  const areComments =
    !isCommentHeader && !isToldAbove && cut.every(({ number, isComment }) => number > skipped || isComment);
  const noted = line === undefined && names.from === undefined ? 'none' : undefined;
  return {
    columns: names.columns,
    skipLines: areComments ? 0 : skipped,
    linesAbove,
    headerLines: several?.isJoined ? several.count : 1,
    skipRows: isCommentHeader ? underHeader.length : below.length,
    header: names.header,
    isCommentHeader,
    preamble: preamble.map(({ text }) => text),
    below: (isCommentHeader ? above.slice((at ?? 0) + 1) : [...below, ...belowNamed]).map(
      ({ cells }) => cells,
    ),
    rows: rows.map(({ cells }) => cells),
    findings: [
      several
        ? (several.isJoined ? certain : guessed)('header', several.shown, several.why)
        : noted !== undefined
          ? guessed('header', 'none', `${whyUnnamed(above, count)}: the columns have made-up names`)
          : line === undefined
            ? guessed('header', `line ${names.from}`, names.why)
            : certain('header', `line ${line.number}`, 'it names each column, and the rows begin below it'),
      ...(below.length === 0
        ? []
        : [
            certain(
              'rows below the header',
              String(below.length),
              'they have no numbers where the rows have them',
            ),
          ]),
    ],
  };
}

/** A layout in which columns that no line names have made-up names, which the format says. */
export function namedIn(layout: Layout, unnamed: readonly number[]): Layout {
  const columns = layout.columns.map((name, at) => (unnamed.includes(at) ? `column${at + 1}` : name));
  const made = unnamed.map((at) => `column${at + 1}`).join(' and ');
  const header = guessed(
    'header',
    'in the format',
    `no line names each column that is read: there it is called ${made}`,
  );
  return {
    ...layout,
    ...{ columns, header: columns, skipLines: layout.linesAbove, headerLines: 1, isCommentHeader: false },
    findings: [...layout.findings.filter(({ subject }) => subject !== 'header'), header],
  };
}

/** The lines that name the columns together, where they do. @param single the line that does so alone */
function severalOf(
  above: readonly CutLine[],
  single: number | undefined,
  { count, needless, times }: { count: number; needless: readonly boolean[]; times: readonly number[] },
): (HeaderLines & { readonly at: number; readonly shown: string }) | undefined {
  const from =
    above.findLastIndex((line) => line.isComment || line.cells.length !== count || isRule(line)) + 1;
  if (single !== undefined && single < from) return undefined;
  const lines = above.slice(from);
  const found = headerLinesOf(
    lines.map(({ cells }) => cells),
    { needless, times },
    single === undefined ? undefined : single - from,
  );
  if (found === undefined) return undefined;
  const [top, bottom] = [lines[found.first], lines[found.first + found.count - 1]];
  return { ...found, at: from + found.first, shown: `lines ${top?.number} to ${bottom?.number}` };
}

/** Why no line has names. */
function whyUnnamed(above: readonly CutLine[], count: number): string {
  const last = above.findLast(({ isComment }) => !isComment);
  if (last === undefined) return 'the first line is a row already';
  if (last.cells.length === count) return `line ${last.number} does not name each column`;
  return `line ${last.number} has ${last.cells.length} cells and the rows have ${count}, as where numbers have the mark that stands between cells`;
}

/** The columns' names, those that a format has to say, and the line that they are from where it has not all of them. */
interface Named {
  readonly columns: readonly string[];
  readonly header: readonly string[] | undefined;
  readonly from: number | undefined;
  /** What is said of that line. */
  readonly why: string;
}

function commonCount(lines: readonly CutLine[]): number {
  const counts = new Map<number, number>();
  for (const { cells } of lines) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0] ?? 0;
}

/** What most cells of each column are, of the lower half of the lines. */
function kindsOf(lines: readonly CutLine[]) {
  const lower = lines.slice(Math.floor(lines.length / 2));
  return (lower[0]?.cells ?? []).map((_, column) => mostlyOf(lower.map(({ cells }) => cells[column] ?? '')));
}

/** A line that is drawn between others, as psql, MySQL and Markdown do: `-----+----`. */
const isRule = ({ text }: CutLine): boolean => /^[\s|+:=-]*-{3,}[\s|+:=-]*$/.test(text);

/** Whether one cell of a time is one, where columns have times: a row of means or totals has none. */
function hasTime(cells: readonly string[], kinds: readonly string[]): boolean | undefined {
  if (!kinds.includes('time')) return undefined;
  return kinds.some((kind, at) => kind === 'time' && kindOf(cells[at] ?? '') === 'time');
}

/** Whether cells are what their columns are, for the most part, and one of them at least. */
function fits(cells: readonly string[], kinds: readonly string[]): boolean {
  if (hasTime(cells, kinds) === false) return false;
  const told = kinds.flatMap((kind, at) => (kind === 'number' || kind === 'time' ? [at] : []));
  const found = told.map((at) => ({ is: kindOf(cells[at] ?? ''), wanted: kinds[at] }));
  const right = found.filter(({ is, wanted }) => is === wanted).length;
  const wrong = found.filter(({ is, wanted }) => is !== wanted && is !== 'nothing').length;
  return right > wrong && wrong <= found.length * 0.4;
}

/** Whether the first cells number the rows, as where a program writes its own index. */
const areCounted = (rows: readonly CutLine[]): boolean =>
  rows.every(
    ({ cells }, at) => /^\d+$/.test(cells[0] ?? '') && Number(cells[0]) === Number(rows[0]?.cells[0]) + at,
  );

/** Whether one cell at least is what its column is: of units and the like none is. */
const fitsOnce = (cells: readonly string[], kinds: readonly string[]): boolean =>
  kinds.some((kind, at) => (kind === 'number' || kind === 'time') && kindOf(cells[at] ?? '') === kind);

/**
 * The topmost of the lines right above the rows that names each column.
 * @param needless by column: nobody misses a name there
 * @param rows.isRagged whether a line is a row with a wrong number of cells, which may stand below it
 * @param rows.times columns that have times
 */
function headerOf(
  above: readonly CutLine[],
  needless: readonly boolean[],
  { isRagged, times }: { isRagged: (line: CutLine) => boolean; times: readonly number[] },
): number | undefined {
  const count = needless.length;
  let found: number | undefined;
  const namesTime = (line: CutLine | undefined) =>
    times.some((column) => timeName.test(line?.cells[column] ?? ''));
  for (let at = above.length - 1; at >= 0; at--) {
    const { cells, isComment } = above[at] as CutLine; // within the lines
    const line = above[at] as CutLine; // within the lines
    if (cells.length !== count || isRule(line)) {
      if (found === undefined && (isComment || isRule(line) || isRagged(line))) continue;
      break;
    }
    const names = cells.filter((cell) => cell !== '');
    const wanted = cells.filter((cell, column) => cell !== '' || needless[column] === false).length;
    const isNamed =
      names.length > 0 &&
      names.length >= wanted * 0.8 &&
      new Set(names).size === names.length &&
      times.every((column) => cells[column] !== '');
    const kinds = cells.map(kindOf);
    const values = kinds.filter((kind) => kind === 'number' || kind === 'time').length;
    // A header's names may be numbers, as those of parameters are, where the time's is a word.
    const isTime = times.some((column) => kinds[column] === 'text' && timeName.test(cells[column] ?? ''));
    // Above a line that names the time one that does not is of something else, such as the station.
    if (found !== undefined && !isTime && namesTime(above[found])) break;
    if (isNamed && (values === 0 || (isTime && !kinds.includes('time') && values < count / 2))) found = at;
    // What is above a row of values is of another table.
    else if (found !== undefined && values > 0) break;
  }
  return found;
}

/** Names where no line has one for each column, or one of them twice: those that it has, or none. */
function unnamed(above: readonly CutLine[], rows: readonly CutLine[], count: number, times: readonly number[]): Named {
  const end = above.findLastIndex(({ isComment, cells }) => isComment || cells.length !== count) + 1;
  // Above a row of units the one that names the time, though others there have one name.
  const block = above.slice(end);
  const last =
    block.find(({ cells }) => times.some((at) => timeName.test(cells[at] ?? '')) && cells.filter((cell) => cell !== '').length >= count * 0.8) ??
    above.findLast(({ isComment }) => !isComment);
  const cells = last?.cells ?? [];
  const isOfTexts = cells.every((cell) => !['number', 'time'].includes(kindOf(cell)));
  const names = cells.filter((cell) => cell !== '');
  // pandas writes its index in front, and no name above it.
  const isIndexed = cells[0] === '' && names.length > 0 && new Set(names).size === count - 1;
  if (last !== undefined && isOfTexts && cells.length === count && isIndexed)
    return { ...named(numbered(['column1', ...names])), from: last.number, why: 'it has no name for the first column, which is called column1 in the format' };
  if (last !== undefined && isOfTexts && cells.length === count && names.length >= count * 0.8)
    return { ...named(numbered(cells)), from: last.number, why: 'it names some columns alike: they have numbers in the format' };
  const isHeader =
    Math.abs(cells.length - count) === 1 &&
    names.length <= count &&
    names.every((cell) => kindOf(cell) === 'text') &&
    new Set(names).size === names.length;
  if (last === undefined || !isHeader)
    return { ...named(Array.from({ length: count }, (_, at) => `column${at + 1}`)), from: undefined, why: '' };
  // R writes the numbers or names of its rows in front of them, and no name above these.
  const isNumbered = names.length === count - 1 && cells[0] !== '' && areCounted(rows);
  const shown = isNumbered ? ['', ...names] : Array.from({ length: count }, (_, at) => names[at] ?? '');
  const why = `it has not as many cells as the rows, which have ${count}${isNumbered ? ', and the first of these number the rows' : ''}: its names are put into the format`;
  return { ...named(shown), from: last.number, why };
} // biome-ignore format: short

const named = (header: readonly string[]) => ({ columns: header, header });

/** Names of which those that are there before have a number behind them. */
function numbered(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let [own, count] = [name, 1];
    while (own !== '' && (taken.has(own) || (count > 1 && names.includes(own)))) own = `${name} ${++count}`;
    taken.add(own);
    return own;
  });
}
