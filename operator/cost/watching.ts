import { countMetrics } from '../../core/metrics.ts';
import { price } from './prices.ts';

/** What `caudal:observability` makes of an installation, in what CloudWatch bills for. */
export interface Watching {
  /** Metrics that alarms read: each is billed as an alarm. */
  readonly alarmMetrics: number;
  readonly metrics: number;
  readonly dashboards: number;
}

/** Alarms that read one metric count once, those over several as often; a test compares them with the templates. */
const alarmMetrics = { basic: 24, full: 52 };

/** @param datasets how many there are: some metrics are by dataset */
export const watching = (which: 'basic' | 'full', datasets: number): Watching => ({
  alarmMetrics: alarmMetrics[which],
  metrics: countMetrics(datasets, which),
  dashboards: which === 'full' ? 1 : 0,
});

/** Dollars a month, whatever arrives; metrics only in months in which something does. */
export function watchingPrice({ alarmMetrics: alarms, metrics, dashboards }: Watching): number {
  return alarms * price.alarm + metrics * price.metric + dashboards * price.dashboard;
}
