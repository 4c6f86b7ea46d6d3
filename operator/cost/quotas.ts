import { requestsOf } from './execution.ts';
import { functionsOf } from './functions.ts';
import { daySeconds, monthDays, type Workload } from './workload.ts';

/** A bound of AWS's or of Caudal's, and how much of it is used. */
export interface QuotaUse {
  readonly quota: string;
  readonly value: number;
  readonly used: number;
  /** `used` of `value`; above 1 it does not hold. */
  readonly share: number;
  readonly remedy: string;
}

const mib = 2 ** 20;
/** Of a partition's readings in memory while they are united, of two measures; each measure has a column of eight bytes. */
const bytesHeld = (measures: number): number => 30 + 35 * measures;
/** As shipped: `caudal:maxConcurrency`, `caudal:apiRatePerSecond`. */
const functionsAtOnce = 8;
const apiRate = 50;

const moreShards =
  'give the dataset more shards (datasets/<name>.ts) before its first reading, or with a new generation';

/** Every bound that grows with a workload, the one that is met first before the others. Means over a month: peaks are higher. */
export function quotasOf(workload: Workload): QuotaUse[] {
  const { executions, shape, measures } = workload;
  const monthSeconds = daySeconds * monthDays;
  const executionSeconds = monthSeconds / executions;
  const { gibSeconds: _, ...functions } = functionsOf(workload);
  const { writeUnits } = requestsOf(shape);
  const merging = Math.min(functionsAtOnce, Math.max(shape.children, shape.objects));
  const uses: Omit<QuotaUse, 'share'>[] = [
    {
      quota: 'Firehose, direct PUT: MiB/s',
      value: 5,
      used: workload.lineBytes / mib / monthSeconds,
      remedy: 'ask AWS for a higher quota of the stream',
    },
    {
      quota: 'Firehose, direct PUT: records/s',
      value: 5_000,
      used: workload.records / monthSeconds,
      remedy: 'pack more readings into a record (producer: --linger-ms), or ask AWS for a higher quota',
    },
    {
      quota: 'DynamoDB: units written a second, of a table',
      value: 40_000,
      used: (writeUnits * executions) / monthSeconds,
      remedy: 'gather longer (caudal:bufferSeconds), or ask AWS for a higher quota of table-level writes',
    },
    {
      quota: 'Lambda: functions at once, of an account',
      value: 1_000,
      used: Math.max(merging, functions.seconds / executionSeconds),
      remedy: 'ask AWS for a higher quota of concurrent executions; a new account has 10',
    },
    {
      quota: 'seconds of merging one partition',
      value: 40,
      used: functions.longestMergeSeconds,
      remedy: moreShards,
    },
    {
      quota: 'MiB in memory of merging one partition',
      value: 1_769,
      used: 100 + (workload.partitionReadings * bytesHeld(measures)) / mib,
      remedy: moreShards,
    },
    {
      quota: 'seconds of an execution before the next begins',
      value: executionSeconds,
      used: functions.seconds / merging,
      remedy: 'raise caudal:maxConcurrency, below the Lambda quota of the account',
    },
    {
      quota: 'API: requests/s',
      value: apiRate,
      used: workload.queries / monthSeconds,
      remedy: 'raise caudal:apiRatePerSecond',
    },
  ];
  return uses.map((use) => ({ ...use, share: use.used / use.value })).sort((a, b) => b.share - a.share);
}
