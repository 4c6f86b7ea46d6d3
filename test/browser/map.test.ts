import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pictures, ready, savedCsv, signedIn, startBrowser, violationsOf } from './browser.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

test('stations are on a map: read and opened with the keyboard and the pointer, the view kept in the address', async () => {
  const { page, complaints } = await signedIn(
    browser,
    'viewer',
    '/sensors?dataset=water-temperature&show=map',
  );
  await page.getByRole('heading', { name: /^6 of \d+ sensors have a place$/ }).waitFor();
  expect((await savedCsv(page)).filter((row) => row.includes('Roses'))).toHaveLength(1);
  const map = page.getByRole('application');
  await map.focus();
  const cursor = page.locator('.cursor');
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => cursor.textContent()).toMatch(/readings/);
  for (const _ of [1, 2, 3, 4]) await page.keyboard.press('ArrowUp');
  await expect.poll(() => cursor.textContent()).toMatch(/^Roses \(sensor-0001\), [\d,]+ readings/);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await ready(page);
    if (colorScheme === 'light') await page.screenshot({ path: join(pictures, 'map-light.png') });
    expect(await violationsOf(page)).toEqual([]);
  }
  await page.keyboard.press('+');
  await expect.poll(() => new URL(page.url()).searchParams.get('at')).toMatch(/^4\d\.\d+,\d\.\d+,\d+$/);
  const address = page.url();
  await page.reload();
  await map.waitFor();
  expect(page.url()).toBe(address);

  // A drag moves it, a click on a station opens its series.
  const box = await map.boundingBox();
  const middle = { x: (box?.x ?? 0) + (box?.width ?? 0) / 2, y: (box?.y ?? 0) + (box?.height ?? 0) / 2 };
  await page.mouse.move(middle.x, middle.y);
  await page.mouse.down();
  await page.mouse.move(middle.x + 60, middle.y + 10, { steps: 3 });
  await page.mouse.up();
  await expect.poll(() => page.url()).not.toBe(address);
  await page.getByLabel('Colour by').selectOption('completeness');
  await map.focus();
  await page.keyboard.press('Escape');
  await expect.poll(() => new URL(page.url()).searchParams.has('at')).toBe(false);
  await page.setViewportSize({ width: 320, height: 640 });
  await expect.poll(() => page.evaluate<number>('document.documentElement.scrollWidth')).toBe(320);
  await map.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Series', exact: true }).waitFor();
  expect(new URL(page.url()).searchParams.get('sensor')).toMatch(/^(sensor-000\d)$/);
  expect(complaints).toEqual([]);
  await page.context().close();
});
