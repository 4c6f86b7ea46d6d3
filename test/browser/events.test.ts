import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ready, savedCsv, signedIn, startBrowser, violationsOf } from './browser.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

const may = 'dataset=salon-bookings&from=2026-05-01&to=2026-05-31&sensor=7';

describe('the events of a salon in a month', () => {
  test('are counted by day and by status, as a chart that the keyboard reads, as a table and as CSV', async () => {
    const { page, complaints } = await signedIn(browser, 'viewer', `/series?${may}`, {
      reducedMotion: 'reduce',
    });
    await page.getByRole('listitem').filter({ hasText: 'status cancelled' }).waitFor();
    await page.getByRole('application').focus();
    await page.keyboard.press('Home');
    await expect
      .poll(() => page.locator('.cursor').textContent())
      .toMatch(/^2026-05-\d\d .*: events \d+ events, .*status created \d+ events/);
    await page.locator('.numbers summary').click();
    const cells = (column: number) =>
      page.locator(`.numbers tbody td:nth-child(${column})`).allTextContents();
    const [all, ...kinds] = await Promise.all([cells(3), cells(4), cells(5), cells(6)]);
    expect(all?.length).toBeGreaterThan(20);
    expect(all?.map(Number)).toEqual(
      all?.map((_, day) => kinds.reduce((sum, kind) => sum + Number(kind[day]), 0)),
    );
    const rows = await savedCsv(page);
    expect(rows[0]).toContain('counts.status.created');
    expect(rows.length - 1).toBe(all?.length);
    expect(await violationsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('are there one by one, with what they come to', async () => {
    const { page, complaints } = await signedIn(browser, 'viewer', `/series?${may}&period=raw`, {
      reducedMotion: 'reduce',
    });
    const projection = page.locator('section').filter({ hasText: 'bookings of 7' });
    await projection.getByText('hoursToCompletion').waitFor();
    const events = page.getByRole('group', { name: 'events of 7, one by one' });
    await expect.poll(() => events.locator('tbody tr').count()).toBeGreaterThan(100);
    await events.getByText('created').first().waitFor();
    expect(await savedCsv(page, projection)).toContainEqual(expect.stringMatching(/hoursToCompletion.*,\d/));
    expect(await violationsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.setViewportSize({ width: 320, height: 640 });
    await expect.poll(() => page.evaluate<number>('document.documentElement.scrollWidth')).toBe(320);
    await page.context().close();
  });
});

test('the series of whoever comes first show something, though the first dataset has events', async () => {
  const { page } = await signedIn(browser, 'viewer');
  await page.getByRole('link', { name: 'Series', exact: true }).click();
  await page.getByRole('application').waitFor();
  await ready(page);
  await page.context().close();
});

test('a salon’s decided reservations are in its series, with their state now', async () => {
  const { page } = await signedIn(browser, 'operator');
  const authorization = page
    .waitForRequest((request) => request.headers().authorization !== undefined)
    .then((request) => request.headers().authorization ?? '');
  await page.reload();
  const api = await page.evaluate<string>(
    'fetch("/config.json").then((answer) => answer.json()).then(({ apiUrl }) => apiUrl)',
  );
  const [begin, end] = [10, 11].map((hour) =>
    new Date(Math.ceil(Date.now() / 86_400_000 + 1) * 86_400_000 + hour * 3_600_000).toISOString(),
  );
  const answer = await fetch(`${api}/streams/reservations/salon-browser/commands`, {
    method: 'POST',
    headers: { authorization: await authorization, 'content-type': 'application/json' },
    body: JSON.stringify({
      commandId: 'browser-1',
      name: 'create',
      data: { reservationId: 'r-1', employeeId: 'e-1', userId: 'u-1', slotStart: begin, slotEnd: end },
    }),
  });
  expect([answer.status, await answer.text()]).toEqual([201, expect.stringContaining('"position":1')]);
  const address = '/series?dataset=reservations&sensor=salon-browser&period=raw';
  await expect
    .poll(async () => {
      await page.goto(new URL(address, page.url()).href);
      await ready(page);
      return page.locator('#view').textContent();
    })
    .toContain('current of salon-browser');
  const log = page.getByRole('group', { name: 'events of salon-browser, one by one' });
  await log.getByRole('cell', { name: 'r-1', exact: true }).waitFor();
  await page.context().close();
});
