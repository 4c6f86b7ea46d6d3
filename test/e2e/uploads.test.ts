import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CloudWorld, root, startCloudWorld } from '../support/cloud-world.ts';
import { accessToken } from '../support/job-world.ts';

/** A file over HTTP, from the link to the months, by the roles that the functions have. */

let world: CloudWorld;
let token: string;
beforeAll(async () => {
  world = await startCloudWorld({ timeScale: 200 });
  token = await accessToken(world.cloud, 'caudal/operate');
});
afterAll(() => world?.close());

async function ask(path: string, sent?: object): Promise<Record<string, unknown>> {
  const answer = await fetch(world.cloud.apiUrl + path, {
    method: sent === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
  });
  return { status: answer.status, ...((await answer.json()) as Record<string, unknown>) };
}

test('a file goes up by its link alone, is looked at, lands, and becomes months', async () => {
  const bytes = readFileSync(join(root, 'test', 'fixtures', 'aquasense-2023-11.csv'));
  const begun = (await ask('/uploads', { name: 'november.csv', bytes: bytes.length })) as unknown as {
    status: number;
    uploadId: string;
    url: string;
    headers: Record<string, string>;
  };
  expect(begun.status).toBe(201);
  const path = `/uploads/${begun.uploadId}`;
  expect(await ask(`${path}/land`, { dataset: 'water-temperature' })).toMatchObject({ status: 409 });

  const { headers } = begun;
  const tooMany = await fetch(begun.url, {
    method: 'PUT',
    headers: { ...headers, 'content-length': '3' },
    body: 'abc',
  });
  expect(tooMany.status).toBe(403);
  const sent = await fetch(begun.url, { method: 'PUT', headers, body: bytes });
  expect(sent.status).toBe(200);
  const again = await fetch(begun.url, { method: 'PUT', headers, body: bytes });
  expect(again.status).toBe(412);

  expect(await ask(`${path}/inspect`, { sensor: 'weir', zone: 'Europe/Madrid' })).toMatchObject({
    status: 200,
    questions: [],
    source: expect.stringContaining('defineDataset('),
  });
  const preview = await ask(`${path}/preview`, { dataset: 'water-temperature', sensor: 'weir' });
  expect(preview).toMatchObject({ status: 200, sensors: [{ sensorId: 'weir' }] });
  const landed = await ask(`${path}/land`, { dataset: 'water-temperature', sensor: 'weir' });
  expect(landed).toMatchObject({ status: 202, key: 'landing/water-temperature/weir/november.csv' });
  expect(await ask(`${path}/land`, { dataset: 'water-temperature', sensor: 'weir' })).toMatchObject({
    status: 200,
    versionId: landed.versionId,
  });
  await expect.poll(async () => (await ask(path)).state).toBe('completed');
  expect(await ask(path)).toMatchObject({
    lines: { total: preview.lines, valid: preview.accepted },
    holds: { firstMonth: '2023-11', lastMonth: '2024-03', sensors: ['weir'] },
  });
  const { statistics } = await world.get<{ statistics: { count: number }[] }>(
    '/datasets/water-temperature/statistics?from=2023-11&to=2024-03&sensor=weir',
  );
  expect(statistics.reduce((sum, { count }) => sum + count, 0)).toBe(preview.readings);
});

test('an upload that nobody began is 404, and one for a machine that only reads 401', async () => {
  expect(await ask(`/uploads/${crypto.randomUUID()}`)).toMatchObject({ status: 404 });
  token = await accessToken(world.cloud, 'caudal/read');
  expect(await ask('/uploads', { name: 'a.csv', bytes: 1 })).toMatchObject({ status: 401 });
});
