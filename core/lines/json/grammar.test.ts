import fc from 'fast-check';
import { test } from 'vitest';
import { isJson } from './grammar.ts';

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const agrees = (text: string): boolean => isJson(text) === parses(text);

test('a text is JSON exactly if JSON.parse takes it', () => {
  const pieces = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '""',
      '"a"',
      '"\\',
      '\\u00',
      '\\u00e9',
      '0',
      '01',
      '-',
      '1',
      '.',
      '.5',
      'e',
      'E+2',
    ],
    ...[
      'true',
      'false',
      'null',
      'nul',
      ' ',
      '\t',
      '\n',
      '\r',
      '\u00a0',
      '\ufeff',
      '\u0000',
      '\u2028',
      'é',
      '\ud800',
      'x',
      '/',
    ],
  );
  const glued = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''));
  fc.assert(fc.property(glued, agrees), { numRuns: 5_000 });
});

test('also of JSON that is cut, or has a piece of another one in it', () => {
  const json = fc.json();
  const spliced = fc.tuple(json, json, fc.nat(), fc.nat()).map(([one, other, from, to]) => {
    const [a, b] = [from % (one.length + 1), to % (other.length + 1)];
    return one.slice(0, a) + other.slice(b);
  });
  fc.assert(fc.property(fc.oneof(json, spliced), agrees), { numRuns: 3_000 });
});
