import { describe, expect, test } from 'vitest';
import { clockCheck } from './check-access.ts';

describe('the clock', () => {
  test.each([
    [0, 'ok'],
    [9_000, 'ok'],
    [-11_000, 'warn'],
    [200_000, 'warn'],
    [-301_000, 'fail'],
  ])('%i ms off: %s', (offMs, state) => {
    expect(clockCheck(1_000_000_000, 1_000_000_500 + offMs).state).toBe(state);
  });

  test('says which way it is off, and passes over a service that tells no time', () => {
    expect(clockCheck(0, 60_500).text).toBe("60.0 s ahead of the service's");
    expect(clockCheck(120_000, 60_500).text).toBe("60.0 s behind the service's");
    expect(clockCheck(undefined, 0).state).toBe('skip');
  });
});
