import { type MetricName, metrics } from './metrics.ts';

/** A metric that the API and the console show, of an installation as a whole or by dataset. */
export interface ShownMetric {
  /** Part of the page: what flows, how fresh it is, what was wrong with it, what the API does. */
  readonly group: 'flow' | 'freshness' | 'rejects' | 'api';
  readonly unit: 'Count' | 'Bytes' | 'Seconds' | 'Milliseconds';
  /** How CloudWatch makes one value of those of a period. */
  readonly statistic: 'Sum' | 'Minimum' | 'Maximum' | 'p99';
  /** The one value of the whole span: all together, the newest, or the greatest. */
  readonly value: 'sum' | 'latest' | 'greatest';
  /** A metric of the functions' own, or of a service by what it is about. */
  readonly of: MetricName | ServiceMetric;
}

/** A metric of a service, by AWS's names. */
export interface ServiceMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimension: string;
  /** What of the installation the dimension names. */
  readonly about: MetricSubject;
}

/** What of an installation has metrics of a service. */
export type MetricSubject = 'stream' | 'source' | 'queue' | 'machine' | 'api';

const ofStream = (name: string): ServiceMetric => ({
  namespace: 'AWS/Firehose',
  name,
  dimension: 'DeliveryStreamName',
  about: 'stream',
});
/** Of the delivery stream that reads a stream of Kinesis, which not every installation has. */
const ofSource = (name: string): ServiceMetric => ({ ...ofStream(name), about: 'source' });
const ofQueue = (name: string): ServiceMetric => ({
  namespace: 'AWS/SQS',
  name,
  dimension: 'QueueName',
  about: 'queue',
});
const ofMachine = (name: string): ServiceMetric => ({
  namespace: 'AWS/States',
  name,
  dimension: 'StateMachineArn',
  about: 'machine',
});
const ofApi = (name: string): ServiceMetric => ({
  namespace: 'AWS/ApiGateway',
  name,
  dimension: 'ApiName',
  about: 'api',
});

const counted = { unit: 'Count', statistic: 'Sum', value: 'sum' } as const;
const oldest = { unit: 'Seconds', statistic: 'Maximum', value: 'greatest' } as const;

/** In the order in which they are shown. Metrics that are by dataset have one row a dataset. */
export const shownMetrics = {
  records: { ...counted, group: 'flow', of: ofStream('IncomingRecords') },
  bytes: { ...counted, unit: 'Bytes', group: 'flow', of: ofStream('IncomingBytes') },
  sourceRecords: { ...counted, group: 'flow', of: ofSource('DataReadFromKinesisStream.Records') },
  sourceBytes: { ...counted, unit: 'Bytes', group: 'flow', of: ofSource('DataReadFromKinesisStream.Bytes') },
  sourceBehind: {
    unit: 'Milliseconds',
    statistic: 'Maximum',
    value: 'latest',
    group: 'flow',
    of: ofSource('KinesisMillisBehindLatest'),
  },
  waitingObjects: {
    unit: 'Count',
    statistic: 'Maximum',
    value: 'latest',
    group: 'flow',
    of: ofQueue('ApproximateNumberOfMessagesVisible'),
  },
  waitingSeconds: { ...oldest, group: 'flow', of: ofQueue('ApproximateAgeOfOldestMessage') },
  executionsStarted: { ...counted, group: 'flow', of: ofMachine('ExecutionsStarted') },
  executionsFailed: { ...counted, group: 'flow', of: ofMachine('ExecutionsFailed') },
  addedReadings: { ...counted, group: 'flow', of: 'AddedReadings' },
  alerts: { ...counted, group: 'flow', of: 'Alerts' },
  mergeConflicts: { ...counted, group: 'flow', of: 'MergeConflicts' },
  toons: { ...counted, group: 'flow', of: 'Toons' },
  failedToons: { ...counted, group: 'flow', of: 'FailedToons' },
  readingAge: {
    unit: 'Seconds',
    statistic: 'Minimum',
    value: 'latest',
    group: 'freshness',
    of: 'ReadingAge',
  },
  arrivalDelay: { ...oldest, group: 'freshness', of: 'ArrivalDelay' },
  streamAge: { ...oldest, group: 'freshness', of: ofStream('DeliveryToS3.DataFreshness') },
  lines: { ...counted, group: 'rejects', of: 'Lines' },
  rejectedLines: { ...counted, group: 'rejects', of: 'RejectedLines' },
  refusedFiles: { ...counted, group: 'rejects', of: 'RefusedFiles' },
  droppedValues: { ...counted, group: 'rejects', of: 'DroppedValues' },
  repeatedReadings: { ...counted, group: 'rejects', of: 'RepeatedReadings' },
  replacedReadings: { ...counted, group: 'rejects', of: 'ReplacedReadings' },
  supersededReadings: { ...counted, group: 'rejects', of: 'SupersededReadings' },
  contestedReadings: { ...counted, group: 'rejects', of: 'ContestedReadings' },
  requests: { ...counted, group: 'api', of: ofApi('Count') },
  refusedRequests: { ...counted, group: 'api', of: ofApi('4XXError') },
  failedRequests: { ...counted, group: 'api', of: ofApi('5XXError') },
  latency: {
    unit: 'Milliseconds',
    statistic: 'p99',
    value: 'greatest',
    group: 'api',
    of: ofApi('Latency'),
  },
} as const satisfies Readonly<Record<string, ShownMetric>>;

export type ShownMetricName = keyof typeof shownMetrics;

/** Whether a metric of the functions has one row a dataset. */
export const isByDataset = (of: ShownMetric['of']): boolean =>
  typeof of === 'string' && 'byDataset' in metrics[of];

/** Whether an installation that watches itself little has it. */
export const isBasic = (of: ShownMetric['of']): boolean => typeof of !== 'string' || 'basic' in metrics[of];

/** What is looked back at. */
export const metricSpans = {
  hour: { periodSeconds: 60, periods: 60 },
  day: { periodSeconds: 900, periods: 96 },
} as const;

export type MetricSpan = keyof typeof metricSpans;
