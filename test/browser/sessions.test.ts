import { ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ready, signedIn, startBrowser, violationsOf } from './browser.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

const key = 'landing/water-temperature/session/weeks.csv';
const header = 'Fecha,Medida,Desviaciones';

async function landWithARejectedLine(): Promise<void> {
  const s3 = new S3Client({
    ...{ endpoint: inject('endpointUrl'), region: 'us-east-1', forcePathStyle: true },
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const days = ['2021/3/1,12.5,0.1', '2021/3/8,14.1,0.2', '2021/3/15,12.7,0.1', '2021/3/22,12.8,0.1'];
  await s3.send(
    new PutObjectCommand({
      Bucket: Buckets.find(({ Name }) => Name?.includes('bucketsraw'))?.Name,
      Key: key,
      Body: `${[header, ...days, '2021/3/29,129,0.1'].join('\n')}\n`,
    }),
  );
}

/** Ends the session as an administrator does, and lets the hour pass that its access token lasts. */
async function endSession(page: Page): Promise<void> {
  const token = await page.evaluate<string>("sessionStorage.getItem('caudal.refresh-token')");
  const { auth } = (await (await fetch(`${inject('consoleUrl')}/config.json`)).json()) as {
    auth: { domain: string; clientId: string };
  };
  const answer = await fetch(`${auth.domain}/oauth2/revoke`, {
    method: 'POST',
    body: new URLSearchParams({ token, client_id: auth.clientId }),
  });
  expect(answer.status).toBe(200);
  await page.evaluate('Date.now = ((now) => () => now() + 3_600_000)(Date.now)');
}

const again = (page: Page) => page.getByRole('button', { name: 'Sign in' });

test('a session that ends says so once, and what was being mended is there after signing in again, until signing out', async () => {
  await landWithARejectedLine();
  const { page, complaints } = await signedIn(browser, 'operator', `/rejects?key=${encodeURIComponent(key)}`);
  const lines = page.getByRole('textbox', { name: 'Lines as they were' });
  await expect
    .poll(
      async () => {
        await page.reload();
        await ready(page);
        return lines.count();
      },
      { timeout: 90_000, interval: 1_000 },
    )
    .toBe(1);
  const before = complaints.length; // of the time before it was ingested
  const mended = `${header}\n2021/3/29,12.9,0.1\n`;
  await lines.fill(mended);
  await endSession(page);
  await page.getByRole('button', { name: 'Check and send' }).click();
  await page.getByRole('alert').getByText('Your session has ended.').waitFor();
  expect(await violationsOf(page)).toEqual([]);
  await again(page).click();
  await page.locator('button[name="username"][value="operator"]').click();
  await ready(page);
  expect(await lines.inputValue()).toBe(mended);
  // A link was followed, and back again.
  await page.getByRole('link', { name: 'Jobs', exact: true }).click();
  await ready(page);
  await page.goBack();
  await lines.waitFor();
  expect(await lines.inputValue()).toBe(mended);
  await page.getByRole('button', { name: 'Back to the lines as they were' }).click();
  expect(await lines.inputValue()).toContain('2021/3/29,129,0.1');
  await lines.fill(mended);
  await page.locator('.settings summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out.').waitFor();
  expect(await page.evaluate('JSON.stringify({ ...sessionStorage })')).not.toContain('12.9');
  expect(complaints.slice(before).filter((each) => !each.includes('400 (Bad Request)'))).toEqual([]);
  await page.context().close();
});

test('a view that asks many things shows what it had, and that its session has ended once', async () => {
  const { page } = await signedIn(browser, 'viewer', '/');
  await page.getByText('Readings a minute').first().waitFor();
  await endSession(page);
  // It asks again after half a minute.
  await again(page).waitFor();
  expect(await again(page).count()).toBe(1);
  expect(await page.locator('.problem').count()).toBe(1);
  expect(await page.getByText('Readings a minute').count()).toBeGreaterThan(0);
  await page.context().close();
});

test('signing out in one tab ends the sessions of the same person in all tabs, and of nobody else', async () => {
  const { page } = await signedIn(browser, 'viewer');
  const context = page.context();
  const tabOf = async (user: string) => {
    const tab = await context.newPage();
    await tab.goto(`${inject('consoleUrl')}/jobs`);
    await tab.locator(`button[name="username"][value="${user}"]`).click();
    await ready(tab);
    return tab;
  };
  const [same, other] = [await tabOf('viewer'), await tabOf('operator')];
  await page.locator('.settings summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out.').waitFor();
  await same.getByText('You are signed out.').waitFor();
  expect(await same.evaluate("sessionStorage.getItem('caudal.refresh-token')")).toBeNull();
  await other.reload();
  await ready(other);
  expect(await other.locator('.who').textContent()).toBe('operator');
  await context.close();
});

test('a view whose part of the console is not there any more says so, and comes with the console that is', async () => {
  const { page } = await signedIn(browser, 'viewer', '/jobs');
  const isOfAlerts = (url: URL) => /\/assets\/alerts-/.test(url.pathname);
  await page.route(isOfAlerts, (route) => route.fulfill({ status: 404 }));
  await page.getByRole('link', { name: 'Alerts', exact: true }).click();
  await page.getByRole('alert').getByText('Caudal cannot be reached').waitFor();
  await page.unroute(isOfAlerts);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Breaches of a dataset’s rules').waitFor();
  expect(new URL(page.url()).pathname).toBe('/alerts');
  await page.context().close();
});
