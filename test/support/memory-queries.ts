import type { Dataset } from '../../core/dataset/dataset.ts';
import { shardOf } from '../../core/partition/partition.ts';
import {
  type AlertQueries,
  type AlertRow,
  alertStateOf,
  type FailedSegment,
  type PeriodOfShard,
  type SegmentQueries,
  type SeriesRow,
  type StatisticsQueries,
} from '../../ports/queries.ts';
import type { JobLister, JobPosition, JobView, JobViewer, ListedJob } from '../../ports/toons.ts';
import { MemoryObjects } from './memory-objects.ts';

type Stored = SeriesRow & { readonly dataset: string };

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The statistics table as the queries see it. `reads` counts the reads of a period of a shard. */
export class MemoryStatisticsQueries implements StatisticsQueries {
  readonly rows: Stored[] = [];
  reads = 0;

  async ofSeries(query: Parameters<StatisticsQueries['ofSeries']>[0]) {
    const rows = this.#series(query).filter(
      ({ period }) => period.length === query.from.length && query.from <= period && period <= query.to,
    );
    return { rows: rows.slice(0, query.limit), more: rows.length > query.limit };
  }

  async monthBefore(query: { dataset: Dataset; sensorId: string; month: string }) {
    return this.#series(query)
      .filter(({ period }) => period.length === 7 && period < query.month)
      .at(-1);
  }

  async hasSeries(query: { dataset: Dataset; sensorId: string }) {
    return this.#series(query).length > 0;
  }

  async *ofPeriod(query: PeriodOfShard) {
    this.reads += 1;
    const rows = this.#period(query);
    for (let at = 0; at < rows.length; at += 3) yield rows.slice(at, at + 3);
  }

  async countsOf(query: PeriodOfShard) {
    this.reads += 1;
    return new Map(this.#period(query).map(({ sensorId, statistics }) => [sensorId, statistics.count]));
  }

  async hasPeriod(query: PeriodOfShard) {
    this.reads += 1;
    return this.#period(query).length > 0;
  }

  #series({ dataset, sensorId }: { dataset: Dataset; sensorId: string }): SeriesRow[] {
    return this.rows
      .filter((row) => row.dataset === dataset.storageName && row.sensorId === sensorId)
      .sort((a, b) => byText(a.period, b.period));
  }

  /** In no order. */
  #period({ dataset, period, shard, only, wants }: PeriodOfShard): SeriesRow[] {
    return this.rows.filter(
      (row) =>
        row.dataset === dataset.storageName &&
        row.period === period &&
        only?.has(row.sensorId) !== false &&
        wants?.(row.sensorId) !== false &&
        shardOf(row.sensorId, dataset.shards) === shard,
    );
  }
}

/** The alerts table as the queries see it. */
export class MemoryAlertQueries implements AlertQueries {
  readonly rows: (AlertRow & { readonly dataset: string })[] = [];

  /** Three alerts a call are read where it filters, so that pages end early. */
  async ofDays(query: Parameters<AlertQueries['ofDays']>[0]) {
    const { dataset, from, to, wants, rule, state, after, limit } = query;
    const place = (row: Pick<AlertRow, 'day' | 'rule' | 'sensorId'>) =>
      `${row.day}#${row.rule}#${row.sensorId}`;
    const rows = this.rows
      .filter((row) => row.dataset === dataset.storageName && from <= row.day && row.day <= to)
      .sort((a, b) => byText(place(a), place(b)))
      .filter((row) => after === undefined || place(row) > place(after));
    const isFiltered = wants !== undefined || rule !== undefined || state !== undefined;
    const read = rows.slice(0, isFiltered ? 3 : limit);
    const found = read.filter(
      (row) =>
        wants?.(row.sensorId) !== false &&
        (rule === undefined || row.rule === rule) &&
        (state === undefined || alertStateOf(row) === state),
    );
    const shown = found.slice(0, limit);
    const last = found.length > limit ? shown.at(-1) : rows.length > read.length ? read.at(-1) : undefined;
    return { rows: shown, ...(last && { last }) };
  }
}

function listed(job: JobView): ListedJob {
  const { jobId, kind, state, total, metadata, clientId, createdAt, updatedAt, error } = job;
  return {
    ...{ jobId, kind, state, total, metadata, createdAt, updatedAt },
    ...(clientId === undefined ? {} : { clientId }),
    ...(error === undefined ? {} : { error }),
  };
}

/** The jobs table as the queries see it. */
export class MemoryJobQueries implements JobViewer, JobLister, SegmentQueries {
  readonly jobs = new Map<string, JobView>();
  readonly segments = new Map<string, { completed: number; failed: number; failures: FailedSegment[] }>();

  async view(jobId: string) {
    return this.jobs.get(jobId);
  }

  /** Two jobs a call are read where it filters, so that pages end early. */
  async list(query: Parameters<JobLister['list']>[0]) {
    const { kind, from = '', to = '~', state, clientId, after, limit } = query;
    const place = ({ createdAt, jobId }: JobPosition) => `${createdAt}#${jobId}`;
    const rest = [...this.jobs.values()]
      .filter((job) => job.kind === kind && from <= job.createdAt && job.createdAt <= to)
      .sort((a, b) => byText(place(b), place(a)))
      .filter((job) => after === undefined || place(job) < place(after));
    const isFiltered = state !== undefined || clientId !== undefined;
    const read = rest.slice(0, isFiltered ? 2 : limit);
    const found = read.filter(
      (job) =>
        (state === undefined || job.state === state) && (clientId === undefined || job.clientId === clientId),
    );
    const jobs = found.slice(0, limit);
    const last = found.length > limit ? jobs.at(-1) : rest.length > read.length ? read.at(-1) : undefined;
    return { jobs: jobs.map(listed), ...(last && { last }) };
  }

  async progress(jobId: string, limit: number) {
    const found = this.segments.get(jobId) ?? { completed: 0, failed: 0, failures: [] };
    return { refused: 0, refusals: [], ...found, failures: found.failures.slice(0, limit) };
  }
}

/** What a query API is given where nothing has ever arrived. */
export const nothingArrived = {
  lister: new MemoryObjects(),
  rawBucket: 'raw',
  ledgers: { ledger: async () => undefined, ledgers: async () => [] },
  rejects: async function* () {},
};
