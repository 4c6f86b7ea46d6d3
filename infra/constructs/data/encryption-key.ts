import { ArnFormat, Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { onBehalfOf } from '../shared/permissions.ts';

/** What a state machine's log records are encrypted for on their way to their group: any group of this account and Region. */
export const deliveredLogs = (scope: Construct): string =>
  Stack.of(scope).formatArn({ service: 'logs', resource: '*', arnFormat: ArnFormat.NO_RESOURCE_NAME });

/**
 * The one key of an installation: buckets, tables, queues, topics, delivery stream, state machines, event bus and log groups.
 *
 * The services that use it on their own behalf are named here, and not by the stacks that need them, because a key policy
 * that refers to another stack's resources would make the stacks depend on each other in a circle.
 */
export class EncryptionKey extends Construct {
  readonly key: Key;

  /** @param props `trailArn` of the trail whose files it encrypts, if there is one */
  constructor(scope: Construct, id: string, props: { retain: boolean; trailArn?: string }) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      description: 'Caudal: readings, statistics, queues, alerts and logs',
      enableKeyRotation: true,
      removalPolicy: props.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const ofThisAccount = { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } };
    for (const [sid, service, conditions] of [
      // No condition on the source: EventBridge is not documented to name one to the key of an encrypted target, and where it
      // names none its events are lost without a word. What it may send where is in the policies of the queues.
      ['RuleToQueue', 'events.amazonaws.com', {}],
      ['AlarmToTopic', 'cloudwatch.amazonaws.com', ofThisAccount],
      ['TopicToQueue', 'sns.amazonaws.com', ofThisAccount],
    ] as const) {
      this.key.addToResourcePolicy(
        new PolicyStatement({
          sid,
          effect: Effect.ALLOW,
          principals: [new ServicePrincipal(service)],
          actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
          resources: ['*'], // in a key policy `*` is the key itself
          conditions,
        }),
      );
    }
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Bus',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'],
        resources: ['*'], // in a key policy `*` is the key itself
        conditions: onBehalfOf(
          Stack.of(this).formatArn({
            service: 'events',
            resource: 'event-bus',
            resourceName: '*',
          }),
        ),
      }),
    );
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'DeliveredLogs',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('delivery.logs.amazonaws.com')],
        actions: ['kms:Decrypt'],
        resources: ['*'], // in a key policy `*` is the key itself
        conditions: { StringEquals: { 'kms:EncryptionContext:SourceArn': deliveredLogs(this) } },
      }),
    );
    if (props.trailArn !== undefined) {
      this.key.addToResourcePolicy(
        new PolicyStatement({
          sid: 'Trail',
          effect: Effect.ALLOW,
          principals: [new ServicePrincipal('cloudtrail.amazonaws.com')],
          actions: ['kms:DescribeKey', 'kms:GenerateDataKey'],
          resources: ['*'], // in a key policy `*` is the key itself
          conditions: { ArnEquals: { 'aws:SourceArn': props.trailArn } },
        }),
      );
    }
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'LogGroups',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal(`logs.${Aws.REGION}.${Aws.URL_SUFFIX}`)], // .com.cn in China
        actions: [
          'kms:Decrypt',
          'kms:Encrypt',
          'kms:GenerateDataKey',
          'kms:GenerateDataKeyWithoutPlaintext', // AWS's page names the family; without one of them no log group could be made
          'kms:ReEncryptFrom',
          'kms:ReEncryptTo',
        ],
        resources: ['*'], // in a key policy `*` is the key itself
        conditions: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:*`,
          },
        },
      }),
    );
  }
}
