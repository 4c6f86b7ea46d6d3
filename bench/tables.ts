import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createPageStore } from '../adapters/dynamodb/statistics-table.ts';
import { shardOf } from '../core/partition/partition.ts';
import { addSums, sumsOfValue } from '../core/statistics/exact-sums.ts';
import type { MeasureStatistics, PeriodStatistics } from '../core/statistics/statistics.ts';
import { daysOfMonth } from '../core/time/calendar.ts';
import gadgets from '../datasets/gadget-telemetry.ts';
import { demoTarget } from '../demo/demo.ts';
import { type LocalCloud, startCloud } from '../local/engine/cloud.ts';
import { writePages } from '../test/support/write-pages.ts';
import { headersFor } from './api.ts';
import { root, synthesizeWith } from './cloud/start.ts';
import { quantile } from './hot/times.ts';

/**
 * `node bench/tables.ts [--sensors 10000] [--turns 10]`: how long answers of many sensors take, against a local cloud of its own: a page of a
 * month with a row a sensor, all its pages, the list of sensors, and a year of days of one sensor. The pages of statistics are written as a merge
 * writes them, of a year of months of all sensors, and of a year of days of the shard that the one sensor is in.
 */
const year = 2023;
const months = Array.from({ length: 12 }, (_, index) => `${year}-${String(index + 1).padStart(2, '0')}`);
const dataset = '/datasets/gadget-telemetry';

async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: { sensors: { type: 'string', default: '10000' }, turns: { type: 'string', default: '10' } },
  });
  const [count, turns] = [Number(values.sensors), Number(values.turns)];
  if (!(count >= 1 && turns >= 1)) throw new Error('--sensors and --turns take numbers from 1 on');
  const directory = mkdtempSync(join(tmpdir(), 'caudal-bench-tables-'));
  let cloud: LocalCloud | undefined;
  try {
    const assembly = await synthesizeWith(
      { 'caudal:apiRatePerSecond': 10_000, 'caudal:apiBurst': 5_000 },
      join(directory, 'cdk.out'),
    );
    cloud = await startCloud({
      assembly,
      directory,
      ports: { endpoint: 0, api: 0, token: 0, console: 0, mqtt: 0 },
    });
    const sensors = Array.from({ length: count }, (_, index) => `gadget-${String(index).padStart(5, '0')}`);
    await write(cloud, sensors);
    const headers = await headersFor(cloud);
    const cores = `${availableParallelism()} cores (load ${loadavg()[0]?.toFixed(1)}), Node ${process.version}`;
    console.log(`${cores}, ${count} sensors, ${turns} turns\n`);
    const month = `${dataset}/statistics?from=${year}-06&to=${year}-06&by=sensor&limit=1000`;
    const days = `${dataset}/statistics?period=day&from=${year}-01-01&to=${year}-12-31&limit=1000`;
    for (const [name, path, all] of [
      ['a page of 1,000 rows of a month, by=sensor', month, false],
      [`all pages of it, ${count} rows`, month, true],
      ['the sensors of a year, 100 rows', `${dataset}/sensors?from=${year}-01&to=${year}-12`, false],
      ['a month of all sensors, merged', `${dataset}/statistics?from=${year}-06&to=${year}-06`, false],
      ["a sensor's year of days", `${days}&sensor=${sensors[0]}`, false],
    ] as const) {
      const times: number[] = [];
      for (let turn = 0; turn <= turns; turn++) {
        const start = performance.now();
        await ask(`${cloud.apiUrl}${path}`, headers, all);
        if (turn > 0) times.push(performance.now() - start);
      }
      const at = (share: number) => quantile(times, share).toFixed(0);
      console.log(`${name.padEnd(46)} p50 ${at(0.5)} ms, worst ${at(1)} ms`);
    }
  } finally {
    await cloud?.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function ask(url: string, headers: Record<string, string>, all: boolean): Promise<void> {
  for (let cursor: string | null = ''; cursor !== null; ) {
    const answer = await fetch(cursor === '' ? url : `${url}&cursor=${cursor}`, { headers });
    const page = (await answer.json()) as {
      statistics?: object[];
      sensors?: object[];
      cursor: string | null;
    };
    if (!(page.statistics ?? page.sensors)?.length) throw new Error(`${url}: ${answer.status}, no rows`);
    cursor = all ? page.cursor : null;
  }
}

async function write(cloud: LocalCloud, sensors: readonly string[]): Promise<void> {
  const target = demoTarget(root, cloud);
  const client = new DynamoDBClient({
    ...{ endpoint: target.endpointUrl, region: 'us-east-1' },
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const store = createPageStore(DynamoDBDocumentClient.from(client), target.statisticsTable);
  const ofShards = Map.groupBy(sensors, (id) => shardOf(id, gadgets.shards));
  const one = shardOf(sensors[0] ?? '', gadgets.shards);
  for (const [shard, ids] of ofShards) {
    const days = [...(shard === one ? months.flatMap(daysOfMonth) : []), `${year}-01-01`, `${year}-12-31`];
    for (const period of new Set([...months, ...days])) {
      const readings = period.length === 7 ? 2_880 : 96;
      const series = new Map(
        ids.map((id, index) => [id, statisticsOf(index, readings, `${period.slice(0, 7)}-01`)]),
      );
      await writePages(store, { dataset: gadgets.storageName, shard, period }, series);
    }
  }
  client.destroy();
}

/** As of readings of one decimal, in all three measures. */
function statisticsOf(seed: number, count: number, day: string): PeriodStatistics {
  const atMs = Date.parse(`${day}T00:00:00Z`);
  const measure = (offset: number): MeasureStatistics => {
    const values = [7, 13, 29].map((step) => Math.round(((seed * step) % 400) + offset) / 10);
    const times = { minAt: atMs + (seed % 96) * 900_000, maxAt: atMs + (seed % 89) * 900_000 };
    const sums = addSums(values.map(sumsOfValue));
    return { count, sums, min: Math.min(...values), max: Math.max(...values), ...times };
  };
  const measures = { battery: measure(300), signal: measure(-900), temperature: measure(100) };
  return { count, contested: 0, measures, alerts: {} };
}

if (import.meta.main) await main(process.argv.slice(2));
