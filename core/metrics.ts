/**
 * The metrics that the functions write to their logs (embedded metric format), by name: alarms, dashboard, costs and documents follow
 * from this table. CloudWatch bills each name, and each value of a dimension, as a metric of its own: so none has a dimension but those
 * of `byDataset`, and nothing is ever counted by sensor.
 */
export interface MetricDefinition {
  readonly unit: 'Count' | 'Seconds';
  /** One metric a dataset, by the dimension `dataset`. */
  readonly byDataset?: true;
  /** Written by every installation; the others only where `caudal:observability` is `full`. */
  readonly basic?: true;
  /** For people: what a value says. */
  readonly meaning: string;
}

export const metrics = {
  Lines: { unit: 'Count', basic: true, meaning: 'lines of raw objects that were read' },
  RejectedLines: { unit: 'Count', basic: true, meaning: 'those of them that were rejected' },
  RefusedFiles: { unit: 'Count', basic: true, meaning: 'files of which nothing was taken' },
  DroppedValues: { unit: 'Count', basic: true, meaning: 'values left out of readings that were taken' },
  AddedReadings: { unit: 'Count', meaning: 'readings of new identities' },
  ReplacedReadings: { unit: 'Count', meaning: 'readings that outrank what was there' },
  RepeatedReadings: { unit: 'Count', meaning: 'readings that were there already' },
  SupersededReadings: { unit: 'Count', meaning: 'readings that what was there outranks' },
  ContestedReadings: { unit: 'Count', meaning: 'readings that contradict one of the same rank' },
  MergeConflicts: { unit: 'Count', meaning: 'partitions that another merge changed under this one' },
  Alerts: { unit: 'Count', meaning: 'new alerts of the rules of datasets' },
  Toons: { unit: 'Count', meaning: 'toons that were processed' },
  FailedToons: { unit: 'Count', meaning: 'those of them that failed' },
  ReadingAge: {
    unit: 'Seconds',
    byDataset: true,
    meaning: 'from the time of the newest reading that a merge was given until it was in the statistics',
  },
  ArrivalDelay: {
    unit: 'Seconds',
    byDataset: true,
    meaning: 'from when the oldest raw object of a merge was uploaded until it was in the statistics',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof metrics;

/** The namespace of the metrics, before a stage. */
export const metricsNamespace = 'Caudal';

/** The one dimension that there is. */
export const datasetDimension = 'dataset';

/** How many metrics an installation of so many datasets is billed for. */
export function countMetrics(datasets: number, which: 'basic' | 'full'): number {
  const written = Object.values<MetricDefinition>(metrics).filter(({ basic }) => which === 'full' || basic);
  return written.reduce((sum, { byDataset }) => sum + (byDataset ? datasets : 1), 0);
}
