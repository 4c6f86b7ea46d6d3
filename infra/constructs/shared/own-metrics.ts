import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { datasetDimension, type MetricName, metrics, metricsNamespace } from '../../../core/metrics.ts';
import { ofStage } from '../../../core/stage.ts';
import type { Config } from '../../config.ts';
import { alarmPeriod } from './alarms.ts';

/** Where the functions' metrics are kept; each stage's apart. */
export const namespaceOf = ({ stage }: Config): string => ofStage(metricsNamespace, stage);

/** What the functions are given that write metrics only where an installation watches itself fully. */
export const fullMetrics = (config: Config): Record<string, string> =>
  config.observability === 'full' ? { METRICS_NAMESPACE: namespaceOf(config) } : {};

/**
 * A metric that the functions write to their logs. A count is its sum, unless it says otherwise.
 * @param options.dataset of the metrics that are by dataset, and of those alone
 */
export function ownMetric(
  name: MetricName,
  config: Config,
  options: { dataset?: string; statistic?: string } = {},
): Metric {
  const { dataset, statistic = metrics[name].unit === 'Count' ? 'Sum' : 'Maximum' } = options;
  return new Metric({
    namespace: namespaceOf(config),
    metricName: name,
    ...(dataset === undefined ? {} : { dimensionsMap: { [datasetDimension]: dataset }, label: dataset }),
    period: alarmPeriod,
    statistic,
  });
}
