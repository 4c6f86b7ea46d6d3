import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseNdjsonLine } from '../../core/lines/json/ndjson.ts';
import waterTemperature from '../../datasets/water-temperature.ts';
import { type FirehoseEndpoint, startFirehoseEndpoint } from '../../test/support/firehose-endpoint.ts';
import {
  killWhileStreaming,
  runProducer,
  startProducerProcess,
} from '../../test/support/producer-process.ts';
import { type Expectation, ExpectationBuilder } from '../proof/expectation.ts';
import { Random } from '../synthetic/random.ts';

let endpoint: FirehoseEndpoint;
let directory: string;

beforeEach(async () => {
  endpoint = await startFirehoseEndpoint();
  directory = await mkdtemp(join(tmpdir(), 'caudal-crash-'));
});
afterEach(async () => {
  await endpoint.close();
  await rm(directory, { recursive: true, force: true });
});

const faults = ['--duplicates', '2%', '--late', '2%', '--corrections', '1%', '--invalid', '1%', '--shuffle'];

describe('kill -9', () => {
  it('ten times at random points loses nothing of 200,000 readings, whose event times end at the first start', async () => {
    const spool = join(directory, 'spool');
    const expected = join(directory, 'expected.json');
    const source = ['--count', '200000', '--sensors', '100', '--every', '10m', ...faults];
    const args = [...source, '--spool', spool, '--expect', expected];
    const random = new Random('kill');
    endpoint.faults = { failEntries: 0.05, throttle: 0.05, closeAfter: 0.05 };
    // Paced, so that ten runs together do not reach the end: 200,000 readings take 7 s.
    for (let kills = 0; kills < 10; kills += 1) {
      const when = { url: endpoint.url, spool, delayMs: 50 + random.below(400) };
      expect(await killWhileStreaming([...args, '--rate', '30000'], when)).toMatchObject({
        signal: 'SIGKILL',
      });
    }
    const { report, code } = await runProducer(args, endpoint);
    expect(code).toBe(0);
    expect(report.continuedAt).toBeGreaterThan(0);
    expect(await readdir(spool)).toEqual([]);
    expect(endpoint.counts.violations).toEqual([]);

    const { datasets } = JSON.parse(await readFile(expected, 'utf8')) as Expectation;
    const arrived = arrivedAt(endpoint).datasets[waterTemperature.name];
    expect(arrived?.sensors).toEqual(datasets[waterTemperature.name]?.sensors);
    expect(arrived?.totals.distinct).toBe(report.distinct);
    expect(report.distinct).toBeGreaterThan(190_000);
  });
});

/** The statistics of what the endpoint has, each line counted once. */
function arrivedAt({ lines }: FirehoseEndpoint): Expectation {
  const builder = new ExpectationBuilder();
  for (const text of lines.keys()) {
    const line = parseNdjsonLine(
      text,
      true,
      { dataset: undefined, sensorId: undefined, arrivedMs: Date.now(), isStored: false },
      [waterTemperature],
    );
    if (line.kind === 'reading') builder.reading(line.dataset, line.reading);
  }
  return builder.build(true);
}

describe('a full disk', () => {
  it('makes the source wait, says so, and loses nothing', async () => {
    const disk = join(directory, 'disk');
    await mkdir(disk);
    // Where mounting is not allowed, the spool's own limit makes the source wait in the same way.
    const mounted = mountSmallDisk(disk);
    const [limit, message] = mounted
      ? [[], "the spool's disk is full (ENOSPC)"]
      : [['--spool-mib', '2'], 'the spool holds 2 MiB, its limit'];
    const children: ChildProcess[] = [];
    try {
      await endpoint.pause();
      const args = [
        '--count',
        '200000',
        '--sensors',
        '100',
        '--spool',
        join(disk, 'spool'),
        '--json',
        ...limit,
      ];
      const { exit, child } = startProducerProcess(args, endpoint);
      children.push(child);
      let stderr = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        stderr += chunk;
      });
      await expect.poll(() => stderr).toContain(message);
      await endpoint.resume();
      const { code, stdout } = await exit;
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ acknowledged: 200_000, unacknowledged: 0 });
      expect(endpoint.lines.size).toBe(200_000);
    } finally {
      for (const child of children) child.kill('SIGKILL');
      if (mounted) execFileSync('umount', ['-l', disk]);
    }
  });
});

/** A file system of 3 MiB in memory. @returns false where this user may not mount */
function mountSmallDisk(directory: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', directory], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
