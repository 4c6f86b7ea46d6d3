import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { ofStage } from '../../../core/stage.ts';

export interface AlarmDefinition {
  /** Name of the alarm, which a stage ends, and heading in docs/runbook.md. */
  readonly name: string;
  /** One sentence: what has happened. */
  readonly description: string;
  readonly metric: IMetric;
  /** The alarm sounds above this value. */
  readonly above: number;
  /** Periods in a row that must be above; 1 unless set. */
  readonly periods?: number;
}

/** Period of the alarms' metrics. */
export const alarmPeriod = Duration.minutes(5);

/** Alarms that mail through the topic, when they begin and when they end. No data is no alarm: an idle installation is well. */
export class Alarms extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: { topic: ITopic; stage: string | undefined; alarms: readonly AlarmDefinition[] },
  ) {
    super(scope, id);
    for (const { name, description, metric, above, periods } of props.alarms) {
      const alarm = new Alarm(this, name, {
        alarmName: ofStage(name, props.stage),
        alarmDescription: `${description} What to do: docs/runbook.md, ${name}.`,
        metric,
        threshold: above,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: periods ?? 1,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      const action = new SnsAction(props.topic);
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
  }
}
