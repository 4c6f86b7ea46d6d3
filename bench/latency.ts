import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { FirehoseClient, PutRecordCommand } from '@aws-sdk/client-firehose';
import type { ApiClient } from '../cli/api-client.ts';
import { encodeReading } from '../core/dataset/reading.ts';
import waterTemperature from '../datasets/water-temperature.ts';
import { targetApi } from '../demo/demo.ts';
import { startCloudProcess, synthesizeWith } from './cloud/start.ts';
import { quantile } from './hot/times.ts';

/**
 * `node bench/latency.ts [--readings 100]`: from Firehose's acknowledgement of a reading until the API's answer counts it, with a
 * buffer of 0 s and no batch window, one reading at a time. See bench/README.md.
 */
const sensorId = 'latency';
const firstAtMs = Date.UTC(2026, 0, 15, 12);
const path = `/datasets/water-temperature/statistics?period=day&from=2026-01-15&to=2026-01-15&sensor=${sensorId}`;
/** Readings before the measured ones: processes start, code is compiled. */
const warmUp = 10;
const pollMs = 5;
const patienceMs = 60_000;

async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({ args: argv, options: { readings: { type: 'string', default: '100' } } });
  const readings = Number(values.readings);
  if (!(readings > 0)) throw new Error(`--readings takes a number above 0, not "${values.readings}"`);
  const directory = mkdtempSync(join(tmpdir(), 'caudal-bench-'));
  const assembly = await synthesizeWith(
    {
      'caudal:bufferSeconds': 0,
      'caudal:batchWindowSeconds': 0,
      'caudal:apiRatePerSecond': 10_000,
      'caudal:apiBurst': 5_000,
    },
    join(directory, 'cdk.out'),
  );
  const cloud = await startCloudProcess({ assembly, directory, timeScale: 1 });
  try {
    const { endpointUrl: endpoint } = cloud.target;
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const firehose = new FirehoseClient({ endpoint, region: 'us-east-1', credentials });
    const { get } = targetApi(cloud.target);
    const latenciesMs: number[] = [];
    for (let sent = 1; sent <= warmUp + readings; sent++) {
      await send(firehose, firstAtMs + sent * 1_000);
      const acknowledgedAt = performance.now();
      await counted(get, sent);
      if (sent > warmUp) latenciesMs.push(performance.now() - acknowledgedAt);
    }
    const at = (share: number) => `${quantile(latenciesMs, share).toFixed(0)} ms`;
    console.log(
      `${availableParallelism()} cores (load ${loadavg()[0]?.toFixed(1)}), Node ${process.version}; ${readings} readings after ` +
        `${warmUp}, one at a time, the API asked every ${pollMs} ms\n\n` +
        `from acknowledgement to presence in the API: p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}`,
    );
  } finally {
    await cloud.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function send(firehose: FirehoseClient, timestampMs: number): Promise<void> {
  const reading = { sensorId, timestampMs, revision: 0, values: [12.5, 0.1], attributes: [] };
  const Data = Buffer.from(`${encodeReading(waterTemperature, reading)}\n`);
  await firehose.send(new PutRecordCommand({ DeliveryStreamName: 'caudal-readings', Record: { Data } }));
}

/** Asks until the day counts so many readings; before the first one the API does not know the sensor. */
async function counted(get: ApiClient['get'], readings: number): Promise<void> {
  const since = performance.now();
  for (;;) {
    const answer = await get<{ statistics: { count: number }[] }>(path).catch((error: Error) => {
      if (error.message.includes(' answered 404')) return { statistics: [] };
      throw error;
    });
    if (answer.statistics[0]?.count === readings) return;
    if (performance.now() - since > patienceMs) throw new Error(`reading ${readings} is not in the API yet`);
    await sleep(pollMs);
  }
}

await main(process.argv.slice(2));
