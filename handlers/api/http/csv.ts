/** What a cell is made of; what is absent is empty. */
export type CsvValue = string | number | boolean | null | undefined;

/** Lines of CSV (RFC 4180), each with its line break. */
export function csvOf(lines: Iterable<readonly CsvValue[]>): string {
  let text = '';
  for (const cells of lines) text += `${cells.map(cell).join(',')}\r\n`;
  return text;
}

/** What a spreadsheet would compute: a sender words attributes and ids, and whoever opens the file would run them. */
const formula = /^[=+\-@\t\r]/;
const decimal = /^[+-]?\d+(?:\.\d+)?$/;

/** A text that a spreadsheet would compute has an apostrophe before it, by which it is a text there too. Numbers are numbers. */
function cell(value: CsvValue): string {
  const given = value === null || value === undefined ? '' : String(value);
  const isComputed = typeof value === 'string' && formula.test(value) && !decimal.test(value);
  const text = isComputed ? `'${given}` : given;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
