import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { HeadObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { targetApi } from '../demo/demo.ts';
import { synthesize } from '../demo/synthesize.ts';
import { mapBounded } from '../ports/concurrency.ts';
import { childrenCpuSeconds } from './cloud/cpu.ts';
import { localSettings, produce, settledExecutions, timedVerb } from './cloud/ingest.ts';
import { root, startCloudProcess } from './cloud/start.ts';
import { median, quantile } from './hot/times.ts';

/**
 * `node bench/backfill.ts [--stations N] [--days N] [--time-scale N]`: a file a station, a reading every ten minutes, through the
 * producer, on a local cloud with empty stores. How often each partition is written tells how well executions that overlap share their
 * merges; that none fails tells that waiting is not taken for failing. See bench/README.md.
 */
const firstMs = Date.UTC(2023, 9, 1);
const everyMs = 600_000;
const explainedTimes = 3;

async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      stations: { type: 'string', default: '30' },
      days: { type: 'string', default: '731' },
      'time-scale': { type: 'string', default: '300' },
    },
  });
  const [stations, days] = [Number(values.stations), Number(values.days)];
  const readings = stations * Math.round((days * 86_400_000) / everyMs);
  const directory = mkdtempSync(join(tmpdir(), 'caudal-backfill-'));
  const files = join(directory, 'files');
  const assembly = await synthesize(root);
  const cloud = await startCloudProcess({
    assembly,
    directory: join(directory, 'cloud'),
    timeScale: Number(values['time-scale']),
  });
  try {
    for (let station = 0; station < stations; station++) {
      await pipeline(linesOf(station, days), createWriteStream(`${files}-${station}.ndjson`));
    }
    console.log(
      `${availableParallelism()} cores (load ${loadavg()[0]?.toFixed(1)} before), Node ${process.version}; ` +
        `${readings} readings of ${stations} stations, ${days} days, time scale ${values['time-scale']}\n`,
    );
    const cpuAtStart = childrenCpuSeconds();
    const began = performance.now();
    const elapsed = () => ((performance.now() - began) / 1_000).toFixed(1).padStart(8);
    await produce(cloud.target, ['--file', `${files}-*.ndjson`, '--dataset', 'water-temperature']);
    console.log(`the producer has every line acknowledged   ${elapsed()} s`);
    const executions = await settledExecutions(cloud.target, readings);
    console.log(`every object is validated and merged       ${elapsed()} s`);
    const byStatus = Object.groupBy(executions, ({ status }) => status ?? '?');
    console.log(
      `executions                                 ${Object.entries(byStatus)
        .map(([status, some]) => `${some?.length} ${status}`)
        .join(', ')}`,
    );
    const writes = await writesOfPartitions(cloud.target);
    console.log(
      `writes of a partition                      ${quantile(writes, 0)} to ${quantile(writes, 1)}, median ${median(writes)}, of ${writes.length} partitions`,
    );
    const { statistics } = await targetApi(cloud.target).get<{ statistics: { count: number }[] }>(
      '/datasets/water-temperature/statistics?period=month&from=2023-09&to=2030-12',
    );
    const counted = statistics.reduce((sum, { count }) => sum + count, 0);
    const explained = await explainMs(cloud.target);
    console.log(
      `\`explain\` of one of the readings, process and all  ${(explained / 1_000).toFixed(1).padStart(4)} s, median of ${explainedTimes}`,
    );
    const cloudCpu = await cloud.cpuSeconds();
    await cloud.close();
    console.log(
      `CPU of all, seconds                        ${Math.round(childrenCpuSeconds() - cpuAtStart)}, of them the cloud's own process ${Math.round(cloudCpu)}`,
    );
    if (counted !== readings) throw new Error(`the API counts ${counted} readings, ${readings} were sent`);
    if (executions.some(({ status }) => status !== 'SUCCEEDED')) throw new Error('executions failed');
  } finally {
    await cloud.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** How long the verb takes for a reading of a station in the middle, ms: the median. */
async function explainMs(target: { endpointUrl: string }): Promise<number> {
  const sought = ['water-temperature', 'station-0', new Date(firstMs + 36 * 3_600_000).toISOString()];
  const took: number[] = [];
  for (let time = 0; time < explainedTimes; time++)
    took.push(await timedVerb(target, ['explain', ...sought]));
  return median(took);
}

function* linesOf(station: number, days: number): Generator<string> {
  const perDay = Math.round(86_400_000 / everyMs);
  for (let day = 0; day < days; day++) {
    let lines = '';
    for (let index = 0; index < perDay; index++) {
      const timestamp = new Date(firstMs + (day * perDay + index) * everyMs).toISOString();
      const temperature = 12 + station / 8 + ((index * 7 + day) % 64) / 64;
      lines += `{"sensorId":"station-${station}","timestamp":"${timestamp}","temperature":${temperature},"deviation":0.25}\n`;
    }
    yield lines;
  }
}

/** The version of each partition, which counts its writes. */
async function writesOfPartitions(target: Parameters<typeof localSettings>[0] & { curatedBucket: string }) {
  const client = new S3Client(localSettings(target));
  const input = { Bucket: target.curatedBucket, Prefix: 'curated/dataset=water-temperature/date=' };
  const keys: (string | undefined)[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, input)) {
    keys.push(...Contents.map(({ Key }) => Key));
  }
  return mapBounded(keys, 16, async (Key) => {
    const { Metadata } = await client.send(new HeadObjectCommand({ Bucket: target.curatedBucket, Key }));
    return Number(Metadata?.version);
  });
}

await main(process.argv.slice(2));
