import type { Cell } from './query-result.ts';

/** A row as RFC 4180 has it, without the line's end; nothing between commas is NULL, and `""` an empty text. */
export const csvLine = (row: readonly Cell[]): string => row.map(csvCell).join(',');

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  const text = String(cell);
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
