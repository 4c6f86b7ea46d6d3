import { type CloudWatchClient, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import type { MetricReader } from '../ports/meter.ts';
import { reaching } from './store-faults.ts';

/** Metrics of CloudWatch. The role needs `cloudwatch:GetMetricData`, which knows no resource; each metric that is asked for is billed. */
export function createMetricReader(client: CloudWatchClient): MetricReader {
  return {
    async read(queries, { fromMs, toMs, periodSeconds }) {
      const periodMs = periodSeconds * 1_000;
      const slots = (toMs - fromMs) / periodMs;
      const values = queries.map(() => Array.from<number | null>({ length: slots }).fill(null));
      const pages = paginateGetMetricData(
        { client },
        {
          StartTime: new Date(fromMs),
          EndTime: new Date(toMs),
          ScanBy: 'TimestampAscending',
          MetricDataQueries: queries.map(({ namespace, name, dimensions, statistic }, index) => ({
            Id: `m${index}`,
            MetricStat: {
              Metric: {
                Namespace: namespace,
                MetricName: name,
                Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
              },
              Period: periodSeconds,
              Stat: statistic,
            },
          })),
        },
      );
      const take = async (): Promise<void> => {
        for await (const { MetricDataResults = [] } of pages) {
          for (const { Id = '', Timestamps = [], Values = [] } of MetricDataResults) {
            const row = values[Number(Id.slice(1))];
            for (const [at, timestamp] of Timestamps.entries()) {
              const slot = Math.floor((timestamp.getTime() - fromMs) / periodMs);
              if (row !== undefined && slot >= 0 && slot < slots) row[slot] = Values[at] ?? null;
            }
          }
        }
      };
      await reaching(take());
      return values;
    },
  };
}
