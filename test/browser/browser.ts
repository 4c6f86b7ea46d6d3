import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { inject } from 'vitest';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const pictures = join(import.meta.dirname, '..', '..', 'docs', 'pictures');

/**
 * @param more further arguments of its command line
 * @throws Error that says how to install the browser, where there is none
 */
export async function startBrowser(more: readonly string[] = []): Promise<Browser> {
  if (!existsSync(executablePath))
    throw new Error(
      `${executablePath} is not there. These tests run in Debian's chromium: apt-get install chromium, or say by the variable CHROMIUM where one is.`,
    );
  // The sandbox of the browser needs what a container has not; it only opens pages of this machine.
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...more] });
}

/** Far above what anything takes, as vitest.config.ts has it: a busy machine must not fail a test. */
const patienceMs = 120_000;

interface Opened {
  readonly page: Page;
  /** What the page complained about: errors, and what its policy refused. */
  readonly complaints: readonly string[];
}

/** A page of its own, signed in by the same clicks as a person's: the address, then the user. */
export async function signedIn(
  browser: Browser,
  user: 'operator' | 'viewer',
  path = '/',
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({
    viewport: { width: 1360, height: 900 },
    locale: 'en-GB',
    ...options,
  });
  context.setDefaultTimeout(patienceMs);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(inject('consoleUrl') + path);
  await page.locator(`button[name="username"][value="${user}"]`).click();
  await page.locator('.shell').waitFor();
  await ready(page);
  return { page, complaints };
}

/** Waits until the view has all that it asked for. */
export async function ready(page: Page): Promise<void> {
  await page.locator('#view h1').waitFor();
  await page.waitForLoadState('networkidle');
  await page.locator('#view .busy:text-matches("…")').first().waitFor({ state: 'detached' });
}

/** What has the keyboard, by its name or text; `body` where nothing has, and who has no mouse would begin anew at the top of the page. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate<string>(
    `(({ activeElement: at, body }) => at === body ? 'body' : at.getAttribute('aria-label') ?? at.textContent.trim())(document)`,
  );

/** The rows of the CSV that a button of a place saves, the names of its columns first. */
export async function savedCsv(page: Page, place: Page | Locator = page): Promise<string[]> {
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    place.getByRole('button', { name: 'CSV', exact: true }).click(),
  ]);
  return readFileSync(await saved.path(), 'utf8')
    .trimEnd()
    .split('\r\n');
}

/** What axe finds in the page as it is shown. */
export async function violationsOf(page: Page): Promise<string[]> {
  // Evaluated by the debugger, which the page's policy does not bind.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe: run } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await run.run();
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
    );
  });
}
