import fc from 'fast-check';
import { expect, test } from 'vitest';
import { everyElement, everyMember, parsePath, pathText, valueAt } from './json-path.ts';

test.each([
  ['$', '$', []],
  ['@.a', '@', ['a']],
  ['$.a.b[0]', '$', ['a', 'b', 0]],
  ["$['a b'][10]", '$', ['a b', 10]],
  ['$["a\\"b"]', '$', ['a"b']],
  ["$['it\\'s \"so\"']", '$', ['it\'s "so"']],
  ["$['\\u00b0C']", '$', ['°C']],
  ['$.señal', '$', ['señal']],
  ['$.value[*]', '$', ['value', everyElement]],
  ['$.sensors.*', '$', ['sensors', everyMember]],
])('the path %s', (text, root, segments) => {
  expect(parsePath(text)).toEqual({ root, segments });
});

test.each([
  'a',
  '$a',
  '$.',
  '$..a',
  '$.a-b',
  '$.1a',
  '$[-1]',
  '$[01]',
  '$[0:2]',
  '$[?@.a]',
  "$['a','b']",
  "$['a",
  "$['\\x']",
  '$ .a',
  7,
])('%s is no path that is read', (text) => {
  expect(parsePath(text)).toBeUndefined();
});

test('any path is read as it was written', () => {
  const segment = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.nat({ max: 99_999_999 }),
    fc.constantFrom(everyElement, everyMember),
  );
  fc.assert(
    fc.property(fc.constantFrom('$', '@'), fc.array(segment), (root, segments) => {
      expect(parsePath(pathText({ root, segments }))).toEqual({ root, segments });
    }),
    { numRuns: 50 },
  );
});

test('a path leads to what is there, and to nothing that every object or list has', () => {
  const value = JSON.parse('{"a":{"b":[1,{"c":null}]},"__proto__":{"d":2}}');
  const at = (text: string) => valueAt(parsePath(text)?.segments ?? [], value);
  expect(at('$.a.b[0]')).toBe(1);
  expect(at('$.a.b[1].c')).toBeNull();
  expect(at('$.__proto__.d')).toBe(2);
  for (const none of ['$.a.b.length', '$.a.constructor', '$.toString', '$.a[0]', '$.a.b[2]', '$.a.b[0].x'])
    expect(at(none)).toBeUndefined();
});
