import type { Dataset } from '../../core/dataset/dataset.ts';
import type { Reading } from '../../core/dataset/reading.ts';
import type { Stations } from '../../core/dataset/stations.ts';
import { partitionKey, splitByPartition } from '../../core/partition/partition.ts';
import { encodePartition } from '../../core/partition/partition-file.ts';
import { pagedOf } from '../../core/projections/states.ts';
import type { Columns } from '../../core/set/columns.ts';
import { mergeStatistics, type PeriodStatistics, statisticsByDay } from '../../core/statistics/statistics.ts';
import { monthOf } from '../../core/time/calendar.ts';
import stockTicks from '../../datasets/stock-ticks.ts';
import waterTemperature from '../../datasets/water-temperature.ts';
import { routes } from '../../handlers/api/contract/routes.ts';
import type { HttpAnswer, HttpRequest } from '../../handlers/api/http/messages.ts';
import { createQueryApi } from '../../handlers/api/query-api/query-api.ts';
import type { LedgerEntry } from '../../ports/queries.ts';
import type { RejectedLine } from '../../ports/rejected-lines.ts';
import { MemoryObjects } from './memory-objects.ts';
import { MemoryAlertQueries, MemoryJobQueries, MemoryStatisticsQueries } from './memory-queries.ts';
import { setOf } from './parse-bytes.ts';
import { probes } from './probe-dataset.ts';

export const datasets: readonly Dataset[] = [probes, stockTicks, waterTemperature];

/** The query API over memory. */
export function createApiWorld(
  nowMs = Date.parse('2024-06-15T12:00:00Z'),
  known: readonly Dataset[] = datasets,
  stations: Stations = {},
) {
  const statistics = new MemoryStatisticsQueries();
  const alerts = new MemoryAlertQueries();
  const jobs = new MemoryJobQueries();
  const objects = new MemoryObjects();
  const curatedBucket = 'curated';
  let arrivedMs = 0;
  const raw = new MemoryObjects(() => arrivedMs);
  const ledgers = new Map<string, LedgerEntry>();
  const rejects = new Map<string, readonly RejectedLine[]>();
  /** A raw object that arrived, and what became of it: without an entry nothing did yet. */
  const arrive = (
    key: string,
    at: number,
    entry?: LedgerEntry,
    lines: readonly RejectedLine[] = [],
  ): void => {
    arrivedMs = at;
    raw.put('raw', key, 'x');
    if (entry) ledgers.set(key, lines.length > 0 ? { ...entry, rejectsKey: key } : entry);
    rejects.set(key, lines);
  };
  const faults: unknown[] = [];
  const answer = createQueryApi({
    datasets: known,
    stations,
    statistics,
    alerts,
    jobs,
    segments: jobs,
    objects,
    curatedBucket,
    lister: raw,
    rawBucket: 'raw',
    ledgers: { ledger: async () => undefined, ledgers: async (of) => of.map(({ key }) => ledgers.get(key)) },
    rejects: async function* (key) {
      yield* rejects.get(key) ?? [];
    },
    clock: { nowMs: () => nowMs },
    onFault: (fault) => faults.push(fault),
  });
  /** What the ingestion would store of a set: its partitions, in place of those there are, and days and months of each series. */
  const storeSet = (dataset: Dataset, set: Columns): void => {
    for (const { id, columns } of splitByPartition(dataset, set))
      objects.put(curatedBucket, partitionKey(dataset, id), encodePartition(dataset, id, columns));
    for (const paged of pagedOf(dataset)) storeStatistics(statistics, paged, set);
  };
  const get = (path: string, headers: Record<string, string> = {}) =>
    answer(request('GET', path, { headers }));
  return {
    statistics,
    alerts,
    jobs,
    objects,
    faults,
    answer,
    arrive,
    get,
    store: (dataset: Dataset, readings: readonly Reading[]) => storeSet(dataset, setOf(dataset, readings)),
    storeSet,
  };
}

/** A request as API Gateway would match it; a path that no route has keeps itself as its route. */
export function request(
  method: string,
  target: string,
  options: {
    headers?: Record<string, string>;
    body?: string | Uint8Array;
    clientId?: string;
    user?: HttpRequest['user'];
    scopes?: readonly string[];
  } = {},
): HttpRequest {
  const url = new URL(target, 'http://api');
  const query: Record<string, string[]> = {};
  for (const [name, value] of url.searchParams) query[name] = [...(query[name] ?? []), value];
  const matched = match(method, url.pathname);
  return {
    method,
    route: matched?.path ?? url.pathname,
    pathParameters: matched?.parameters ?? {},
    query,
    headers: options.headers ?? {},
    body: Buffer.from(options.body ?? ''),
    path: `/prod${url.pathname}`,
    basePath: '/prod',
    clientId: options.clientId ?? 'tester',
    user: options.user,
    scopes: options.scopes ?? ['caudal/read', 'caudal/write'],
    requestId: '00000000-0000-4000-8000-000000000000',
  };
}

/** Other methods are matched by their path alone, as ANY is. */
const isRoute = (method: string): boolean => routes.some((route) => route.method === method);

function match(method: string, pathname: string) {
  const given = pathname.split('/');
  for (const { method: known, path } of routes) {
    const parts = path.split('/');
    if ((known !== method && isRoute(method)) || parts.length !== given.length) continue;
    const parameters: Record<string, string> = {};
    const same = parts.every((part, index) => {
      const value = given[index] ?? '';
      if (!part.startsWith('{')) return part === value;
      parameters[part.slice(1, -1)] = decodeURIComponent(value);
      return value !== '';
    });
    if (same) return { path, parameters };
  }
  return undefined;
}

function storeStatistics(queries: MemoryStatisticsQueries, dataset: Dataset, set: Columns): void {
  const months = new Map<string, { sensorId: string; period: string; days: PeriodStatistics[] }>();
  const place = { dataset: dataset.storageName, version: 1 };
  for (const { id, columns } of splitByPartition(dataset, set)) {
    for (const [sensorId, statistics] of statisticsByDay(dataset, columns)) {
      if (statistics.count === 0) continue;
      queries.rows.push({ ...place, sensorId, period: id.day, statistics });
      const period = monthOf(id.day);
      const month = months.get(`${sensorId}#${period}`) ?? { sensorId, period, days: [] };
      month.days.push(statistics);
      months.set(`${sensorId}#${period}`, month);
    }
  }
  for (const { sensorId, period, days } of months.values()) {
    queries.rows.push({ ...place, sensorId, period, statistics: mergeStatistics(dataset, days) });
  }
}

/** The body of a JSON answer. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
export const body = (answer: HttpAnswer): any => JSON.parse(answer.body);
