import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  ListExportsCommand,
  ListStacksCommand,
} from '@aws-sdk/client-cloudformation';
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CognitoIdentityProviderClient,
  DescribeUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Served, scratch, serve } from '../../test/support/local/harness.ts';
import { createCloudFormation } from '../services/cloudformation/service.ts';
import { createLogs } from '../services/logs/service.ts';
import { createS3 } from '../services/s3/service.ts';
import { createSns } from '../services/sns/service.ts';
import { createSqs } from '../services/sqs/service.ts';
import { createSts } from '../services/sts/service.ts';
import { AwsError, type Call } from './calls.ts';

let place: ReturnType<typeof scratch>;
let served: Served;
let close: (() => unknown)[];
let calls: Call[];
let refuse: (call: Call) => AwsError | undefined;
const formation = createCloudFormation();

beforeEach(async () => {
  place = scratch();
  calls = [];
  refuse = () => undefined;
  const queues = createSqs({ directory: `${place.directory}/sqs` });
  const topics = createSns({ directory: `${place.directory}/sns`, queues });
  const logs = createLogs({ directory: `${place.directory}/logs` });
  const s3 = createS3({ directory: `${place.directory}/s3` });
  s3.createBucket({ name: 'bucket' });
  queues.createQueue({ name: 'q' });
  logs.append({ group: '/aws/lambda/f', stream: '2026/a[1]b', message: 'ERROR one', timestampMs: 1000 });
  const services = [queues, topics, logs, s3, formation, createSts()];
  served = await serve(services, [
    async (call) => {
      calls.push(call);
      const error = refuse(call);
      if (error !== undefined) throw error;
    },
  ]);
  close = [
    () => served.close(),
    () => queues.close(),
    () => topics.close(),
    () => logs.close(),
    () => s3.close(),
  ];
});
afterEach(async () => {
  for (const each of close) await each();
  await place.remove();
});

const once = () => ({ ...served.reach, maxAttempts: 1 });

describe('interceptors', () => {
  const put = () =>
    new S3Client(once()).send(new PutObjectCommand({ Bucket: 'bucket', Key: 'a b', Body: 'x' }));

  test('see each call with its caller and resource, before and after', async () => {
    await put();
    const QueueUrl = `${served.reach.endpoint}/000000000000/q`;
    await new SQSClient(once()).send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    const s3 = {
      service: 's3',
      action: 'PutObject',
      resource: 'arn:aws:s3:::bucket/a b',
      accessKeyId: 'LKIAtest',
    };
    const sqs = { service: 'sqs', action: 'SendMessage', resource: 'arn:aws:sqs:us-east-1:000000000000:q' };
    expect(calls).toMatchObject([
      { ...s3, phase: 'before' },
      { ...s3, phase: 'after', status: 200 },
      { ...sqs, phase: 'before' },
      { ...sqs, phase: 'after', status: 200 },
    ]);
  });

  test('may refuse a call, or lose its answer', async () => {
    refuse = ({ phase }) =>
      phase === 'before' ? new AwsError('AccessDenied', 'No.', { status: 403 }) : undefined;
    await expect(put()).rejects.toMatchObject({ name: 'AccessDenied', message: 'No.' });
    refuse = ({ phase }) =>
      phase === 'after' ? new AwsError('SlowDown', 'Later.', { status: 503 }) : undefined;
    await expect(put()).rejects.toMatchObject({ name: 'SlowDown' });
    expect(calls.map(({ phase }) => phase)).toEqual(['before', 'before', 'after']);
  });
});

describe('what is not there is named', () => {
  test.each([
    ['json', () => new SQSClient(once()).send(new CreateQueueCommand({ QueueName: 'x' })), 'sqs:CreateQueue'],
    ['query', () => new SNSClient(once()).send(new CreateTopicCommand({ Name: 'x' })), 'sns:CreateTopic'],
    ['query', () => new STSClient(once()).send(new GetSessionTokenCommand({})), 'sts:GetSessionToken'],
    [
      'a service',
      () =>
        new CognitoIdentityProviderClient(once()).send(
          new DescribeUserPoolCommand({ UserPoolId: 'us-east-1_x' }),
        ),
      'AWSCognitoIdentityProviderService',
    ],
  ] as const)('%s', async (_, call, name) => {
    const error = await call().then(
      () => expect.fail('It succeeded'),
      (error: Error) => error,
    );
    expect([error.name, error.message]).toEqual(['UnknownOperationException', expect.stringContaining(name)]);
  });

  test('an unsigned call is refused, and a body that is too large or not JSON', async () => {
    const url = served.reach.endpoint;
    const target = { 'x-amz-target': 'AmazonSQS.SendMessage' };
    const authorization = 'AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/sqs/aws4_request, Signature=0';
    const post = (headers: Record<string, string>, body: string) =>
      fetch(url, { method: 'POST', headers, body });
    expect((await post(target, '{}')).status).toBe(403);
    const bad = await post({ ...target, authorization }, '{');
    expect([bad.status, (await bad.json()) as object]).toMatchObject([
      400,
      { __type: 'SerializationException' },
    ]);
    expect((await post({ ...target, authorization }, 'x'.repeat(9_000_000))).status).toBe(413);
  });
});

test('STS tells the caller who it is', async () => {
  const identity = await new STSClient(once()).send(new GetCallerIdentityCommand({}));
  expect(identity).toMatchObject({ Account: '000000000000', Arn: 'arn:aws:iam::000000000000:user/LKIAtest' });
});

test('CloudFormation shows the stacks that run', async () => {
  formation.setStacks([
    {
      name: 'CaudalData',
      createdAt: new Date(0),
      outputs: [{ key: 'RawBucket', value: 'raw & co', exportName: 'raw' }],
      resources: [{ logicalId: 'Raw', physicalId: 'raw', type: 'AWS::S3::Bucket' }],
    },
  ]);
  const client = new CloudFormationClient(once());
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'CaudalData' }));
  expect(Stacks).toMatchObject([
    { StackStatus: 'CREATE_COMPLETE', Outputs: [{ OutputKey: 'RawBucket', OutputValue: 'raw & co' }] },
  ]);
  expect((await client.send(new ListStacksCommand({}))).StackSummaries).toHaveLength(1);
  expect((await client.send(new ListExportsCommand({}))).Exports).toMatchObject([
    { Name: 'raw', Value: 'raw & co' },
  ]);
  const { StackResources } = await client.send(
    new DescribeStackResourcesCommand({ StackName: 'CaudalData' }),
  );
  expect(StackResources).toMatchObject([{ LogicalResourceId: 'Raw', PhysicalResourceId: 'raw' }]);
  await expect(client.send(new DescribeStacksCommand({ StackName: 'None' }))).rejects.toThrow(
    'does not exist',
  );
});

test('CloudWatch Logs holds what functions and clients write', async () => {
  const client = new CloudWatchLogsClient(once());
  const logGroupName = '/aws/lambda/f';
  await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 's' }));
  const logEvents = [2000, 3000].map((timestamp) => ({ timestamp, message: `line ${timestamp}` }));
  await client.send(new PutLogEventsCommand({ logGroupName, logStreamName: 's', logEvents }));
  expect((await client.send(new DescribeLogGroupsCommand({}))).logGroups).toMatchObject([{ logGroupName }]);
  const { logStreams } = await client.send(new DescribeLogStreamsCommand({ logGroupName }));
  expect(logStreams?.map(({ logStreamName }) => logStreamName)).toEqual(['2026/a[1]b', 's']);
  const read = { logGroupName, logStreamName: 's', startFromHead: true, limit: 1 };
  const first = await client.send(new GetLogEventsCommand(read));
  const second = await client.send(new GetLogEventsCommand({ ...read, nextToken: first.nextForwardToken }));
  const end = await client.send(new GetLogEventsCommand({ ...read, nextToken: second.nextForwardToken }));
  expect([first, second, end].map(({ events }) => events?.map(({ timestamp }) => timestamp))).toEqual([
    [2000],
    [3000],
    [],
  ]);
  expect(end.nextForwardToken).toBe(second.nextForwardToken);
  const filter = async (filterPattern: string) =>
    (await client.send(new FilterLogEventsCommand({ logGroupName, filterPattern }))).events?.map(
      ({ message }) => message,
    );
  expect(await filter('')).toEqual(['ERROR one', 'line 2000', 'line 3000']);
  expect(await filter('ERROR')).toEqual(['ERROR one']);
  expect(await filter('line -2000')).toEqual(['line 3000']);
  await expect(filter('{ $.level = "x" }')).rejects.toMatchObject({ name: 'InvalidParameterException' });
});
