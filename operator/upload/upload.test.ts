import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeadObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { caudal, reading } from '../../test/support/caudal.ts';
import { type CloudWorld, startCloudWorld } from '../../test/support/cloud-world.ts';

let world: CloudWorld;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'caudal-upload-'));
  world = await startCloudWorld();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await world.close();
});

const run = (...args: string[]) =>
  caudal(world.cloud.endpointUrl, 'upload', '--dataset', 'water-temperature', ...args);
const write = (name: string, lines: readonly string[]) => {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
};
const describeObject = (Key: string) =>
  world.s3.send(new HeadObjectCommand({ Bucket: world.target.rawBucket, Key }));
const keys = async () =>
  (await world.s3.send(new ListObjectVersionsCommand({ Bucket: world.target.rawBucket }))).Versions ?? [];

const header = 'Fecha,Medida,Desviaciones';
const start = Date.UTC(2024, 0, 1);

it('several files land with one time of upload, and each tells what became of its lines', async () => {
  const first = write('first.csv', [header, '2025/6/1,12.5,0.1', '2025/6/3,-999,0.1', '2025/6/4,99,0.1']);
  // More than one part of a multipart upload.
  const big = write(
    'big.ndjson',
    Array.from({ length: 40_000 }, (_, index) =>
      reading('big', new Date(start + index * 60_000).toISOString(), { note: 'x'.repeat(100) }),
    ).map((line, index) => (index % 10 === 0 ? line : line.replace(/,"note":"x+"/, '').padEnd(300))),
  );
  const beganMs = Date.now();
  const { status, stdout, stderr } = await run(first, big, '--sensor', 'pier-1', '--json');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const told = JSON.parse(stdout);
  const uploadedAt = Date.parse(told.uploadedAt);
  expect(uploadedAt).toBeGreaterThanOrEqual(beganMs);
  expect(uploadedAt).toBeLessThanOrEqual(Date.now());
  for (const key of [
    'landing/water-temperature/pier-1/first.csv',
    'landing/water-temperature/pier-1/big.ndjson',
  ])
    expect((await describeObject(key)).Metadata).toEqual({ 'uploaded-at': told.uploadedAt });
  expect(told.files).toMatchObject([
    {
      path: first,
      ledger: {
        counts: { lines: 3, valid: 1, rejected: 2 },
        rejectedByReason: { missing: 1, 'out-of-range': 1 },
      },
    },
    { path: big, ledger: { counts: { lines: 40_000, valid: 36_000, rejected: 4_000 } } },
  ]);
  const totals = told.runs.map(
    (each: { outcome: { merged: { added: number } } }) => each.outcome.merged.added,
  );
  expect(totals.reduce((sum: number, added: number) => sum + added, 0)).toBe(36_001);
});

it('the same bytes again change nothing, and the page says so', async () => {
  const again = write('first.csv', [header, '2025/6/1,12.5,0.1', '2025/6/3,-999,0.1', '2025/6/4,99,0.1']);
  const { status, stdout } = await run(again, '--sensor', 'pier-1');
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /uploaded {5}\S+first\.csv \(78 B\) to landing\/water-temperature\/pier-1\/first\.csv/,
  );
  expect(stdout).toMatch(/execution {4}\S+\nended {8}SUCCEEDED/);
  expect(stdout).toContain('0 readings added, 0 replaced, 1 repeated');
  expect(stdout).toMatch(
    /first\.csv +3 +1 +2 +2025-06; (missing 1, out-of-range 1|out-of-range 1, missing 1)/,
  );
  expect(stdout).toContain('npm run caudal -- rejects');
});

it('files are read first, and nothing is sent when no line of one would be accepted', async () => {
  const before = await keys();
  const good = write('good.csv', [header, '2025/6/1,12.5,0.1', '2025/6/2,-999,0.1']);
  const wrong = write('wrong.csv', ['Date,Temp', '2025-06-02,12.5']);
  const { status, stdout } = await run(good, wrong, '--sensor', 'pier-1');
  expect(status).toBe(1);
  expect(stdout).toMatch(/read {9}\S+good\.csv: 2 lines, 1 accepted, rejected: missing 1; 2025-06\n/);
  expect(stdout).toMatch(/wrong\.csv\n {2}refused, missing-column: the header is/);
  expect(stdout).toMatch(/✗ Nothing was uploaded: no line of \S+wrong\.csv would be accepted/);
  expect(stdout).toMatch(
    /npm run caudal -- preview \S+wrong\.csv --dataset water-temperature --sensor pier-1\n/,
  );
  const { files } = (await run(wrong, '--json')).json<{ files: object[] }>();
  expect(files).toMatchObject([{ path: wrong, lines: 0, refusal: { reason: 'missing-column' } }]);
  expect(await keys()).toEqual(before);
});

it('a file that is refused makes the exit code 1', async () => {
  const wrong = write('wrong.csv', ['Date,Temp', '2025-06-02,12.5']);
  const { status, stdout } = await run(wrong, '--without-preview');
  expect(status).toBe(1);
  expect(stdout).toMatch(/wrong\.csv +0 +0 +0 +refused, missing-column: the header is/);
});

it('a call with a file that cannot be taken uploads nothing', async () => {
  const before = await keys();
  const { status, stderr } = await run(write('good.csv', [header]), join(folder, 'nobody.csv'));
  expect(status).toBe(2);
  expect(stderr).toContain('nobody.csv: there is no such file');
  expect(await keys()).toEqual(before);
  const unknown = await caudal(world.cloud.endpointUrl, 'upload', 'good.csv', '--dataset', 'water');
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toMatch(/--dataset takes .*water-temperature/);
});

it('--detach uploads and waits for nothing', async () => {
  const path = write('later.csv', [header, '2025/6/5,12.5,0.1']);
  const { status, stdout } = await run(path, '--detach');
  expect(status).toBe(0);
  expect(stdout).toContain('npm run caudal -- executions --follow');
  expect((await describeObject('landing/water-temperature/later.csv')).Metadata).toHaveProperty(
    'uploaded-at',
  );
});
