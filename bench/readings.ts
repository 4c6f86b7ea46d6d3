import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type LocalCloud, startCloud } from '../local/engine/cloud.ts';
import { headersFor } from './api.ts';
import { synthesizeWith } from './cloud/start.ts';
import { quantile } from './hot/times.ts';

/**
 * `node bench/readings.ts [--sensors 1] [--turns 10]`: how long pages of 10,000 readings take, of a month of one reading a minute (43,200) of
 * one sensor among some, against a local cloud of its own. Gateway, function, stores and client share this machine's cores.
 */
const minutes = 30 * 24 * 60;
const startMs = Date.UTC(2023, 9, 31, 23); // 1 November in Madrid
const linesOfBody = 8_000; // below 1 MiB
const pageRows = 10_000;
const path = '/datasets/water-temperature/readings';

async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: { sensors: { type: 'string', default: '1' }, turns: { type: 'string', default: '10' } },
  });
  const [sensors, turns] = [Number(values.sensors), Number(values.turns)];
  if (!(sensors >= 1 && turns >= 1)) throw new Error('--sensors and --turns take numbers from 1 on');
  const directory = mkdtempSync(join(tmpdir(), 'caudal-bench-readings-'));
  let cloud: LocalCloud | undefined;
  try {
    const assembly = await synthesizeWith(
      { 'caudal:apiRatePerSecond': 10_000, 'caudal:apiBurst': 5_000 },
      join(directory, 'cdk.out'),
    );
    cloud = await startCloud({
      ...{ assembly, directory, timeScale: 60 },
      ports: { endpoint: 0, api: 0, token: 0, console: 0, mqtt: 0 },
    });
    const headers = await headersFor(cloud);
    await ingest(cloud, headers, sensors);
    const [times, bytes] = await read(cloud, headers, turns);
    const at = (share: number) => quantile(times, share).toFixed(0);
    console.log(
      `${availableParallelism()} cores (load ${loadavg()[0]?.toFixed(1)}), Node ${process.version}: ${times.length} pages of ${pageRows} readings, ` +
        `${(bytes / 2 ** 20).toFixed(1)} MiB each, ${sensors} sensors in the dataset: p50 ${at(0.5)} ms, ` +
        `p90 ${at(0.9)} ms, worst ${at(1)} ms`,
    );
  } finally {
    await cloud?.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function ingest(cloud: LocalCloud, headers: Record<string, string>, sensors: number): Promise<void> {
  for (let at = 0; at < minutes * sensors; at += linesOfBody) {
    const lines = Array.from({ length: Math.min(linesOfBody, minutes * sensors - at) }, (_, index) => {
      const [minute, sensor] = [Math.floor((at + index) / sensors), (at + index) % sensors];
      const timestamp = new Date(startMs + minute * 60_000).toISOString();
      const temperature = Math.round(1_000 * (15 + 5 * Math.sin(minute / 300 + sensor))) / 1_000;
      return JSON.stringify({ sensorId: `bench-${sensor}`, timestamp, temperature, deviation: 0.1 });
    });
    const answer = await fetch(cloud.apiUrl + path, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
    });
    if (answer.status !== 202) throw new Error(`POST readings: ${answer.status} ${await answer.text()}`);
  }
  const month = `${cloud.apiUrl}/temp?year=2023&month=11&sensor=bench-0`;
  for (let count = 0; count !== minutes; await pause(500)) {
    const answer = await fetch(month, { headers });
    count = ((await answer.json()) as { count?: number }).count ?? 0;
  }
}

/** The times of the full pages, in ms, sorted, after one turn that is not counted; and the bytes of a page. */
async function read(
  cloud: LocalCloud,
  headers: Record<string, string>,
  turns: number,
): Promise<[times: number[], bytes: number]> {
  const times: number[] = [];
  let bytes = 0;
  for (let turn = 0; turn <= turns; turn++) {
    let rows = 0;
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = `?sensor=bench-0&from=2023-11-01&to=2023-11-30&limit=${pageRows}`;
      const start = performance.now();
      const answer = await fetch(`${cloud.apiUrl}${path}${query}${cursor && `&cursor=${cursor}`}`, {
        headers,
      });
      const text = await answer.text();
      const ms = performance.now() - start;
      const page = JSON.parse(text) as { readings: object[]; cursor: string | null };
      if (turn > 0 && page.readings.length === pageRows) times.push(ms);
      if (page.readings.length === pageRows) bytes = text.length;
      rows += page.readings.length;
      cursor = page.cursor;
    }
    if (rows !== minutes) throw new Error(`the pages had ${rows} readings of ${minutes}`);
  }
  return [times, bytes];
}

if (import.meta.main) await main(process.argv.slice(2));
