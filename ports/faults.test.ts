import { expect, test } from 'vitest';
import { shortCause } from './faults.ts';

test('a cause is the message of what Lambda makes of an error, one line of it', () => {
  expect(shortCause('{"errorType":"E","errorMessage":"it broke\\nhere"}', 100)).toBe('it broke');
  expect(shortCause('plain', 3)).toBe('pla…');
  expect(shortCause('{"other":1}', 100)).toBe('{"other":1}');
  expect(shortCause(undefined, 100)).toBe('');
});
