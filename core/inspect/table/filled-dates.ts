import { kindOf } from './cell-kinds.ts';

/**
 * Columns of dates that stand once for several rows, as in a report: the cells below are empty, and another column has the time of day.
 * @returns indexes
 */
export function datesToFill(rows: readonly (readonly string[])[]): number[] {
  const [first = []] = rows;
  const isDated = (at: number) => rows.every((row) => row[at] === '' || isDate(row[at] ?? ''));
  const isClock = (at: number) => rows.every((row) => /^\d{1,2}[:h.]\d{2}/.test(row[at] ?? ''));
  const found = first.flatMap((cell, at) => {
    const blank = rows.filter((row) => row[at] === '').length;
    return isDate(cell) && blank * 5 >= rows.length && isDated(at) ? [at] : [];
  });
  return found.length > 0 && first.some((_, at) => isClock(at)) ? found : [];
}

const isDate = (cell: string): boolean =>
  kindOf(cell) === 'time' && /\d{4}|\d[-/.]\d/.test(cell) && !/:/.test(cell);

/** Rows in which empty cells of columns have what the row above has. */
export function filledRows(
  rows: readonly (readonly string[])[],
  columns: readonly number[],
): readonly (readonly string[])[] {
  if (columns.length === 0) return rows;
  const last = new Map<number, string>();
  return rows.map((row) =>
    row.map((cell, at) => {
      if (!columns.includes(at)) return cell;
      if (cell !== '') last.set(at, cell);
      return cell === '' ? (last.get(at) ?? '') : cell;
    }),
  );
}
