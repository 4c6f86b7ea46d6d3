import { gzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { datasets } from '#datasets';
import { reconcile } from '../../operator/reconcile/reconcile.ts';
import { acceptedName, acceptedValue, segmentIdOf } from '../../ports/keys.ts';
import type { RejectedLine } from '../../ports/rejected-lines.ts';
import { type CloudWorld, startCloudWorld } from '../support/cloud-world.ts';

/** A good line of a day of its own: found again, it tells that the lines around a bad one are kept. */
const good = (day: number) =>
  `{"dataset":"water-temperature","sensorId":"good","timestamp":"2025-05-${String(day).padStart(2, '0')}T12:00:00.000Z","temperature":12.5,"deviation":0.1}`;
const bad = (changes: string) =>
  `{"dataset":"water-temperature","sensorId":"bad","timestamp":"2025-05-01T12:00:00.000Z",${changes}}`;

const objects: Record<string, string | Uint8Array> = {
  'landing/water-temperature/not-gzip.ndjson.gz': `${good(1)}\n`,
  'landing/water-temperature/empty.ndjson': new Uint8Array(0),
  'landing/water-temperature/long.ndjson': `${good(2)}\n{"dataset":"${'x'.repeat(2 * 1024 * 1024)}"}\n${good(3)}\n`,
  'landing/water-temperature/values.ndjson': [
    good(4),
    good(5).replace('water-temperature', 'air-temperature'),
    bad('"temperature":"12.5","deviation":0.1'),
    bad('"temperature":1e999,"deviation":0.1'),
    bad('"temperature":12.5,"deviation":0.1').replace('2025-05-01', '2024-02-30'),
    bad('"temperature":12.5,"deviation":0.1').replace('"bad"', '".."'),
    bad('"temperature":-999,"deviation":0.1'),
    good(6),
    good(7).slice(0, 40),
  ].join('\n'),
  'raw/2025/05/08/12/broken.gz': gzipSync(`${good(8)}\n`.repeat(3)).subarray(0, -12),
  'landing/water-temperature/windows.csv': `\uFEFFFecha,Medida,Desviaciones\r\n2025/5/9,12.5,0.1\r\n\r\n2025/2/30,12.5,0.1\r\n2025/5/10,"12,5",0.1\r\n`,
};

/** The rejected lines that each of them must give: line number and reason, in order. */
const expected: Record<string, [line: number, reason: string][]> = {
  'landing/water-temperature/not-gzip.ndjson.gz': [[1, 'not-gzip']],
  'landing/water-temperature/empty.ndjson': [[1, 'empty-object']],
  'landing/water-temperature/long.ndjson': [[2, 'line-too-long']],
  'landing/water-temperature/values.ndjson': [
    [2, 'dataset-mismatch'],
    [3, 'wrong-type'],
    [4, 'not-finite'],
    [5, 'invalid-timestamp'],
    [6, 'invalid-sensor-id'],
    [7, 'missing'],
    [9, 'truncated'],
  ],
  'landing/water-temperature/windows.csv': [
    [4, 'invalid-timestamp'],
    [5, 'wrong-type'],
  ],
};

let world: CloudWorld;
beforeAll(async () => {
  world = await startCloudWorld();
  // Many of their few lines are bad, so that they would be refused as files.
  for (const [key, body] of Object.entries(objects))
    await world.upload(key, body, { [acceptedName]: acceptedValue });
  await world.upload(
    'raw/2025/05/08/12/unknown.gz',
    gzipSync(`${good(11).replace('water-temperature', 'air-temperature')}\n${good(12)}\n`),
  );
  await world.settled(1);
});
afterAll(() => world.close());

async function rejectsOf(key: string): Promise<RejectedLine[]> {
  for await (const segment of world.ports.objects()) {
    if (segment.key !== key) continue;
    const { Body } = await world.s3.send(
      new GetObjectCommand({
        Bucket: world.target.curatedBucket,
        Key: `rejects/${segmentIdOf(segment)}.ndjson`,
      }),
    );
    const text = (await Body?.transformToString()) ?? '';
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as RejectedLine);
  }
  throw new Error(`no raw object ${key}`);
}

describe('bad input', () => {
  it.each(Object.entries(expected))(
    '%s: each bad line is named with its number and reason',
    async (key, rejects) => {
      const found = await rejectsOf(key);
      expect(found.map(({ line, reason }) => [line, reason])).toEqual(rejects);
      for (const { key: of, detail } of found) {
        expect(of).toBe(key);
        expect(detail).not.toBe('');
      }
    },
  );

  it('names the dataset that does not exist, and the ones that do', async () => {
    const [rejected] = await rejectsOf('raw/2025/05/08/12/unknown.gz');
    expect(rejected).toMatchObject({ line: 1, reason: 'unknown-dataset' });
    expect(rejected?.detail).toMatch(/air-temperature.*water-temperature/);
  });

  it('keeps the good lines of a gzip that breaks, and says where it broke', async () => {
    const [rejected] = await rejectsOf('raw/2025/05/08/12/broken.gz');
    expect(rejected?.reason).toBe('corrupt-gzip');
  });

  it('loses nothing else: every good line around them is kept', async () => {
    const { statistics } = await world.get<{ statistics: { period: string; sensorId: string }[] }>(
      '/datasets/water-temperature/statistics?period=day&from=2025-05-01&to=2025-05-31&sensor=good',
    );
    const days = [2, 3, 4, 6, 8, 12].map((day) => `2025-05-${String(day).padStart(2, '0')}`);
    expect(statistics.map(({ period }) => period)).toEqual(days);
    expect((await reconcile(world.ports, datasets)).differences).toEqual([]);
  });

  it('leaves no object that is neither staged, rejected nor curated', async () => {
    const { Contents: contents = [] } = await world.s3.send(
      new ListObjectsV2Command({ Bucket: world.target.curatedBucket }),
    );
    const prefixes = new Set(contents.map(({ Key }) => Key?.split('/')[0]));
    expect([...prefixes].sort()).toEqual(['curated', 'rejects', 'staging']);
  });
});
