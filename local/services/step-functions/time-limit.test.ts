import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TimeLimit } from './time-limit.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('passes once its time has run, without the times in which it was held', () => {
  const passed = vi.fn();
  const limit = new TimeLimit(1_000, passed);
  vi.advanceTimersByTime(600);
  const release = [limit.hold(), limit.hold()];
  vi.advanceTimersByTime(10_000);
  release[0]?.();
  release[0]?.();
  vi.advanceTimersByTime(10_000);
  release[1]?.();
  vi.advanceTimersByTime(399);
  expect(passed).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(passed).toHaveBeenCalledOnce();
});

it('does not pass once it is ended, held or not', () => {
  const passed = vi.fn();
  const limits = [new TimeLimit(1_000, passed), new TimeLimit(1_000, passed)];
  const release = limits[0]?.hold();
  for (const limit of limits) limit.end();
  release?.();
  vi.advanceTimersByTime(10_000);
  expect(passed).not.toHaveBeenCalled();
});
