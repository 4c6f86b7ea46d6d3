import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { Aedes } from 'aedes';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProducer, startProducerProcess } from '../support/producer-process.ts';
import { fixture, fixtures, type RealFiles, startRealFiles } from '../support/real-files.ts';

/**
 * Files and messages as real users have them, through a front door (landing, stream, producer) to the API's answer. The right
 * values are worked out by hand. A new case is a folder under `test/fixtures/real-files/` with its line in `test/fixtures/README.md`, the
 * dataset that it needs under `datasets/` there, and a test below. What is corrected later is in `corrections.test.ts`.
 */

let files: RealFiles;
beforeAll(async () => {
  files = await startRealFiles();
});
afterAll(() => files?.close());

describe('a file whose lines end in CR alone', () => {
  test('lands', async () => {
    await files.world.upload('landing/weather-multi/cr-only.csv', fixture('cr-only/cr-only.csv'));
    await files.settled(2);
    expect(await files.monthOf('weather-multi', 'CRONLY', '2026-05')).toMatchObject({
      count: 2,
      measures: { temp: { count: 2, min: 10.5, max: 11.5 } },
    });
  });

  test('goes through the producer', async () => {
    const file = join(files.folder, 'cr-only.csv');
    writeFileSync(file, fixture('cr-only/cr-only.csv').toString().replaceAll('CRONLY', 'CRSENT'));
    const { code, report } = await runProducer(
      ['--file', file, '--dataset', 'weather-multi'],
      files.producing(),
    );
    expect([code, report.acknowledged]).toEqual([0, 2]);
    await files.settled(2);
    expect(await files.monthOf('weather-multi', 'CRSENT', '2026-05')).toMatchObject({
      count: 2,
      measures: { temp: { count: 2, min: 10.5, max: 11.5 } },
    });
  });
});

test('the hour that a clock repeats in autumn is read twice from a file in order', async () => {
  await files.world.upload('landing/air-hourly/oct.csv', fixture('dst-overlap/oct.csv'));
  await files.settled(6);
  expect(await files.monthOf('air-hourly', 'DEXX002', '2026-10')).toMatchObject({
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
      endpoint: files.world.cloud.endpointUrl,
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
    await files.settled(5);
    expect((await files.monthOf('weather-multi', 'joined', '2026-05'))?.count).toBe(3);
    expect((await files.monthOf('weather-multi', 'apart', '2026-05'))?.count).toBe(2);
  });

  test('are read where an object has only such', async () => {
    await files.world.upload(
      'raw/2026/05/03/00/joined',
      [0, 1].map((index) => record('only joined', index)).join(''),
    );
    await files.settled(2);
    expect((await files.monthOf('weather-multi', 'only joined', '2026-05'))?.count).toBe(2);
  });

  test('are read where they make a line of over 1 MiB', async () => {
    const records = Array.from({ length: 12_000 }, (_, index) => record('many joined', index));
    expect(records.join('').length).toBeGreaterThan(1024 * 1024);
    await put(records);
    await files.settled(12_000);
    expect(await files.monthOf('weather-multi', 'many joined', '2026-05')).toMatchObject({
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
    await files.world.upload(`landing/weather-multi/${sensorId}.ndjson`, body.join('\n'));
    await files.settled(values.length);
    return (await files.monthOf('weather-multi', sensorId, '2026-05'))?.measures.temp?.mean;
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
    await files.world.upload('landing/weather-multi/multi.csv', fixture('one-bad-sensor/multi.csv'));
    await files.settled(10);
    expect(await files.monthOf('weather-multi', 'W1', '2026-05')).toMatchObject({
      count: 10,
      measures: {
        temp: { count: 10, mean: 12.6 },
        hum: { count: 3 },
        wind: { count: 9, mean: 5.166666666666667 },
      },
    });
  });

  test('has its dropped values counted in the job, and named by explain', async () => {
    const { stdout } = await files.verb('explain', 'weather-multi', 'W1', '2026-05-01T08:00:00Z');
    expect(stdout).toContain('without hum, which is "82*" (wrong-type)');
    const [, object] = await files.ledgerOf('landing/weather-multi/multi.csv');
    expect(object?.dropped).toEqual({
      'weather-multi': {
        hum: { missing: 1, nothing: 3, empty: 1, 'out-of-range': 1, 'wrong-type': 1 },
        wind: { empty: 1 },
      },
    });
    const job = await files.world.get(`/jobs/${object?.jobId}`);
    expect(job).toMatchObject({ lines: { total: 10, valid: 10, rejected: 0 }, droppedValues: 6 });
  });
});

describe('a file that is not what it should be', () => {
  const refusalOf = async (key: string) => (await files.ledgerOf(key))[1]?.refusal;
  const upload = async (dataset: string, name: string) => {
    const key = `landing/${dataset}/${name.split('/').at(-1)}`;
    await files.world.upload(key, fixture(name));
    await files.settled(0);
    return key;
  };

  test('its columns are renamed: it is refused as a whole', async () => {
    const key = await upload('weather-multi', 'renamed-column/renamed.csv');
    expect(await refusalOf(key)).toMatchObject({ reason: 'missing-column' });
    await expect(files.monthOf('weather-multi', 'REN1', '2026-08')).rejects.toThrow('has no sensor');
    expect((await files.verb('accept', key)).stderr).toContain('Nothing of');
  });

  test('its rows have no value: each is rejected', async () => {
    await files.world.upload('landing/weather-multi/all-empty.csv', fixture('renamed-column/all-empty.csv'));
    await files.settled(2);
    expect(await files.rejectsOf('landing/weather-multi/all-empty.csv')).toEqual([
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
    await expect(files.monthOf('buoy-es', 'boya-1', '2025-05')).rejects.toThrow('has no sensor');
    const { stdout } = await files.verb('rejects', '--dataset', 'buoy-es');
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
    const { exit } = startProducerProcess(args, files.producing());
    const { code, stderr } = await exit;
    expect([code, stderr]).toEqual([2, expect.stringContaining('day and month are in the other order')]);
    const accepted = await runProducer([...args, '--accept-unreadable', '--dry-run'], files.producing());
    expect(accepted.report).toMatchObject({ readings: 12, rejected: { 'invalid-timestamp': 19 } });
  });

  test('a recount agrees, and names the refused files', async () => {
    const { status, stdout } = await files.verb('reconcile');
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining('landing/buoy-es/us.csv: unreadable-lines'),
    ]);
  });
});

describe('a ragged file', () => {
  test('is refused, with its bad rows named', async () => {
    const key = 'landing/weather-multi/ragged.csv';
    await files.world.upload(key, fixture('ragged/ragged.csv'));
    await files.world.upload(
      'landing/weather-multi/trailing-header.csv',
      fixture('ragged/trailing-header.csv'),
    );
    await files.settled(0);
    await expect(files.monthOf('weather-multi', 'R1', '2026-05')).rejects.toThrow('has no sensor');
    const [, ledger] = await files.ledgerOf(key);
    expect(ledger?.refusal?.lines.map(({ line, reason }) => [line, reason])).toEqual([
      [2, 'wrong-columns'],
      [3, 'wrong-columns'],
      [5, 'invalid-timestamp'],
      [6, 'invalid-timestamp'],
      [8, 'invalid-timestamp'],
    ]);
    const job = await files.world.get<{ refusals: object[] }>(`/jobs/${ledger?.jobId}`);
    expect(job).toMatchObject({
      state: 'Completed',
      refused: job.refusals.length, // a job may have both files
      refusals: expect.arrayContaining([expect.objectContaining({ key, reason: 'unreadable-lines' })]),
    });
    const status = await files.verb('status');
    expect([status.status, status.stdout]).toEqual([1, expect.stringContaining(key)]);
    const explained = await files.verb('explain', 'weather-multi', 'R1', '2026-05-02T02:00:00Z');
    expect(explained.stdout).toContain('in a refused file, of which nothing is taken');
    const { stdout } = await files.verb('rejects');
    expect(stdout).toContain("5 of 7 lines can't be read");
    expect(stdout).toContain(`npm run caudal -- accept ${key}`);
    expect(stdout).toContain('npm run caudal -- upload trailing-header.csv --dataset weather-multi');
    expect(stdout).toContain('likely: its rows have 5 cells where the header has 6');
  });

  test('is taken as it is once it is accepted, and again by a replay', async () => {
    const key = 'landing/weather-multi/ragged.csv';
    const { status, stdout } = await files.verb('accept', key);
    expect([status, stdout]).toEqual([0, expect.stringContaining('2 of 7 lines')]);
    await files.settled(7);
    const expected = { count: 2, measures: { temp: { mean: 12.5 }, hum: { count: 2 } } };
    expect(await files.monthOf('weather-multi', 'R1', '2026-05')).toMatchObject(expected);
    expect(await files.rejectsOf(key)).toEqual([
      [2, 'wrong-columns'],
      [3, 'wrong-columns'],
      [5, 'invalid-timestamp'],
      [6, 'invalid-timestamp'],
      [8, 'invalid-timestamp'],
    ]);
    const replayed = await files.verb('replay', '--dataset', 'weather-multi');
    expect(replayed.status).toBe(0);
    expect(await files.monthOf('weather-multi', 'R1', '2026-05')).toMatchObject(expected);
    expect((await files.ledgerOf(key))[1]?.state).toBe('Completed');
    expect((await files.verb('accept', key)).stderr).toContain('is not refused');
    expect((await files.verb('status')).stdout).not.toContain(`${key}:`);
  });

  test('is named where nothing reads it', async () => {
    await files.world.upload('Landing/weather-multi/capital.csv', fixture('ragged/spaces-in-station.csv'));
    const named = /✗ unread keys +nothing reads what lies under 1 other place of s3:\/\/\S+: Landing\//;
    for (const verb of ['status', 'doctor']) {
      const { status, stdout } = await files.verb(verb);
      expect([status, stdout]).toEqual([1, expect.stringMatching(named)]);
    }
  });

  test('has stations by their names, with spaces and accents', async () => {
    await files.world.upload('landing/weather-multi/stations.csv', fixture('ragged/spaces-in-station.csv'));
    await files.settled(3);
    expect(await files.sensorsOf('weather-multi', '2026-05')).toEqual(
      expect.arrayContaining(['0012', 'Río-2', 'Upper Mill 4']),
    );
    for (const station of ['Upper Mill 4', 'Río-2', '0012']) {
      expect(await files.monthOf('weather-multi', station, '2026-05')).toMatchObject({
        count: 1,
        measures: { temp: { mean: 10 }, hum: { mean: 50 }, wind: { mean: 1 } },
      });
    }
  });
});

test('JSON in shapes of others: an uplink in the stream, a list in a file, and the ISO text of Python', async () => {
  const uplink = fixture('json-shapes/ttn.ndjson').toString().trim();
  const python = fixture('json-shapes/python-isoformat.ndjson').toString().trim();
  const client = new FirehoseClient({
    endpoint: files.world.cloud.endpointUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const Records = [uplink, python].map((text) => ({ Data: Buffer.from(text) }));
  await client.send(new PutRecordBatchCommand({ DeliveryStreamName: 'caudal-readings', Records }));
  await files.world.upload('landing/gadget-telemetry/array.json', fixture('json-shapes/array-one-line.json'));
  await files.settled(6);
  const expected = { measures: { battery: { mean: 80 }, signal: { mean: -70 } } };
  expect(await files.monthOf('lora-gadgets', 'soil-4', '2026-05')).toMatchObject({ count: 1, ...expected });
  expect(await files.monthOf('gadget-telemetry', 'arr-1', '2026-05')).toMatchObject({
    count: 3,
    ...expected,
  });
  expect(await files.monthOf('gadget-telemetry', 'py-1', '2026-05')).toMatchObject({ count: 2, ...expected });
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
  const { child, exit } = startProducerProcess([...args, '--linger-ms', '100', '--json'], files.producing());
  await subscribed;
  const publisher = await connectAsync(`mqtt://127.0.0.1:${port}`);
  const devices = ['kitchen', 'Living Room', 'señal-2'];
  for (const [index, device] of devices.entries()) {
    for (const hour of [10, 11]) {
      const payload = JSON.stringify({ timestamp: `2026-05-05T${hour}:00:00Z`, temp: hour + index });
      await publisher.publishAsync(`tele/${device}/SENSOR`, payload, { qos: 1 });
    }
  }
  await files.settled(6);
  child.kill('SIGINT');
  expect(await exit).toMatchObject({ code: 0 });
  for (const [index, device] of devices.entries()) {
    expect(await files.monthOf('weather-multi', device, '2026-05')).toMatchObject({
      count: 2,
      measures: { temp: { min: 10 + index, max: 11 + index } },
    });
  }
  await publisher.endAsync(true);
  await new Promise<void>((resolve) => aedes.close(resolve));
  server.close();
});
