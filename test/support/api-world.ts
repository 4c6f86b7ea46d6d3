import type { Dataset } from '../../core/dataset/dataset.ts';
import type { Reading } from '../../core/dataset/reading.ts';
import { splitByPartition } from '../../core/partition/partition.ts';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import { mergeStatistics, type PeriodStatistics, statisticsByDay } from '../../core/statistics/statistics.ts';
import { monthOf } from '../../core/time/calendar.ts';
import stockTicks from '../../datasets/stock-ticks.ts';
import waterTemperature from '../../datasets/water-temperature.ts';
import { routes } from '../../handlers/api/contract/routes.ts';
import type { HttpAnswer, HttpRequest } from '../../handlers/api/http/messages.ts';
import { createQueryApi } from '../../handlers/api/query-api/query-api.ts';
import { MemoryAlertQueries, MemoryJobQueries, MemoryStatisticsQueries } from './memory-queries.ts';
import { probes } from './probe-dataset.ts';

export const datasets: readonly Dataset[] = [probes, stockTicks, waterTemperature];

/** The query API over memory. */
export function createApiWorld(nowMs = Date.parse('2024-06-15T12:00:00Z')) {
  const statistics = new MemoryStatisticsQueries();
  const alerts = new MemoryAlertQueries();
  const jobs = new MemoryJobQueries();
  const faults: unknown[] = [];
  const answer = createQueryApi({
    datasets,
    statistics,
    alerts,
    jobs,
    segments: jobs,
    clock: { nowMs: () => nowMs },
    onFault: (fault) => faults.push(fault),
  });
  const get = (path: string, headers: Record<string, string> = {}) =>
    answer(request('GET', path, { headers }));
  return {
    statistics,
    alerts,
    jobs,
    faults,
    answer,
    get,
    store: (dataset: Dataset, readings: readonly Reading[]) => store(statistics, dataset, readings),
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
    scopes: options.scopes ?? ['caudal/read', 'caudal/write'],
    requestId: '00000000-0000-4000-8000-000000000000',
  };
}

function match(method: string, pathname: string) {
  const given = pathname.split('/');
  for (const { method: known, path } of routes) {
    const parts = path.split('/');
    if (known !== method || parts.length !== given.length) continue;
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

/** What the ingestion would store of these readings: days and months of each series. */
function store(queries: MemoryStatisticsQueries, dataset: Dataset, readings: readonly Reading[]): void {
  const builder = new ColumnsBuilder(dataset);
  for (const reading of readings) builder.add(reading);
  const months = new Map<string, { sensorId: string; period: string; days: PeriodStatistics[] }>();
  const place = { dataset: dataset.storageName, version: 1 };
  for (const { id, columns } of splitByPartition(dataset, builder.build())) {
    for (const [sensorId, statistics] of statisticsByDay(dataset, columns)) {
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
