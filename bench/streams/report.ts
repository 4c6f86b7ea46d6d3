import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { synthesize } from '../../demo/synthesize.ts';
import { childrenCpuSeconds } from '../cloud/cpu.ts';
import { localSettings, timedVerb } from '../cloud/ingest.ts';
import { root, startCloudProcess } from '../cloud/start.ts';
import { bookingPartitions } from './bookings-lake.ts';

/**
 * `node bench/streams/report.ts [--events 1000000] [--salons 1000] [--turns 3] [-- verb …]`: what the report of a year of one salon takes, clock and CPU of the
 * command, out of the bookings of all: partition files as the merge writes them, put into the bucket of a local cloud. The first time the command fetches
 * them, later they are there. Behind `--` another command of the operator may be measured. See bench/README.md.
 */
async function main(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      events: { type: 'string', default: '1000000' },
      salons: { type: 'string', default: '1000' },
      turns: { type: 'string', default: '3' },
    },
  });
  const [count, salons, turns] = [values.events, values.salons, values.turns].map(Number) as [number, number, number];
  const assembly = await synthesize(root);
  const directory = mkdtempSync(join(tmpdir(), 'caudal-bench-'));
  const out = mkdtempSync(join(tmpdir(), 'caudal-reports-'));
  const cloud = await startCloudProcess({ assembly, directory, timeScale: 100 });
  try {
    const s3 = new S3Client({ ...localSettings(cloud.target), forcePathStyle: true });
    let [files, bytes] = [0, 0];
    // A salon has some 1.9 events for each booking that it begins, in a slot out of four: so many slots make a year.
    const everyMs = Math.floor((365 * 86_400_000 * 0.51 * salons) / count / 1_000) * 1_000;
    for (const file of bookingPartitions({ count, salons, startMs: Date.UTC(2025, 11, 31, 23), everyMs })) {
      await s3.send(new PutObjectCommand({ Bucket: cloud.target.curatedBucket, Key: file.key, Body: file.bytes, Metadata: { version: '1' } }));
      files += 1;
      bytes += file.bytes.length;
    }
    console.log(
      `${availableParallelism()} cores (load ${loadavg()[0]?.toFixed(1)}), Node ${process.version}; ${count} events of ${salons} salons in ${files} files, ${(bytes / 1e6).toFixed(0)} MB`,
    );
    const verb = positionals.length > 0 ? positionals : ['report', 'salon-bookings', '--year', '2026', '--salon', '7'];
    for (let turn = 0; turn <= turns; turn++) {
      const before = childrenCpuSeconds();
      const ms = await timedVerb(cloud.target, [...verb, '--out', out]);
      const cpu = childrenCpuSeconds() - before;
      console.log(
        `${(turn === 0 ? 'files fetched' : 'files there').padEnd(16)}${(ms / 1_000).toFixed(2).padStart(8)} s ${cpu.toFixed(2).padStart(8)} s of CPU`,
      );
    }
  } finally {
    await cloud.close();
    for (const each of [directory, out]) rmSync(each, { recursive: true, force: true });
  }
} // biome-ignore format: a step a line

await main(process.argv.slice(2));
