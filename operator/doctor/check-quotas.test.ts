import { describe, expect, test } from 'vitest';
import { againstFirehose, againstLambda, againstStepFunctions } from './check-quotas.ts';

describe('quotas', () => {
  test('warn while there is still room for a burst', () => {
    expect(againstFirehose(2_499).state).toBe('ok');
    expect(againstFirehose(2_500)).toMatchObject({ state: 'warn', fix: expect.stringContaining('pack') });
    expect(againstStepFunctions(499).state).toBe('ok');
    expect(againstStepFunctions(500).state).toBe('warn');
  });

  test('of Lambda are held against what one execution makes at a time', () => {
    expect(againstLambda(40, 1_000).state).toBe('ok');
    expect(againstLambda(40, 10)).toMatchObject({
      state: 'warn',
      fix: expect.stringContaining('caudal:maxConcurrency'),
    });
    expect(againstLambda(40, undefined).state).toBe('skip');
    expect(againstLambda(Number.NaN, 10).state).toBe('ok');
  });
});
