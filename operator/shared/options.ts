import { flag } from '../../cli/options.ts';
import { UsageError } from '../../cli/usage-error.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { parseDay } from '../../core/time/calendar.ts';

/** Every verb has it. */
export const jsonOption = { json: flag({ help: 'for machines' }) };

/** Days from `from` to `to`, both included, each `YYYY-MM-DD`; open where it is undefined. */
export interface DaySpan {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** @throws {UsageError} for what is no day, or a span that ends before it begins */
export function daySpan({ from, to }: { from?: string | undefined; to?: string | undefined }): DaySpan {
  for (const [name, day] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (day !== undefined && parseDay(day) === undefined) {
      throw new UsageError(`--${name} takes a day as YYYY-MM-DD, not "${day}".`);
    }
  }
  if (from !== undefined && to !== undefined && from > to) {
    throw new UsageError(`--from ${from} is after --to ${to}.`);
  }
  return { from, to };
}

/** Days compare as text. */
export const inSpan = (day: string, { from, to }: DaySpan): boolean =>
  (from === undefined || day >= from) && (to === undefined || day <= to);

/** The span in words. */
export function spanText({ from, to }: DaySpan): string {
  if (from !== undefined && to !== undefined) return from === to ? from : `${from} to ${to}`;
  if (from !== undefined) return `from ${from} on`;
  return to === undefined ? 'all days' : `until ${to}`;
}

/** The dataset of a name that was typed. @throws {UsageError} naming those that there are */
export function datasetOption(name: string, datasets: readonly Dataset[]): Dataset {
  const found = datasets.find((dataset) => dataset.name === name);
  if (found !== undefined) return found;
  throw new UsageError(`${name} is no dataset: ${datasets.map((dataset) => dataset.name).join(', ')}.`);
}

/** A whole number of at least `min` that was typed. @throws {UsageError} */
export function wholeNumber(name: string, text: string, min: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new UsageError(`--${name} takes a whole number from ${min} on, not "${text}".`);
}
