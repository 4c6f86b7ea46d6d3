import { expect, test } from 'vitest';
import { documentsOf, pointsOf } from './documents.ts';

test.each([
  ['one document', '{"a":1}', [{ a: 1 }]],
  ['an array', '[{"a":1},{"a":2}]', [[{ a: 1 }, { a: 2 }]]],
  ['lines', '{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
  ['documents without a line between them', '{"a":"}"}{"a":2}', [{ a: '}' }, { a: 2 }]],
  ['pretty-printed documents', '{\n"a": 1\n}\n{\n"a": 2\n}\n', [{ a: 1 }, { a: 2 }]],
  ['an array that is cut', '[{"a":1},\n{"a":2},\n{"a":', [[{ a: 1 }, { a: 2 }]]],
  ['lines of arrays', '[{"a":1}]\n[{"a":2}]\n', [[{ a: 1 }], [{ a: 2 }]]],
  ['a line that is none', '{"a":1}\n{a}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
  ['nothing whole', '{"a":', []],
])('%s', (_, text, documents) => {
  expect(documentsOf(text)).toEqual(documents);
});

test('points of line protocol are documents, without remarks and what is none', () => {
  const [first, second, ...more] = pointsOf('# remark\nm,a=b v=1 5\n\nm v\nm v=2i 6\n');
  expect(first).toEqual({ measurement: 'm', tags: { a: 'b' }, fields: { v: 1 }, timestamp: '5' });
  expect([second, more]).toEqual([{ measurement: 'm', tags: {}, fields: { v: 2 }, timestamp: '6' }, []]);
});
