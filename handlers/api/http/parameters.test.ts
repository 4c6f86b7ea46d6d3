import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { readParameters } from './parameters.ts';

const about = (description: string) => z.meta({ description });
const schema = z.strictObject({
  dataset: z.string(),
  from: z.string().check(z.regex(/^\d{4}$/), about('a year')),
  id: z.optional(
    z.pipe(
      z.pipe(
        z.string(),
        z.transform((text) => text.trim()),
      ),
      z.string().check(z.minLength(1), about('an id')),
    ),
  ),
});
const read = (query: Record<string, readonly string[]>) =>
  readParameters(schema, { pathParameters: { dataset: 'probes' }, query });

test('parameters of the path and the query are read together', () => {
  expect(read({ from: ['2024'], id: [' a '] })).toEqual({
    value: { dataset: 'probes', from: '2024', id: 'a' },
  });
});

test('each wrong one is told with what it accepts, wherever its schema says that', () => {
  expect(read({ id: [' '] })).toMatchObject({
    problem: 'invalid-parameter',
    parameter: 'from',
    errors: [
      { parameter: 'from', detail: 'from is missing', accepted: 'a year' },
      { parameter: 'id', detail: 'id is " "', accepted: 'an id' },
    ],
  });
});

test.each([
  ['one that the path has', 'dataset'],
  ['one of no route', 'nothing'],
  ['one that objects have', '__proto__'],
])('%s is no parameter of the query', (_, name) => {
  const query = Object.fromEntries([
    ['from', ['2024']],
    [name, ['probes']],
  ]);
  expect(read(query)).toMatchObject({
    errors: [{ parameter: name, detail: `"${name}" is not a parameter of this route`, accepted: 'from, id' }],
  });
});

test('one that is given twice is refused, even with the same value', () => {
  expect(read({ from: ['2024', '2024'] })).toMatchObject({
    errors: [{ parameter: 'from', detail: 'from is given 2 times', accepted: 'one value' }],
  });
});

test('of many that are unknown some are told', () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x${index}`, ['']]));
  const answer = read({ from: ['2024'], ...many });
  expect('problem' in answer && answer.errors).toHaveLength(10);
});
