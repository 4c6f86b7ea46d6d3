import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { caudal } from '../../test/support/caudal.ts';
import { type CloudWorld, startCloudWorld } from '../../test/support/cloud-world.ts';

let world: CloudWorld;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'caudal-preview-'));
  world = await startCloudWorld();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await world.close();
});

/** Without a cloud: nobody listens there. */
const run = (...args: string[]) =>
  caudal('http://127.0.0.1:9', 'preview', '--dataset', 'water-temperature', ...args);
const write = (name: string, bytes: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

const file =
  'Fecha,Medida,Desviaciones,Nota\n2025/6/2,12.5,0.1,\n2025/6/3,-999,0.1,\n2025/6/9,13.25,NA,\n2025/6/9,13.5,NA,\n2025/7/9,14.1,0.3,\n';

it('has the numbers that the API gives once the file is uploaded', async () => {
  const path = write('a.csv', file);
  const { status, json } = await run(path, '--sensor', 'pier-1', '--json');
  expect(status).toBe(0);
  const told = json<{ days: object[]; months: object[]; sensors: { months: object[] }[] }>();
  await world.upload('landing/water-temperature/pier-1/a.csv', file);
  await world.settled(5);
  const statistics = async (period: string, from: string, to: string, more = {}) => {
    const query = new URLSearchParams({ period, from, to, ...more });
    const path = `/datasets/water-temperature/statistics?${query}`;
    const page = await world.get<{ statistics: { silent?: number }[] }>(path);
    // Who else is expected, and silent, only an installation knows.
    return page.statistics.map(({ silent: _, ...row }) => row);
  };
  expect(told.days).toEqual(await statistics('day', '2025-06-01', '2025-07-31'));
  expect(told.months).toEqual(await statistics('month', '2025-06', '2025-07'));
  expect(told.sensors[0]?.months).toEqual(
    await statistics('month', '2025-06', '2025-07', { sensor: 'pier-1' }),
  );
  expect(told).toMatchObject({
    ...{ lines: 5, accepted: 4, readings: 3, contested: { count: 1 } },
    rejected: { byReason: { missing: 1 } },
    dropped: { byMeasure: { deviation: { nothing: 2 } } },
    columns: { unmapped: ['Nota'] },
    ...{ first: '2025-06-01T22:00:00.000Z', last: '2025-07-08T22:00:00.000Z' },
  });
});

it('reads a file however it is named, compressed or from standard input', async () => {
  const zipped = write('b.csv.gz', gzipSync(file));
  const { stdout } = await run(pathToFileURL(zipped).href);
  expect(stdout).toContain('landing/water-temperature/b.csv.gz');
  expect(stdout).toMatch(/! lines +5: 4 accepted, 1 rejected/);
  expect(stdout).toContain('line 3  missing: temperature is -999');
  expect(stdout).toContain('"NA" in line 5');
  expect(stdout).toMatch(/! not read +nothing reads "Nota"/);
  expect(stdout).toMatch(/2025-06 +2 +temperature \(°C\) +2 /);
});

it('says why a file would be refused, with exit code 1', async () => {
  const { status, stdout } = await run(write('c.csv', 'Date,Temp\n2025-06-02,12.5\n'));
  expect(status).toBe(1);
  expect(stdout).toContain('refused, missing-column: the header is');
  expect(stdout).toContain('docs/formats.md');
});

it.each([
  [['nobody.csv'], 'nobody.csv: there is no such file'],
  [['s3://bucket/a.csv'], 's3://bucket/a.csv is not a file of this machine'],
  [['-'], 'Standard input has no name'],
  [[import.meta.dirname], 'is a folder'],
  [[import.meta.filename, '--name', 'x/a.csv', '--sensor', 'y'], 'give one of them'],
])('%j is not understood', async (args, message) => {
  const { status, stderr } = await run(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});

it('shows the days and months of events by their number', async () => {
  const booking = (id: number, day: string) =>
    JSON.stringify({
      booking_id: id,
      booking_date: `${day}T10:00:00Z`,
      status: 'created',
      user_id: 1,
      salon_id: 7,
      employee_id: 3,
    });
  const path = write(
    'b.ndjson',
    `${booking(1, '2026-05-01')}\n${booking(2, '2026-05-02')}\n${booking(3, '2026-05-02')}\n`,
  );
  const { status, stdout } = await run(path, '--dataset', 'salon-bookings');
  expect(status).toBe(0);
  expect(stdout).toMatch(/month \(\S+\) +events\n[─ ]+\n2026-05 +3\n/);
  expect(stdout).toMatch(/2026-05-01 +1\n2026-05-02 +2\n/);
});
