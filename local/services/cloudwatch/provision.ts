import {
  type Provisioners,
  physicalName,
  type Resource,
  unsupportedProperties,
} from '../../template/resource.ts';
import { parseAlarmRule } from './alarm-rule.ts';
import { type Alarm, alarmArn, isComparison, type Watch } from './alarms.ts';
import { parseExpression } from './expression.ts';
import { isStatistic } from './metric-store.ts';
import { dimensionsOf, readQuery } from './read-query.ts';
import type { CloudWatch } from './service.ts';

/** Metric alarms and composite ones, whose actions are topics. */
export function provisionCloudWatch(cloudwatch: CloudWatch): Provisioners {
  const put = (resource: Resource, of: Alarm['of'], name: string) => {
    cloudwatch.putAlarm({
      name,
      of,
      description: resource.properties.AlarmDescription ?? '',
      actionsEnabled: resource.properties.ActionsEnabled !== false,
      actions: {
        ALARM: topicsOf(resource, 'AlarmActions'),
        OK: topicsOf(resource, 'OKActions'),
        INSUFFICIENT_DATA: topicsOf(resource, 'InsufficientDataActions'),
      },
    });
    return { ref: name, attributes: { Arn: alarmArn(name) } };
  };
  const nameOf = ({ stack, logicalId, properties }: Resource): string =>
    properties.AlarmName ?? physicalName(stack, logicalId, { maxLength: 255 });
  return {
    'AWS::CloudWatch::Alarm': (resource) => {
      unsupportedProperties(resource, [
        'EvaluateLowSampleCountPercentile',
        'ThresholdMetricId',
        'EvaluationCriteria',
      ]);
      return put(resource, { kind: 'metric', watch: watchOf(resource) }, nameOf(resource));
    },
    'AWS::CloudWatch::CompositeAlarm': (resource) => {
      unsupportedProperties(resource, ['ActionsSuppressor']);
      const rule = String(resource.properties.AlarmRule);
      parseAlarmRule(rule); // fails now, not when it is first looked at
      return put(resource, { kind: 'composite', rule }, nameOf(resource));
    },
  };
}

function topicsOf({ stack, logicalId, properties }: Resource, name: string): string[] {
  const actions: unknown[] = properties[name] ?? [];
  return actions.map((action) => {
    if (/^arn:aws:sns:/.test(String(action))) return String(action);
    throw new Error(`${stack}/${logicalId}: the local cloud takes topics of SNS as ${name}, not ${action}.`);
  });
}

const missings = ['breaching', 'notBreaching', 'ignore', 'missing'] as const;

function watchOf({ stack, logicalId, properties }: Resource): Watch {
  const refuse = (message: string): Error => new Error(`${stack}/${logicalId}: ${message}`);
  const queries = (properties.Metrics ?? [asQuery(properties)]).map(
    (query: Parameters<typeof readQuery>[0]) => readQuery(query, refuse),
  );
  const {
    ComparisonOperator,
    EvaluationPeriods,
    DatapointsToAlarm,
    Threshold,
    TreatMissingData = 'missing',
  } = properties;
  if (!isComparison(ComparisonOperator))
    throw refuse(`the local cloud does not support the comparison ${ComparisonOperator}.`);
  const missing = missings.find((each) => each === TreatMissingData);
  if (missing === undefined) throw refuse(`${TreatMissingData} is no way to treat missing data.`);
  let periodSeconds = 0;
  for (const { of } of queries as Watch['queries']) {
    if (of.kind === 'expression') parseExpression(of.text);
    else {
      if (!isStatistic(of.statistic))
        throw refuse(`the local cloud does not have the statistic ${of.statistic}.`);
      if (periodSeconds > 0 && periodSeconds !== of.periodSeconds)
        throw refuse('the local cloud takes metrics of one period in an alarm.');
      periodSeconds = of.periodSeconds;
    }
  }
  const periods = Number(EvaluationPeriods);
  return {
    ...{ queries, periodSeconds, periods, missing },
    datapoints: Number(DatapointsToAlarm ?? periods),
    threshold: Number(Threshold),
    comparison: ComparisonOperator,
  };
}

/** An alarm of one metric, as the one query that it stands for. */
const asQuery = ({
  Namespace,
  MetricName,
  Dimensions,
  Period,
  Statistic,
  ExtendedStatistic,
}: Resource['properties']) => ({
  Id: 'm1',
  MetricStat: {
    Metric: {
      Namespace,
      MetricName,
      Dimensions: Object.entries(dimensionsOf(Dimensions)).map(([Name, Value]) => ({ Name, Value })),
    },
    Period,
    Stat: Statistic ?? ExtendedStatistic,
  },
});
