import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { focused, pictures, ready, savedCsv, signedIn, startBrowser, violationsOf } from './browser.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

/** Hours of a gadget, which should have a reading each 15 minutes; one is out of range, one is none of this sensor's. */
const hours = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));
const file = [
  'timestamp,gadget,battery,signal,temperature',
  ...hours.map((hour) => `2025-03-04T${hour}:00:00Z,gap-1,50,-70,${hour === '05' ? 999 : 20}`),
  ...hours.map((hour) => `2025-03-04T${hour}:15:00Z,gap-1,${hour < '03' ? 500 : 50},-70,20`),
  ...hours.slice(0, 4).map((hour) => `2025-03-05T${hour}:00:00Z,gap-1,50,-70,20`),
].join('\n');

test('each day of the heat-map says why readings are missing, by the keyboard too', async () => {
  const { page, complaints } = await signedIn(browser, 'operator', '/upload?dataset=gadget-telemetry');
  await page
    .getByLabel('Choose a file, or drop one here')
    .setInputFiles({ name: 'gaps.csv', mimeType: 'text/csv', buffer: Buffer.from(file) });
  await page.getByRole('status').getByText('uploaded, not landed').waitFor();
  await page.getByLabel('Into the dataset').selectOption('gadget-telemetry');
  await page.getByRole('button', { name: 'Land 49 readings' }).click();
  await page.getByText('merged into its months').waitFor();

  await page.goto(
    `${new URL(page.url()).origin}/sensors?dataset=gadget-telemetry&find=gap-1&show=days&month=2025-03`,
  );
  await ready(page);
  await page.getByRole('button', { name: /^gap-1, 2025-03-01: none$/ }).focus();
  for (const _ of ['2', '3', '4']) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.getByText('45 of 96 expected readings are there.').waitFor();
  const why = page.locator('.gap');
  await expect.poll(() => why.locator('tbody').first().textContent()).toMatch(/never sent48.*rejected3/);
  await why.getByText('Rejected lines: ').first().waitFor();
  const csv = await savedCsv(page, why);
  expect(csv).toContain('missing,,neverSent,48');
  expect(csv).toContain('missing,,rejected,3');
  await why.getByText('out-of-range').first().waitFor();
  await why.getByText('Values that were left out in the files of this day').waitFor();
  await why.getByText(/^Late: .* came after the day, /).waitFor();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    if (colorScheme === 'light') await page.screenshot({ path: join(pictures, 'gap-light.png') });
    expect(await violationsOf(page)).toEqual([]);
  }
  await page.setViewportSize({ width: 320, height: 640 });
  await expect.poll(() => page.evaluate<number>('document.documentElement.scrollWidth')).toBe(320);

  // The address restores it; another day is one key away.
  await page.reload();
  await page.getByText('45 of 96 expected readings are there.').waitFor();
  await page.getByRole('button', { name: 'Close' }).press('Enter');
  await why.waitFor({ state: 'detached' });
  expect(await focused(page)).toMatch(/^gap-1, 2025-03-04: /);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('days to come are no gaps', async () => {
  const month = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 7);
  const { page } = await signedIn(
    browser,
    'viewer',
    `/sensors?dataset=water-temperature&show=days&month=${month}`,
  );
  await page.locator('.heat').waitFor();
  expect(await page.locator('.heat tbody button').count()).toBe(0);
  expect(await page.locator('.heat td.level-0').count()).toBe(0);
  await page.context().close();
});
