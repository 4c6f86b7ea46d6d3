import * as z from 'zod';
import type { Dataset } from '../../../core/dataset/dataset.ts';
import { ReportRefused } from '../../../core/report/report-file.ts';
import { type ReportPeriod, reportPeriod } from '../../../core/report/report-period.ts';
import { localDay, monthAfter, monthOf } from '../../../core/time/calendar.ts';

/** What the schedule says, and what a person may: of which dataset, and when it was due or of which month. */
const reportInput = z.union([
  z.strictObject({ dataset: z.string().max(64), time: z.iso.datetime().max(40) }),
  z.strictObject({ dataset: z.string().max(64), month: z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/) }),
]);

/** A report to be made. */
export interface AskedReport {
  readonly dataset: Dataset;
  /** The SQL of its report. */
  readonly sql: string;
  /** The month that had ended at the time, by the dataset's clock. */
  readonly period: ReportPeriod;
}

/**
 * Reads the event of the schedule, `{ dataset, time }`, or `{ dataset, month }`.
 * @throws {ReportRefused} naming what is wrong; a retry does not help
 */
export function readReportInput(
  input: unknown,
  known: {
    readonly datasets: readonly Dataset[];
    readonly reports: Readonly<Record<string, string>>;
    readonly nowMs: number;
  },
): AskedReport {
  const read = reportInput.safeParse(input);
  if (!read.success)
    throw new ReportRefused(
      `accepted: {"dataset": NAME, "time": a UTC time with Z} or {"dataset": NAME, "month": "2026-05"}; it is ${JSON.stringify(input)?.slice(0, 200)}`,
    );
  const { data } = read;
  const dataset = known.datasets.find(({ name }) => name === data.dataset);
  const sql = Object.hasOwn(known.reports, data.dataset) ? known.reports[data.dataset] : undefined;
  if (dataset === undefined || sql === undefined)
    throw new ReportRefused(
      `${data.dataset} has no report; accepted: ${Object.keys(known.reports).join(', ')}`,
    );
  const monthAt = (ms: number): string => monthOf(localDay(dataset.timeZone, ms));
  const month = 'month' in data ? data.month : monthAfter(monthAt(Date.parse(data.time)), -1);
  // What is made of it stays: of a month that goes on it would be wrong for good.
  if (month >= monthAt(known.nowMs))
    throw new ReportRefused(`${month} has not ended in ${dataset.timeZone}; ask again when it has`);
  const period = reportPeriod(month);
  if (period === undefined) throw new ReportRefused(`${month} is no month (2026-05)`);
  return { dataset, sql, period };
}
