import { datasetDimension } from '../../core/metrics.ts';
import {
  isBasic,
  isByDataset,
  type MetricSpan,
  type MetricSubject,
  metricSpans,
  type ShownMetric,
  type ShownMetricName,
  shownMetrics,
} from '../../core/shown-metrics.ts';
import type { Clock } from '../../ports/clock.ts';
import type { MetricQuery, MetricReader } from '../../ports/meter.ts';

export interface MetricsPorts {
  readonly reader: MetricReader;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Names of the datasets. */
  readonly datasets: readonly string[];
  /** Where the functions' own metrics are. */
  readonly namespace: string;
  /** The name, or ARN, that a service's metrics have of each part of the installation. */
  readonly subjects: Readonly<Record<Exclude<MetricSubject, 'source'>, string>> & {
    /** Undefined where no stream of Kinesis is read: its metrics are left out. */
    readonly source: string | undefined;
  };
  /** False: the functions write only their basic metrics. */
  readonly isFull: boolean;
}

/** A metric over a span. */
interface MetricRow {
  readonly name: ShownMetricName;
  readonly group: ShownMetric['group'];
  readonly unit: ShownMetric['unit'];
  /** Of a metric that is by dataset. */
  readonly dataset?: string;
  /** Null where nothing was measured. */
  readonly value: number | null;
  readonly values: (number | null)[];
}

export interface MetricsReport {
  readonly from: string;
  readonly to: string;
  readonly periodSeconds: number;
  readonly metrics: MetricRow[];
}

/** What an answer is good for. CloudWatch bills each metric of each question, and has a value a minute at most. */
const keptMs = 60_000;

/** Reads the metrics of an installation, each span at most once a minute, however many ask. */
export function createMetricsReport(ports: MetricsPorts): (span: MetricSpan) => Promise<MetricsReport> {
  const kept = new Map<MetricSpan, { untilMs: number; report: Promise<MetricsReport> }>();
  return (span) => {
    const nowMs = ports.clock.nowMs();
    const known = kept.get(span);
    if (known !== undefined && nowMs < known.untilMs && nowMs >= known.untilMs - keptMs) return known.report;
    const report = read(ports, span, nowMs);
    kept.set(span, { untilMs: nowMs + keptMs, report });
    report.catch(() => kept.delete(span)); // who asks next, asks anew
    return report;
  };
}

/** The periods of a span: whole ones, and the one that has begun. */
async function read(ports: MetricsPorts, span: MetricSpan, nowMs: number): Promise<MetricsReport> {
  const { periodSeconds, periods } = metricSpans[span];
  const periodMs = periodSeconds * 1_000;
  const toMs = (Math.floor(nowMs / periodMs) + 1) * periodMs;
  const fromMs = toMs - periods * periodMs;
  const wanted = rowsOf(ports);
  const found = await ports.reader.read(
    wanted.map(({ query }) => query),
    { fromMs, toMs, periodSeconds },
  );
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    periodSeconds,
    metrics: wanted.map(({ query: _, ...row }, index) => {
      const values = Array.from({ length: periods }, (_, at) => found[index]?.[at] ?? null);
      return { ...row, value: together(values, shownMetrics[row.name].value), values };
    }),
  };
}

/** What is shown, with how each is asked for. */
function rowsOf({ datasets, namespace, subjects, isFull }: MetricsPorts) {
  return Object.entries<ShownMetric>(shownMetrics)
    .filter(([, { of }]) => isFull || isBasic(of))
    .flatMap(([key, { group, unit, statistic, of }]) => {
      const row = { name: key as ShownMetricName, group, unit };
      const ask = (query: Omit<MetricQuery, 'statistic'>): MetricQuery => ({ ...query, statistic });
      if (typeof of !== 'string') {
        const subject = subjects[of.about];
        if (subject === undefined) return [];
        const dimensions = { [of.dimension]: subject };
        return [{ ...row, query: ask({ namespace: of.namespace, name: of.name, dimensions }) }];
      }
      if (!isByDataset(of)) return [{ ...row, query: ask({ namespace, name: of, dimensions: {} }) }];
      return datasets.map((dataset) => ({
        ...row,
        dataset,
        query: ask({ namespace, name: of, dimensions: { [datasetDimension]: dataset } }),
      }));
    });
}

function together(values: readonly (number | null)[], how: ShownMetric['value']): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  if (how === 'latest') return known.at(-1) ?? null;
  return how === 'sum' ? known.reduce((sum, value) => sum + value, 0) : Math.max(...known);
}
