import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { identityStatements, many, resourcesOf } from '../test/support/infra/resources.ts';
import { synthesize } from '../test/support/infra/synthesized.ts';
import {
  batchSize,
  batchSizeWithoutWindow,
  maxBatchCharacters,
  maxMessageCharacters,
} from './constructs/ingest/ingest-pipe.ts';

const templates = synthesize();
const { data, ingest } = templates;

describe('from the stream to the state machine', () => {
  test('the stream gzips, gathers as configured, and writes where the rule looks', () => {
    const [stream] = resourcesOf(
      synthesize({ 'caudal:bufferSeconds': 0, 'caudal:bufferMiB': 1 }).ingest,
      'AWS::KinesisFirehose::DeliveryStream',
    );
    expect(stream?.properties).toMatchObject({
      DeliveryStreamName: 'caudal-readings',
      DeliveryStreamType: 'DirectPut',
      ExtendedS3DestinationConfiguration: {
        BufferingHints: { IntervalInSeconds: 0, SizeInMBs: 1 },
        CompressionFormat: 'GZIP',
        Prefix: 'raw/!{timestamp:yyyy/MM/dd/HH}/',
        ErrorOutputPrefix: 'errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/',
        CloudWatchLoggingOptions: { Enabled: true },
      },
    });
  });

  test('the raw bucket tells EventBridge, and the rule takes new objects of raw/ and landing/ to the queue', () => {
    data.hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    });
    ingest.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: {
          bucket: { name: [Match.anyValue()] },
          object: { key: [{ prefix: 'raw/' }, { prefix: 'landing/' }] },
        },
      },
      Targets: [Match.objectLike({ DeadLetterConfig: { Arn: Match.anyValue() } })],
    });
  });

  test('messages that are given up go to the dead-letter queue, which keeps them for 14 days', () => {
    const queues = resourcesOf(ingest, 'AWS::SQS::Queue');
    const deadLetters = queues.find(({ id }) => id.includes('DeadLetters') && !id.includes('Bus'));
    const queue = queues.find(({ id }) => !id.includes('DeadLetters'));
    expect(queue?.properties.RedrivePolicy).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': [deadLetters?.id, 'Arn'] },
      maxReceiveCount: 5,
    });
    expect(deadLetters?.properties.MessageRetentionPeriod).toBe(14 * 24 * 3600);
  });

  test('the queue hides a message for longer than the pipe gathers', () => {
    const [pipe] = resourcesOf(ingest, 'AWS::Pipes::Pipe');
    const queue = resourcesOf(ingest, 'AWS::SQS::Queue').find(({ id }) => !id.includes('DeadLetters'));
    const window = pipe?.properties.SourceParameters.SqsQueueParameters.MaximumBatchingWindowInSeconds;
    expect(queue?.properties.VisibilityTimeout).toBeGreaterThan(window);
  });

  test('without a window a batch is of 10 messages: the poller of SQS refuses more', () => {
    const [pipe] = resourcesOf(synthesize({ 'caudal:batchWindowSeconds': 0 }).ingest, 'AWS::Pipes::Pipe');
    expect(pipe?.properties.SourceParameters.SqsQueueParameters).toEqual({
      BatchSize: batchSizeWithoutWindow,
      MaximumBatchingWindowInSeconds: 0,
    });
    expect(batchSizeWithoutWindow).toBe(10);
  });

  test('the pipe starts the machine and does not wait', () => {
    const [pipe] = resourcesOf(ingest, 'AWS::Pipes::Pipe');
    const [machine] = resourcesOf(ingest, 'AWS::StepFunctions::StateMachine');
    expect(pipe?.properties).toMatchObject({
      Target: { Ref: machine?.id },
      TargetParameters: { StepFunctionStateMachineParameters: { InvocationType: 'FIRE_AND_FORGET' } },
      SourceParameters: { SqsQueueParameters: { BatchSize: batchSize } },
    });
    expect(machine?.properties).toMatchObject({
      StateMachineName: 'caudal-ingest',
      StateMachineType: 'STANDARD',
    });
  });
});

describe('a batch of the pipe', () => {
  /** An S3 event as the queue delivers it to the pipe, for a key of 1,024 of the given byte. */
  function message(byte: string): string {
    const key = byte.repeat(1024);
    const bucket = 'b'.repeat(63);
    const body = JSON.stringify({
      version: '0',
      id: '17793124-05d4-b198-2fde-7ededc63b103',
      'detail-type': 'Object Created',
      source: 'aws.s3',
      account: '123456789012',
      time: '2025-03-01T00:00:00Z',
      region: 'ap-southeast-2',
      resources: [`arn:aws-us-gov:s3:::${bucket}`],
      detail: {
        version: '0',
        bucket: { name: bucket },
        object: {
          key,
          size: 9_999_999_999,
          etag: 'e'.repeat(40),
          'version-id': 'v'.repeat(64),
          sequencer: 's'.repeat(32),
        },
        'request-id': 'r'.repeat(32),
        requester: '123456789012',
        'source-ip-address': '2001:0db8:85a3:0000:0000:8a2e:0370:7334',
        reason: 'CompleteMultipartUpload',
      },
    });
    return JSON.stringify({
      messageId: '17793124-05d4-b198-2fde-7ededc63b103',
      receiptHandle: 'h'.repeat(600),
      body,
      attributes: {
        ApproximateReceiveCount: '1000',
        SentTimestamp: '1740787200000',
        SenderId: 'AROAEXAMPLEEXAMPLEEXA:events',
        ApproximateFirstReceiveTimestamp: '1740787200000',
        AWSTraceHeader: `Root=1-${'0'.repeat(32)};Parent=${'0'.repeat(16)};Sampled=1;Lineage=1:00000000:0`,
      },
      messageAttributes: {},
      md5OfBody: 'd'.repeat(32),
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws-us-gov:sqs:ap-southeast-2:123456789012:${'q'.repeat(80)}`,
      awsRegion: 'ap-southeast-2',
    });
  }

  test.each(['a', '"', '\\', '\u0001'])(
    'fits into an execution even when all keys are 1,024 times %j',
    (byte) => {
      const one = message(byte);
      expect(one.length).toBeLessThanOrEqual(maxMessageCharacters);
      expect(batchSize * (one.length + 1) + 2).toBeLessThanOrEqual(maxBatchCharacters);
    },
  );

  test('leaves room for what PlanIngest adds to it', () => {
    expect(batchSize * maxMessageCharacters + 2048).toBeLessThanOrEqual(maxBatchCharacters);
  });
});

describe('the permissions of the maps', () => {
  test.each(['ingest', 'jobs'] as const)(
    'a policy by itself lets the machine of %s start, watch, stop and redrive its children',
    (stack) => {
      const template = templates[stack];
      const [machine] = resourcesOf(template, 'AWS::StepFunctions::StateMachine');
      const granted = identityStatements(template).filter(([id]) => id.includes('DistributedMapPolicy'));
      const resourcesFor = (action: string) =>
        granted
          .filter(([, { Action }]) => many(Action).includes(action))
          .flatMap(([, { Resource }]) => many(Resource));
      expect(resourcesFor('states:StartExecution')).toEqual([{ Ref: machine?.id }]);
      for (const action of ['states:DescribeExecution', 'states:StopExecution', 'states:RedriveExecution']) {
        const text = JSON.stringify(resourcesFor(action));
        expect(text).toContain(`:execution:${machine?.properties.StateMachineName}:*`);
        expect(text).toContain(`:execution:${machine?.properties.StateMachineName}/*`);
      }
      // The machine waits for its role's own policy: a reference back would be a circle.
      const [policy] = granted.map(([id]) => id);
      expect(machine?.raw.DependsOn ?? []).not.toContain(policy);
    },
  );

  test('the machine reads manifests and writes results under staging/ only', () => {
    const [, statement] =
      identityStatements(ingest).find(
        ([id, { Action }]) => id.startsWith('WorkflowRole') && many(Action).includes('s3:PutObject'),
      ) ?? [];
    expect(many(statement?.Action).sort()).toEqual([
      's3:AbortMultipartUpload',
      's3:GetObject',
      's3:ListMultipartUploadParts',
      's3:PutObject',
    ]);
    expect(JSON.stringify(statement?.Resource)).toContain('/staging/*');
  });

  test('the log of an execution leaves its data out', () => {
    ingest.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      LoggingConfiguration: { IncludeExecutionData: false, Level: 'ALL', Destinations: Match.anyValue() },
      TracingConfiguration: { Enabled: true },
    });
  });
});
