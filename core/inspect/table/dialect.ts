import { cutCells, type Delimiter, splitCells } from '../../formats/cells.ts';
import { certain, type Finding, guessed } from '../finding.ts';
import { timePatternsOf } from '../time-patterns.ts';
import { kindOf } from './cell-kinds.ts';

/** How the lines of a table are cut into cells. */
export interface Dialect {
  readonly delimiter: Delimiter | undefined;
  /** Of a file of fixed columns, instead of a delimiter. */
  readonly widths?: readonly number[];
  readonly quote: '"' | "'" | 'none';
  /** A line that begins with it says nothing. */
  readonly comment?: string;
  /** A line `sep=;` has said it: the format need not. */
  readonly isDeclared: boolean;
}

/** Of two that explain a file alike the first one is taken: spaces stand between date and time too. */
const delimiters: readonly Delimiter[] = ['\t', ';', '|', ',', 'spaces'];
const names: Readonly<Record<Delimiter, string>> = {
  '\t': 'tabs',
  ';': 'semicolons',
  '|': 'bars',
  ',': 'commas',
  spaces: 'runs of spaces',
};
/** As many lines are looked at, from the end: what stands above the rows is at the start. */
const lookedAt = 400;

export const cutLine = (line: string, { delimiter, widths, quote }: Dialect): string[] | undefined =>
  (widths ? cutCells(line, widths) : splitCells(line, delimiter ?? ',', quote))?.map((cell) => cell.trim());

/**
 * How the lines are cut, by how well each way explains them: as many cells in each line, and cells that are numbers and times.
 * @returns `undefined` where no way gives more than one column
 */
export function dialectOf(
  lines: readonly string[],
): { readonly dialect: Dialect; readonly findings: readonly Finding[] } | undefined {
  const declared = /^"?sep=([,;\t|])"?$/i.exec(lines[0] ?? '')?.[1] as Delimiter | undefined; // one of those in the expression
  const rows = lines.filter((line) => line.trim() !== '').slice(declared === undefined ? 0 : 1);
  const comment = commentOf(rows);
  const sample = rows.filter((line) => comment === undefined || !line.trimStart().startsWith(comment));
  const last = sample.slice(-lookedAt);
  const quote = quoteOf(last);
  const scored = (declared === undefined ? delimiters : [declared])
    .map((delimiter) => ({ delimiter, ...scoreOf(last, delimiter, quote) }))
    .toSorted((a, b) => b.score - a.score);
  const [best] = scored;
  if (best === undefined || best.score === 0) return undefined;
  const shared = { quote, ...(comment === undefined ? {} : { comment }) };
  const widths = best.delimiter === 'spaces' && best.share < 0.95 ? widthsOf(last) : undefined;
  const ofComment =
    comment === undefined
      ? []
      : [guessed('comments', comment, `lines that begin with ${comment} are no rows`)];
  if (widths !== undefined) {
    const reason = 'all rows are of one length, and have spaces at the same places; cells may be empty';
    return {
      dialect: { ...shared, delimiter: undefined, widths, isDeclared: false },
      findings: [guessed('columns', `of ${widths.join(', ')} characters`, reason), ...ofComment],
    };
  }
  const { delimiter, share, columns } = best;
  const reason =
    declared !== undefined
      ? 'the file says so in its first line'
      : `${share === 1 ? 'every row has' : `${Math.round(share * 100)} % of the rows have`} ${columns} cells so`;
  const told = declared !== undefined || share > 0.9 ? certain : guessed;
  return {
    dialect: { ...shared, delimiter, isDeclared: declared !== undefined },
    findings: [told('delimiter', names[delimiter], reason), ...ofComment],
  };
}

/** 0 to 1: the share of the lines that have as many cells as most, by what their cells are. */
function scoreOf(
  lines: readonly string[],
  delimiter: Delimiter,
  quote: Dialect['quote'],
): { score: number; share: number; columns: number } {
  const rows = lines.map((line) => splitCells(line, delimiter, quote));
  const counts = new Map<number, number>();
  for (const row of rows) if (row) counts.set(row.length, (counts.get(row.length) ?? 0) + 1);
  const [columns, count] = [...counts].toSorted((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [0, 0];
  if (columns < 2) return { score: 0, share: 0, columns };
  let sum = 0;
  for (const row of rows) if (row?.length === columns) sum += meanOf(row.map((cell) => worthOf(cell.trim())));
  return { score: sum / rows.length, share: count / rows.length, columns };
}

const worth = { number: 1, time: 1, nothing: 0.5, text: 0.3 } as const;
/** What has another mark that stands between cells is hardly one cell. */
const worthOf = (cell: string): number =>
  /[;\t|]/.test(cell) || (/\d,\S|[A-Z],\S/.test(cell) && (kindOf(cell) === 'text' || isOverfull(cell)))
    ? 0
    : worth[kindOf(cell)];

/** Whether what begins as a time has more in it. */
const isOverfull = (cell: string): boolean => kindOf(cell) === 'time' && timePatternsOf([cell]).length === 0;

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function commentOf(lines: readonly string[]): string | undefined {
  return ['#', '//', '%', '!'].find((prefix) => {
    const begun = lines.filter((line) => line.trimStart().startsWith(prefix)).length;
    return begun > 0 && begun < lines.length / 2 + 20 && begun < lines.length;
  });
}

function quoteOf(lines: readonly string[]): Dialect['quote'] {
  const count = (mark: string) => lines.filter((line) => line.includes(mark)).length;
  if (count('"') === 0 && count("'") > lines.length / 2) return "'";
  const broken = lines.filter((line) => (line.match(/"/g)?.length ?? 0) % 2 === 1).length;
  return broken > lines.length / 5 ? 'none' : '"';
}

/** The widths of columns of fixed places: cut where a space or the line's start stands in front of a character, in all rows. */
function widthsOf(lines: readonly string[]): readonly number[] | undefined {
  const lengths = new Map<number, number>();
  for (const { length } of lines) lengths.set(length, (lengths.get(length) ?? 0) + 1);
  const [length = 0, count = 0] = [...lengths].toSorted((a, b) => b[1] - a[1])[0] ?? [];
  if (count < lines.length * 0.9 || count < 3) return undefined;
  const rows = lines.filter((line) => line.length === length);
  const isGap = Array.from({ length }, (_, at) => rows.every((row) => row[at] === ' '));
  // A column ends where characters end: numbers stand at its right.
  const ends = isGap.flatMap((gap, at) => (!gap && (isGap[at + 1] ?? true) ? [at + 1] : []));
  if (ends.length < 2) return undefined;
  return ends.map((end, at) => end - (ends[at - 1] ?? 0));
}
