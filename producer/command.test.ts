import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Option } from '../cli/options.ts';
import {
  awsEnvironment,
  type FirehoseEndpoint,
  startFirehoseEndpoint,
} from '../test/support/firehose-endpoint.ts';
import { runProducer, startProducerProcess } from '../test/support/producer-process.ts';
import { producerOptions } from './options.ts';
import type { Expectation } from './proof/expectation.ts';

let endpoint: FirehoseEndpoint;
let directory: string;

beforeEach(async () => {
  endpoint = await startFirehoseEndpoint();
  directory = await mkdtemp(join(tmpdir(), 'caudal-command-'));
});
afterEach(async () => {
  await endpoint.close();
  await rm(directory, { recursive: true, force: true });
});

const inDirectory = (name: string) => join(directory, name);
const seen = () => [...endpoint.lines.keys()];
const reading = (index: number) => ({
  sensorId: `s${index % 3}`,
  timestamp: new Date(Date.UTC(2024, 0, 1) + index * 60_000).toISOString(),
  temperature: 10 + index / 1_000,
  deviation: 0.1,
});
const ndjson = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `${JSON.stringify(reading(from + index))}\n`).join('');

describe('npm run producer', () => {
  it('sends made-up readings, the same bytes for the same seed and start', async () => {
    const args = [
      '--count',
      '500',
      '--seed',
      '9',
      '--start',
      '2024-01-01T00:00:00Z',
      '--duplicates',
      '5%',
      '--shuffle',
    ];
    const { code, report } = await runProducer(args, endpoint);
    expect(code).toBe(0);
    expect(report).toMatchObject({
      ok: true,
      readings: 500,
      acknowledged: 500 + report.duplicates,
      stream: 'caudal-readings',
    });
    expect(report.duplicates).toBeGreaterThan(0);
    const first = new Map(endpoint.lines);
    await runProducer(args, endpoint);
    expect(new Map([...endpoint.lines].map(([line, count]) => [line, count / 2]))).toEqual(first);
  });

  it('ends the event times of a backfill now', async () => {
    const { report } = await runProducer(['--backfill', '2d', '--every', '1h', '--sensors', '3'], endpoint);
    expect(report.acknowledged).toBeGreaterThan(130);
    const times = seen().map((line) => Date.parse(JSON.parse(line).timestamp));
    expect(Math.max(...times)).toBeLessThanOrEqual(Date.now());
    expect(Math.min(...times)).toBeGreaterThan(Date.now() - 2 * 86_400_000 - 60_000);
  });

  it('sends live at the pace that was asked for', async () => {
    const args = [
      '--dataset',
      'gadget-telemetry',
      '--sensors',
      '100',
      '--rate',
      '200',
      '--duration',
      '2s',
      '--linger-ms',
      '200',
    ];
    const { report } = await runProducer(args, endpoint);
    expect(report.elapsedMs).toBeGreaterThan(1_800);
    expect(report.acknowledged).toBeGreaterThan(300);
    expect(report.acknowledged).toBeLessThanOrEqual(400);
  });

  it('sends no line of a dataset that streams fill, whichever dataset the others name', async () => {
    const fact = {
      ...{ dataset: 'reservations', salon_id: 's-1', occurred_at: '2026-03-01T10:00:00Z', event: 'created' },
      ...{ reservation_id: 'r-1', stream: 'reservations', position: 1, event_number: 1, event_count: 1 },
      ...{ recorded_at: '2026-03-01T10:00:00Z', command_id: 'c-1', digest: 'd', data: '{}' },
      ...{ log_entry: 1, log_place: 1, log_count: 1 },
    };
    const others = ndjson(0, 40).replaceAll('{"', '{"dataset":"water-temperature","');
    await writeFile(inDirectory('mixed.ndjson'), `${others}${JSON.stringify(fact)}\n`);
    const rejects = inDirectory('forged.txt');
    const args = ['--file', inDirectory('mixed.ndjson'), '--rejects', rejects];
    const { report } = await runProducer(args, endpoint);
    expect(report).toMatchObject({ acknowledged: 40, rejected: { 'dataset-mismatch': 1 } });
    expect(seen().filter((line) => line.includes('reservations'))).toEqual([]);
    expect(await readFile(rejects, 'utf8')).toContain('POST /streams/{stream}/{id}/commands');
  });

  it('reads CSV by the mapping, NDJSON and gzip, by glob, and names what is not sent', async () => {
    await writeFile(
      inDirectory('a.csv'),
      'Fecha,Medida,Desviaciones\n2023/11/29,16.1,0.2\n2023/12/7,-999,0.3\n2023/12/13,14.8,\n2023/12/20,13,0.1',
    );
    await writeFile(inDirectory('b.ndjson'), `${ndjson(0, 200)}{"sensorId":"s1"}\nnot json\n`);
    await writeFile(inDirectory('c.ndjson.gz'), gzipSync(ndjson(200, 5_000)));
    const rejects = inDirectory('rejects.txt');
    const args = [
      '--dataset',
      'water-temperature',
      '--file',
      inDirectory('*.{csv,ndjson,gz}'),
      '--rejects',
      rejects,
    ];
    const { code, report } = await runProducer(args, endpoint);
    expect(report).toMatchObject({ readings: 5_003, acknowledged: 5_003, unacknowledged: 0 });
    expect(code).toBe(0);
    expect(report.rejected).toEqual({ missing: 1, 'missing-field': 1, 'not-json': 1 });
    expect(report.dropped).toEqual({ 'water-temperature': { deviation: { empty: 1 } } });
    expect(report.unterminated).toEqual([inDirectory('a.csv')]);
    const named = (await readFile(rejects, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(named.map(({ where }) => where)).toEqual([
      `${inDirectory('a.csv')}:3`,
      `${inDirectory('b.ndjson')}:201`,
      `${inDirectory('b.ndjson')}:202`,
    ]);
    expect(seen()).toContain(
      '{"dataset":"water-temperature","sensorId":"aquasense","timestamp":"2023-11-28T23:00:00.000Z","temperature":16.1,"deviation":0.2}',
    );
  });

  it('reads standard input as it comes', async () => {
    const args = ['--stdin', '--dataset', 'water-temperature', '--linger-ms', '50', '--json'];
    const { child, exit } = startProducerProcess(args, { url: endpoint.url, stdin: 'pipe' });
    child.stdin?.write(ndjson(0, 10));
    await expect.poll(() => endpoint.lines.size).toBe(10);
    child.stdin?.end(ndjson(10, 20));
    expect((await exit).code).toBe(0);
    expect(endpoint.lines.size).toBe(20);
  });

  it('writes what the pipeline must show for what it sent', async () => {
    const expect_ = inDirectory('expected.json');
    const faults = [
      '--duplicates',
      '3%',
      '--late',
      '3%',
      '--corrections',
      '2%',
      '--invalid',
      '2%',
      '--shuffle',
    ];
    const { report } = await runProducer(['--count', '3000', ...faults, '--expect', expect_], endpoint);
    const expectation = JSON.parse(await readFile(expect_, 'utf8')) as Expectation;
    const totals = expectation.datasets['water-temperature']?.totals;
    expect(expectation.complete).toBe(true);
    expect(totals).toEqual({
      lines: report.acknowledged,
      rejected: report.invalid,
      distinct: report.distinct,
      repeated: report.duplicates + report.corrections,
    });
    const sum = [...endpoint.lines.values()].reduce((total, count) => total + count, 0);
    expect(sum).toBe(totals?.lines);
  });

  it('says without sending what it would cost, packed and not', async () => {
    const args = ['--dataset', 'gadget-telemetry', '--count', '20000', '--dry-run'];
    const { code, report } = await runProducer(args, { url: 'http://127.0.0.1:1' });
    expect(code).toBe(0);
    expect(report.billedBytesUnpacked).toBe(20_000 * 5_120);
    expect(report.billedBytes).toBeLessThan(report.bytes * 1.01);
    const { stdout } = await startProducerProcess(args, { url: 'http://127.0.0.1:1' }).exit;
    expect(stdout).toMatch(/would be sent\s+20,000 in/);
    expect(stdout).toMatch(/times as much with one reading a record/);
    expect(endpoint.counts.requests).toBe(0);
  });

  it('drains at Ctrl-C, and fails when something is left after the second', async () => {
    const slow = ['--rate', '2000', '--sensors', '50', '--linger-ms', '100'];
    const first = startProducerProcess([...slow, '--json'], endpoint);
    await expect.poll(() => endpoint.lines.size).toBeGreaterThan(100);
    first.child.kill('SIGINT');
    const drained = await first.exit;
    expect(drained.code).toBe(0);
    expect(JSON.parse(drained.stdout).acknowledged).toBe(endpoint.lines.size);

    endpoint.faults = { throttle: 1 };
    const second = startProducerProcess(slow, endpoint);
    await expect.poll(() => endpoint.counts.throttled).toBeGreaterThan(1);
    let told = '';
    second.child.stderr?.on('data', (chunk: Buffer) => {
      told += chunk;
    });
    second.child.kill('SIGINT');
    await expect.poll(() => told).toContain('Ctrl-C again');
    second.child.kill('SIGINT');
    const left = await second.exit;
    expect(left.code).toBe(1);
    expect(left.stderr).toMatch(/sending the \d+ lines that were taken in; Ctrl-C again stops at once/);
    expect(left.stderr).toMatch(/\d+ lines are not acknowledged/);
  });

  it.each(['memory', 'spool'])('ends at Ctrl-C while the source waits for room in %s', async (kind) => {
    endpoint.faults = { throttle: 1 };
    const spool = kind === 'spool' ? ['--spool', inDirectory('spool'), '--spool-mib', '1'] : [];
    // Without a spool the run gives up at the deadline by itself: it has to be far from it still when the source waits.
    const deadline = kind === 'spool' ? '1s' : '8s';
    const { child, exit } = startProducerProcess(
      ['--count', '300000', '--deadline', deadline, '--json', ...spool],
      endpoint,
    );
    const source = () =>
      kind === 'spool' ? stderr.includes('1 MiB, its limit') : endpoint.counts.throttled > 8;
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk;
    });
    await expect.poll(source).toBe(true);
    child.kill('SIGINT');
    const { code, stdout } = await exit;
    expect(code).toBe(1);
    const report = JSON.parse(stdout);
    expect(report.unacknowledged).toBe(report.lines);
    expect(report.lines).toBeLessThan(300_000);
    if (kind === 'memory') return;
    endpoint.faults = {};
    const again = await runProducer(['--count', '300000', ...spool], endpoint);
    expect(again.report.ok).toBe(true);
    expect(endpoint.lines.size).toBe(300_000);
  });

  it('uses the local cloud where neither credentials nor an endpoint are set, and says so', async () => {
    await mkdir(inDirectory('.caudal'));
    await writeFile(inDirectory('.caudal/cloud.json'), JSON.stringify({ endpointUrl: endpoint.url }));
    const names = Object.keys(process.env).filter((name) => name.startsWith('AWS_'));
    const unset = Object.fromEntries(
      [...names, ...Object.keys(awsEnvironment(''))].map((name) => [name, undefined]),
    );
    const options = { url: endpoint.url, cwd: directory, env: unset };
    const { code, stderr } = await startProducerProcess(['--count', '10'], options).exit;
    expect(stderr).toContain(
      `using the local cloud at ${endpoint.url} (no AWS credentials or AWS_ENDPOINT_URL are set)`,
    );
    expect(code).toBe(0);
    expect(endpoint.lines.size).toBe(10);
    await rm(inDirectory('.caudal'), { recursive: true });
    const home = { ...unset, HOME: directory };
    const lost = await startProducerProcess(['--count', '10'], { ...options, env: home }).exit;
    expect([lost.code, lost.stderr]).toEqual([
      1,
      'No AWS region is set. For AWS set AWS_REGION, or a region in the profile that AWS_PROFILE names. For the local cloud start one with npm start; set AWS_ENDPOINT_URL for one on another port.\n',
    ]);
  });

  it.each([
    [['--count', 'many'], '--count takes a whole number'],
    [
      ['--dataset', 'none'],
      '--dataset takes one of gadget-telemetry, reservations, salon-bookings, stock-ticks, water-temperature',
    ],
    [['--dataset', 'reservations', '--count', '9'], 'events of reservations are decided by streams'],
    [['--file', 'nothing-*.csv', '--dataset', 'water-temperature'], 'no file matches nothing-*.csv'],
    [['--file', 'a.csv', '--stdin'], 'give one'],
    [['--duplicates', '120%'], '--duplicates takes a share'],
    [['--backfill', '2 fortnights'], '--backfill takes a length of time'],
    [['--frobnicate'], '--frobnicate'],
    [
      ['--count', '100', '--sensors', '1', '--every', '7d', '--start', new Date().toISOString()],
      'it would be rejected as in-the-future',
    ],
    [
      ['--dataset', 'gadget-telemetry', '--count', '9', '--start', '1970-01-01T00:00:00Z'],
      'is before 2010-01-01, the first date of gadget-telemetry',
    ],
    [['--mqtt', 'localhost/x'], '--mqtt takes mqtt://host/topic/filter'],
    [['--mqtt', 'mqtt://localhost/x', '--mqtt-sensor', '$'], '--mqtt-sensor takes a level of the topic'],
    [['--mqtt-sensor', '2'], '--mqtt-sensor goes with --mqtt'],
    [['--mqtt', 'mqtt://localhost/x', '--mqtt-sensor', '2', '--sensor-id', 'x'], 'exclude each other'],
    [['--record-kib', '2000'], '--record-kib takes a whole number from 5 to 1000'],
  ])('explains %j with exit code 2', async (args, message) => {
    const { code, stderr } = await startProducerProcess(args, endpoint).exit;
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('has help with every option', async () => {
    const { code, stdout } = await startProducerProcess(['--help'], endpoint).exit;
    expect(code).toBe(0);
    const unwrapped = stdout.replace(/\s+/g, ' ');
    const options = Object.entries<Option>(producerOptions);
    expect(options.length).toBeGreaterThan(30);
    for (const [name, { help, facts }] of options) {
      for (const part of [`--${name}`, help, ...facts]) expect(unwrapped).toContain(part);
    }
  });
});
