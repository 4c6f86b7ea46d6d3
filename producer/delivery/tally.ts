import { billedBytes, type PackedRecord } from '../../core/lines/packing.ts';

/** What was sent and what became of it. Counts and bytes are since the producer started; all are exact. */
export interface Tally {
  /** Lines taken in for sending. */
  lines: number;
  /** Lines that Firehose acknowledged; more than `lines` when a spool held some from an earlier run. */
  acknowledged: number;
  /** Lines taken in, or left in the spool by an earlier run, that no acknowledgement is known for. */
  unacknowledged: number;
  /** Lines that no record can hold (over 1,000 KiB): not sent. */
  tooLarge: number;
  /** Bytes of the spool in which a checksum does not hold, set aside in `*.damaged`. */
  damagedBytes: number;
  /** Acknowledged records, and their bytes. */
  records: number;
  bytes: number;
  /** Those bytes as billed: each record rounded up to 5 KiB. */
  billedBytes: number;
  /** Requests made, whatever their answer. */
  requests: number;
  /** Records sent again, each time counted. */
  retries: number;
  /** Records that a 200 answer reported as failed. */
  failedEntries: number;
  /** Requests that were throttled, and those that broke, timed out or were answered with a fault. */
  throttled: number;
  faults: number;
}

/** All zero. */
export const emptyTally = (): Tally => ({
  lines: 0,
  acknowledged: 0,
  unacknowledged: 0,
  tooLarge: 0,
  damagedBytes: 0,
  records: 0,
  bytes: 0,
  billedBytes: 0,
  requests: 0,
  retries: 0,
  failedEntries: 0,
  throttled: 0,
  faults: 0,
});

/** Counts one record that Firehose acknowledged. */
export function countAcknowledged(tally: Tally, record: PackedRecord): void {
  tally.records += 1;
  tally.bytes += record.data.length;
  tally.billedBytes += billedBytes(record.data.length);
  tally.acknowledged += record.lines;
  tally.unacknowledged -= record.lines;
}
