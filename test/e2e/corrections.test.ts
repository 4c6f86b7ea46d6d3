import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixture, type Month, type RealFiles, startRealFiles } from '../support/real-files.ts';

/**
 * What people do about data that is already in: upload a file again, delete one, withdraw readings. Through the front door to the API's
 * answer; the right values are worked out by hand.
 */

let files: RealFiles;
beforeAll(async () => {
  files = await startRealFiles();
});
afterAll(() => files?.close());

/** Uploads a fixture under a name, as a person does. */
async function upload(name: string, as: string, count: number): Promise<void> {
  const file = join(files.folder, as);
  writeFileSync(file, fixture(name));
  const ran = await files.verb('upload', file, '--dataset', 'weather-multi');
  expect([ran.status, ran.stderr]).toEqual([0, '']);
  files.sent(count);
}

describe('a file that is uploaded again', () => {
  const key = 'landing/weather-multi/w2.csv';

  test('with other values gives those; a row that went away is named, and withdrawn by the command', async () => {
    await upload('reupload/v1.csv', 'w2.csv', 5);
    await upload('reupload/v2.csv', 'w2.csv', 4);
    expect(await files.monthOf('weather-multi', 'W2', '2026-06')).toMatchObject({
      count: 5,
      contested: 0,
      measures: { temp: { mean: 20.34, max: 30 } },
    });
    const before = await files.verb('reconcile', '--dataset', 'weather-multi');
    expect(before.stdout).toContain(`${key}: 1 reading`);
    expect(before.stdout).toContain(`npm run caudal -- withdraw --key ${key} --vanished`);
    expect(before.status).toBe(0);

    const dry = await files.verb('withdraw', '--key', key, '--vanished', '--dry-run');
    expect(dry.stdout).toMatch(/withdraws +1 reading/);
    expect(dry.stdout).toMatch(/W2 +2026-06 +5 → 4/);
    expect(dry.stdout).toMatch(/temp +5 → 4 +20\.34 → 17\.925 +30 → 21/);
    expect(await files.monthOf('weather-multi', 'W2', '2026-06')).toMatchObject({ count: 5 });

    const ran = await files.verb('withdraw', '--key', key, '--vanished');
    expect(ran.status).toBe(0);
    files.sent(1);
    expect(await files.monthOf('weather-multi', 'W2', '2026-06')).toMatchObject({
      count: 4,
      measures: { temp: { mean: 17.925, max: 21 } },
    });
    const after = await files.verb('reconcile', '--dataset', 'weather-multi');
    expect([after.status, after.stdout.includes(key)]).toEqual([0, false]);
    const explained = await files.verb('explain', 'weather-multi', 'W2', '2026-06-01T04:00:00Z');
    expect(explained.stdout).toContain('It is withdrawn');
  });

  test('with the same bytes changes no statistic', async () => {
    const before = await files.monthOf('weather-multi', 'W2', '2026-06');
    await upload('reupload/v2.csv', 'w2.csv', 4);
    expect(await files.monthOf('weather-multi', 'W2', '2026-06')).toEqual(before);
  });
});

test('a deleted file leaves no month behind, once it is withdrawn as reconcile says, and comes back', async () => {
  const key = 'landing/weather-multi/wrong-station.csv';
  await upload('delete-file/good-station.csv', 'good-station.csv', 2);
  await upload('delete-file/wrong-station.csv', 'wrong-station.csv', 2);
  await files.world.s3.send(new DeleteObjectCommand({ Bucket: files.world.target.rawBucket, Key: key }));
  files.sent(-2);
  const told = await files.verb('reconcile', '--dataset', 'weather-multi');
  expect(told.status).toBe(1);
  expect(told.stdout).toContain('it was deleted, and 2 readings of it count');
  expect(told.stdout).toContain(`npm run caudal -- withdraw --key ${key}`);
  expect(told.stdout).toContain('1 thing differs');
  expect(await files.monthOf('weather-multi', 'DELA', '2025-02')).toMatchObject({ count: 2 });

  expect((await files.verb('withdraw', '--key', key)).status).toBe(0);
  files.sent(2);
  await expect(files.monthOf('weather-multi', 'DELA', '2025-02')).rejects.toThrow(/no sensor "DELA"/);
  expect(await files.sensorsOf('weather-multi', '2025-02')).toEqual(['DELB']);
  const all = await files.world.get<{ statistics: Month[] }>(
    '/datasets/weather-multi/statistics?period=month&from=2025-02&to=2025-02',
  );
  expect(all.statistics).toMatchObject([{ count: 2, measures: { temp: { mean: 2, max: 3 } } }]);
  expect((await files.verb('reconcile', '--dataset', 'weather-multi')).status).toBe(0);

  const undone = await files.verb('withdraw', '--key', key, '--undo');
  expect(undone.stdout).toMatch(/brings back +2 readings/);
  files.sent(2);
  expect(await files.monthOf('weather-multi', 'DELA', '2025-02')).toMatchObject({
    count: 2,
    measures: { temp: { mean: 6 } },
  });
});

test('a file that replaced the readings of another gives way to it when it is withdrawn, and comes back in its place', async () => {
  const write = (name: string, temp: number) => {
    const path = join(files.folder, name);
    writeFileSync(path, `${JSON.stringify({ sensorId: 'TURN', timestamp: '2025-05-01T00:00:00Z', temp })}\n`);
    return path;
  };
  const mean = async () => (await files.monthOf('weather-multi', 'TURN', '2025-05'))?.measures.temp?.mean;
  for (const [name, temp] of [
    ['first.ndjson', 1],
    ['second.ndjson', 9],
  ] as const) {
    const sent = await files.verb('upload', write(name, temp), '--dataset', 'weather-multi');
    expect(sent.status).toBe(0);
    files.sent(1);
  }
  expect(await mean()).toBe(9);
  const key = (name: string) => ['--key', `landing/weather-multi/${name}`];
  expect((await files.verb('withdraw', ...key('second.ndjson'))).status).toBe(0);
  files.sent(1);
  expect(await mean()).toBe(1);
  const ofFirst = await files.verb('withdraw', ...key('first.ndjson'), '--undo');
  expect(ofFirst.stdout).toBe('Nothing changes: it is not withdrawn.\n');
  expect((await files.verb('withdraw', ...key('second.ndjson'), '--undo')).stdout).toMatch(
    /brings back +1 reading/,
  );
  files.sent(1);
  expect(await mean()).toBe(9);
  const again = await files.verb('withdraw', ...key('second.ndjson'), '--undo');
  expect(again.stdout).toBe('Nothing changes: it is not withdrawn.\n');
});

test('two devices under one id are contested, in the month and for each reading; a span of them can be withdrawn', async () => {
  const line = (hour: number, temp: number) =>
    `${JSON.stringify({ sensorId: 'TWINS', timestamp: `2025-04-01T0${hour}:00:00Z`, temp })}\n`;
  const file = join(files.folder, 'twins.ndjson');
  writeFileSync(file, [line(0, 1), line(0, 9), line(1, 2), line(1, 2), line(2, 3)].join(''));
  expect((await files.verb('upload', file, '--dataset', 'weather-multi')).status).toBe(0);
  files.sent(5);
  expect(await files.monthOf('weather-multi', 'TWINS', '2025-04')).toMatchObject({ count: 3, contested: 1 });
  const { stdout } = await files.verb('explain', 'weather-multi', 'TWINS', '2025-04-01T00:00:00Z');
  expect(stdout).toMatch(/It is stored, and contested: 1 other line/);
  expect(stdout).toContain('twins.ndjson line 1');
  expect(stdout).toContain('twins.ndjson line 2');
  const counted = (await files.verb('reconcile', '--dataset', 'weather-multi')).stdout;
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
  const withdrawn = await files.verb('withdraw', ...span);
  expect(withdrawn.stdout).toMatch(
    /withdraws +3 readings\nof them +1 reading that is contested: this ends that/,
  );
  expect(withdrawn.status).toBe(0);
  files.sent(3);
  await expect(files.monthOf('weather-multi', 'TWINS', '2025-04')).rejects.toThrow(/no sensor "TWINS"/);
  const again = await files.verb('withdraw', ...span);
  expect([again.status, again.stdout]).toEqual([0, 'Nothing changes: all 3 are withdrawn already.\n']);
  const one = ['--dataset', 'weather-multi', '--sensor', 'TWINS', '--at', '2025-04-01T02:00:00Z'];
  expect((await files.verb('withdraw', ...one, '--undo')).status).toBe(0);
  files.sent(1);
  expect(await files.monthOf('weather-multi', 'TWINS', '2025-04')).toMatchObject({ count: 1 });
  // What was brought back is said by the file, not by what brought it back: with the file it goes.
  const ofFile = await files.verb('withdraw', '--key', 'landing/weather-multi/twins.ndjson', '--dry-run');
  expect(ofFile.stdout).toMatch(
    /^withdraws +1 reading, at 2025-04-01T02:00:00.000Z: temp 3 °C, hum –, wind –\n/,
  );
  const none = await files.verb('withdraw', ...one.with(-1, '2025-04-01T03:00:00Z'), '--dry-run');
  expect(none.stdout).toBe('Nothing changes: there is no such reading.\n');
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
  const { status, stderr } = await files.verb('withdraw', ...args);
  expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
});
