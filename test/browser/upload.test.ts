import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pictures, ready, signedIn, startBrowser, violationsOf } from './browser.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures');
const made = mkdtempSync(join(tmpdir(), 'caudal-uploads-'));
let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(made, { recursive: true });
});

const state = (page: Page) => page.getByRole('status').locator('.mark');

async function upload(page: Page, file: string): Promise<void> {
  await page.getByLabel('Choose a file, or drop one here').setInputFiles(file);
  await expect.poll(() => state(page).textContent()).toBe('uploaded, not landed');
  await ready(page);
}

async function inBothThemes(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    // Colours that are on their way are those of neither theme.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await violationsOf(page)).toEqual([]);
    if (name === 'upload' && colorScheme === 'light')
      await page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`) });
  }
}

async function fitsSmallScreens(page: Page): Promise<void> {
  await page.setViewportSize({ width: 320, height: 640 });
  await expect.poll(() => page.evaluate<number>('document.documentElement.scrollWidth')).toBe(320);
  await page.setViewportSize({ width: 1360, height: 900 });
}

test('a file becomes months: chosen, looked at, landed, followed, seen in Series', async () => {
  const { page, complaints } = await signedIn(browser, 'operator', '/upload');
  await inBothThemes(page, 'choose');
  await fitsSmallScreens(page);
  await upload(page, join(fixtures, 'aquasense-2023-11.csv'));
  await page.getByLabel('Into the dataset').selectOption('water-temperature');
  await page.getByLabel('Sensor of lines that name none').fill('pier-77');
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  await page.getByText('landing/water-temperature/pier-77/aquasense-2023-11.csv').waitFor();
  await ready(page);
  await inBothThemes(page, 'upload');
  await fitsSmallScreens(page);

  // The address restores what is looked at.
  await page.reload();
  await page.getByRole('button', { name: 'Land 14 readings' }).click();
  await expect.poll(() => state(page).textContent()).toBe('merged into its months');
  expect(await page.locator('.figures').textContent()).toContain('Accepted14');
  await inBothThemes(page, 'outcome');
  await fitsSmallScreens(page);
  await page.getByRole('link', { name: 'pier-77' }).click();
  await page.getByText('pier-77').filter({ visible: true }).first().waitFor();
  await page.getByText('The numbers: 14 rows').first().waitFor();
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('what only its owner can know is asked, and answered with the keyboard', async () => {
  const { page, complaints } = await signedIn(browser, 'operator', '/upload');
  await upload(page, join(fixtures, 'real-files', 'us-dates', 'us.csv'));
  await page.getByText('Only you can know').waitFor();
  await page.getByText('Which clock are the times of? They have no offset.').waitFor();
  await inBothThemes(page, 'questions');
  await fitsSmallScreens(page);
  await page.getByLabel('Clock of its times').focus();
  await page.keyboard.type('America/Chicago');
  for (const _ of ['order', 'decimal', 'sensor']) await page.keyboard.press('Tab');
  await page.keyboard.type('roof');
  await page.keyboard.press('Enter');
  await page
    .getByText(/^Readings by this dataset: the first \d+ of \d+$/)
    .first()
    .waitFor();
  expect(await page.getByText('Only you can know').count()).toBe(0);
  await page.getByText('A dataset for files like it').click();
  await page.getByText('datasets are files of the project').waitFor();
  const source = page.getByLabel('datasets/inspected.ts');
  expect(await source.inputValue()).toContain('America/Chicago');
  await source.fill((await source.inputValue()).replace('max: 60', 'max: 50'));
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save inspected.ts' }).click(),
  ]);
  expect(saved.suggestedFilename()).toBe('inspected.ts');
  await inBothThemes(page, 'source');
  await fitsSmallScreens(page);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a file of which nothing would be taken says why, and is not offered to land', async () => {
  const { page } = await signedIn(browser, 'operator', '/upload');
  await upload(page, join(fixtures, 'real-files', 'renamed-column', 'renamed.csv'));
  await page.getByLabel('Into the dataset').selectOption('water-temperature');
  await page.getByText('Nothing of it would be taken').first().waitFor();
  await page.getByText('Correct the file or the format, and upload it again.').waitFor();
  expect(await page.getByRole('button', { name: /^Land/ }).count()).toBe(0);
  await inBothThemes(page, 'refused');
  await page.context().close();
});

test('a larger file goes up in sight and can be cancelled; one that is too large to look at whole lands unseen, and is refused', async () => {
  const { page } = await signedIn(browser, 'operator', '/upload');
  const input = page.getByLabel('Choose a file, or drop one here');
  const empty = join(made, 'empty.csv');
  writeFileSync(empty, '');
  await input.setInputFiles(empty);
  await page.getByText('empty.csv is empty.').waitFor();

  const large = join(made, 'large.csv');
  writeFileSync(large, `When,What,How much\n${'2025/6/2,12.5,0.1\n'.repeat(2_000_000)}`);
  const network = await page.context().newCDPSession(page);
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 4 * 2 ** 20 };
  await network.send('Network.emulateNetworkConditions', slow);
  await input.setInputFiles(large);
  const sent = () => page.getByRole('progressbar').evaluate((bar) => Number(bar.getAttribute('value')));
  await expect.poll(sent).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancelled. Nothing was uploaded.').waitFor();

  await network.send('Network.emulateNetworkConditions', { ...slow, uploadThroughput: -1 });
  await upload(page, large);
  await page.getByLabel('Into the dataset').selectOption('water-temperature');
  await page.getByText('It may land all the same:').waitFor();
  await page.getByRole('button', { name: 'Land it unseen' }).click();
  await expect.poll(() => state(page).textContent()).toBe('refused');
  await page.getByText('Nothing of it was taken').first().waitFor();
  await inBothThemes(page, 'refused');
  await page.context().close();
});

test('a file is dropped on its place, and nothing happens beside it', async () => {
  const { page, complaints } = await signedIn(browser, 'operator', '/upload');
  const session = await page.context().newCDPSession(page);
  const drop = async (at: Locator, files: string[]) => {
    const box = await at.boundingBox();
    if (box === null) throw new Error('There is no place to drop a file on.');
    const where = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const data = { items: [], files, dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await session.send('Input.dispatchDragEvent', { type, ...where, data });
  };
  const file = join(fixtures, 'aquasense-2023-11.csv');
  await drop(page.getByRole('heading', { level: 1 }), [file]);
  await drop(page.locator('.drop'), [file, join(fixtures, 'README.md')]);
  await page.getByText('One file at a time').waitFor();
  expect(new URL(page.url()).pathname).toBe('/upload');
  await drop(page.locator('.drop'), [file]);
  await expect.poll(() => state(page).textContent()).toBe('uploaded, not landed');
  await page.getByRole('heading', { name: 'aquasense-2023-11.csv' }).waitFor();
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a file goes on being sent while other views are looked at, and takes nobody away from them', async () => {
  const { page, complaints } = await signedIn(browser, 'operator', '/upload');
  const large = join(made, 'meanwhile.csv');
  writeFileSync(large, `When,What,How much\n${'2025/6/2,12.5,0.1\n'.repeat(600_000)}`);
  const network = await page.context().newCDPSession(page);
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 2 ** 20 };
  await network.send('Network.emulateNetworkConditions', slow);
  await page.getByLabel('Choose a file, or drop one here').setInputFiles(large);
  const sent = () => page.getByRole('progressbar').evaluate((bar) => Number(bar.getAttribute('value')));
  await expect.poll(sent).toBeGreaterThan(0);
  const link = (name: string) => page.getByRole('link', { name, exact: true });
  await link('Jobs').click();
  await ready(page);
  await link('Upload').click();
  await expect.poll(sent).toBeGreaterThan(0);
  await link('Jobs').click();
  const arrived = page.waitForResponse((answer) => answer.request().method() === 'PUT');
  await network.send('Network.emulateNetworkConditions', { ...slow, uploadThroughput: -1 });
  await arrived;
  await ready(page);
  expect(new URL(page.url()).pathname).toBe('/jobs');
  await link('Upload').click();
  await link('Go on with meanwhile.csv, which is uploaded').click();
  await expect.poll(() => state(page).textContent()).toBe('uploaded, not landed');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a viewer is told who may, and has no link to it', async () => {
  const { page } = await signedIn(browser, 'viewer', '/upload');
  await page.getByText('Uploading is for operators.').waitFor();
  expect(await page.getByRole('link', { name: 'Upload', exact: true }).count()).toBe(0);
  expect(await page.getByLabel('Choose a file, or drop one here').count()).toBe(0);
  await page.context().close();
});
