import { type IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmDefinition } from './alarms.ts';
import { alarmPeriod } from './alarms.ts';
import type { HandlerFunction } from './handler-function.ts';

/** The sum of up to ten metrics, as many as one alarm takes. */
export function sumOf(metrics: readonly IMetric[], label: string, period = alarmPeriod): MathExpression {
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  // What has no data counts as 0: else there would be no sum while any function is idle.
  const expression = Object.keys(usingMetrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(' + ');
  return new MathExpression({ expression, usingMetrics, label, period });
}

/** Alarms about the functions of a state machine, of which it repeats what fails: a few errors are no news, errors that go on are. */
export function functionAlarms(of: {
  /** `ingest`, within the names of the alarms. */
  readonly name: string;
  /** For people: `of the ingestion`. */
  readonly whose: string;
  readonly functions: readonly HandlerFunction[];
}): AlarmDefinition[] {
  const { name, whose, functions } = of;
  const sum = (metricOf: (each: HandlerFunction) => IMetric, label: string) =>
    sumOf(functions.map(metricOf), label);
  return [
    {
      name: `caudal-${name}-functions-failed`,
      heading: 'caudal-functions-failed',
      description: `Functions ${whose} have gone on failing for 15 minutes.`,
      metric: sum(({ function: each }) => each.metricErrors({ period: alarmPeriod }), 'errors'),
      above: 0,
      periods: 3,
    },
    {
      name: `caudal-${name}-functions-throttled`,
      heading: 'caudal-functions-throttled',
      description: `Lambda has gone on refusing calls of functions ${whose} for 15 minutes.`,
      metric: sum(({ function: each }) => each.metricThrottles({ period: alarmPeriod }), 'throttles'),
      above: 0,
      periods: 3,
    },
  ];
}
