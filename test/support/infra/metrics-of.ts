import { resourcesOf } from './resources.ts';
import type { Synthesized } from './synthesized.ts';

export interface ReadMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly { Name: string; Value: unknown }[];
}

// biome-ignore lint/suspicious/noExplicitAny: properties of a template, of which each is looked at
type Properties = any;

/** The metrics that the alarms of templates read, or their dashboards show; each as often as it is named. */
export function metricsOf(
  of: Synthesized,
  type: 'AWS::CloudWatch::Alarm' | 'AWS::CloudWatch::Dashboard' = 'AWS::CloudWatch::Alarm',
): ReadMetric[] {
  const found = resourcesOf(of, type).map(({ properties }): Properties => properties);
  if (type === 'AWS::CloudWatch::Dashboard')
    return found.flatMap(({ DashboardBody }) => shownIn(DashboardBody));
  return found.flatMap((alarm) => {
    if (alarm.Metrics === undefined) return [asRead(alarm)];
    return alarm.Metrics.flatMap(({ MetricStat }: Properties) =>
      MetricStat ? [asRead(MetricStat.Metric)] : [],
    );
  });
}

const asRead = ({ Namespace, MetricName, Dimensions = [] }: Properties): ReadMetric => ({
  namespace: Namespace,
  name: MetricName,
  dimensions: Dimensions,
});

/** A body is JSON in pieces, with references between them: what stands for each is no matter here. */
function shownIn(body: Properties): ReadMetric[] {
  const pieces: unknown[] = typeof body === 'string' ? [body] : body['Fn::Join'][1];
  const text = pieces.map((piece) => (typeof piece === 'string' ? piece : 'reference')).join('');
  const shown: Properties[] = JSON.parse(text).widgets.flatMap(
    ({ properties }: Properties) => properties.metrics ?? [],
  );
  return shown.flatMap((row) => {
    const [namespace, name, ...rest] = row as Properties[];
    if (typeof namespace !== 'string') return []; // an expression over others
    const words = rest.filter((word) => typeof word === 'string');
    const dimensions = words.flatMap((Name, at) => (at % 2 === 0 ? [{ Name, Value: words[at + 1] }] : []));
    return [{ namespace, name, dimensions }];
  });
}
