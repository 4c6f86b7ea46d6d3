import type { Dataset } from '../../core/dataset/dataset.ts';
import { shardOf } from '../../core/partition/partition.ts';
import { pagedOf } from '../../core/projections/states.ts';
import { decodePage } from '../../core/statistics/page-bytes.ts';
import { pageAt, pageHash, splitOff } from '../../core/statistics/pages.ts';
import { mergeStatistics, type PeriodStatistics } from '../../core/statistics/statistics.ts';
import type { MergeInbox, MergeUnit, UnitState, WaitingParts } from '../../ports/inbox.ts';
import { type Segment, segmentIdOf } from '../../ports/keys.ts';
import type { PageStore, ShardPeriod, StatisticsPage } from '../../ports/pages.ts';
import type { LedgerEntry } from '../../ports/queries.ts';
import type {
  AlertBook,
  AlertDay,
  AlertKey,
  AlertOutbox,
  AlertsOfRule,
  IngestEvents,
  JobCounter,
  JobFinisher,
  JobMerges,
  JobSegments,
  JobStarter,
  JobTotals,
  Notice,
  NoticePublisher,
  SegmentAccount,
  SegmentLedger,
  StoredAlert,
} from '../../ports/records.ts';

/** Values cross a store as JSON: what a caller changes afterwards isn't stored, and what JSON can't say is lost. */
const copy = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

const periodName = ({ dataset, shard, period }: ShardPeriod): string => `${dataset}#${shard}#${period}`;

/** The statistics table: strongly consistent, conditional on the version. */
export class MemoryStatistics implements PageStore {
  readonly pages = new Map<string, { of: ShardPeriod; page: StatisticsPage }>();
  writes = 0;
  readonly #datasets: readonly Dataset[];

  constructor(datasets: readonly Dataset[]) {
    this.#datasets = datasets.flatMap(pagedOf);
  }

  async read(of: ShardPeriod, numbers: readonly number[]) {
    return new Map(
      numbers.flatMap((n) => {
        const found = this.pages.get(`${periodName(of)}#${n}`);
        return found === undefined ? [] : [[n, structuredClone(found.page)] as const];
      }),
    );
  }

  /** Whether a read that need not be fresh is answered with what a page was before, or with nothing where it was not there yet. */
  isBehind: () => boolean = () => false;
  readonly #before = new Map<string, StatisticsPage | undefined>();

  async daysOfMonth(month: ShardPeriod, n: number, fresh: readonly string[] | 'all') {
    const asRead = [...this.pages].flatMap(([key, { of, page }]) => {
      if (fresh === 'all' || fresh.includes(of.period) || !this.isBehind()) return [{ of, page }];
      const before = this.#before.get(key);
      return before === undefined ? [] : [{ of, page: before }];
    });
    const days = asRead.filter(
      ({ of, page }) =>
        of.dataset === month.dataset &&
        of.shard === month.shard &&
        of.period.startsWith(`${month.period}-`) &&
        page.n === n,
    );
    days.sort((a, b) => (a.of.period < b.of.period ? -1 : 1));
    return new Map(days.map(({ of, page }) => [of.period, structuredClone(page)]));
  }

  async write(of: ShardPeriod, page: StatisticsPage) {
    const key = `${periodName(of)}#${page.n}`;
    const stored = this.pages.get(key);
    if (stored !== undefined && stored.page.version >= page.version) return 'superseded';
    this.writes++;
    this.#before.set(key, stored?.page);
    this.pages.set(key, structuredClone({ of, page }));
    return 'written';
  }

  /** What a reader finds, by dataset, sensor and period: a month with the days that its page leaves to theirs. */
  get items(): Map<string, { version: number; statistics: PeriodStatistics }> {
    const roots = [...this.pages.values()].filter(({ page }) => page.n === 0).map(({ of }) => of);
    const days = new Map(roots.flatMap((of) => (of.period.length === 7 ? [] : this.#found(of))));
    const months = roots.flatMap((of) => (of.period.length === 7 ? this.#found(of, days) : []));
    return new Map([...days, ...months]);
  }

  #found(of: ShardPeriod, days: ReadonlyMap<string, { statistics: PeriodStatistics }> = new Map()) {
    const found: [string, { version: number; statistics: PeriodStatistics }][] = [];
    const places = [{ n: 0, depth: 0 }];
    for (let place = places.pop(); place !== undefined; place = places.pop()) {
      const at = this.pages.get(`${periodName(of)}#${place.n}`)?.page;
      if (at === undefined) continue;
      places.push(...splitOff(at.n, place.depth, at.depth));
      const parts = new Map(Array.from(decodePage(at.bytes), ([sensorId, one]) => [sensorId, [one]]));
      for (const [name, { statistics }] of at.openFrom === undefined ? [] : days) {
        const [dataset, sensorId = '', day = ''] = name.split('#');
        if (dataset !== of.dataset || !day.startsWith(`${of.period}-`) || day < (at.openFrom ?? '')) continue;
        if (pageAt(pageHash(sensorId), at.depth) !== at.n || !this.#isOfShard(of, sensorId)) continue;
        parts.set(sensorId, [...(parts.get(sensorId) ?? []), statistics]);
      }
      for (const [sensorId, all] of parts) {
        const [only] = all;
        const dataset = this.#datasets.find(({ storageName }) => storageName === of.dataset);
        const statistics = all.length === 1 || dataset === undefined ? only : mergeStatistics(dataset, all);
        if (statistics)
          found.push([`${of.dataset}#${sensorId}#${of.period}`, { version: at.version, statistics }]);
      }
    }
    return found;
  }

  #isOfShard(of: ShardPeriod, sensorId: string): boolean {
    const dataset = this.#datasets.find(({ storageName }) => storageName === of.dataset);
    return shardOf(sensorId, dataset?.shards ?? 1) === of.shard;
  }
}

type AlertItem = StoredAlert & {
  key: AlertKey;
  createdAt: string;
  lease?: { owner: string; untilMs: number };
};

const alertId = ({ dataset, sensorId, day, rule }: AlertKey): string =>
  `${dataset}#${sensorId}#${day}#${rule}`;

/** The alerts table with its sparse index, which here is up to date at once. */
export class MemoryAlerts implements AlertBook, AlertOutbox, AlertsOfRule {
  readonly items = new Map<string, AlertItem>();

  async ofDay({ dataset, shard, day }: AlertDay) {
    return [...this.items.values()]
      .filter(({ key }) => key.dataset === dataset && key.shard === shard && key.day === day)
      .map((item) => ({ key: copy(item.key), alert: this.#stored(item) }));
  }

  async ofRule({ dataset, day, rule }: Parameters<AlertsOfRule['ofRule']>[0]) {
    return [...this.items.values()]
      .filter(({ key }) => key.dataset === dataset && key.day === day && key.rule === rule)
      .map((item) => ({ key: copy(item.key), alert: this.#stored(item) }));
  }

  async create(key: AlertKey, alert: Parameters<AlertBook['create']>[1]) {
    if (this.items.has(alertId(key))) return 'conflict';
    this.items.set(alertId(key), copy({ key, ...alert, state: 'pending' }));
    return 'written';
  }

  async revise(revisions: Parameters<AlertBook['revise']>[0]) {
    return revisions.map(({ key, read, content, version, reopen }) => {
      const item = this.items.get(alertId(key));
      if (item === undefined || item.version !== read.version || item.state !== read.state) return 'conflict';
      Object.assign(item, copy({ content, version }), reopen ? { state: 'pending' } : {});
      return 'written';
    });
  }

  async *pending() {
    for (const item of [...this.items.values()]) if (item.state === 'pending') yield copy(item.key);
  }

  async claim(key: AlertKey, { owner, nowMs, leaseMs }: { owner: string; nowMs: number; leaseMs: number }) {
    const item = this.items.get(alertId(key));
    if (item?.state !== 'pending') return undefined;
    if (item.lease && item.lease.owner !== owner && item.lease.untilMs >= nowMs) return undefined;
    item.lease = { owner, untilMs: nowMs + leaseMs };
    return this.#stored(item);
  }

  async close(key: AlertKey, closing: { sentAt: string } | { version: number }) {
    const item = this.items.get(alertId(key));
    if (item?.state !== 'pending') return;
    if ('version' in closing && item.version !== closing.version) return;
    item.state = 'sent';
    if ('sentAt' in closing) item.sentAt = closing.sentAt;
    delete item.lease;
  }

  #stored({ content, version, state, sentAt }: AlertItem): StoredAlert {
    return copy({ content, version, state, ...(sentAt === undefined ? {} : { sentAt }) });
  }
}

type Line = Parameters<JobSegments['complete']>[1];

/** The jobs table. */
export class MemoryJobs
  implements JobStarter, JobCounter, JobFinisher, JobMerges, SegmentLedger, JobSegments
{
  readonly jobs = new Map<
    string,
    { createdAt: string; executionArn: string; segments: number; totals?: JobTotals; state: string }
  >();
  readonly ledger = new Map<string, SegmentAccount & { jobId: string; attempts: number }>();
  readonly segments = new Map<string, Line>();
  /** By job, then by part. */
  readonly contestedOf = new Map<string, Record<string, number>>();

  async start({ jobId, executionArn, startedAt, segments }: Parameters<JobStarter['start']>[0]) {
    const known = this.jobs.get(jobId);
    const createdAt = known?.createdAt ?? startedAt;
    this.jobs.set(jobId, { ...known, createdAt, executionArn, segments, state: 'Processing' });
  }

  async count(jobId: string, totals: JobTotals) {
    const known = this.jobs.get(jobId);
    if (known) known.totals = copy(totals);
  }

  async finish(jobId: string) {
    const known = this.jobs.get(jobId);
    if (known) known.state = 'Completed';
  }

  async contested(jobId: string, { part, readings }: Parameters<JobMerges['contested']>[1]) {
    this.contestedOf.set(jobId, { ...this.contestedOf.get(jobId), [part]: readings });
  }

  async record(account: SegmentAccount, { jobId }: { jobId: string }) {
    const attempts = (this.ledger.get(account.segmentId)?.attempts ?? 0) + 1;
    this.ledger.set(account.segmentId, copy({ ...account, jobId, attempts }));
  }

  /** As the operator and PlanIngest read it. */
  async ledgers(segments: readonly Segment[]) {
    return segments.map((segment): LedgerEntry | undefined => {
      const account = this.ledger.get(segmentIdOf(segment));
      if (account === undefined) return undefined;
      const { lines, valid, rejected, dropped, refusal, jobId, attempts, ...more } = copy(account);
      const { rejectsKey, holds, meant, notes } = more;
      return {
        state: refusal === undefined ? 'Completed' : 'Refused',
        ...{ jobId, attempts, updatedAt: '', rejectedByReason: rejected, dropped },
        counts: { lines, valid, rejected: lines - valid },
        ...(rejectsKey === undefined ? {} : { rejectsKey }),
        ...(holds === undefined ? {} : { holds }),
        ...(meant === undefined ? {} : { meant }),
        ...(refusal === undefined ? {} : { refusal }),
        ...(notes === undefined ? {} : { notes }),
      };
    });
  }

  async complete(jobId: string, line: Line) {
    this.segments.set(`${jobId}#${line.segmentId}`, copy(line));
  }
}

/** A bus that remembers the events. */
export class MemoryEvents implements IngestEvents {
  readonly events: Parameters<IngestEvents['completed']>[0][] = [];

  async completed(event: Parameters<IngestEvents['completed']>[0]) {
    this.events.push(copy(event));
  }
}

/** A topic that remembers what was published. */
export class MemoryTopic implements NoticePublisher {
  readonly notices: Notice[] = [];

  async publish(notice: Notice) {
    this.notices.push(copy(notice));
  }

  /** How often each alert was published, by its key. */
  byKey(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { message } of this.notices) {
      const { key } = JSON.parse(message) as { key: string };
      counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  }
}

const unitId = ({ dataset, shard, month }: MergeUnit): string => `${dataset}#${shard}#${month}`;

/** The inbox of the merge, in the jobs table. */
export class MemoryInbox implements MergeInbox {
  readonly announcements = new Map<string, number>();
  readonly #units = new Map<string, UnitState>();

  async announce(jobId: string, untilMs: number) {
    this.announcements.set(jobId, untilMs);
  }

  async othersToCome(jobId: string, nowMs: number) {
    return [...this.announcements].some(([id, untilMs]) => id !== jobId && untilMs > nowMs);
  }

  async put(jobId: string, parts: Parameters<MergeInbox['put']>[1]) {
    for (const { unit, ...rest } of parts) {
      const state = this.#unit(unit);
      state.waiting = state.waiting.filter((waiting) => waiting.jobId !== jobId);
      state.waiting.push(copy({ jobId, ...rest }));
    }
    this.announcements.delete(jobId);
  }

  async look(unit: MergeUnit) {
    const state = copy(this.#unit(unit));
    state.waiting.sort((a, b) => a.sinceMs - b.sinceMs || (a.jobId < b.jobId ? -1 : 1));
    return state;
  }

  async waitingOf(jobId: string, units: readonly MergeUnit[]) {
    return units.map((unit) => this.#unit(unit).waiting.some((parts) => parts.jobId === jobId));
  }

  async take(unit: MergeUnit, { owner, nowMs, untilMs }: Parameters<MergeInbox['take']>[1]) {
    const state = this.#unit(unit);
    if (state.lease && state.lease.owner !== owner && state.lease.untilMs > nowMs) return false;
    state.lease = { owner, untilMs };
    return true;
  }

  async release(unit: MergeUnit, { owner, tookMs }: { owner: string; tookMs: number }) {
    const state = this.#unit(unit);
    if (state.lease?.owner !== owner) return;
    delete state.lease;
    state.lastTookMs = tookMs;
  }

  async advance(unit: MergeUnit, parts: WaitingParts, mergedThrough: string) {
    const found = this.#same(unit, parts);
    if (found) found.mergedThrough = mergedThrough;
  }

  async remove(unit: MergeUnit, parts: WaitingParts) {
    const found = this.#same(unit, parts);
    const state = this.#unit(unit);
    state.waiting = state.waiting.filter((waiting) => waiting !== found);
  }

  /** Parts that wait, by unit: nothing, once all jobs are done. */
  waiting(): Record<string, WaitingParts[]> {
    return Object.fromEntries(
      [...this.#units]
        .filter(([, { waiting }]) => waiting.length > 0)
        .map(([id, { waiting }]) => [id, waiting]),
    );
  }

  #unit(unit: MergeUnit): UnitState {
    const state = this.#units.get(unitId(unit)) ?? { waiting: [], lastTookMs: 0 };
    this.#units.set(unitId(unit), state);
    return state;
  }

  #same(unit: MergeUnit, { jobId, sinceMs }: WaitingParts): WaitingParts | undefined {
    return this.#unit(unit).waiting.find((parts) => parts.jobId === jobId && parts.sinceMs === sinceMs);
  }
}
