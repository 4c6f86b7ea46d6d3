/** What a cell is made of; what is absent is empty. */
export type CsvValue = string | number | boolean | null | undefined;

/** Lines of CSV (RFC 4180), each with its line break. */
export function csvOf(lines: Iterable<readonly CsvValue[]>): string {
  let text = '';
  for (const cells of lines) text += `${cells.map(cell).join(',')}\r\n`;
  return text;
}

function cell(value: CsvValue): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
