import { describe, expect, test } from 'vitest';
import { outputs, stackNames } from '../../cli/installation.ts';
import { checkStacks } from './check-configuration.ts';

describe('the stacks', () => {
  const whole = stackNames.map((name) => ({
    name,
    status: 'UPDATE_COMPLETE',
    outputs: Object.fromEntries(
      Object.values(outputs)
        .filter(([stack]) => stack === name)
        .map(([, output]) => [output, 'x']),
    ),
  }));

  test('are there, whole and finished', () => {
    expect(checkStacks(whole).state).toBe('ok');
  });

  test.each([
    ['absent', { status: 'absent', outputs: {} }, /not there: CaudalData/],
    ['of an older version', { outputs: {} }, /outputs missing: CaudalData\.RawBucket/],
    ['rolled back', { status: 'UPDATE_ROLLBACK_COMPLETE' }, /CaudalData is UPDATE_ROLLBACK_COMPLETE/],
  ])('%s', (_, change, text) => {
    const [first, ...rest] = whole;
    const check = checkStacks([{ ...(first as (typeof whole)[0]), ...change }, ...rest]);
    expect(check).toMatchObject({
      state: 'fail',
      text: expect.stringMatching(text),
      fix: expect.any(String),
    });
  });
});
