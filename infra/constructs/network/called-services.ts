import type { Config } from '../../config.ts';

/** A service that functions call, and what they ask of it. */
export interface CalledService {
  /** As the name of its endpoint ends: `kinesis-firehose`. */
  readonly endpoint: string;
  /** As its address begins, where that is another name. */
  readonly host?: string;
  /** True where the name of its endpoint begins with `cn.` in China's Regions, as that of some services does. */
  readonly isOtherInChina?: true;
  readonly actions: readonly string[];
  /** Of actions on resources whose ARN has no account, or that know none; else the ARN says whose they are. */
  readonly resource?: 'without an account' | 'none';
}

/** By gateways, which cost nothing. */
export const gatewayServices = [
  {
    endpoint: 's3',
    actions: [
      's3:AbortMultipartUpload',
      's3:DeleteObject',
      's3:GetObject',
      's3:GetObjectVersion',
      's3:ListBucket',
      's3:ListBucketVersions',
      's3:PutObject',
    ],
    resource: 'without an account',
  },
  {
    endpoint: 'dynamodb',
    actions: [
      'dynamodb:BatchGetItem',
      'dynamodb:BatchWriteItem',
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PartiQLInsert',
      'dynamodb:PartiQLUpdate',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    ],
  },
] as const satisfies readonly CalledService[];

/**
 * By interfaces, each of which costs by the hour and zone. Logs and traces of functions are not among them: Lambda sends these itself, from
 * its own network. A test compares all of this with what the roles of functions allow.
 */
export function interfaceServices({
  console,
  monthlyReports,
}: Pick<Config, 'console' | 'monthlyReports'>): readonly CalledService[] {
  return [
    ...(monthlyReports.length > 0
      ? [
          {
            endpoint: 'athena',
            isOtherInChina: true as const,
            actions: ['athena:GetQueryExecution', 'athena:GetQueryResults', 'athena:StartQueryExecution'],
          },
        ]
      : []),
    { endpoint: 'events', actions: ['events:DescribeRule', 'events:PutEvents'] },
    {
      endpoint: 'kinesis-firehose',
      host: 'firehose',
      actions: ['firehose:DescribeDeliveryStream', 'firehose:PutRecordBatch'],
    },
    {
      endpoint: 'monitoring',
      isOtherInChina: true,
      actions: ['cloudwatch:GetMetricData'],
      resource: 'none',
    },
    { endpoint: 'pipes', actions: ['pipes:DescribePipe'] },
    { endpoint: 'sns', actions: ['sns:Publish'] },
    { endpoint: 'sqs', isOtherInChina: true, actions: ['sqs:GetQueueAttributes'] },
    {
      endpoint: 'states',
      isOtherInChina: true,
      actions: [
        'states:DescribeExecution',
        'states:DescribeMapRun',
        'states:DescribeStateMachine',
        'states:GetExecutionHistory',
        'states:ListExecutions',
        'states:ListMapRuns',
        'states:RedriveExecution',
        'states:StartExecution',
      ],
    },
    ...(console ? [{ endpoint: 'cognito-idp', actions: ['cognito-idp:ListUserPoolClients'] }] : []),
  ];
}
