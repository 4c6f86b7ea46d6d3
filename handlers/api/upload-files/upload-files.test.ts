import { beforeEach, describe, expect, test } from 'vitest';
import reservations from '../../../datasets/reservations.ts';
import { shippedFormats } from '../../../formats/index.ts';
import { shippedJsonFormats } from '../../../formats/json/index.ts';
import type { LedgerEntry } from '../../../ports/queries.ts';
import type { JobView } from '../../../ports/toons.ts';
import { body, datasets, request } from '../../../test/support/api-world.ts';
import { MemoryObjects } from '../../../test/support/memory-objects.ts';
import { createInspectFile } from '../inspect-file/inspect-file.ts';
import { createUploadFiles } from './upload-files.ts';

const clock = { nowMs: () => Date.parse('2026-01-02T03:04:05.678Z') };
const uploadId = '00000000-0000-4000-8000-000000000000';
const csv = 'Fecha,Medida,Desviaciones\n2025/6/2,12.5,0.1\n2025/6/3,-999,0.1\n2025/7/9,14.1,0.3\n';
let objects: MemoryObjects;
let ledger: LedgerEntry | undefined;
let job: JobView | undefined;
let faults: unknown[];
let now: number;

beforeEach(() => {
  objects = new MemoryObjects();
  [ledger, job, faults, now] = [undefined, undefined, [], clock.nowMs()];
});

async function post(path: string, sent: unknown) {
  const isLook = /(inspect|preview)$/.test(path);
  const common = {
    datasets: [...datasets, reservations],
    objects,
    uploadsBucket: 'uploads',
    onFault: (fault: unknown) => faults.push(fault),
  };
  const answer = isLook
    ? createInspectFile({
        ...common,
        clock: { nowMs: () => (now += 1) },
        shipped: { text: shippedFormats, json: shippedJsonFormats },
      })
    : createUploadFiles({
        ...common,
        clock: { nowMs: () => now },
        rawBucket: 'raw',
        links: {
          writeLink: async ({ key, bytes }) => ({
            url: `https://uploads.invalid/${key}`,
            headers: { 'content-length': String(bytes) },
            expiresAt: '2026-01-02T04:04:05.678Z',
          }),
        },
        ledgers: { ledger: async () => ledger?.counts, ledgers: async (of) => of.map(() => ledger) },
        jobs: { view: async () => job },
      });
  const method = sent === undefined ? 'GET' : 'POST';
  const answered = await answer(
    request(method, path, { body: sent === undefined ? '' : JSON.stringify(sent) }),
  );
  expect(faults).toEqual([]);
  return { status: answered.status, ...body(answered) };
}
const get = (path: string) => post(path, undefined);

/** Begins an upload, and uploads. */
async function uploaded(name = 'a.csv', bytes: string | Buffer = csv) {
  const begun = await post('/uploads', { name, bytes: Buffer.byteLength(bytes) });
  expect(begun.status).toBe(201);
  objects.put('uploads', `uploads/${uploadId}/${name}`, bytes);
}

describe('an upload', () => {
  test('is a link for exactly its bytes, and is expected until they are there', async () => {
    const begun = await post('/uploads', { name: 'a.csv', bytes: 7 });
    expect(begun).toMatchObject({ uploadId, method: 'PUT', headers: { 'content-length': '7' } });
    expect(await get(`/uploads/${uploadId}`)).toMatchObject({ state: 'expected', name: 'a.csv', bytes: 7 });
    objects.put('uploads', `uploads/${uploadId}/a.csv`, '1234567');
    expect(await get(`/uploads/${uploadId}`)).toMatchObject({ state: 'uploaded' });
    expect(objects.keys('raw')).toEqual([]);
  });

  test.each([
    [{ name: '../a.csv', bytes: 1 }, 'name'],
    [{ name: '..', bytes: 1 }, 'name'],
    [{ name: 'a.csv', bytes: 0 }, 'bytes'],
    [{ name: 'a.csv', bytes: 2 ** 30 + 1 }, 'bytes'],
    [{ name: 'a.csv', bytes: 1, sha256: 'ab' }, 'sha256'],
  ])('%j is refused by name', async (sent, parameter) => {
    expect(await post('/uploads', sent)).toMatchObject({ status: 400, parameter });
  });

  test('that nobody began is unknown', async () => {
    for (const [path, sent] of [
      ['', undefined],
      ['/land', { dataset: 'water-temperature' }],
      ['/inspect', {}],
      ['/preview', { dataset: 'water-temperature' }],
    ] as const)
      expect(await post(`/uploads/${uploadId}${path}`, sent)).toMatchObject({ status: 404 });
  });
});

describe('landing', () => {
  const land = (sent: object) => post(`/uploads/${uploadId}/land`, { dataset: 'water-temperature', ...sent });

  test('copies the file under the key of caudal upload, with one time of upload', async () => {
    await uploaded();
    expect(await land({ sensor: 'pier/1' })).toMatchObject({
      status: 202,
      key: 'landing/water-temperature/pier%2F1/a.csv',
      uploadedAt: '2026-01-02T03:04:05.678Z',
    });
    expect(objects.text('raw', 'landing/water-temperature/pier%2F1/a.csv')).toBe(csv);
    expect(
      await objects.describe({ bucket: 'raw', key: 'landing/water-temperature/pier%2F1/a.csv' }),
    ).toEqual({
      'uploaded-at': '2026-01-02T03:04:05.678Z',
    });
  });

  test('again, or at the same time, is the same landing', async () => {
    await uploaded();
    const first = await land({});
    now += 5_000;
    expect(await land({})).toMatchObject({ ...first, status: 200 });
    expect(await Promise.all([land({}), land({})])).toMatchObject([{ status: 200 }, { status: 200 }]);
  });

  test('two requests at once have one time of upload', async () => {
    await uploaded();
    const [one, other] = await Promise.all([land({}), land({})]);
    expect(one.uploadedAt).toBe(other.uploadedAt);
    expect([one.status, other.status].every((status) => status === 200 || status === 202)).toBe(true);
  });

  test('of lines that streams send is refused, and so is its preview, with the way to a command', async () => {
    await uploaded('a.ndjson', '{}\n');
    for (const path of ['land', 'preview'])
      expect(await post(`/uploads/${uploadId}/${path}`, { dataset: 'reservations' })).toMatchObject({
        ...{ status: 409, type: 'urn:caudal:problem:filled-by-streams' },
        detail: expect.stringContaining('POST /streams/{stream}/{id}/commands'),
      });
    expect(objects.keys('raw')).toEqual([]);
  });

  test('as another file, or before anything is uploaded, is refused', async () => {
    await post('/uploads', { name: 'a.csv', bytes: 7 });
    expect(await land({})).toMatchObject({ status: 409, type: 'urn:caudal:problem:not-uploaded' });
    await uploaded();
    await land({});
    expect(await land({ sensor: 'b' })).toMatchObject({
      status: 409,
      type: 'urn:caudal:problem:already-landed',
    });
  });

  test('takes the names that caudal upload takes', async () => {
    await uploaded('a.xlsx');
    expect(await land({})).toMatchObject({ status: 400, parameter: 'name' });
    expect(await land({ name: 'x/a.csv', sensor: 'y' })).toMatchObject({ status: 400, parameter: 'name' });
    expect(await land({ dataset: 'nobody' })).toMatchObject({ status: 404, parameter: 'dataset' });
    expect(await land({ name: 'pier-1/a.csv' })).toMatchObject({
      key: 'landing/water-temperature/pier-1/a.csv',
    });
  });

  test('is followed to its months', async () => {
    await uploaded();
    await land({});
    expect(await get(`/uploads/${uploadId}`)).toMatchObject({ state: 'waiting' });
    const common = { dropped: {}, jobId: 'j', attempts: 1, updatedAt: '' };
    const held = { dataset: 'water-temperature', readings: 2, fromMs: Date.parse('2025-06-30T22:00:00Z') };
    ledger = {
      ...{
        state: 'Completed',
        counts: { lines: 3, valid: 2, rejected: 1 },
        rejectedByReason: { missing: 1 },
      },
      ...common,
      holds: [{ ...held, toMs: Date.parse('2025-07-09T00:00:00Z'), sensors: ['aquasense'] }],
    };
    expect(await get(`/uploads/${uploadId}`)).toMatchObject({
      ...{ state: 'running', jobId: 'j', lines: { total: 3, valid: 2, rejected: 1 } },
      holds: { firstMonth: '2025-07', lastMonth: '2025-07', sensors: ['aquasense'], sensorsInAll: 1 },
    });
    job = { kind: 'ingest', state: 'Completed' } as JobView; // nothing else of it is read
    expect(await get(`/uploads/${uploadId}`)).toMatchObject({ state: 'completed' });
    ledger = {
      ...{ state: 'Refused', rejectedByReason: {}, ...common },
      refusal: { reason: 'not-text', detail: 'no', lines: [] },
    };
    expect(await get(`/uploads/${uploadId}`)).toMatchObject({
      state: 'refused',
      refusal: { reason: 'not-text' },
    });
    job = { ...job, state: 'Failed', error: 'Oops', cause: 'x'.repeat(5_000) };
    const failed = await get(`/uploads/${uploadId}`);
    expect(failed).toMatchObject({ state: 'failed', error: 'Oops' });
    expect(failed.cause).toHaveLength(1_000);
  });
});

describe('a look at an upload', () => {
  test('says what it would come to, and changes nothing', async () => {
    await uploaded();
    const found = await post(`/uploads/${uploadId}/preview`, { dataset: 'water-temperature' });
    expect(found).toMatchObject({
      ...{ status: 200, key: 'landing/water-temperature/a.csv', lines: 3, accepted: 2, readings: 2 },
      rejected: { byReason: { missing: 1 }, examples: [{ line: 3, reason: 'missing' }] },
      inAll: { sensors: 1, days: 2, months: 2 },
    });
    expect(found.months.map(({ period }: { period: string }) => period)).toEqual(['2025-06', '2025-07']);
    expect(objects.keys('raw')).toEqual([]);
  });

  test('of more than is read names the command that reads it all', async () => {
    await post('/uploads', { name: 'big.csv', bytes: 32 * 2 ** 20 + 1 });
    const larger = await post(`/uploads/${uploadId}/preview`, { dataset: 'water-temperature' });
    expect(larger).toMatchObject({ status: 422, type: 'urn:caudal:problem:file-too-large' });
    expect(larger.detail).toContain('npm run caudal -- preview FILE --dataset water-temperature');
  });

  test('of many days and sensors shows the first, and how many there are', async () => {
    const rows = Array.from({ length: 1_500 }, (_, at) => {
      const day = new Date(Date.UTC(2020, 0, 1 + at)).toISOString().slice(0, 10);
      return JSON.stringify({
        sensorId: `s${at % 150}`,
        timestamp: `${day}T12:00:00Z`,
        temperature: 12,
        deviation: 0.1,
      });
    });
    await uploaded('many.ndjson', rows.join('\n'));
    const found = await post(`/uploads/${uploadId}/preview`, { dataset: 'water-temperature' });
    expect(found).toMatchObject({ status: 200, readings: 1_500, inAll: { sensors: 150, days: 1_500 } });
    expect([found.days.length, found.sensors.length]).toEqual([1_000, 100]);
  });

  test('asks what only its owner can know, and writes the dataset once that is said', async () => {
    const table = [
      'Time,Water T (°C)',
      ...Array.from({ length: 30 }, (_, at) => `2025-06-${10 + (at % 20)} 10:00:00,1${at % 9}.5`),
    ];
    await uploaded('river.csv', table.join('\n'));
    const asked = await post(`/uploads/${uploadId}/inspect`, {});
    expect(asked).toMatchObject({ status: 200, source: null, readings: [], looksAt: { isWhole: true } });
    expect(asked.questions.map(({ subject }: { subject: string }) => subject)).toContain('zone');
    const said = await post(`/uploads/${uploadId}/inspect`, {
      name: 'river',
      zone: 'Europe/Madrid',
      sensor: 'weir',
    });
    expect(said).toMatchObject({ questions: [], sensors: [{ sensorId: 'weir' }] });
    expect(said.source).toContain('export default defineDataset(');
    expect(said.readings).toHaveLength(5);
  });

  test('looks at the first MiB alone', async () => {
    await uploaded('long.csv', `Fecha,Medida,Desviaciones\n${'2025/6/2,12.5,0.1\n'.repeat(100_000)}`);
    const found = await post(`/uploads/${uploadId}/inspect`, {});
    expect(found).toMatchObject({ status: 200, looksAt: { bytes: 2 ** 20, isWhole: false } });
  });

  test.each([
    [{ zone: 'nowhere' }, 'zone'],
    [{ sensorColumns: ['T'] }, 'sensorColumns[0]'],
    [{ name: 'A' }, 'name'],
    [{ match: '' }, 'match'],
  ])('with %j is refused by name', async (sent, parameter) => {
    await uploaded();
    expect(await post(`/uploads/${uploadId}/inspect`, sent)).toMatchObject({ status: 400, parameter });
  });
});
