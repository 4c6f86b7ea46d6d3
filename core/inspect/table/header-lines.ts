import { kindOf } from './cell-kinds.ts';
import { timeName } from './time-columns.ts';

/** The names of columns that stand on several lines: what is measured above how, such as `Air temperature` above `avg`, `max` and `min`. */
export interface HeaderLines {
  /** Of the first of them, among the lines that were given. */
  readonly first: number;
  readonly count: number;
  readonly names: readonly string[];
  /** Whether a format makes these names of the lines by itself. */
  readonly isJoined: boolean;
  /** Why they are so, in a sentence without its full stop. */
  readonly why: string;
}

/** As many as a format may name. */
const maxLines = 5;

/** Names of several lines, one below the other: an empty cell adds nothing. */
export function joinedNames(lines: readonly (readonly string[])[]): string[] {
  const count = Math.max(0, ...lines.map(({ length }) => length));
  return Array.from({ length: count }, (_, at) =>
    lines
      .map((cells) => cells[at] ?? '')
      .filter((part) => part !== '')
      .join(' '),
  );
}

/**
 * The lines right above the rows that name the columns together, where no single one does.
 * @param lines the cells of the lines above the rows, all with as many as these
 * @param columns.needless by column: nobody misses a name there
 * @param columns.times those that have times
 * @param single the line that names each column by itself, where one does: then the lines above it have to be groups of its columns
 */
export function headerLinesOf(
  lines: readonly (readonly string[])[],
  columns: { readonly needless: readonly boolean[]; readonly times: readonly number[] },
  single: number | undefined,
): HeaderLines | undefined {
  const { needless, times } = columns;
  const from = lines.findLastIndex((cells) => !mayName(cells, times)) + 1;
  const found: (HeaderLines & { readonly isTimeNamed: boolean })[] = [];
  for (let first = from; first < lines.length - 1; first++) {
    if (!hasNames(lines[first] ?? [], times)) continue;
    if (single !== undefined && (first >= single || !isOfGroups(lines.slice(first, single + 1), times))) continue;
    const counts = single === undefined ? range(2, Math.min(maxLines, lines.length - first)) : [single - first + 1];
    for (const count of counts) {
      const own = lines.slice(first, first + count);
      const filled = own.map((cells, at) => withGroups(cells, own.slice(at + 1), times));
      const names = joinedNames(filled);
      if (!areNames(names, needless, times)) continue;
      const isTimeNamed = times.every((at) => timeName.test(names[at] ?? ''));
      const unnamed = times.filter((at) => names[at] === '');
      const isFilled = filled.some((cells, at) => cells !== own[at]);
      found.push({
        ...{ first, count, isTimeNamed },
        names: names.map((name, at) => (unnamed.includes(at) ? `column${at + 1}` : name)),
        isJoined: !isFilled && unnamed.length === 0,
        why: [
          'the names are made of them, one above the other',
          ...(isFilled ? ['what stands once above several columns is taken for the name of each'] : []),
          ...(unnamed.length === 0 ? [] : [`none names ${unnamed.map((at) => `column ${at + 1}`).join(' and ')}, the time's`]),
        ].join('; '),
      });
    }
  }
  return found.find(({ isTimeNamed }) => isTimeNamed) ?? found[0];
} // biome-ignore format: short

const range = (least: number, most: number): number[] =>
  Array.from({ length: Math.max(0, most - least + 1) }, (_, at) => least + at);

/** Whether a line may be one of names: it has texts alone, or, as a level of depths or channels is, numbers alone; and no time. */
function mayName(cells: readonly string[], times: readonly number[]): boolean {
  const kinds = cells.map(kindOf);
  if (kinds.includes('time')) return false;
  const others = kinds.filter((_, at) => !times.includes(at));
  if (!others.includes('number')) return true;
  return times.length > 0 && times.every((at) => kinds[at] !== 'number') && !others.includes('text');
}

/** Whether a line has a name for two columns beside the time's, or for all there are: it is no title. */
function hasNames(cells: readonly string[], times: readonly number[]): boolean {
  const others = cells.filter((_, at) => !times.includes(at));
  return others.filter((cell) => cell !== '').length >= Math.min(2, others.length);
}

/** Whether lines have groups of the columns that the last of them names: a name that is there again, or stands once for several; and none for the time. */
function isOfGroups(lines: readonly (readonly string[])[], times: readonly number[]): boolean {
  return lines.slice(0, -1).every((cells) => {
    const others = cells.filter((_, at) => !times.includes(at));
    const isGrouped = new Set(others).size < others.length;
    return isGrouped && times.every((at) => cells[at] === '' || cells[at] === lines.at(-1)?.[at]);
  });
}

/** Cells with the name to their left where they are empty, and those below them are not: in a spreadsheet it is one cell above several. */
function withGroups(
  cells: readonly string[],
  below: readonly (readonly string[])[],
  times: readonly number[],
): readonly string[] {
  const isNamedBelow = (at: number) => !times.includes(at) && below.some((line) => (line[at] ?? '') !== '');
  let [group, isChanged] = ['', false];
  const filled = cells.map((cell, at) => {
    if (cell !== '' || !isNamedBelow(at)) {
      group = isNamedBelow(at) ? cell : '';
      return cell;
    }
    isChanged ||= group !== '';
    return group;
  });
  return isChanged ? filled : cells;
}

/** Whether each is another, and nearly all columns have one; that of a time may lack it. */
function areNames(names: readonly string[], needless: readonly boolean[], times: readonly number[]): boolean {
  const given = names.filter((name) => name !== '');
  const wanted = names.filter((name, at) => name !== '' || !(needless[at] || times.includes(at))).length;
  return given.length > 0 && given.length >= wanted * 0.8 && new Set(given).size === given.length;
}
