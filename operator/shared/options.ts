import { day, flag, option } from '../../cli/options.ts';
import { UsageError } from '../../cli/usage-error.ts';
import type { DaySpan } from '../../core/time/day-span.ts';

/** Every verb has it. */
export const jsonOption = { json: flag({ help: 'for machines' }) };

/** A month of a dataset's local days, `YYYY-MM`. */
export const monthOption = {
  month: option(
    {
      valueName: 'YYYY-MM',
      accepted: 'a month as YYYY-MM',
      read: (typed) => (/^\d{4}-(?:0[1-9]|1[0-2])$/.test(typed) ? typed : undefined),
    },
    { help: 'the month, by the local days of the dataset', required: true },
  ),
};

/** The options of a span of days. @param of what happened on the days @param kind of day */
export const daySpanOptions = ({ of, kind }: { of: string; kind: 'UTC' | 'local' }) => ({
  from: day({ help: `${of} from this ${kind} day on` }),
  to: day({ help: `${of} up to this ${kind} day, included` }),
});

/** @throws {UsageError} for a span that ends before it begins */
export function daySpan({ from, to }: { from?: string | undefined; to?: string | undefined }): DaySpan {
  if (from !== undefined && to !== undefined && from > to) {
    throw new UsageError(`--from ${from} is after --to ${to}.`);
  }
  return { from, to };
}

/** The span in words. */
export function spanText({ from, to }: DaySpan): string {
  if (from !== undefined && to !== undefined) return from === to ? from : `${from} to ${to}`;
  if (from !== undefined) return `from ${from} on`;
  return to === undefined ? 'all days' : `until ${to}`;
}
