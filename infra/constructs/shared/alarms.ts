import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { ofStage } from '../../../core/stage.ts';

export interface AlarmDefinition {
  /** Name of the alarm, which a stage ends. */
  readonly name: string;
  /** Heading in docs/runbook.md; the name unless set. */
  readonly heading?: string;
  /** One sentence: what has happened. */
  readonly description: string;
  readonly metric: IMetric;
  /** The alarm sounds above this value. */
  readonly above: number;
  /** Periods in a row that must be above; 1 unless set. */
  readonly periods?: number;
  /** True: a period without data is one above. No data is no alarm otherwise: an idle installation is well. */
  readonly soundsWithoutData?: boolean;
  /** True: data is lost, or stands still, and somebody is needed at once. */
  readonly pages?: boolean;
}

/** Period of the alarms' metrics. */
export const alarmPeriod = Duration.minutes(5);

/** Alarms that mail through the topic, when they begin and when they end. */
export class Alarms extends Construct {
  /**
   * Their names, by which other stacks speak of them. Not by their ARNs: CloudFormation keeps an export while another stack imports it, so
   * that an alarm could not be taken away by one deployment.
   */
  readonly names: readonly string[];
  /** Names of those for which somebody is needed at once. */
  readonly paging: readonly string[];

  constructor(
    scope: Construct,
    id: string,
    props: { topic: ITopic; stage: string | undefined; alarms: readonly AlarmDefinition[] },
  ) {
    super(scope, id);
    this.paging = props.alarms.flatMap(({ name, pages }) => (pages ? [ofStage(name, props.stage)] : []));
    this.names = props.alarms.map(({ name }) => ofStage(name, props.stage));
    for (const definition of props.alarms) {
      const { name, heading = name, description, metric, above, periods, soundsWithoutData } = definition;
      const alarm = new Alarm(this, name, {
        alarmName: ofStage(name, props.stage),
        alarmDescription: `${description} What to do: docs/runbook.md, ${heading}.`,
        metric,
        threshold: above,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: periods ?? 1,
        treatMissingData: soundsWithoutData ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
      });
      const action = new SnsAction(props.topic);
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
  }
}
