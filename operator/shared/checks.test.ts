import { describe, expect, test } from 'vitest';
import { type Check, checksText, exitCodeOf } from './checks.ts';

describe('checks', () => {
  const check = (state: Check['state']): Check => ({ name: 'x', state, text: 't', fix: 'm' });

  test('show the way out of faults only, under their text', () => {
    expect(checksText([check('ok'), { ...check('fail'), name: 'long name', text: 'a\nb' }])).toBe(
      ['✓ x          t', '✗ long name  a', '             b', '             → m'].join('\n'),
    );
  });

  test('a fault is exit code 1, a warning only where it is asked for', () => {
    expect(exitCodeOf([check('ok'), check('skip'), check('warn')], { warnings: false })).toBe(0);
    expect(exitCodeOf([check('warn')], { warnings: true })).toBe(1);
    expect(exitCodeOf([check('fail')], { warnings: false })).toBe(1);
  });
});
