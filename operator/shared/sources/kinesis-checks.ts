import { DescribeDeliveryStreamCommand, FirehoseClient } from '@aws-sdk/client-firehose';
import { DescribeStreamSummaryCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { nameOf } from '../../../adapters/store-faults.ts';
import { countOf, formatCount, formatDuration } from '../../../cli/format.ts';
import type { MetricQuery } from '../../../ports/meter.ts';
import { attempt, type Check } from '../checks.ts';
import { recentDeliveryError } from './delivery-log.ts';
import { newestOf, recent } from './recent-metrics.ts';
import type { SourceContext } from './source-context.ts';

/** As the alarm caudal-kinesis-behind has it. */
const lateMs = 600_000;

/** The stream of Kinesis, the delivery stream that reads it, and how far that is. */
export function kinesisChecks(context: SourceContext): Promise<Check>[] {
  const names = () => ({
    stream: context.output('ReadingStream'),
    delivery: context.output('ReadingStreamDelivery'),
  });
  return [
    attempt('Kinesis stream', () => ofStream(context, names().stream)),
    attempt('Kinesis delivery', () => ofDelivery(context, names())),
    attempt('Kinesis reading', () => ofReading(context, names())),
  ];
}

async function ofStream({ found }: SourceContext, name: string): Promise<Omit<Check, 'name'>> {
  // By HTTP/1.1, which the endpoint on AWS speaks too: the client's own HTTP/2 leaves connections open.
  const client = new KinesisClient({ ...found.settings, requestHandler: new NodeHttpHandler() });
  try {
    const { StreamDescriptionSummary: of } = await client.send(
      new DescribeStreamSummaryCommand({ StreamName: name }),
    );
    const text = `${name} is ${of?.StreamStatus}, ${countOf(of?.OpenShardCount ?? 0, 'shard')}, keeps records for ${formatCount(of?.RetentionPeriodHours ?? 0)} h`;
    if (of?.StreamStatus === 'ACTIVE' || of?.StreamStatus === 'UPDATING') return { state: 'ok', text };
    return {
      state: 'fail',
      text,
      fix: `wait until it is made, or make it again: aws kinesis describe-stream-summary --stream-name ${name}`,
    };
  } catch (fault) {
    if (nameOf(fault) !== 'ResourceNotFoundException') throw fault;
    return {
      state: 'fail',
      text: `there is no stream ${name} in this account and Region: nothing is read`,
      fix: 'name one that is there, caudal:kinesis (docs/sources.md), and npm run deploy',
    };
  }
}

async function ofDelivery(
  { found, nowMs }: SourceContext,
  { stream, delivery }: { stream: string; delivery: string },
): Promise<Omit<Check, 'name'>> {
  const { settings, installation } = found;
  const { DeliveryStreamDescription: of } = await new FirehoseClient(settings).send(
    new DescribeDeliveryStreamCommand({ DeliveryStreamName: delivery }),
  );
  const read = of?.Source?.KinesisStreamSourceDescription?.KinesisStreamARN;
  const target = of?.Destinations?.[0]?.ExtendedS3DestinationDescription;
  const fix = 'npm run deploy';
  if (of?.DeliveryStreamStatus !== 'ACTIVE') {
    const why = of?.FailureDescription?.Details;
    return { state: 'fail', text: `${delivery} is ${of?.DeliveryStreamStatus}${why ? `: ${why}` : ''}`, fix };
  }
  if (!read?.endsWith(`:stream/${stream}`))
    return { state: 'fail', text: `${delivery} reads ${read ?? 'nothing'}, not ${stream}`, fix };
  if (!target?.BucketARN?.endsWith(`:${installation.rawBucket}`) || !target.Prefix?.startsWith('raw/'))
    return {
      state: 'fail',
      text: `${delivery} writes to ${target?.BucketARN}/${target?.Prefix}, not to raw/ of ${installation.rawBucket}`,
      fix,
    };
  const refused = await recentDeliveryError(settings, of, nowMs);
  if (refused === undefined) return { state: 'ok', text: `${delivery} is ACTIVE and reads ${stream}` };
  return {
    state: 'fail',
    text: `${delivery} was refused within the last 15 minutes: ${refused}`,
    fix: `its role, or a key, was changed: ${fix}, docs/runbook.md, caudal-kinesis-behind`,
  };
}

async function ofReading(
  context: SourceContext,
  { stream, delivery }: { stream: string; delivery: string },
): Promise<Omit<Check, 'name'>> {
  const ofDelivery = (name: string, statistic: string): MetricQuery => ({
    ...{ namespace: 'AWS/Firehose', name, statistic },
    dimensions: { DeliveryStreamName: delivery },
  });
  const [put, read, behind] = await recent(context, [
    {
      ...{ namespace: 'AWS/Kinesis', name: 'IncomingRecords', statistic: 'Sum' },
      dimensions: { StreamName: stream },
    },
    ofDelivery('DataReadFromKinesisStream.Records', 'Sum'),
    ofDelivery('KinesisMillisBehindLatest', 'Maximum'),
  ]);
  const sum = (values: readonly (number | null)[]): number =>
    values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const behindMs = newestOf(behind) ?? 0;
  const keep = `until it reads again, keep records for longer: aws kinesis increase-stream-retention-period --stream-name ${stream} --retention-period-hours 168; docs/runbook.md, caudal-kinesis-behind`;
  const unread = sum(put.slice(0, -1)); // what was put just now may be read in a moment
  if (unread > 0 && sum(read) === 0)
    return {
      state: 'fail',
      text: `${countOf(unread, 'record')} put into ${stream} within the last 20 minutes, and ${delivery} read none`,
      fix: keep,
    };
  if (behindMs > lateMs)
    return {
      state: 'fail',
      text: `${delivery} is ${formatDuration(behindMs)} behind the newest record of ${stream}`,
      fix: keep,
    };
  return {
    state: 'ok',
    text: `${formatCount(sum(read))} read of the last 20 minutes, ${behindMs < 1_000 ? 'not behind' : `${formatDuration(behindMs)} behind`}`,
  };
}
