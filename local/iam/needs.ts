import { type AwsRequest, arn } from '../engine/calls.ts';
import { dynamoDbNeeds } from '../services/dynamodb/permissions.ts';
import { s3Needs } from '../services/s3/permissions.ts';
import type { Need, Needs } from './need.ts';

/** Operations whose permission has the operation's name, on the one resource that the call names. */
const sameName = (
  prefix: string,
  names: readonly string[],
  resourceOf: (request: AwsRequest) => string,
): Needs =>
  Object.fromEntries(
    names.map((name) => [
      name,
      (request) => [{ action: `${prefix}:${name}`, resource: resourceOf(request) }],
    ]),
  );

const lastOf = (value: unknown): string => String(value).split('/').at(-1) ?? '';

const queue = ({ input }: AwsRequest): string => arn('sqs', lastOf(input.QueueUrl));
const topic = ({ query }: AwsRequest): string => query.get('TopicArn') ?? query.get('TargetArn') ?? '';
const stream = ({ input }: AwsRequest): string =>
  arn('firehose', `deliverystream/${input.DeliveryStreamName}`);
const bus = (name: unknown): string => arn('events', `event-bus/${lastOf(name ?? 'default')}`);
const named = ({ input }: AwsRequest): string =>
  String(input.executionArn ?? input.mapRunArn ?? input.stateMachineArn);
const invoked = ({ path }: AwsRequest): string => {
  const name = decodeURIComponent(/\/functions\/([^/]+)/.exec(path)?.[1] ?? '');
  return name.startsWith('arn:') ? name : arn('lambda', `function:${name}`);
};
const logStream = ({ input }: AwsRequest): string =>
  arn('logs', `log-group:${input.logGroupName}:log-stream:${input.logStreamName ?? ''}`);

/** A batch takes the permission of the single operation. */
const batch =
  (action: string, resourceOf: (request: AwsRequest) => string) =>
  (request: AwsRequest): Need[] => [{ action, resource: resourceOf(request) }];

/**
 * What a role needs for each operation of the endpoint, by service and operation. STS tells everyone who they are;
 * CloudFormation, Cognito and what else is not listed are for the operator.
 */
export const needsOf: Readonly<Record<string, Needs>> = {
  s3: s3Needs,
  dynamodb: dynamoDbNeeds,
  sqs: {
    ...sameName(
      'sqs',
      [
        'ChangeMessageVisibility',
        'DeleteMessage',
        'GetQueueAttributes',
        'PurgeQueue',
        'ReceiveMessage',
        'SendMessage',
      ],
      queue,
    ),
    DeleteMessageBatch: batch('sqs:DeleteMessage', queue),
    SendMessageBatch: batch('sqs:SendMessage', queue),
  },
  sns: { Publish: batch('sns:Publish', topic), PublishBatch: batch('sns:Publish', topic) },
  firehose: sameName('firehose', ['DescribeDeliveryStream', 'PutRecord', 'PutRecordBatch'], stream),
  states: sameName(
    'states',
    [
      'DescribeExecution',
      'DescribeMapRun',
      'DescribeStateMachine',
      'GetExecutionHistory',
      'ListExecutions',
      'ListMapRuns',
      'RedriveExecution',
      'StartExecution',
      'StopExecution',
    ],
    named,
  ),
  events: {
    PutEvents: ({ input }) =>
      [
        ...new Set(
          ((input.Entries ?? []) as { EventBusName?: string }[]).map((entry) => bus(entry.EventBusName)),
        ),
      ].map((resource) => ({ action: 'events:PutEvents', resource })),
  },
  lambda: {
    Invoke: batch('lambda:InvokeFunction', invoked),
    ...sameName('lambda', ['GetFunction', 'GetFunctionConfiguration'], invoked),
  },
  logs: sameName('logs', ['CreateLogStream', 'PutLogEvents'], logStream),
  sts: { GetCallerIdentity: () => [] },
};
