import { join } from 'node:path';
import { ListBucketsCommand, PutObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { focused, pictures, ready, savedCsv, signedIn, startBrowser, violationsOf } from './browser.ts';

let browser: Browser;
let s3: S3Client;
let bucket = '';
beforeAll(async () => {
  browser = await startBrowser();
  const local: S3ClientConfig = {
    ...{ endpoint: inject('endpointUrl'), region: 'us-east-1', forcePathStyle: true },
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  s3 = new S3Client(local);
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  bucket = Buckets.find(({ Name }) => Name?.includes('bucketsraw'))?.Name ?? '';
});
afterAll(() => browser?.close());

const header = 'Fecha,Medida,Desviaciones';
/** A file of a series of its own, which no other test looks at. */
const landed = (sensor: string, rows: readonly string[]) =>
  s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: `landing/water-temperature/${sensor}/weeks.csv`,
      Body: `${[header, ...rows].join('\n')}\n`,
    }),
  );
const good = ['2021/3/1,12.5,0.1', '2021/3/8,14.1,0.2', '2021/3/15,12.7,0.1', '2021/3/22,12.8,0.1'];

/** Loads the page again until it shows what is ingested by then. */
async function shows(page: Page, text: string): Promise<void> {
  await expect
    .poll(
      async () => {
        await page.reload();
        await ready(page);
        return page.getByText(text).count();
      },
      { timeout: 90_000, interval: 1_000 },
    )
    .toBeGreaterThan(0);
}

/** What axe finds in both themes, and whether it fits a small screen. */
async function isWell(page: Page): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    // Colours that are on their way are those of neither theme.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await violationsOf(page)).toEqual([]);
  }
  await page.setViewportSize({ width: 320, height: 640 });
  await expect.poll(() => page.evaluate<number>('document.documentElement.scrollWidth')).toBe(320);
  await page.setViewportSize({ width: 1360, height: 900 });
}

const rowOf = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text });

test('an operator sees why lines were rejected, mends them, sends them again and finds them in their month', async () => {
  await landed('mended', [...good, '2021/3/29,129,0.1']);
  const { page, complaints } = await signedIn(browser, 'operator', '/rejects?file=weeks.csv');
  await shows(page, 'landing/water-temperature/mended/weeks.csv');
  await rowOf(page, 'mended/weeks.csv').getByRole('link').press('Enter');
  await page
    .getByRole('heading', { name: 'Rejected lines of landing/water-temperature/mended/weeks.csv' })
    .waitFor();
  await ready(page);
  // Its link is gone with the list.
  expect(await focused(page)).toMatch(/^Rejected lines of /);
  expect(await rowOf(page, '2021/3/29,129,0.1').textContent()).toContain('out-of-range');
  const lines = page.getByRole('textbox', { name: 'Lines as they were' });
  expect(await lines.inputValue()).toBe(`${header}\n2021/3/29,129,0.1\n`);
  await page.screenshot({ path: join(pictures, 'rejects-light.png') });
  await page.getByRole('button', { name: 'Check and send' }).click();
  await page.getByText('1 of 1 line is still wrong, so nothing has landed.').waitFor();
  await isWell(page);
  await lines.fill(`${header}\n2021/3/29,12.9,0.1\n`);
  await page.getByRole('button', { name: 'Check and send' }).click();
  await page.getByText(/^1 line is taken, as landing\/water-temperature\/mended\/fixed-/).waitFor();
  await page.getByRole('link', { name: '2021-03', exact: true }).click();
  await ready(page);
  expect(new URL(page.url()).pathname).toBe('/series');
  await page.locator('summary').filter({ hasText: 'The numbers' }).click();
  await expect.poll(() => rowOf(page, '2021-03').first().textContent()).toContain('5');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('an operator accepts a refused file as it is', async () => {
  await landed('accepted', [...good, 'x,1,1', 'y,1,1', 'z,1,1']);
  const { page, complaints } = await signedIn(browser, 'operator', '/rejects?show=refused');
  const key = 'landing/water-temperature/accepted/weeks.csv';
  await shows(page, key);
  const file = page.getByRole('region', { name: key });
  expect(await file.textContent()).toContain('x,1,1');
  await isWell(page);
  await file.getByRole('button', { name: 'Accept as it is …' }).press('Enter');
  // The focus is on the button that does it, back on the one that asked when nothing is done, and then on what was done.
  await expect.poll(() => focused(page)).toBe('Accept now');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect.poll(() => focused(page)).toBe('Accept as it is …');
  await page.keyboard.press('Enter');
  await expect.poll(() => focused(page)).toBe('Accept now');
  await page.keyboard.press('Escape');
  await expect.poll(() => focused(page)).toBe('Accept as it is …');
  await page.keyboard.press('Enter');
  await expect.poll(() => focused(page)).toBe('Accept now');
  await page.keyboard.press('Enter');
  const accepted = 'Accepted: 4 of 7 lines are taken with the next batch.';
  await file.getByText(accepted).waitFor();
  await expect.poll(() => focused(page)).toBe(accepted);
  await page.reload();
  await ready(page);
  expect(await page.getByRole('region', { name: key }).count()).toBe(0);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('an operator sees what a withdrawal changes, does it, and undoes it; the address restores the preview', async () => {
  await landed('withdrawn', good);
  const selection = 'dataset=water-temperature&sensor=withdrawn&from=2021-03-08&to=2021-03-15';
  const { page, complaints } = await signedIn(
    browser,
    'operator',
    `/rejects?show=withdraw&${selection}&preview=yes`,
  );
  await shows(page, 'Withdraws 2 readings.');
  expect(await rowOf(page, '2021-03').first().textContent()).toContain('4 → 2');
  await isWell(page);
  await page.screenshot({ path: join(pictures, 'withdraw-light.png') });
  const [names, ...rows] = (await savedCsv(page)).map((row) => row.split(','));
  const temperature = rows.find((row) => row.includes('temperature')) ?? [];
  expect(Object.fromEntries(names?.map((name, at) => [name, temperature[at]]) ?? [])).toMatchObject({
    ...{ month: '2021-03', readingsBefore: '4', readingsAfter: '2', maxBefore: '14.1', maxAfter: '12.8' },
  });
  await page.getByRole('button', { name: 'Withdraw …' }).press('Enter');
  await expect.poll(() => focused(page)).toBe('Withdraw now');
  await page.keyboard.press('Enter');
  await page.getByText('Withdrawn: the months have changed.').waitFor({ timeout: 90_000 });
  expect(await focused(page)).toBe('Withdrawn: the months have changed.');
  await page.getByRole('button', { name: 'Undo: bring them back' }).press('Enter');
  await page.getByText('Brings back 2 readings.').waitFor();
  expect(await focused(page)).toMatch(/^What would change/);
  expect(await rowOf(page, '2021-03').first().textContent()).toContain('2 → 4');
  await page.getByRole('button', { name: 'Bring back …' }).click();
  await page.getByRole('button', { name: 'Bring back now' }).click();
  await page.getByText('Brought back: the months have changed.').waitFor({ timeout: 90_000 });
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a file whose name would be read otherwise than it is has what turns it shown', async () => {
  await landed('turned/\u202Egnp', [...good, '2021/3/29,129,0.1']);
  const { page, complaints } = await signedIn(browser, 'viewer', '/rejects?file=weeks.csv');
  const shown = 'landing/water-temperature/turned/⟨U+202E⟩gnp/weeks.csv';
  await shows(page, shown);
  await page.getByRole('link', { name: shown }).click();
  await page.getByRole('heading', { name: `Rejected lines of ${shown}` }).waitFor();
  // The address has the name as it is.
  expect(new URL(page.url()).searchParams.get('key')).toContain('/\u202Egnp/');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a viewer sees why, has no button for any of it, and the API refuses it', async () => {
  await landed('looked-at', [...good, '2021/3/29,129,0.1']);
  const { page } = await signedIn(browser, 'viewer', '/rejects?file=weeks.csv');
  await shows(page, 'landing/water-temperature/looked-at/weeks.csv');
  const [asked] = await Promise.all([
    page.waitForRequest((request) => new URL(request.url()).pathname === '/api/rejects/lines'),
    rowOf(page, 'looked-at/weeks.csv').getByRole('link').click(),
  ]);
  await ready(page);
  await page.getByText('An operator can do this.').waitFor();
  expect(await page.getByRole('button', { name: 'Check and send' }).count()).toBe(0);
  const { authorization = '' } = await asked.allHeaders();
  for (const path of ['refused-files/accept', 'withdrawals']) {
    const answer = await fetch(`${inject('consoleUrl')}/api/${path}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(answer.status).toBe(403);
  }
  await page.context().close();
});

test('the first page says what is wrong, in English and in Spanish', async () => {
  for (const [locale, title, heading] of [
    ['en-GB', 'Status', 'Rejects'],
    ['es-ES', 'Estado', 'Rechazos'],
  ] as const) {
    const { page, complaints } = await signedIn(browser, 'viewer', '/', { locale });
    const status = page.getByRole('region', { name: title });
    await expect
      .poll(() => status.getByRole('listitem').or(status.getByText('✓')).count())
      .toBeGreaterThan(0);
    expect(await violationsOf(page)).toEqual([]);
    await page.goto(`${inject('consoleUrl')}/rejects`);
    await ready(page);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(heading);
    await isWell(page);
    expect(complaints).toEqual([]);
    await page.context().close();
  }
});
