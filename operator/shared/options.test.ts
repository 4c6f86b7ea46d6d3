import { describe, expect, test } from 'vitest';
import { wholeNumber } from '../../cli/options.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { inSpan } from '../../core/time/day-span.ts';
import { daySpan, daySpanOptions, spanText } from './options.ts';

describe('options', () => {
  test('spans are of days, in order', () => {
    expect(() => daySpanOptions({ of: 'lines', kind: 'UTC' }).from.parse('--from', ['2025-02-30'])).toThrow(
      UsageError,
    );
    expect(() => daySpan({ from: '2025-02-02', to: '2025-02-01' })).toThrow(/after/);
    const span = daySpan({ from: '2025-02-01', to: '2025-02-02' });
    expect(['2025-01-31', '2025-02-01', '2025-02-02', '2025-02-03'].map((day) => inSpan(day, span))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(
      [span, daySpan({}), daySpan({ from: '2025-01-01' }), daySpan({ to: '2025-01-01' })].map(spanText),
    ).toEqual([...['2025-02-01 to 2025-02-02', 'all days', 'from 2025-01-01 on', 'until 2025-01-01']]);
  });

  test('numbers are whole', () => {
    const limit = wholeNumber({ help: 'rows', min: 1 });
    expect(limit.parse('--limit', ['5'])).toBe(5);
    for (const text of ['0', '1.5', 'x', '1e99'])
      expect(() => limit.parse('--limit', [text])).toThrow(UsageError);
  });
});
