import { shardOf } from '../../core/partition/partition.ts';
import type {
  AlertQueries,
  AlertRow,
  FailedSegment,
  SegmentQueries,
  SeriesRow,
  StatisticsQueries,
} from '../../ports/queries.ts';
import type { JobView, JobViewer } from '../../ports/toons.ts';

type Stored = SeriesRow & { readonly dataset: string; readonly shards: number };

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The statistics table as the queries see it. `reads` counts the queries of the index. */
export class MemoryStatisticsQueries implements StatisticsQueries {
  readonly rows: Stored[] = [];
  reads = 0;

  async ofSeries(query: { dataset: string; sensorId: string; from: string; to: string; limit: number }) {
    const rows = this.#series(query).filter(
      ({ period }) => period.length === query.from.length && query.from <= period && period <= query.to,
    );
    return { rows: rows.slice(0, query.limit), more: rows.length > query.limit };
  }

  async monthBefore(query: { dataset: string; sensorId: string; month: string }) {
    return this.#series(query)
      .filter(({ period }) => period.length === 7 && period < query.month)
      .at(-1);
  }

  async hasSeries(query: { dataset: string; sensorId: string }) {
    return this.#series(query).length > 0;
  }

  async ofPeriod(query: {
    dataset: string;
    period: string;
    shard: number;
    after: string | undefined;
    limit: number;
  }) {
    this.reads += 1;
    const rows = this.#period(query).filter(({ sensorId }) => sensorId > (query.after ?? ''));
    return { rows: rows.slice(0, query.limit), more: rows.length > query.limit };
  }

  async hasPeriod(query: { dataset: string; period: string; shard: number }) {
    this.reads += 1;
    return this.#period(query).length > 0;
  }

  #series({ dataset, sensorId }: { dataset: string; sensorId: string }): SeriesRow[] {
    return this.rows
      .filter((row) => row.dataset === dataset && row.sensorId === sensorId)
      .sort((a, b) => byText(a.period, b.period));
  }

  #period({ dataset, period, shard }: { dataset: string; period: string; shard: number }): SeriesRow[] {
    return this.rows
      .filter(
        (row) =>
          row.dataset === dataset && row.period === period && shardOf(row.sensorId, row.shards) === shard,
      )
      .sort((a, b) => byText(a.sensorId, b.sensorId));
  }
}

/** The alerts table as the queries see it. */
export class MemoryAlertQueries implements AlertQueries {
  readonly rows: (AlertRow & { readonly dataset: string })[] = [];

  async ofDays({ dataset, from, to, after, limit }: Parameters<AlertQueries['ofDays']>[0]) {
    const place = (row: Pick<AlertRow, 'day' | 'rule' | 'sensorId'>) =>
      `${row.day}#${row.rule}#${row.sensorId}`;
    const rows = this.rows
      .filter((row) => row.dataset === dataset && from <= row.day && row.day <= to)
      .sort((a, b) => byText(place(a), place(b)))
      .filter((row) => after === undefined || place(row) > place(after));
    return { rows: rows.slice(0, limit), more: rows.length > limit };
  }
}

/** The jobs table as the queries see it. */
export class MemoryJobQueries implements JobViewer, SegmentQueries {
  readonly jobs = new Map<string, JobView>();
  readonly segments = new Map<string, { completed: number; failed: number; failures: FailedSegment[] }>();

  async view(jobId: string) {
    return this.jobs.get(jobId);
  }

  async progress(jobId: string, limit: number) {
    const found = this.segments.get(jobId) ?? { completed: 0, failed: 0, failures: [] };
    return { refused: 0, refusals: [], ...found, failures: found.failures.slice(0, limit) };
  }
}
