import type { Grant } from './grants.ts';

/** Grants that nothing local can need, each with the reason why the installation on AWS does. */
export interface KeptGrant {
  /** Of the resource that has the policy, by its logical id. */
  of: RegExp;
  actions: readonly string[];
  /** Default: every resource of the statement. */
  on?: RegExp;
  reason: string;
  /** Whether a run that takes long does need it: it is no news then that the reason does not hold. */
  unlessSlow?: true;
}

export const keptGrants: readonly KeptGrant[] = [
  {
    of: /RoleDefaultPolicy/,
    actions: ['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:DescribeNetworkInterfaces'],
    reason: 'Lambda and Pipes connect what they run to a network; here there are no interfaces.',
  },
  {
    of: /^FlowsRole/,
    actions: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents', 'sts:AssumeRole'],
    reason: 'Flow logs write down packets; here there are none.',
  },
  {
    of: /RoleDefaultPolicy/,
    actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
    reason: 'Lambda and Step Functions send traces to X-Ray, which is not here; X-Ray names no resources.',
  },
  {
    of: /^WorkflowRoleDefaultPolicy/,
    actions: ['xray:GetSamplingRules', 'xray:GetSamplingTargets'],
    reason: 'Step Functions asks X-Ray which executions to trace.',
  },
  {
    of: /^WorkflowRoleDefaultPolicy/,
    actions: [
      'logs:CreateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:DescribeLogGroups',
      'logs:DescribeResourcePolicies',
      'logs:GetLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:UpdateLogDelivery',
    ],
    reason:
      'Step Functions sets up the delivery of its own logs with them when the machine is created; here it writes none.',
  },
  {
    of: /^WorkflowDistributedMapPolicy/,
    actions: ['states:DescribeExecution', 'states:RedriveExecution', 'states:StopExecution'],
    reason:
      "Step Functions watches, stops and redrives the children of a map under the machine's role; here they run inside of the machine.",
  },
  {
    of: /^OperationFunctions\w+RoleDefaultPolicy/,
    actions: ['states:DescribeExecution', 'states:ListExecutions'],
    on: /:(express|mapRun):/,
    reason:
      'Items of maps that failed are looked at: their children catch every error, and fail by themselves only when their time runs out.',
  },
  {
    of: /^OperationFunctions\w+RoleDefaultPolicy/,
    actions: ['kms:Decrypt'],
    reason:
      'Step Functions decrypts what it answers about an encrypted machine, its definition and its executions, with the right of the caller; here the caller needs none.',
  },
  {
    of: /^WorkflowRoleDefaultPolicy/,
    actions: ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
    reason: 'Step Functions writes the results of a map in parts; here they are one object.',
  },
  {
    of: /^(Kinesis)?ReadingsRoleDefaultPolicy/,
    actions: [
      's3:AbortMultipartUpload',
      's3:GetBucketLocation',
      's3:GetObject',
      's3:ListBucket',
      's3:ListBucketMultipartUploads',
      'kms:Decrypt',
    ],
    reason: 'Firehose uploads in parts and looks after what it left unfinished; here it puts one object.',
  },
  {
    of: /^(Kinesis)?ReadingsRoleDefaultPolicy/,
    actions: ['s3:PutObject'],
    on: /\/errors\/\*$/,
    reason: 'Firehose writes there what it can not deliver; here it tries again for ever.',
  },
  {
    of: /^EncryptionKey/,
    actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'],
    reason:
      'CloudWatch sends alarms to the encrypted topic, its delivery decrypts the logs of state machines, and CloudTrail encrypts its files; none is here.',
  },
  {
    of: /^WorkflowRoleDefaultPolicy/,
    actions: ['kms:GenerateDataKey'],
    reason: 'Step Functions encrypts its log records for their delivery; here it writes none.',
  },
  {
    of: /^EncryptionKey/,
    actions: ['kms:GenerateDataKeyWithoutPlaintext'],
    reason:
      "AWS's page on encrypted log groups grants all of kms:GenerateDataKey*, and does not say which CloudWatch Logs calls; here it calls the other.",
  },
  {
    of: /^(AlertsTopicPolicy|PagesTopicPolicy)/,
    actions: ['sns:Publish'],
    reason:
      'CloudWatch sends alarms to the topics; the exercise makes none sound, as test/e2e/options.test.ts does.',
  },
  {
    of: /^AuditLogsPolicy/,
    actions: ['s3:GetBucketAcl', 's3:PutObject'],
    reason: 'CloudTrail looks at its bucket and writes its files; no calls are recorded here.',
  },
  {
    of: /AccessLogsPolicy/,
    actions: ['s3:PutObject'],
    reason: 'S3 delivers its access logs; there are none here.',
  },
  {
    of: /^IngestDeadLettersPolicy/,
    actions: ['sqs:SendMessage'],
    reason:
      'EventBridge leaves there what it could not send to the queue in a day; here it can always send, or never may.',
  },
  {
    of: /^BusDeadLettersPolicy/,
    actions: ['sqs:SendMessage'],
    reason:
      'EventBridge leaves there what it can not encrypt or decrypt, and SNS what it could not post; here the one refuses the call that brings it, and the other posts nothing.',
  },
  {
    of: /^DevicesProvisioningDefaultPolicy/,
    actions: ['iot:DescribeCertificate', 'iot:DescribeThing', 'iot:UpdateThing'],
    reason:
      'IoT Core looks at what it provisions, and brings a thing up to date that was there before; here it looks into its own registry, and leaves that as it is.',
  },
  {
    of: /^KafkaReadingsRoleDefaultPolicy/,
    actions: [
      ...['kafka:DescribeCluster', 'kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'],
      ...['kafka-cluster:Connect', 'kafka-cluster:DescribeClusterDynamicConfiguration'],
      ...['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'],
      ...['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'],
      ...['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:DescribeNetworkInterfaces'],
      ...['ec2:DescribeSecurityGroups', 'ec2:DescribeSubnets', 'ec2:DescribeVpcs'],
      'firehose:PutRecordBatch',
    ],
    reason:
      'Pipes reads a cluster of Kafka from within its network; there is none here, and so nothing to put.',
  },
  {
    of: /^SilenceWatchSilenceFunctionFromSchedule/,
    actions: ['lambda:InvokeFunction'],
    reason: 'The schedule calls the function once in five minutes: the exercise calls it by itself.',
    unlessSlow: true,
  },
  {
    of: /^MonthlyMakeReportRoleDefaultPolicy/,
    actions: ['glue:GetPartitions'],
    reason:
      "Athena's page on access to the catalog names it for whoever reads a table with partitions; here, as by Athena too where it does as it says, partitions are projected.",
  },
  {
    of: /^MonthlyMakeReportRoleDefaultPolicy/,
    actions: ['s3:AbortMultipartUpload', 's3:ListBucket'],
    on: /lakeresults/i,
    reason:
      'Athena looks into the bucket of its answers, and uploads long ones in parts; here an answer is in memory.',
  },
  {
    of: /^MonthlyDeadLettersPolicy/,
    actions: ['sqs:SendMessage'],
    reason:
      'EventBridge leaves there what it could not hand to the function in a day; here it can always, or never may.',
  },
  {
    of: /^NoticesDeadLettersPolicy/,
    actions: ['sqs:SendMessage'],
    reason: 'SNS leaves there what it could not send to the queue; here it can always send, or never may.',
  },
];

/** Those that keep a grant: every pair of an action and a resource that it consists of is kept by one. */
export function keptBy({ statement, action, resource }: Grant): readonly KeptGrant[] {
  const actions = action === undefined ? statement.actions : [action];
  const resources = resource === undefined ? statement.resources : [resource];
  const keeping = actions.flatMap((each) =>
    resources.map((on) =>
      keptGrants.find(
        (kept) =>
          kept.of.test(statement.origin.logicalId) &&
          kept.actions.includes(each) &&
          (kept.on?.test(on) ?? true),
      ),
    ),
  );
  return keeping.includes(undefined) ? [] : [...new Set(keeping as KeptGrant[])];
}

/** Grants without which a call is denied and everything comes to the same end all the same. */
const quiet: readonly { of: RegExp; actions: readonly string[]; reason: string }[] = [
  {
    of: /^((Job|Operation)?Functions|Silence|Monthly)\w+RoleDefaultPolicy/,
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    reason: 'A function goes on without its log.',
  },
  {
    of: /^FunctionsValidateSegmentRoleDefaultPolicy/,
    actions: ['s3:ListBucket'],
    reason:
      'A segment that is missing fails either way; with the grant the error says so, without it that it is forbidden.',
  },
];

export function isQuiet({ statement, action }: Grant): boolean {
  const actions = action === undefined ? statement.actions : [action];
  return quiet.some(
    ({ of, actions: known }) =>
      of.test(statement.origin.logicalId) && actions.every((each) => known.includes(each)),
  );
}
