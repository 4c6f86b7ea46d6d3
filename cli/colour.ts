import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** What begins a line, or stands in a column of its own, and is told by a colour too. */
const marks: readonly (readonly [RegExp, Style])[] = [
  [/(?<=^ *)✓(?= )/gm, 'green'],
  [/(?<=^ *)✗(?= )/gm, 'red'],
  [/(?<=^ *)!(?= )/gm, 'yellow'],
  [/(?<=^| {2})SUCCEEDED(?= {2}|$)/gm, 'green'],
  [/(?<=^| {2})(?:FAILED|TIMED_OUT|ABORTED)(?= {2}|$)/gm, 'red'],
  [/(?<=^| {2})RUNNING(?= {2}|$)/gm, 'cyan'],
  [/^Usage:(?= )|^Examples?:(?=$| )/gm, 'bold'],
  [/^[A-Z][^\n]*:(?=\n {2}-)/gm, 'bold'], // a group of options
  [/^[^\n]+(?=\n─[─ ]*$)/gm, 'bold'], // the titles of a table
  [/^─[─ ]*$/gm, 'dim'],
];

/**
 * A page with colours where the stream is a terminal, and none in a pipe or a file; NO_COLOR and FORCE_COLOR are followed. They add to what
 * the text says by itself. JSON has none.
 */
export function coloured(page: string, stream: NodeJS.WriteStream): string {
  if (/^\s*[[{]/.test(page)) return page;
  return marks.reduce(
    (text, [mark, style]) => text.replace(mark, (found) => styleText(style, found, { stream })),
    page,
  );
}
