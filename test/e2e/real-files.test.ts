import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { DeleteObjectCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { Aedes } from 'aedes';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { synthesize } from '../../demo/synthesize.ts';
import type { RejectedLine } from '../../handlers/ingest/validate-segment/rejects-file.ts';
import { segmentIdOf } from '../../ports/keys.ts';
import { caudalIn } from '../support/caudal.ts';
import { type CloudWorld, root, startCloudWorld } from '../support/cloud-world.ts';
import { runProducer, startProducerProcess } from '../support/producer-process.ts';
import { copyProject, type ProjectCopy } from '../support/project-copy.ts';

/**
 * Files and messages as real users have them, through a front door (landing, stream, producer) to the API's answer. The right
 * values are worked out by hand. A new case is a folder under `test/fixtures/real-files/` with its line in `test/fixtures/README.md`, the
 * dataset that it needs under `datasets/` there, and a test below.
 */

const fixtures = join(root, 'test', 'fixtures', 'real-files');
const fixture = (name: string) => readFileSync(join(fixtures, name));

let project: ProjectCopy;
let world: CloudWorld;
let folder: string;
/** Lines that were sent so far. */
let lines = 0;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'caudal-real-files-'));
  project = copyProject();
  for (const dataset of ['air-hourly', 'buoy-es', 'weather-multi'])
    project.addDataset(join(fixtures, 'datasets', `${dataset}.ts`));
  world = await startCloudWorld({ assembly: await synthesize(project.root) });
});
afterAll(async () => {
  await world?.close();
  project?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Waits until so many more lines are ingested. */
async function settled(more: number): Promise<void> {
  lines += more;
  await world.settled(lines);
}

interface Month {
  count: number;
  measures: Record<string, { count: number; mean: number; min: number; max: number }>;
}

/** A month's statistics of one series. */
async function monthOf(dataset: string, sensor: string, month: string): Promise<Month | undefined> {
  const query = new URLSearchParams({ period: 'month', from: month, to: month, sensor });
  const { statistics } = await world.get<{ statistics: Month[] }>(`/datasets/${dataset}/statistics?${query}`);
  return statistics[0];
}

async function sensorsOf(dataset: string, month: string): Promise<string[]> {
  const { sensors } = await world.get<{ sensors: { sensorId: string }[] }>(
    `/datasets/${dataset}/sensors?month=${month}&limit=1000`,
  );
  return sensors.map(({ sensorId }) => sensorId);
}

/** Line number and reason of each rejected line of a raw object. */
async function rejectsOf(key: string): Promise<[line: number, reason: string][]> {
  for await (const object of world.ports.objects()) {
    if (object.key !== key) continue;
    const { Body } = await world.s3.send(
      new GetObjectCommand({
        Bucket: world.target.curatedBucket,
        Key: `rejects/${segmentIdOf(object)}.ndjson`,
      }),
    );
    const text = (await Body?.transformToString()) ?? '';
    return text
      .trimEnd()
      .split('\n')
      .map((line) => {
        const { line: number, reason } = JSON.parse(line) as RejectedLine;
        return [number, reason];
      });
  }
  throw new Error(`there is no object ${key}`);
}

/** The newest version of a raw object, and what is recorded of it. */
async function ledgerOf(key: string) {
  for await (const object of world.ports.objects())
    if (object.key === key) return [object, (await world.ports.ledgers.ledgers([object]))[0]] as const;
  throw new Error(`there is no object ${key}`);
}

const verb = (...args: string[]) => caudalIn(project.root, world.cloud.endpointUrl, ...args);

const producing = () => ({ root: project.root, url: world.cloud.endpointUrl });

describe('a file whose lines end in CR alone', () => {
  test('lands', async () => {
    await world.upload('landing/weather-multi/cr-only.csv', fixture('cr-only/cr-only.csv'));
    await settled(2);
    expect(await monthOf('weather-multi', 'CRONLY', '2026-05')).toMatchObject({
      count: 2,
      measures: { temp: { count: 2, min: 10.5, max: 11.5 } },
    });
  });

  test('goes through the producer', async () => {
    const file = join(folder, 'cr-only.csv');
    writeFileSync(file, fixture('cr-only/cr-only.csv').toString().replaceAll('CRONLY', 'CRSENT'));
    const { code, report } = await runProducer(['--file', file, '--dataset', 'weather-multi'], producing());
    expect([code, report.acknowledged]).toEqual([0, 2]);
    await settled(2);
    expect(await monthOf('weather-multi', 'CRSENT', '2026-05')).toMatchObject({
      count: 2,
      measures: { temp: { count: 2, min: 10.5, max: 11.5 } },
    });
  });
});

test('the hour that a clock repeats in autumn is read twice from a file in order', async () => {
  await world.upload('landing/air-hourly/oct.csv', fixture('dst-overlap/oct.csv'));
  await settled(6);
  expect(await monthOf('air-hourly', 'DEXX002', '2026-10')).toMatchObject({
    count: 6,
    measures: { pm10: { mean: 9.833333333333334 } },
  });
});

describe('records without a newline', () => {
  const record = (sensorId: string, index: number) =>
    JSON.stringify({
      dataset: 'weather-multi',
      sensorId,
      timestamp: new Date(Date.UTC(2026, 4, 3) + index * 1_000).toISOString(),
      temp: index % 50,
    });
  async function put(records: readonly string[]) {
    const client = new FirehoseClient({
      endpoint: world.cloud.endpointUrl,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    for (let at = 0; at < records.length; at += 500) {
      const Records = records.slice(at, at + 500).map((Data) => ({ Data: Buffer.from(Data) }));
      const answer = await client.send(
        new PutRecordBatchCommand({ DeliveryStreamName: 'caudal-readings', Records }),
      );
      expect(answer.FailedPutCount).toBe(0);
    }
  }

  test('are all read, and so are those with one that follow', async () => {
    await put([
      ...[0, 1, 2].map((index) => record('joined', index)),
      ...[0, 1].map((index) => `${record('apart', index)}\n`),
    ]);
    await settled(5);
    expect((await monthOf('weather-multi', 'joined', '2026-05'))?.count).toBe(3);
    expect((await monthOf('weather-multi', 'apart', '2026-05'))?.count).toBe(2);
  });

  test('are read where an object has only such', async () => {
    await world.upload(
      'raw/2026/05/03/00/joined',
      [0, 1].map((index) => record('only joined', index)).join(''),
    );
    await settled(2);
    expect((await monthOf('weather-multi', 'only joined', '2026-05'))?.count).toBe(2);
  });

  test('are read where they make a line of over 1 MiB', async () => {
    const records = Array.from({ length: 12_000 }, (_, index) => record('many joined', index));
    expect(records.join('').length).toBeGreaterThan(1024 * 1024);
    await put(records);
    await settled(12_000);
    expect(await monthOf('weather-multi', 'many joined', '2026-05')).toMatchObject({
      count: 12_000,
      measures: { temp: { mean: 24.5, min: 0, max: 49 } },
    });
  });
});

describe('the mean is the true one, correctly rounded', () => {
  async function meanOf(sensorId: string, values: readonly number[]): Promise<number | undefined> {
    const body = values.map((temp, index) => {
      const timestamp = new Date(Date.UTC(2026, 4, 4) + index * 60_000).toISOString();
      return JSON.stringify({ sensorId, timestamp, temp });
    });
    await world.upload(`landing/weather-multi/${sensorId}.ndjson`, body.join('\n'));
    await settled(values.length);
    return (await monthOf('weather-multi', sensorId, '2026-05'))?.measures.temp?.mean;
  }

  test('of quarters', async () => {
    const quarters = Array.from({ length: 100 }, (_, index) => index / 4);
    expect(await meanOf('quarters', quarters)).toBe(12.375);
  });

  test('of decimals', async () => {
    expect(await meanOf('decimals', [9.8, 20, 55.5, 21, 30])).toBe(27.26);
  });
});

describe('a station of which one sensor fails', () => {
  test('keeps what the other sensors measured', async () => {
    await world.upload('landing/weather-multi/multi.csv', fixture('one-bad-sensor/multi.csv'));
    await settled(10);
    expect(await monthOf('weather-multi', 'W1', '2026-05')).toMatchObject({
      count: 10,
      measures: {
        temp: { count: 10, mean: 12.6 },
        hum: { count: 3 },
        wind: { count: 9, mean: 5.166666666666667 },
      },
    });
  });

  test('has its dropped values counted in the job, and named by explain', async () => {
    const { stdout } = await verb('explain', 'weather-multi', 'W1', '2026-05-01T08:00:00Z');
    expect(stdout).toContain('without hum, which is "82*" (wrong-type)');
    const [, object] = await ledgerOf('landing/weather-multi/multi.csv');
    expect(object?.dropped).toEqual({
      'weather-multi': {
        hum: { missing: 1, nothing: 3, empty: 1, 'out-of-range': 1, 'wrong-type': 1 },
        wind: { empty: 1 },
      },
    });
    const job = await world.get(`/jobs/${object?.jobId}`);
    expect(job).toMatchObject({ lines: { total: 10, valid: 10, rejected: 0 }, droppedValues: 6 });
  });
});

describe('a file that is not what it should be', () => {
  const refusalOf = async (key: string) => (await ledgerOf(key))[1]?.refusal;
  const upload = async (dataset: string, name: string) => {
    const key = `landing/${dataset}/${name.split('/').at(-1)}`;
    await world.upload(key, fixture(name));
    await settled(0);
    return key;
  };

  test('its columns are renamed: it is refused as a whole', async () => {
    const key = await upload('weather-multi', 'renamed-column/renamed.csv');
    expect(await refusalOf(key)).toMatchObject({ reason: 'missing-column' });
    await expect(monthOf('weather-multi', 'REN1', '2026-08')).rejects.toThrow('has no sensor');
    expect((await verb('accept', key)).stderr).toContain('Nothing of');
  });

  test('its rows have no value: each is rejected', async () => {
    await world.upload('landing/weather-multi/all-empty.csv', fixture('renamed-column/all-empty.csv'));
    await settled(2);
    expect(await rejectsOf('landing/weather-multi/all-empty.csv')).toEqual([
      [2, 'no-value'],
      [3, 'no-value'],
    ]);
  });

  test('months come first: nothing is taken, with why and the way out', async () => {
    const key = await upload('buoy-es', 'us-dates/us.csv');
    expect(await refusalOf(key)).toMatchObject({
      reason: 'unreadable-lines',
      cause: expect.stringContaining('day and month are in the other order'),
    });
    await expect(monthOf('buoy-es', 'boya-1', '2026-05')).rejects.toThrow('has no sensor');
    const { stdout } = await verb('rejects', '--dataset', 'buoy-es');
    expect(stdout).toContain('npm run caudal -- upload us.csv --dataset buoy-es');
    expect(stdout).toContain(`npm run caudal -- accept ${key}`);
  });

  test('it is in Windows-1252: one reason names the encoding', async () => {
    const key = await upload('buoy-es', 'windows-1252/estacion1252.csv');
    expect(await refusalOf(key)).toMatchObject({
      reason: 'not-utf8',
      cause: expect.stringContaining('Windows-1252'),
    });
  });

  test('the producer refuses it too, and sends nothing', async () => {
    const args = ['--file', join(fixtures, 'us-dates/us.csv'), '--dataset', 'buoy-es'];
    const { exit } = startProducerProcess(args, producing());
    const { code, stderr } = await exit;
    expect([code, stderr]).toEqual([2, expect.stringContaining('day and month are in the other order')]);
    const accepted = await runProducer([...args, '--accept-unreadable', '--dry-run'], producing());
    expect(accepted.report).toMatchObject({ readings: 12, rejected: { 'invalid-timestamp': 19 } });
  });

  test('a recount agrees, and names the refused files', async () => {
    const { status, stdout } = await verb('reconcile');
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining('landing/buoy-es/us.csv: unreadable-lines'),
    ]);
  });
});

describe('a ragged file', () => {
  test('is refused, with its bad rows named', async () => {
    const key = 'landing/weather-multi/ragged.csv';
    await world.upload(key, fixture('ragged/ragged.csv'));
    await world.upload('landing/weather-multi/trailing-header.csv', fixture('ragged/trailing-header.csv'));
    await settled(0);
    await expect(monthOf('weather-multi', 'R1', '2026-05')).rejects.toThrow('has no sensor');
    const [, ledger] = await ledgerOf(key);
    expect(ledger?.refusal?.lines.map(({ line, reason }) => [line, reason])).toEqual([
      [2, 'wrong-columns'],
      [3, 'wrong-columns'],
      [5, 'invalid-timestamp'],
      [6, 'invalid-timestamp'],
      [8, 'invalid-timestamp'],
    ]);
    const job = await world.get(`/jobs/${ledger?.jobId}`);
    expect(job).toMatchObject({
      state: 'Completed',
      refused: 2,
      refusals: expect.arrayContaining([expect.objectContaining({ key, reason: 'unreadable-lines' })]),
    });
    const status = await verb('status');
    expect([status.status, status.stdout]).toEqual([1, expect.stringContaining(key)]);
    const explained = await verb('explain', 'weather-multi', 'R1', '2026-05-02T02:00:00Z');
    expect(explained.stdout).toContain('in a refused file, of which nothing is taken');
    const { stdout } = await verb('rejects');
    expect(stdout).toContain("5 of 7 lines can't be read");
    expect(stdout).toContain(`npm run caudal -- accept ${key}`);
    expect(stdout).toContain('npm run caudal -- upload trailing-header.csv --dataset weather-multi');
    expect(stdout).toContain('likely: its rows have 5 cells where the header has 6');
  });

  test('is taken as it is once it is accepted, and again by a replay', async () => {
    const key = 'landing/weather-multi/ragged.csv';
    const { status, stdout } = await verb('accept', key);
    expect([status, stdout]).toEqual([0, expect.stringContaining('2 of 7 lines')]);
    await settled(7);
    const expected = { count: 2, measures: { temp: { mean: 12.5 }, hum: { count: 2 } } };
    expect(await monthOf('weather-multi', 'R1', '2026-05')).toMatchObject(expected);
    expect(await rejectsOf(key)).toEqual([
      [2, 'wrong-columns'],
      [3, 'wrong-columns'],
      [5, 'invalid-timestamp'],
      [6, 'invalid-timestamp'],
      [8, 'invalid-timestamp'],
    ]);
    const replayed = await verb('replay', '--dataset', 'weather-multi');
    expect(replayed.status).toBe(0);
    expect(await monthOf('weather-multi', 'R1', '2026-05')).toMatchObject(expected);
    expect((await ledgerOf(key))[1]?.state).toBe('Completed');
    expect((await verb('accept', key)).stderr).toContain('is not refused');
    expect((await verb('status')).stdout).not.toContain(`${key}:`);
  });

  test('has stations by their names, with spaces and accents', async () => {
    await world.upload('landing/weather-multi/stations.csv', fixture('ragged/spaces-in-station.csv'));
    await settled(3);
    expect(await sensorsOf('weather-multi', '2026-05')).toEqual(
      expect.arrayContaining(['0012', 'Río-2', 'Upper Mill 4']),
    );
    for (const station of ['Upper Mill 4', 'Río-2', '0012']) {
      expect(await monthOf('weather-multi', station, '2026-05')).toMatchObject({
        count: 1,
        measures: { temp: { mean: 10 }, hum: { mean: 50 }, wind: { mean: 1 } },
      });
    }
  });
});

test('devices that are a level of their topic are a series each', async () => {
  const aedes = await Aedes.createBroker();
  const server = createServer(aedes.handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const subscribed = once(aedes, 'subscribe');
  const filter = `mqtt://127.0.0.1:${port}/tele/+/SENSOR`;
  const args = [
    '--mqtt',
    filter,
    '--mqtt-sensor',
    '2',
    '--mqtt-version',
    '3.1.1',
    '--dataset',
    'weather-multi',
  ];
  const { child, exit } = startProducerProcess([...args, '--linger-ms', '100', '--json'], producing());
  await subscribed;
  const publisher = await connectAsync(`mqtt://127.0.0.1:${port}`);
  const devices = ['kitchen', 'Living Room', 'señal-2'];
  for (const [index, device] of devices.entries()) {
    for (const hour of [10, 11]) {
      const payload = JSON.stringify({ timestamp: `2026-05-05T${hour}:00:00Z`, temp: hour + index });
      await publisher.publishAsync(`tele/${device}/SENSOR`, payload, { qos: 1 });
    }
  }
  await settled(6);
  child.kill('SIGINT');
  expect(await exit).toMatchObject({ code: 0 });
  for (const [index, device] of devices.entries()) {
    expect(await monthOf('weather-multi', device, '2026-05')).toMatchObject({
      count: 2,
      measures: { temp: { min: 10 + index, max: 11 + index } },
    });
  }
  await publisher.endAsync(true);
  await new Promise<void>((resolve) => aedes.close(resolve));
  server.close();
});

/** Uploads a fixture under a name, as a person does. */
async function upload(name: string, as: string, count: number): Promise<void> {
  const file = join(folder, as);
  writeFileSync(file, fixture(name));
  const ran = await verb('upload', file, '--dataset', 'weather-multi');
  expect([ran.status, ran.stderr]).toEqual([0, '']);
  lines += count;
}

describe('a file that is uploaded again', () => {
  const key = 'landing/weather-multi/w2.csv';

  test('with other values gives those; a row that went away is named, and withdrawn by the command', async () => {
    await upload('reupload/v1.csv', 'w2.csv', 5);
    await upload('reupload/v2.csv', 'w2.csv', 4);
    expect(await monthOf('weather-multi', 'W2', '2026-06')).toMatchObject({
      count: 5,
      contested: 0,
      measures: { temp: { mean: 20.34, max: 30 } },
    });
    const before = await verb('reconcile', '--dataset', 'weather-multi');
    expect(before.stdout).toContain(`${key}: 1 reading`);
    expect(before.stdout).toContain(`npm run caudal -- withdraw --key ${key} --vanished`);
    expect(before.status).toBe(0);

    const dry = await verb('withdraw', '--key', key, '--vanished', '--dry-run');
    expect(dry.stdout).toMatch(/withdraws +1 reading/);
    expect(dry.stdout).toMatch(/W2 +2026-06 +5 → 4/);
    expect(dry.stdout).toMatch(/temp +5 → 4 +20\.34 → 17\.925 +30 → 21/);
    expect(await monthOf('weather-multi', 'W2', '2026-06')).toMatchObject({ count: 5 });

    const ran = await verb('withdraw', '--key', key, '--vanished');
    expect(ran.status).toBe(0);
    lines += 1;
    expect(await monthOf('weather-multi', 'W2', '2026-06')).toMatchObject({
      count: 4,
      measures: { temp: { mean: 17.925, max: 21 } },
    });
    const after = await verb('reconcile', '--dataset', 'weather-multi');
    expect([after.status, after.stdout.includes(key)]).toEqual([0, false]);
    const explained = await verb('explain', 'weather-multi', 'W2', '2026-06-01T04:00:00Z');
    expect(explained.stdout).toContain('It is withdrawn');
  });

  test('with the same bytes changes no statistic', async () => {
    const before = await monthOf('weather-multi', 'W2', '2026-06');
    await upload('reupload/v2.csv', 'w2.csv', 4);
    expect(await monthOf('weather-multi', 'W2', '2026-06')).toEqual(before);
  });
});

test('a deleted file leaves no month behind, once it is withdrawn as reconcile says, and comes back', async () => {
  const key = 'landing/weather-multi/wrong-station.csv';
  await upload('delete-file/good-station.csv', 'good-station.csv', 2);
  await upload('delete-file/wrong-station.csv', 'wrong-station.csv', 2);
  await world.s3.send(new DeleteObjectCommand({ Bucket: world.target.rawBucket, Key: key }));
  lines -= 2;
  const told = await verb('reconcile', '--dataset', 'weather-multi');
  expect(told.status).toBe(1);
  expect(told.stdout).toContain('it was deleted, and 2 readings of it count');
  expect(told.stdout).toContain(`npm run caudal -- withdraw --key ${key}`);
  expect(told.stdout).toContain('1 thing differs');
  expect(await monthOf('weather-multi', 'DELA', '2025-02')).toMatchObject({ count: 2 });

  expect((await verb('withdraw', '--key', key)).status).toBe(0);
  lines += 2;
  await expect(monthOf('weather-multi', 'DELA', '2025-02')).rejects.toThrow(/no sensor "DELA"/);
  expect(await sensorsOf('weather-multi', '2025-02')).toEqual(['DELB']);
  const all = await world.get<{ statistics: Month[] }>(
    '/datasets/weather-multi/statistics?period=month&from=2025-02&to=2025-02',
  );
  expect(all.statistics).toMatchObject([{ count: 2, measures: { temp: { mean: 2, max: 3 } } }]);
  expect((await verb('reconcile', '--dataset', 'weather-multi')).status).toBe(0);

  const undone = await verb('withdraw', '--key', key, '--undo');
  expect(undone.stdout).toMatch(/brings back +2 readings/);
  lines += 2;
  expect(await monthOf('weather-multi', 'DELA', '2025-02')).toMatchObject({
    count: 2,
    measures: { temp: { mean: 6 } },
  });
});

test('two devices under one id are contested, in the month and for each reading; a span of them can be withdrawn', async () => {
  const line = (hour: number, temp: number) =>
    `${JSON.stringify({ sensorId: 'TWINS', timestamp: `2025-04-01T0${hour}:00:00Z`, temp })}\n`;
  const file = join(folder, 'twins.ndjson');
  writeFileSync(file, [line(0, 1), line(0, 9), line(1, 2), line(1, 2), line(2, 3)].join(''));
  expect((await verb('upload', file, '--dataset', 'weather-multi')).status).toBe(0);
  lines += 5;
  expect(await monthOf('weather-multi', 'TWINS', '2025-04')).toMatchObject({ count: 3, contested: 1 });
  const { stdout } = await verb('explain', 'weather-multi', 'TWINS', '2025-04-01T00:00:00Z');
  expect(stdout).toMatch(/It is stored, and contested: 1 other line/);
  expect(stdout).toContain('twins.ndjson line 1');
  expect(stdout).toContain('twins.ndjson line 2');
  const counted = (await verb('reconcile', '--dataset', 'weather-multi')).stdout;
  expect(counted).toMatch(/weather-multi +2025-04(-01)? +5 +3 +1 +0 +1 +agree/);

  const span = [
    '--dataset',
    'weather-multi',
    '--sensor',
    'TWINS',
    '--from',
    '2025-04-01',
    '--to',
    '2025-04-01',
  ];
  expect((await verb('withdraw', ...span)).status).toBe(0);
  lines += 3;
  await expect(monthOf('weather-multi', 'TWINS', '2025-04')).rejects.toThrow(/no sensor "TWINS"/);
  const again = await verb('withdraw', ...span);
  expect([again.status, again.stdout]).toEqual([0, 'Nothing changes.\n']);
  const one = ['--dataset', 'weather-multi', '--sensor', 'TWINS', '--at', '2025-04-01T02:00:00Z'];
  expect((await verb('withdraw', ...one, '--undo')).status).toBe(0);
  lines += 1;
  expect(await monthOf('weather-multi', 'TWINS', '2025-04')).toMatchObject({ count: 1 });
});

test.each([
  [['--key', 'landing/weather-multi/none.csv'], /There is no object landing\/weather-multi\/none\.csv/],
  [['--key', 'x', '--dataset', 'weather-multi'], /not both/],
  [['--dataset', 'weather-multi'], /a series by --dataset and --sensor/],
  [['--dataset', 'weather-multi', '--sensor', 'W2'], /--at, or a span by both/],
  [
    ['--dataset', 'weather-multi', '--sensor', 'W2', '--from', '2026-06-02', '--to', '2026-06-01'],
    /is after/,
  ],
])('withdraw refuses %j', async (args, message) => {
  const { status, stderr } = await verb('withdraw', ...args);
  expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
});
