import { terminalWidth, wrapped } from './format.ts';
import { oneLine } from './print.ts';

/** How one column of a table is shown. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/**
 * A table in plain text: columns as wide as their widest cell, two spaces between. On a terminal that is narrower, cells of the
 * widest columns go on in the next line, broken at spaces; in a pipe a row is one line, for the programs that read it.
 * @param data as many cells a row as there are columns
 */
export function renderTable(
  columns: readonly Column[],
  data: readonly (readonly string[])[],
  width = terminalWidth(),
): string {
  const rows = data.map((cells) => cells.map(oneLine));
  const widths = fittingWidths(columns, rows, width);
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) =>
        columns[index]?.align === 'right'
          ? cell.padStart(widths[index] ?? 0)
          : cell.padEnd(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const linesOf = (cells: readonly string[]) => {
    const parts = cells.map((cell, index) =>
      cell.length > (widths[index] ?? 0) ? wrapped(cell, widths[index] ?? 0) : [cell],
    );
    const height = Math.max(1, ...parts.map(({ length }) => length));
    return Array.from({ length: height }, (_, at) => line(parts.map((part) => part[at] ?? '')));
  };
  return [
    line(columns.map((column) => column.title)),
    line(widths.map((of) => '─'.repeat(of))),
    ...rows.flatMap(linesOf),
  ].join('\n');
}

/** The widths of the columns: where they don't fit, the widest gives way, down to its longest word. */
function fittingWidths(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): number[] {
  const longest = (lengthOf: (cell: string) => number) =>
    columns.map(({ title }, index) =>
      Math.max(title.length, ...rows.map((row) => lengthOf(row[index] ?? ''))),
    );
  const widths = longest((cell) => cell.length);
  const least = longest((cell) => Math.max(...cell.split(' ').map((word) => word.length)));
  for (;;) {
    const excess = widths.reduce((sum, of) => sum + of, 2 * (columns.length - 1)) - width;
    const room = widths.map((of, index) => (of > (least[index] ?? 0) ? of : 0));
    const widest = room.indexOf(Math.max(...room));
    if (excess <= 0 || (room[widest] ?? 0) === 0) return widths;
    widths[widest] = Math.max(least[widest] ?? 0, (widths[widest] ?? 0) - excess);
  }
}
