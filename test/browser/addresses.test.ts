import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { focused, ready, signedIn, startBrowser } from './browser.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

const dataset = 'dataset=water-temperature';

describe('an address that somebody typed', () => {
  test.each([
    [`/series?${dataset}&sensor=50%25`, 'temperature of 50%, days'],
    [`/series?${dataset}&sensor=%25E0%25A4%25A,sensor-0001`, '%E0%A4%A, sensor-0001'],
    ['/series?dataset=nowhere', 'There is no dataset nowhere; there are'],
    [`/series?${dataset}&from=tomorrow`, 'from is "tomorrow"'],
    [`/sensors?${dataset}&show=days&month=2026-99`, 'from is "2026-99-01"'],
    ['/executions?cursor=nothing', 'cursor does not belong to this query'],
  ])('%s is answered in words', async (path, text) => {
    const { page, complaints } = await signedIn(browser, 'viewer', path);
    await page.getByText(text).filter({ visible: true }).first().waitFor();
    expect(complaints.filter((each) => !each.startsWith('Failed to load resource'))).toEqual([]);
    // Whatever it was, the views beside it work.
    await page.getByRole('link', { name: 'Jobs', exact: true }).click();
    await page.getByText('No job of toons yet.').waitFor();
    await page.context().close();
  });
});

test('a field shows what its address says, after going back too, and keeps the keyboard', async () => {
  const { page } = await signedIn(browser, 'viewer', `/sensors?${dataset}`);
  const field = page.getByLabel('Id', { exact: true });
  for (const typed of ['0001', '0002']) {
    await field.fill(typed);
    await field.press('Enter');
    await page.getByRole('heading', { name: '1 sensor' }).waitFor();
    await page.getByRole('link', { name: `sensor-${typed}` }).waitFor();
    expect(await field.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
  }
  await page.goBack();
  await page.getByRole('link', { name: 'sensor-0001' }).waitFor();
  await expect.poll(() => field.inputValue()).toBe('0001');
  await page.goForward();
  await expect.poll(() => field.inputValue()).toBe('0002');
  await page.context().close();
});

describe('while the API cannot be reached', () => {
  test.each([
    ['/', 'Readings a minute'],
    [`/sensors?${dataset}`, 'sensor-0001'],
    [`/sensors?${dataset}&show=days&month=2026-02`, 'sensor-0001'],
    [`/sensors?${dataset}&show=map`, 'sensors have a place'],
    [`/series?${dataset}`, 'The numbers'],
    [`/series?${dataset}&period=raw&sensor=sensor-0001`, 'The numbers'],
    [`/alerts?${dataset}&from=2026-01-01&to=2026-03-31`, 'high-deviation'],
    [`/datasets?${dataset}`, 'Europe/Madrid'],
    ['/jobs', 'No job of toons yet.'],
    ['/executions?status=SUCCEEDED', 'ingestion'],
    ['/metrics', 'Lines read'],
    ['/rejects', 'out-of-range'],
    // Of a dataset of which no other test has a file refused.
    ['/rejects?show=refused&dataset=stock-ticks', 'No uploaded file is refused.'],
  ])('%s says so, and has everything once it is asked to try again', async (path, text) => {
    const { page } = await signedIn(browser, 'operator', '/nowhere');
    await page.route('**/api/**', (route) => route.abort());
    await page.goto(inject('consoleUrl') + path);
    const again = page.locator('.problem').getByRole('button', { name: 'Try again' });
    await again.first().waitFor();
    expect(await page.locator('.problem').first().textContent()).toContain('No answer');
    await page.unroute('**/api/**');
    // A view may ask one thing after the other, and has one button for what failed of them.
    await expect
      .poll(async () => {
        if (await again.first().isVisible()) await again.first().press('Enter');
        return page.locator('.problem').count();
      })
      .toBe(0);
    await ready(page);
    await page.getByText(text).filter({ visible: true }).first().waitFor();
    expect(await focused(page)).not.toBe('body');
    await page.context().close();
  });
});

test('what is asked for again says so until the answer is there', async () => {
  const { page } = await signedIn(browser, 'viewer', '/executions');
  let letGo: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route('**/api/executions**', async (route) => {
    await held;
    await route.continue();
  });
  await page.getByLabel('Status').selectOption('FAILED');
  await page.getByRole('status').getByText('Loading …').waitFor();
  letGo();
  await page.getByRole('status').waitFor({ state: 'detached' });
  await page.context().close();
});
