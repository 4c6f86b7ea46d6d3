import { formatCount } from '../cli/format.ts';
import type { DroppedCounts } from '../core/dataset/reading.ts';
import type { Tally } from './delivery/deliver-backlog.ts';
import type { Rejects } from './rejects.ts';
import type { Outgoing } from './synthetic/faults.ts';

/** What `--json` prints: the tally of a run, with what its lines were. Lines are those that this run took in. */
export interface Report extends Tally {
  readonly stream: string;
  /** True when all that was taken in, and all that the spool held, is acknowledged. */
  readonly ok: boolean;
  /** Lines by what they are: new readings (late ones included), and faults on purpose. */
  readonly readings: number;
  readonly late: number;
  readonly duplicates: number;
  readonly corrections: number;
  readonly invalid: number;
  /** Distinct identities among the valid lines; only with `--expect`, which keeps them all. */
  readonly distinct?: number;
  /** What the source gave that is not sent, by reason. */
  readonly rejected: Rejects['byReason'];
  /** Values of optional measures that are none: they are sent as they are, and the pipeline leaves them out of their readings. */
  readonly dropped: DroppedCounts;
  /** CSV files whose last row is sent although no newline ends it. */
  readonly unterminated: readonly string[];
  /** Lines that an earlier run of the same source had spooled or sent. */
  readonly continuedAt: number;
  /** The bytes that would be billed with one line a record; only with `--dry-run`. */
  readonly billedBytesUnpacked?: number;
  readonly elapsedMs: number;
  /** The highest resident memory of this process, in MiB. */
  readonly peakMemoryMib: number;
  readonly error?: string;
}

/** Counts of lines by kind. */
export const noLines = () => ({ reading: 0, late: 0, duplicate: 0, correction: 0, invalid: 0 });
export type LinesByKind = Record<Outgoing['kind'], number>;

/** Firehose's price for direct PUT, first 500 TB a month in us-east-1; AWS's own example counts 1,048,576 KiB a GB. */
const dollarsPerGib = 0.029;

export const dollars = (billedBytes: number): number => (billedBytes / 2 ** 30) * dollarsPerGib;

/** `12.3 MiB`. */
const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
/** `$0.0041`. */
const price = (bytes: number): string => `$${dollars(bytes).toPrecision(3)}`;

/** How a run goes, in one line. */
export function renderTally(tally: Tally, elapsedMs: number): string {
  const perSecond = formatCount(Math.round(tally.acknowledged / (elapsedMs / 1_000)));
  const billed = mib(tally.billedBytes);
  return `${formatCount(tally.acknowledged)} lines, ${perSecond}/s, ${mib(tally.bytes)}, billed ${billed}, retries ${formatCount(tally.retries)}`;
}

/** The report for people. */
export function renderReport(report: Report, dryRun: boolean): string {
  const lines: [string, string][] = [];
  const row = (name: string, value: string, shown = true) => shown && lines.push([name, value]);
  const seconds = report.elapsedMs / 1_000;
  row(
    'lines',
    `${formatCount(report.lines)}  (${formatCount(Math.round(report.lines / seconds))} a second, ${seconds.toFixed(1)} s)`,
  );
  const faults = (['late', 'duplicates', 'corrections', 'invalid'] as const).filter(
    (kind) => report[kind] > 0,
  );
  row('of them', faults.map((kind) => `${kind} ${formatCount(report[kind])}`).join(', '), faults.length > 0);
  row('continued at', `line ${formatCount(report.continuedAt)} of the source`, report.continuedAt > 0);
  row(
    dryRun ? 'would be sent' : 'acknowledged',
    `${formatCount(report.acknowledged)} in ${formatCount(report.records)} records, ${mib(report.bytes)}`,
  );
  row('billed', `${mib(report.billedBytes)}, ${price(report.billedBytes)}`);
  if (report.billedBytesUnpacked !== undefined) {
    const times = (report.billedBytesUnpacked / Math.max(1, report.billedBytes)).toFixed(1);
    const unpacked = report.billedBytesUnpacked;
    row('unpacked', `${mib(unpacked)}, ${price(unpacked)}: ${times} times as much with one reading a record`);
  }
  const trouble = `${formatCount(report.failedEntries)} entries failed, ${formatCount(report.throttled)} requests throttled, ${formatCount(report.faults)} broken`;
  row('retries', `${formatCount(report.retries)} records (${trouble})`, report.retries > 0);
  const rejected = Object.entries(report.rejected);
  row('not sent', reasonsText(report.rejected), rejected.length > 0);
  const dropped = Object.values(report.dropped).flatMap((measures) => Object.entries(measures));
  row(
    'no values',
    dropped.map(([name, reasons]) => `${name}: ${reasonsText(reasons)}`).join('; '),
    dropped.length > 0,
  );
  row(
    'unterminated',
    `no newline ends the last row of ${report.unterminated.join(', ')}: it is sent, and may have been cut`,
    report.unterminated.length > 0,
  );
  row(
    'damaged',
    `${formatCount(report.damagedBytes)} bytes of the spool, kept in *.damaged`,
    report.damagedBytes > 0,
  );
  row('unacknowledged', formatCount(report.unacknowledged), report.unacknowledged > 0);
  row('failed', report.error ?? '', report.error !== undefined);
  return lines.map(([name, value]) => `  ${name.padEnd(16)}${value}`).join('\n');
}

const reasonsText = (reasons: Readonly<Record<string, number>>): string =>
  Object.entries(reasons)
    .map(([reason, count]) => `${reason} ${formatCount(count)}`)
    .join(', ');
