import { ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ready, signedIn, startBrowser } from './browser.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

/** A reading a second: each says by its value which one it is among its neighbours, and one is far above all others. */
const readings = 1_000_000;
const startMs = Date.UTC(2025, 0, 1);
const peak = { at: 654_321, value: 64 };
/** As a rule of the dataset lets pass: no jump by more than 40, nothing below 15. */
const valueAt = (at: number): number => (at === peak.at ? peak.value : (2_500 + (at % 3_000)) / 100);
const day = (at: number): string => new Date(startMs + at * 1_000).toISOString().slice(0, 10);

test('a million readings of one series are drawn, zoomed to each of them, and none is lost on the way', async () => {
  await land();
  const { page, complaints } = await signedIn(
    browser,
    'viewer',
    `/series?dataset=gadget-telemetry&sensor=one-a-second&period=raw&measure=battery&from=${day(0)}&to=${day(readings - 1)}`,
  );
  const all = page.getByText(`${readings.toLocaleString('en')} rows`);
  await expect
    .poll(
      async () => {
        if (await all.isVisible()) return true;
        await page.reload();
        await ready(page);
        return all.isVisible();
      },
      { timeout: 200_000 },
    )
    .toBe(true);
  const before = complaints.length; // of the time when the sensor was not known yet
  const chart = page.getByRole('application');
  const cursor = page.locator('.cursor');
  await chart.focus();

  // Of all of them a column of pixels has its least and its greatest: so the peak is there, though a column is a thousand readings.
  const said = new Set<number>();
  await page.keyboard.press('End');
  for (let step = 0; step < 3_000 && !said.has(peak.value); step++) {
    said.add((await saidReading()).value);
    await page.keyboard.press('ArrowLeft');
  }
  expect(said).toContain(peak.value);

  // Some minutes in the middle, where each reading is read out with its own second and value.
  for (let zoomed = 0; zoomed < 12; zoomed++) await page.keyboard.press('+');
  await expect.poll(() => new URL(page.url()).searchParams.has('x1')).toBe(true);
  await page.keyboard.press('Home');
  for (let step = 0; step < 20; step++) {
    const { at, value } = await saidReading();
    expect(value).toBe(valueAt(at));
    await page.keyboard.press('ArrowRight');
  }
  expect(complaints.slice(before)).toEqual([]);
  await page.context().close();

  async function saidReading(): Promise<{ at: number; value: number }> {
    const text = (await cursor.textContent()) ?? '';
    const [, date, time, value] = /^(\S+) (\S+): .* (-?[\d.]+) %$/.exec(text) ?? [];
    expect(date, text).toBeDefined();
    return { at: (Date.parse(`${date}T${time}Z`) - startMs) / 1_000, value: Number(value) };
  }
});

/** As an owner with a bucket does, not through the page: it is of the readings, not of the upload. */
async function land(): Promise<void> {
  const s3 = new S3Client({
    endpoint: inject('endpointUrl'),
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const rows = Array.from(
    { length: readings },
    (_, at) => `${new Date(startMs + at * 1_000).toISOString()},one-a-second,${valueAt(at)},-70,20`,
  );
  await s3.send(
    new PutObjectCommand({
      Bucket: Buckets.find(({ Name }) => Name?.includes('raw'))?.Name,
      Key: 'landing/gadget-telemetry/one-a-second.csv',
      Body: `timestamp,gadget,battery,signal,temperature\n${rows.join('\n')}\n`,
    }),
  );
  s3.destroy();
}
