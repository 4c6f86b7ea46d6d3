import type { Datum } from './metric-store.ts';

/** Where metrics are kept. */
interface Recorder {
  record(...data: readonly Datum[]): void;
}

const datum = (
  namespace: string,
  name: string,
  dimensions: Record<string, string>,
  value: number,
): Datum => ({
  ...{ namespace, name, dimensions, value },
});

/** Data of a delivery stream. */
const ofDelivery =
  (DeliveryStreamName: string) =>
  (name: string, value: number): Datum =>
    datum('AWS/Firehose', name, { DeliveryStreamName }, value);

/** Of an execution that has ended, the metric that counts it. */
const executionMetrics: Readonly<Record<string, string>> = {
  STARTED: 'ExecutionsStarted',
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  TIMED_OUT: 'ExecutionsTimedOut',
  ABORTED: 'ExecutionsAborted',
};

/** What services tell as it happens, under the names that AWS's services have for it. */
export function measurementsOf(recorder: () => Recorder) {
  const record = (...data: readonly Datum[]): void => recorder().record(...data);
  return {
    invocation(FunctionName: string, { failed, durationMs }: { failed: boolean; durationMs: number }): void {
      const of = (name: string, value: number) => datum('AWS/Lambda', name, { FunctionName }, value);
      record(of('Invocations', 1), of('Errors', failed ? 1 : 0), of('Duration', durationMs));
    },
    lostLetter(FunctionName: string): void {
      record(datum('AWS/Lambda', 'DeadLetterErrors', { FunctionName }, 1));
    },
    execution(StateMachineArn: string, { status, tookMs }: { status: string; tookMs?: number }): void {
      const of = (name: string, value: number) => datum('AWS/States', name, { StateMachineArn }, value);
      record(
        of(executionMetrics[status] ?? status, 1),
        ...(tookMs === undefined ? [] : [of('ExecutionTime', tookMs)]),
      );
    },
    answer(ApiName: string, { status, latencyMs }: { status: number; latencyMs: number }): void {
      const of = (name: string, value: number) => datum('AWS/ApiGateway', name, { ApiName }, value);
      record(
        of('Count', 1),
        of('4XXError', status >= 400 && status < 500 ? 1 : 0),
        of('5XXError', status >= 500 ? 1 : 0),
        of('Latency', latencyMs),
      );
    },
    put(DeliveryStreamName: string, records: number, bytes: number): void {
      const of = ofDelivery(DeliveryStreamName);
      record(of('IncomingRecords', records), of('IncomingBytes', bytes));
    },
    sourceRead(
      DeliveryStreamName: string,
      { records, bytes, behindMs }: { records: number; bytes: number; behindMs: number },
    ): void {
      const of = ofDelivery(DeliveryStreamName);
      record(
        of('DataReadFromKinesisStream.Records', records),
        of('DataReadFromKinesisStream.Bytes', bytes),
        of('KinesisMillisBehindLatest', behindMs),
      );
    },
    sourcePut(
      StreamName: string,
      { records, bytes, refused }: { records: number; bytes: number; refused: number },
    ): void {
      const of = (name: string, value: number) => datum('AWS/Kinesis', name, { StreamName }, value);
      record(
        of('IncomingRecords', records),
        of('IncomingBytes', bytes),
        of('WriteProvisionedThroughputExceeded', refused),
      );
    },
    givenUp(RuleName: string, what: 'event' | 'dead letter'): void {
      const name = what === 'event' ? 'FailedInvocations' : 'InvocationsFailedToBeSentToDlq';
      record(datum('AWS/Events', name, { RuleName }, 1));
    },
    pipeFailure(PipeName: string): void {
      record(datum('AWS/EventBridge/Pipes', 'ExecutionFailed', { PipeName }, 1));
    },
  };
}

/** What waits in queues at a moment. */
export function queueSample(
  queues: readonly { name: string; visible: number; oldestAgeMs: number }[],
): Datum[] {
  return queues.flatMap(({ name: QueueName, visible, oldestAgeMs }) => [
    datum('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName }, visible),
    datum('AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName }, oldestAgeMs / 1_000),
  ]);
}

/** How long the oldest record of a delivery stream has waited at a moment. */
export function deliverySample(streams: readonly { name: string; oldestAgeMs: number }[]): Datum[] {
  return streams.map(({ name, oldestAgeMs }) =>
    ofDelivery(name)('DeliveryToS3.DataFreshness', oldestAgeMs / 1_000),
  );
}
