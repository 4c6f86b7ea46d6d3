import { Duration, Stack } from 'aws-cdk-lib';
import { CfnRule, Schedule } from 'aws-cdk-lib/aws-events';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Config } from '../../config.ts';
import type { Buckets } from '../data/buckets.ts';
import type { Tables } from '../data/tables.ts';
import { type HandlerCode, HandlerFunction } from '../shared/handler-function.ts';
import { tableKeyActions } from '../shared/permissions.ts';

/** Minutes from one look to the next. */
const everyMinutes = 5;

/**
 * That there are no readings is in no reading: every few minutes a function compares the newest ones with the clock, for the rules about silence. What a
 * look that failed did not see, the next one does: it needs no queue for what could not be delivered, and has an alarm.
 */
export class SilenceWatch extends Construct {
  readonly function: HandlerFunction;
  readonly rule: CfnRule;

  constructor(
    scope: Construct,
    id: string,
    props: {
      readonly buckets: Buckets;
      readonly tables: Tables;
      readonly topic: ITopic;
      readonly key: IKey;
      readonly config: Config;
      readonly code: HandlerCode;
    },
  ) {
    super(scope, id);
    const { buckets, tables, topic, key, config, code } = props;
    const { curated } = buckets;
    this.function = new HandlerFunction(this, 'WatchSilence', {
      ...{ code, config, key },
      handler: 'ingest/watch-silence',
      description: 'Tells of series that have had no value for longer than a rule says',
      memoryMiB: 1769, // one vCPU: it reads the partitions of the last days
      timeoutSeconds: 120, // a claim of an alert lasts as long
      environment: {
        CURATED_BUCKET: curated.bucketName,
        ALERTS_TABLE: tables.alerts.tableName,
        ALERT_TOPIC_ARN: topic.topicArn,
      },
      permissions: [
        { actions: ['s3:ListBucket'], resources: [curated.bucketArn] }, // so that an absent object is 404 and not 403
        {
          actions: ['s3:GetObject'],
          resources: [curated.arnForObjects('curated/*')],
          wildcard: 'Partitions are named by dataset, day and shard; all lie under this prefix.',
        },
        {
          actions: ['dynamodb:GetItem', 'dynamodb:PartiQLUpdate', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
          resources: [tables.alerts.tableArn],
        },
        {
          actions: ['dynamodb:Query'],
          resources: [`${tables.alerts.tableArn}/index/by-day`, `${tables.alerts.tableArn}/index/pending`],
        },
        { actions: ['sns:Publish'], resources: [topic.topicArn] },
        { actions: tableKeyActions, resources: [key.keyArn], via: ['dynamodb', 's3', 'sns'] },
      ],
    });
    this.rule = new CfnRule(this, 'EveryFewMinutes', {
      description: 'Looks which series of Caudal are silent',
      scheduleExpression: Schedule.rate(Duration.minutes(everyMinutes)).expressionString,
      targets: [
        {
          id: 'watch',
          arn: this.function.function.functionArn,
          retryPolicy: { maximumEventAgeInSeconds: everyMinutes * 60, maximumRetryAttempts: 1 },
        },
      ],
    });
    this.function.function.addPermission('FromSchedule', {
      principal: new ServicePrincipal('events.amazonaws.com'),
      sourceArn: this.rule.attrArn,
      sourceAccount: Stack.of(this).account,
    });
  }
}
