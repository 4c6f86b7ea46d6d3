import { describe, expect, test } from 'vitest';
import { outputs, stackNames } from '../../cli/installation.ts';
import { checkStacks } from './check-configuration.ts';

describe('the stacks', () => {
  const whole = stackNames.map((stack) => ({
    stack,
    name: `${stack}-sandbox`,
    status: 'UPDATE_COMPLETE',
    outputs: Object.fromEntries(
      Object.values(outputs)
        .filter(([of]) => of === stack)
        .map(([, output]) => [output, 'x']),
    ),
  }));

  test('are there, whole and finished', () => {
    expect(checkStacks(whole).state).toBe('ok');
  });

  test('of an installation in China lack the API, which is said with the reason', () => {
    const [first, ...rest] = whole;
    const absent = [{ ...(first as (typeof whole)[0]), status: 'absent', outputs: {} }, ...rest];
    expect(checkStacks(absent, { region: 'cn-north-1' }).fix).toContain('China and GovCloud');
    expect(checkStacks(absent, { region: 'eu-west-1' }).fix).toContain('npm run deploy');
  });

  test.each([
    ['absent', { status: 'absent', outputs: {} }, /not there: CaudalData-sandbox/],
    ['of an older version', { outputs: {} }, /outputs missing: CaudalData-sandbox\.RawBucket/],
    ['rolled back', { status: 'UPDATE_ROLLBACK_COMPLETE' }, /CaudalData-sandbox is UPDATE_ROLLBACK_COMPLETE/],
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
