import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { focused, pictures, ready, savedCsv, signedIn, startBrowser, violationsOf } from './browser.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
  mkdirSync(pictures, { recursive: true });
});
afterAll(() => browser?.close());

/** Views with the demonstration's data: an address, and what it must show. */
const dataset = 'dataset=water-temperature';
const shown = [
  ['now', '/', 'Readings'],
  ['sensors', `/sensors?${dataset}`, 'sensor-0001'],
  ['days', `/sensors?${dataset}&show=days&month=2026-02`, 'sensor-0001'],
  ['series', `/series?${dataset}&deviation=yes`, 'temperature of all sensors'],
  ['readings', `/series?${dataset}&period=raw&sensor=sensor-0001,sensor-0002`, '502 readings'],
  ['alerts', `/alerts?${dataset}&from=2026-01-01&to=2026-03-31`, 'high-deviation'],
  ['datasets', `/datasets?${dataset}`, 'Europe/Madrid'],
  ['jobs', '/jobs', 'No job of toons yet.'],
  ['executions', '/executions?status=SUCCEEDED', 'ingestion'],
  ['metrics', '/metrics', 'Lines read'],
  ['metrics of a day', '/metrics?span=day', 'gadget-telemetry'],
] as const;

/** The pictures of docs/console.md. */
const documented = new Set(['now-light.png', 'series-dark.png', 'days-light.png']);

describe('signing in', () => {
  test('leads back to the view that was asked for, and is kept over a reload by a new refresh token', async () => {
    const { page } = await signedIn(browser, 'viewer', `/alerts?${dataset}`);
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(`/alerts?${dataset}`);
    expect(await page.locator('.who').textContent()).toBe('viewer');
    const tokenOf = () => page.evaluate(() => sessionStorage.getItem('caudal.refresh-token'));
    const before = await tokenOf();
    await page.reload();
    await page.locator('.shell').waitFor();
    expect(await page.locator('.who').textContent()).toBe('viewer');
    expect(await tokenOf()).not.toBe(before);
    await page.context().close();
  });

  test('leaves no access token where another page or program could read it', async () => {
    const { page } = await signedIn(browser, 'operator');
    const stored = await page.evaluate<string>(
      'JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie])',
    );
    expect(stored).not.toMatch(/eyJ[\w-]+\.eyJ/);
    await page.context().close();
  });

  test('ends with signing out', async () => {
    const { page } = await signedIn(browser, 'operator');
    await page.locator('.settings summary').click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();
    expect(await page.evaluate(() => sessionStorage.getItem('caudal.refresh-token'))).toBeNull();
    await page.context().close();
  });
});

describe.each(shown)('%s', (name, path, text) => {
  let opened: Awaited<ReturnType<typeof signedIn>>;
  beforeAll(async () => {
    opened = await signedIn(browser, 'operator', path, { colorScheme: 'light' });
    await opened.page.getByText(text).filter({ visible: true }).first().waitFor();
  });
  afterAll(() => opened?.page.context().close());

  test.each(['light', 'dark'] as const)(
    'shows the demonstration without a complaint, %s',
    async (colorScheme) => {
      const { page, complaints } = opened;
      // Colours that are on their way are those of neither theme.
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await ready(page);
      expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(path);
      const picture = `${name}-${colorScheme}.png`;
      if (documented.has(picture)) await page.screenshot({ path: join(pictures, picture) });
      expect(await violationsOf(page)).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );

  test('fits a screen of 320 pixels', async () => {
    const { page } = opened;
    await page.setViewportSize({ width: 320, height: 640 });
    await expect.poll(() => page.evaluate<number>('document.documentElement.scrollWidth')).toBe(320);
    await page.getByText(text).filter({ visible: true }).first().waitFor();
    expect(await scrolled(page)).toEqual([]);
  });

  test('has no table that must be scrolled sideways on a screen of 1280 pixels', async () => {
    const { page } = opened;
    await page.setViewportSize({ width: 1280, height: 800 });
    await expect.poll(() => scrolled(page)).toEqual([]);
  });
});

/** Names of the tables that are wider than their place. The days of a month stay beside each other. */
const scrolled = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(
    `[...document.querySelectorAll('.stacks')].filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.getAttribute('aria-label'))`,
  );

describe('a chart', () => {
  test('is read with the arrow keys, zoomed with the keyboard, and its address keeps the zoom', async () => {
    const { page } = await signedIn(browser, 'operator', `/series?${dataset}`);
    const chart = page.getByRole('application');
    await chart.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    const cursor = page.locator('.cursor');
    await expect.poll(() => cursor.textContent()).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d: .*mean [\d.]+ °C/);
    await page.keyboard.press('+');
    await expect.poll(() => new URL(page.url()).searchParams.has('x1')).toBe(true);
    const address = page.url();
    await page.reload();
    await chart.waitFor();
    expect(page.url()).toBe(address);
    await page.getByRole('button', { name: 'All', exact: true }).press('Enter');
    await expect.poll(() => new URL(page.url()).searchParams.has('x1')).toBe(false);
    expect(await focused(page)).toBe('All');
    // Sensors are taken out one after the other.
    const field = page.getByLabel('Add a sensor');
    for (const sensor of ['sensor-0001', 'sensor-0002']) {
      await field.fill(sensor);
      await page.getByRole('button', { name: `Remove ${sensor}` }).waitFor();
    }
    await page.getByRole('button', { name: 'Remove sensor-0001' }).press('Enter');
    await expect.poll(() => focused(page)).toBe('Remove sensor-0002');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => field.evaluate((element) => element === element.ownerDocument.activeElement))
      .toBe(true);
    await page.context().close();
  });

  test('shows every month of its span, also the one in which it begins', async () => {
    const { page } = await signedIn(
      browser,
      'viewer',
      `/series?${dataset}&period=month&sensor=sensor-0001&from=2025-11-04&to=2026-03-05`,
    );
    const chart = page.getByRole('application');
    await chart.focus();
    await page.keyboard.press('Home');
    await expect.poll(() => page.locator('.cursor').textContent()).toMatch(/^2025-11-01 00:00: /);
    await page.context().close();
  });

  test('has its numbers as a table, as CSV and as a command', async () => {
    const { page } = await signedIn(
      browser,
      'operator',
      `/series?${dataset}&period=month&sensor=sensor-0001`,
    );
    await page.locator('.numbers summary').click();
    // The table is drawn once the browser has told of the opening.
    const rows = page.locator('.numbers tbody tr');
    await rows.first().waitFor();
    const csv = await savedCsv(page);
    expect(csv.length - 1).toBe(await rows.count());
    // What is compared is in the same CSV, under the same names.
    await page.getByLabel('Compare with').selectOption('year');
    await page.getByLabel('quantiles').check();
    await expect.poll(() => new URL(page.url()).searchParams.get('quantiles')).toBe('yes');
    await ready(page);
    const compared = await savedCsv(page);
    expect(compared.filter((row) => row.startsWith('period,'))).toHaveLength(1);
    expect(compared[0]).toContain('0.95');
    await page.getByRole('button', { name: 'As curl' }).click();
    expect(await page.locator('.commands pre').textContent()).toContain(
      '/datasets/water-temperature/statistics?',
    );
    // What is opened is in the address.
    await page.reload();
    await rows.first().waitFor();
    await page.context().close();
  });
});

test('a favourite of the list is at hand in the first view', async () => {
  // An address without a dataset is one of it, once it is chosen: it shows the same to others.
  const { page } = await signedIn(browser, 'viewer', '/sensors');
  await page.getByLabel('Dataset').selectOption('water-temperature');
  await page.getByRole('link', { name: 'Alerts', exact: true }).click();
  await expect.poll(() => new URL(page.url()).search).toBe(`?${dataset}`);
  await page.getByRole('link', { name: 'Sensors', exact: true }).click();
  await page.getByRole('button', { name: 'Favourite sensor-0003' }).click();
  await page.getByRole('link', { name: 'Now', exact: true }).click();
  await ready(page);
  await page.locator('.favourites').getByText('sensor-0003').waitFor();
  const favourites = page.getByRole('region', { name: 'Favourites' });
  expect(await savedCsv(page, favourites)).toEqual([
    'dataset,sensor,measure,latest,unit,at',
    expect.stringMatching(/^water-temperature,sensor-0003,temperature,[\d.]+,°C,20/),
  ]);
  await page.context().close();
});

test('the language and the colours that are chosen are kept', async () => {
  const { page } = await signedIn(browser, 'viewer');
  await page.locator('.settings summary').click();
  await page.getByLabel('Language').selectOption('es');
  await page.getByRole('heading', { name: 'Ahora' }).waitFor();
  await page.getByLabel('Colores').selectOption('dark');
  await page.reload();
  await page.getByRole('heading', { name: 'Ahora' }).waitFor();
  expect(await page.evaluate<string>('getComputedStyle(document.documentElement).colorScheme')).toBe('dark');
  await page.context().close();
});

test('an address without a view says so', async () => {
  const { page } = await signedIn(browser, 'viewer', '/nowhere');
  await page.getByText('No view has the address /nowhere.').waitFor();
  await page.context().close();
});

test('how often readings are expected is said in Spanish where that is chosen', async () => {
  const { page } = await signedIn(browser, 'viewer', `/datasets?${dataset}`, { locale: 'es-ES' });
  expect(await page.locator('dl.facts').textContent()).toContain('7 días');
  await page.context().close();
});
