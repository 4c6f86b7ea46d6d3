import { describe, expect, test } from 'vitest';
import { type Check, checksText, exitCodeOf } from './checks.ts';

describe('checks', () => {
  const check = (state: Check['state']): Check => ({ name: 'x', state, text: 't', fix: 'm' });

  test('show the way out of faults only, under their text', () => {
    expect(checksText([check('ok'), { ...check('fail'), name: 'long name', text: 'a\nb' }])).toBe(
      ['✓ x          t', '✗ long name  a', '             b', '             → m'].join('\n'),
    );
  });

  test('fit a terminal of 80 columns, with every word, and with commands that can be copied', () => {
    const command = "npm run caudal -- explain water-temperature 'Upper Mill 4' 2026-03-01T00:00:00.000Z";
    const long = {
      ...{ name: 'contested', state: 'fail' as const },
      text: `on the days of what arrived then, others of the same rank say something else than what is stored:\n  ${'landing/a/b.csv: unreadable-lines '.repeat(5).trim()}\nshort`,
      fix: `do two stations send under one id? see who says what: ${command}, and then settle it by a later upload: npm run caudal -- upload`,
    };
    const page = checksText([check('ok'), long], 80);
    const lines = page.split('\n');
    expect(lines.filter((line) => line.length > 80).map((line) => line.trim())).toEqual([`${command},`]);
    expect(lines.at(-1)).toContain('npm run caudal -- upload');
    const wordsOf = (text: string) => text.split(/\s+/);
    const whole = checksText([check('ok'), long], Number.POSITIVE_INFINITY);
    expect(whole.split('\n')).toHaveLength(5);
    expect(wordsOf(page)).toEqual(wordsOf(whole));
    expect(lines[3]).toMatch(/^ {13} {2}landing/);
    expect(lines[4]).toMatch(/^ {13} {4}\S/);
  });

  test('a fault is exit code 1, a warning only where it is asked for', () => {
    expect(exitCodeOf([check('ok'), check('skip'), check('warn')], { warnings: false })).toBe(0);
    expect(exitCodeOf([check('warn')], { warnings: true })).toBe(1);
    expect(exitCodeOf([check('fail')], { warnings: false })).toBe(1);
  });
});
