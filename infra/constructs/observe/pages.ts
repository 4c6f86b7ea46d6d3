import { AlarmRule, CompositeAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { ofStage } from '../../../core/stage.ts';
import { takeAlarms } from '../ingest/alert-topic.ts';

export interface PagesProps {
  readonly key: IKey;
  readonly stage: string | undefined;
  /** https address of a service that calls people. */
  readonly webhook: string;
  /** Names of the alarms for which somebody is needed at once. */
  readonly alarms: readonly string[];
}

/**
 * One alarm of several, which calls people: it begins with the first of them and ends with the last, so that a night has one call and not
 * eight. On a topic of its own: whoever reads alerts need not be who is on duty.
 */
export class Pages extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: PagesProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', {
      displayName: ofStage('Caudal pages', props.stage),
      masterKey: props.key,
      enforceSSL: true,
      signatureVersion: '2', // SHA-256; the default is SHA-1
    });
    takeAlarms(this.topic);
    new Subscription(this, 'Webhook', {
      topic: this.topic,
      protocol: SubscriptionProtocol.HTTPS,
      endpoint: props.webhook,
    });
    const name = 'caudal-page';
    const alarm = new CompositeAlarm(this, name, {
      compositeAlarmName: ofStage(name, props.stage),
      alarmDescription: `Readings are lost or stand still, or the API fails. What to do: docs/runbook.md, ${name}.`,
      // By their names: by their ARNs the stacks could not be changed one at a time.
      alarmRule: AlarmRule.fromString(props.alarms.map((each) => `ALARM("${each}")`).join(' OR ')),
    });
    const action = new SnsAction(this.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
}
