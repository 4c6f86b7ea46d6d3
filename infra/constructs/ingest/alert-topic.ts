import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ofStage } from '../../../core/stage.ts';
import type { Config } from '../../config.ts';
import { onBehalfOf } from '../shared/permissions.ts';

/** Lets alarms publish: a topic with a policy of its own no longer has the default one, by which those of the account may. */
export function takeAlarms(topic: Topic): void {
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'FromAlarms',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: onBehalfOf(
        Stack.of(topic).formatArn({
          service: 'cloudwatch',
          resource: 'alarm',
          resourceName: '*',
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ),
    }),
  );
}

/** Where people are told: alerts of the datasets' rules, and the alarms of the installation itself. */
export class AlertTopic extends Construct {
  readonly topic: Topic;

  /** @param props `deadLetters` takes what could not be posted to the webhook */
  constructor(scope: Construct, id: string, props: { key: IKey; config: Config; deadLetters: IQueue }) {
    super(scope, id);
    const { key, config, deadLetters } = props;
    this.topic = new Topic(this, 'Topic', {
      displayName: ofStage('Caudal', config.stage), // who the mails are from
      masterKey: key,
      enforceSSL: true,
      signatureVersion: '2', // SHA-256; the default is SHA-1
    });
    takeAlarms(this.topic);
    if (config.alertEmail !== undefined) {
      new Subscription(this, 'Email', {
        topic: this.topic,
        protocol: SubscriptionProtocol.EMAIL,
        endpoint: config.alertEmail,
      });
    }
    if (config.alertWebhook !== undefined) {
      new Subscription(this, 'Webhook', {
        topic: this.topic,
        protocol: SubscriptionProtocol.HTTPS,
        endpoint: config.alertWebhook,
        deadLetterQueue: deadLetters, // which gets the policy by which the topic may send to it
      });
    }
  }
}
