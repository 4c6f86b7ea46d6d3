import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Rejected } from '../../../dataset/reading.ts';
import { parsePath, valueAt } from '../../../formats/json-path.ts';
import { type Place, RecordPlaces } from '../records/record-places.ts';
import { anyRepeatedKey } from '../repeated-keys.ts';
import { LargeDocument } from './large-document.ts';

/** The elements of a document that comes in chunks, or why there are none; and what follows the document. */
function read(text: string, { path = '$.a.b[*]', chunkBytes = 7, maxBytes = 10_000 } = {}) {
  const { list } = new RecordPlaces(parsePath(path) as NonNullable<ReturnType<typeof parsePath>>);
  if (list === undefined) throw new Error(`no list at ${path}`);
  const elements: (Place | Rejected)[] = [];
  const large = new LargeDocument({
    ...{ list, maxBytes, parse: JSON.parse },
    element: (place) => elements.push(place),
  });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const taken = large.take(bytes.subarray(at, at + chunkBytes));
    if (taken === undefined) return { fault: large.fault };
    if (large.isClosed) {
      const records = elements.map((place) => ('kind' in place ? place.reason : place.record));
      return { records, rest: bytes.toString('utf8', at + taken) };
    }
  }
  return { fault: 'breaks off' };
}

const json = fc.jsonValue({ maxDepth: 3 });
const document = fc.record({
  records: fc.array(json, { minLength: 1, maxLength: 8 }),
  before: fc.dictionary(fc.string().filter((name) => name !== 'a' && name !== '__proto__'), json, { maxKeys: 3 }),
  after: fc.dictionary(fc.string().filter((name) => name !== 'b' && name !== '__proto__'), json, { maxKeys: 3 }),
  indent: fc.constantFrom(0, 2),
  chunkBytes: fc.integer({ min: 1, max: 50 }),
}); // biome-ignore format: a member a line

test('the elements of the list are those of the whole document, however it is cut into chunks', () => {
  fc.assert(
    fc.property(document, ({ records, before, after, indent, chunkBytes }) => {
      const text = JSON.stringify({ ...before, a: { c: [[1], { b: [2] }], b: records, ...after } }, null, indent);
      expect(read(`${text}\n{"next":1}`, { chunkBytes, maxBytes: 1_000_000 })).toEqual({
        records: JSON.parse(JSON.stringify(records)),
        rest: expect.stringMatching(/^\n|^$/),
      });
    }),
  );
}); // biome-ignore format: short

test('a mutated document is told, or is what JSON.parse makes of it', () => {
  const mutation = fc.tuple(fc.nat(), fc.nat({ max: 3 }), fc.constantFrom('', '"', ',', ']', '}', '[', '{', ':', '"b":[7],', '0'));
  fc.assert(
    fc.property(document, mutation, ({ records, before, after, chunkBytes }, [place, removed, added]) => {
      const text = JSON.stringify({ ...before, a: { b: records, ...after } });
      const at = place % text.length;
      const mutated = text.slice(0, at) + added + text.slice(at + removed);
      const found = read(mutated, { chunkBytes, maxBytes: 1_000_000 });
      if ('fault' in found) return;
      const whole = mutated.slice(0, mutated.length - (found.rest?.length ?? 0));
      const value: unknown = JSON.parse(whole);
      // An element with a key twice is rejected by itself.
      if (found.records?.includes('unknown-field')) expect(anyRepeatedKey(whole, value)).toBeDefined();
      else {
        expect(anyRepeatedKey(whole, value)).toBeUndefined();
        expect(found.records).toEqual(valueAt(['a', 'b'], value));
      }
    }),
    { numRuns: 500 },
  );
}); // biome-ignore format: short

describe('nothing is sure of a document', () => {
  test.each([
    ['{"a":{"b":[1]},"a":{"b":[2]}}', 'has its records in two lists of one name'],
    ['{"a":{"b":[]},"a":{"b":[2]}}', 'has a key twice around its records'],
    ['{"x":1,"a":{"b":[1]},"x":2}', 'has a key twice around its records'],
    ['{"a":{"b":[1]},"x":nul}', 'is no JSON'],
    ['{"a":{"b":[1,tru]}}', 'is no JSON'],
    ['{"a":{"b":[1 2]}}', 'is no JSON'],
    ['{"a":{"b":[1,2]', 'breaks off'],
    ['{"a":{"b":{"c":1}}}', 'has no records where they should be'],
    ['[{"a":{"b":[1]}}]', 'has no records where they should be'],
  ])('%s', (text, fault) => {
    for (const chunkBytes of [1, 5, 1_000]) expect(read(text, { chunkBytes })).toEqual({ fault });
  });
});

test('one element is held, and what stands around the list, each within its bound', () => {
  const many = JSON.stringify({ a: { b: Array.from({ length: 5_000 }, (_, at) => ({ at })) } });
  expect(read(many, { maxBytes: 100 }).records).toHaveLength(5_000);
  const long = JSON.stringify({ a: { b: [1, 'x'.repeat(200)] } });
  expect(read(long, { maxBytes: 100 }).fault).toContain('has over 100 bytes in one record');
  const around = JSON.stringify({ a: { b: [1] }, x: 'x'.repeat(200) });
  expect(read(around, { maxBytes: 100 }).fault).toContain('around its records');
});

test('the list of all is the document itself, and a record may be below an element', () => {
  expect(read('[{"p":1},{"p":2},{}]', { path: '$[*].p' })).toMatchObject({
    records: [1, 2, 'missing-field'],
  });
});
