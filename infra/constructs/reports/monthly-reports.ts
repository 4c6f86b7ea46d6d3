import { Aws, Duration, Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnRule, Schedule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { lakeDatabase, lakeWorkgroup } from '../../../core/lake/athena.ts';
import { type LakeView, viewsNamedIn } from '../../../core/lake/lake-views.ts';
import { ofStage } from '../../../core/stage.ts';
import type { Config } from '../../config.ts';
import { type AlarmDefinition, alarmPeriod } from '../shared/alarms.ts';
import { sumOf } from '../shared/function-alarms.ts';
import {
  createAccessLogBucket,
  createDeadLetterQueue,
  encryptedBucketProps,
} from '../shared/guarded-resources.ts';
import { type HandlerCode, HandlerFunction } from '../shared/handler-function.ts';
import type { Permission } from '../shared/permissions.ts';

/** Three days after each month's end in UTC, so that it has ended for at least two days and a half by any clock, and late data are in. */
const schedule = Schedule.cron({ minute: '0', hour: '6', day: '4' });
/** How long the address in the message works. The session of a function's role, which signs it, lasts longer; AWS promises no number. */
const linkHours = 6;

export interface MonthlyReportsProps {
  readonly curated: Bucket;
  /** Where Athena keeps its answers. */
  readonly results: Bucket;
  readonly views: readonly LakeView[];
  /** The SQL of reports, by the name of the dataset. */
  readonly reports: Readonly<Record<string, string>>;
  readonly key: IKey;
  readonly config: Config;
  readonly code: HandlerCode;
}

/**
 * Some days after a month has ended a function makes the report of each dataset that was chosen: it asks Athena, writes the files, and tells of them on a
 * topic of its own, since whoever reads reports need not be who mends alarms. An event that failed three times waits in a queue: the next one is of another month.
 */
export class MonthlyReports extends Construct {
  readonly bucket: Bucket;
  readonly topic: Topic;
  readonly function: HandlerFunction;
  readonly rule: CfnRule;
  readonly deadLetterQueue: Queue;

  constructor(scope: Construct, id: string, props: MonthlyReportsProps) {
    super(scope, id);
    const { config, key, code } = props;
    this.bucket = this.#createBucket(props);
    this.topic = new Topic(this, 'Topic', {
      displayName: ofStage('Caudal reports', config.stage), // who the mails are from
      masterKey: key,
      enforceSSL: true,
      signatureVersion: '2', // SHA-256; the default is SHA-1
    });
    if (config.alertEmail !== undefined) {
      new Subscription(this, 'Email', {
        topic: this.topic,
        protocol: SubscriptionProtocol.EMAIL,
        endpoint: config.alertEmail,
      });
    }
    this.deadLetterQueue = createDeadLetterQueue(this, key);
    this.function = new HandlerFunction(this, 'MakeReport', {
      ...{ code, config, key },
      handler: 'reports/make-report',
      description: 'Makes the report of the month that ended, and tells of it',
      memoryMiB: 1769, // one vCPU: it draws all pages, and packs the data
      timeoutSeconds: 900,
      environment: {
        LAKE_DATABASE: lakeDatabase(config.stage),
        LAKE_WORKGROUP: lakeWorkgroup(config.stage),
        LINK_SECONDS: String(linkHours * 3600),
        REPORT_BUCKET: this.bucket.bucketName,
        REPORT_TOPIC_ARN: this.topic.topicArn,
      },
      permissions: [
        ...this.#ofAthena(props),
        { actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }, // so that an absent object is 404 and not 403
        {
          actions: ['s3:GetObject', 's3:PutObject'],
          resources: ['reports', 'made', 'links'].map((prefix) => this.bucket.arnForObjects(`${prefix}/*`)),
          wildcard: 'Files of reports are named by dataset, month and of whom they are.',
        },
        { actions: ['sns:Publish'], resources: [this.topic.topicArn] },
        { actions: ['sqs:SendMessage'], resources: [this.deadLetterQueue.queueArn] },
        {
          actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
          resources: [key.keyArn],
          via: ['s3', 'sns', 'sqs'],
        },
      ],
    });
    const resource = this.function.function.node.defaultChild as CfnFunction;
    resource.deadLetterConfig = { targetArn: this.deadLetterQueue.queueArn };
    this.rule = this.#createRule(config.monthlyReports);
  }

  #createBucket({ key, config }: MonthlyReportsProps): Bucket {
    const retain = config.protectData;
    // Of its own: the log bucket of CaudalData would have to name this bucket, and the stacks would wait for each other.
    const accessLogs = createAccessLogBucket(this, { retain, days: config.accessLogDays });
    return new Bucket(this, 'Reports', {
      ...encryptedBucketProps({ retain, key, accessLogs, prefix: 'reports/' }),
      lifecycleRules: [
        { id: 'ended-links', prefix: 'links/', expiration: Duration.days(1) },
        { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
    });
  }

  /** What Athena does for whoever asks it, with the rights of who asks: of the datasets that the SQL of the reports names, and no other. */
  #ofAthena({ curated, results, views, reports, config }: MonthlyReportsProps): Permission[] {
    const { stage, monthlyReports } = config;
    const named = viewsNamedIn(monthlyReports.map((dataset) => reports[dataset] ?? '').join('\n'), views);
    const database = lakeDatabase(stage);
    const arn = (service: string, resource: string, resourceName?: string): string =>
      Stack.of(this).formatArn({
        ...{ service, resource },
        ...(resourceName === undefined ? {} : { resourceName }),
      });
    const catalog = [arn('glue', 'catalog'), arn('glue', 'database', database)];
    return [
      {
        actions: ['athena:StartQueryExecution', 'athena:GetQueryExecution', 'athena:GetQueryResults'],
        resources: [arn('athena', 'workgroup', lakeWorkgroup(stage))],
      },
      { actions: ['glue:GetDatabase'], resources: catalog },
      {
        actions: ['glue:GetPartitions', 'glue:GetTable'],
        resources: [
          ...catalog,
          ...named.flatMap(({ name, files }) =>
            [name, files].map((table) => arn('glue', 'table', `${database}/${table}`)),
          ),
        ],
      },
      { actions: ['s3:ListBucket'], resources: [curated.bucketArn] },
      {
        actions: ['s3:GetObject'],
        resources: named.map(({ dataset }) =>
          curated.arnForObjects(`curated/dataset=${dataset.storageName}/*`),
        ),
        wildcard: 'Partitions are named by day and shard; all of a dataset lie under its prefix.',
      },
      { actions: ['s3:GetBucketLocation', 's3:ListBucket'], resources: [results.bucketArn] },
      {
        actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
        resources: [results.arnForObjects('*')],
        wildcard: 'Athena names an answer by the id of its statement; nothing else is in the bucket.',
      },
    ];
  }

  #createRule(datasets: readonly string[]): CfnRule {
    const rule = new CfnRule(this, 'EachMonth', {
      description: 'Reports of Caudal of the month that ended',
      scheduleExpression: schedule.expressionString,
      targets: datasets.map((dataset) => ({
        id: dataset,
        arn: this.function.function.functionArn,
        inputTransformer: {
          inputPathsMap: { time: '$.time' },
          inputTemplate: `{"dataset":"${dataset}","time":<time>}`,
        },
        deadLetterConfig: { arn: this.deadLetterQueue.queueArn },
        retryPolicy: { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 },
      })),
    });
    this.function.function.addPermission('FromSchedule', {
      principal: new ServicePrincipal('events.amazonaws.com'),
      sourceArn: rule.attrArn,
      sourceAccount: Aws.ACCOUNT_ID,
    });
    this.deadLetterQueue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'FromRule',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.deadLetterQueue.queueArn],
        conditions: {
          ArnEquals: { 'aws:SourceArn': rule.attrArn },
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        },
      }),
    );
    return rule;
  }
}

/** That a report is not made, at its first failure, and that it was given up, until somebody has looked. */
export const reportAlarms = ({
  function: made,
  rule,
  deadLetterQueue,
}: MonthlyReports): AlarmDefinition[] => [
  {
    name: 'caudal-report-failed',
    description: 'The report of a month was not made: the function failed, or was not called.',
    metric: sumOf(
      [
        made.function.metricErrors({ period: alarmPeriod, statistic: 'Sum' }),
        new Metric({
          namespace: 'AWS/Events',
          metricName: 'FailedInvocations',
          dimensionsMap: { RuleName: rule.ref },
          period: alarmPeriod,
          statistic: 'Sum',
        }),
      ],
      'reports that failed',
    ),
    above: 0,
  },
  {
    name: 'caudal-report-dead-letters',
    description: 'The report of a month was given up after three attempts; nobody makes it any more.',
    metric: deadLetterQueue.metricApproximateNumberOfMessagesVisible({
      period: alarmPeriod,
      statistic: 'Maximum',
    }),
    above: 0,
  },
];
