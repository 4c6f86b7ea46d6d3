/** What stands between the cells of a line: one character, or any run of spaces and tabs. */
export type Delimiter = ',' | ';' | '\t' | '|' | 'spaces';

/** Those that a header may show. */
export const commonDelimiters = [',', ';', '\t', '|'] as const;

/**
 * The cells of one line, unquoted; `undefined` when a quote isn't closed or has text after it. Spaces around a quoted cell are passed
 * over, as around any other cell.
 */
export function splitCells(
  text: string,
  delimiter: Delimiter,
  quote: '"' | "'" | 'none' = '"',
): string[] | undefined {
  if (delimiter === 'spaces') return splitAtSpaces(text, quote);
  if (quote === 'none' || !text.includes(quote)) return text.split(delimiter);
  const cells: string[] = [];
  let at = 0;
  while (at <= text.length) {
    const start = afterSpaces(text, at);
    if (text[start] !== quote) {
      const next = text.indexOf(delimiter, at);
      const end = next === -1 ? text.length : next;
      cells.push(text.slice(at, end));
      at = end + 1;
      continue;
    }
    const end = endOfQuoted(text, start, quote);
    if (end >= text.length) return undefined;
    cells.push(text.slice(start + 1, end).replaceAll(quote + quote, quote));
    at = afterSpaces(text, end + 1);
    if (at < text.length && text[at] !== delimiter) return undefined;
    at++;
  }
  return cells;
}

/** The cells of a line of fixed columns: each of so many characters, the last as long as it is. */
export function cutCells(text: string, widths: readonly number[]): string[] {
  let at = 0;
  return widths.map((width, index) => {
    const start = at;
    at += width;
    return text.slice(start, index === widths.length - 1 ? undefined : at);
  });
}

function splitAtSpaces(text: string, quote: string): string[] | undefined {
  const cells: string[] = [];
  for (let at = afterBlanks(text, 0); at < text.length; at = afterBlanks(text, at)) {
    if (quote !== 'none' && text[at] === quote) {
      const end = endOfQuoted(text, at, quote);
      if (end >= text.length || !isBlank(text[end + 1] ?? ' ')) return undefined;
      cells.push(text.slice(at + 1, end).replaceAll(quote + quote, quote));
      at = end + 1;
      continue;
    }
    const start = at;
    while (at < text.length && !isBlank(text[at] as string)) at++;
    cells.push(text.slice(start, at));
  }
  return cells;
}

/** Where the quote is that closes the one at `start`; the end of the text where none does. */
function endOfQuoted(text: string, start: number, quote: string): number {
  let end = start + 1;
  while (text[end] === quote ? text[end + 1] === quote : end < text.length)
    end += text[end] === quote ? 2 : 1;
  return end;
}

const isBlank = (character: string): boolean => character === ' ' || character === '\t';

function afterSpaces(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ') at++;
  return at;
}

function afterBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text[at] as string)) at++;
  return at;
}
