import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { demoTarget } from '../demo/demo.ts';
import { type LocalCloud, startCloud } from '../local/engine/cloud.ts';
import type { Load, Measured } from './api-load.ts';
import { root, synthesizeWith } from './cloud/start.ts';
import { quantile } from './hot/times.ts';

/**
 * `node bench/api.ts [--seconds 5]`: p50 and p99 of queries and of POST readings, with 1, 16 and 64 clients, against a
 * local cloud of its own whose stage does not throttle. What it measures is this machine: gateway, function processes
 * and stores share its cores with the clients.
 */
const clientCounts = [1, 16, 64];
const sensors = Array.from({ length: 20 }, (_, index) => `bench-${index}`);
const months = 24;

interface Case {
  readonly name: string;
  readonly path: string;
  readonly body?: string;
}

async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({ args: argv, options: { seconds: { type: 'string', default: '5' } } });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Error(`--seconds takes a number above 0, not "${values.seconds}"`);
  const directory = mkdtempSync(join(tmpdir(), 'caudal-bench-api-'));
  let cloud: LocalCloud | undefined;
  try {
    const assembly = await synthesizeWith(
      { 'caudal:apiRatePerSecond': 10_000, 'caudal:apiBurst': 5_000 },
      join(directory, 'cdk.out'),
    );
    const options = { assembly, directory, ports: { endpoint: 0, api: 0, token: 0, console: 0, mqtt: 0 } };
    cloud = await startCloud({ ...options, timeScale: 60 });
    await ingest(cloud, await headersFor(cloud));
    await cloud.close();
    // At its real pace, so that what is posted is not ingested while the clients are measured.
    cloud = await startCloud(options);
    const headers = await headersFor(cloud);
    console.log(
      `${availableParallelism()} cores, Node ${process.version}, ${seconds} s a row after 2 s of warm-up\n`,
    );
    console.log(row('request', 'clients', 'p50 ms', 'p99 ms', 'per s', 'others'));
    for (const { name, path, body } of cases()) {
      for (const clients of clientCounts) {
        const measured = await measure({
          url: `${cloud.apiUrl}${path}`,
          method: body === undefined ? 'GET' : 'POST',
          headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
          body,
          status: body === undefined ? 200 : 202,
          clients,
          warmUpMs: 2_000,
          measureMs: seconds * 1_000,
        });
        console.log(rowOf(name, clients, measured));
      }
    }
  } finally {
    await cloud?.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function cases(): Case[] {
  const statistics = '/datasets/water-temperature/statistics?from=2022-01&to=2023-12';
  const readings = '/datasets/water-temperature/readings';
  return [
    { name: 'statistics, one sensor, 24 months', path: `${statistics}&sensor=${sensors[0]}` },
    { name: `statistics, ${sensors.length} sensors merged`, path: statistics },
    { name: 'POST 1 reading', path: readings, body: JSON.stringify(readingsOf(1)) },
    { name: 'POST 500 readings', path: readings, body: JSON.stringify(readingsOf(500)) },
  ];
}

/** One a sensor and month, then the next day. */
function readingsOf(count: number): object[] {
  return Array.from({ length: count }, (_, index) => {
    const month = Math.floor(index / sensors.length);
    return {
      sensorId: sensors[index % sensors.length],
      timestamp: new Date(Date.UTC(2022, month % months, 1 + Math.floor(month / months), 12)).toISOString(),
      temperature: 10 + (index % 97) / 10,
      deviation: 0.1,
    };
  });
}

async function ingest(cloud: LocalCloud, headers: Record<string, string>): Promise<void> {
  const answer = await fetch(`${cloud.apiUrl}/datasets/water-temperature/readings`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(readingsOf(sensors.length * months)),
  });
  if (answer.status !== 202) throw new Error(`POST readings: ${answer.status} ${await answer.text()}`);
  const last = `${cloud.apiUrl}/temp?year=2023&month=12&sensor=${sensors.at(-1)}`;
  for (let found = 0; found !== 200; ) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    found = (await fetch(last, { headers })).status;
  }
}

export async function headersFor(cloud: LocalCloud): Promise<Record<string, string>> {
  const { tokenUrl, writer } = demoTarget(root, cloud);
  const { clientId, clientSecret } = writer;
  const answer = await fetch(tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'caudal/read caudal/write' }),
  });
  const { access_token: token } = (await answer.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`no token: ${answer.status}`);
  return { authorization: `Bearer ${token}` };
}

async function measure(load: Load): Promise<Measured> {
  const worker = new Worker(new URL('./api-load.ts', import.meta.url), { workerData: load });
  const [measured] = (await once(worker, 'message')) as [Measured];
  return measured;
}

function rowOf(name: string, clients: number, { latenciesMs, others, elapsedMs }: Measured): string {
  const at = (share: number): string => quantile(latenciesMs, share).toFixed(1);
  const perSecond = ((latenciesMs.length / elapsedMs) * 1_000).toFixed(0);
  const told = Object.entries(others).map(([status, count]) => `${status}: ${count}`);
  return row(name, String(clients), at(0.5), at(0.99), perSecond, told.join(' ') || '-');
}

function row(name: string, ...cells: string[]): string {
  return name.padEnd(36) + cells.map((cell) => cell.padStart(9)).join('');
}

if (import.meta.main) await main(process.argv.slice(2));
