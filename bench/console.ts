import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type CDPSession, chromium, type Page } from 'playwright-core';
import { quantile } from './hot/times.ts';

/**
 * `node bench/console.ts [--readings N] [--directory DIR]`: how soon the console of a running `npm start` shows something, and how much CPU a
 * series of a million readings takes to draw, to zoom and to pan, in chromium. The readings go in as one file of one sensor, a second apart, of
 * which the installation makes partitions first; a second run finds them there.
 */
const { values: flags } = parseArgs({
  options: {
    readings: { type: 'string', default: '1000000' },
    directory: { type: 'string', default: '.caudal' },
  },
});
const readings = Number(flags.readings);
const patienceMs = 30 * 60_000;
const turns = 20;
const sensor = `bench-${readings}`;
const dataset = 'gadget-telemetry';
const startMs = Date.UTC(2025, 0, 1);
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const [from, to] = [day(startMs), day(startMs + (readings - 1) * 1_000)];
const { consoleUrl, endpointUrl } = JSON.parse(readFileSync(join(flags.directory, 'cloud.json'), 'utf8')) as {
  consoleUrl: string;
  endpointUrl: string;
};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'], // which a container has no rights for; only pages of this machine are opened
});
try {
  console.log(
    `${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}, chromium ${browser.version()}`,
  );
  const page = await (await browser.newContext({ viewport: { width: 1360, height: 900 } })).newPage();
  await page.goto(consoleUrl);
  await page.locator('button[name="username"][value="viewer"]').click();
  await page.locator('.shell').waitFor();
  // As who comes back: signed in, nothing of the page in memory.
  await page.reload();
  await page.locator('#view h1').waitFor();
  print('first contentful paint', await paintOf(page));
  await putReadings();
  await measureSeries(page);
} finally {
  await browser.close();
}

/** Uploads the file, unless it is there. The ingestion is waited for by the series itself. */
async function putReadings(): Promise<void> {
  const s3 = new S3Client({
    endpoint: endpointUrl,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const bucket = Buckets.find(({ Name }) => Name?.includes('raw'))?.Name;
  if (bucket === undefined) throw new Error('The installation has no bucket whose name has "raw" in it.');
  const lines = ['timestamp,gadget,battery,signal,temperature'];
  for (let at = 0; at < readings; at++)
    lines.push(
      `${new Date(startMs + at * 1_000).toISOString()},${sensor},${(50 + 40 * Math.sin(at / 9_000)).toFixed(2)},-70,20`,
    );
  await s3
    .send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: `landing/${dataset}/${sensor}.csv`,
        Body: `${lines.join('\n')}\n`,
        IfNoneMatch: '*',
      }),
    )
    .catch((fault: Error) => {
      if (fault.name !== 'PreconditionFailed') throw fault;
    });
}

async function measureSeries(page: Page): Promise<void> {
  const view = `${consoleUrl}/series?dataset=${dataset}&sensor=${sensor}&period=raw&measure=battery&from=${from}&to=${to}`;
  const shown = page.getByText(`${readings.toLocaleString('en-US')} readings`).first();
  const deadline = Date.now() + patienceMs;
  for (;;) {
    await page.goto(view);
    await page.locator('#view h1').waitFor({ timeout: 600_000 });
    if (
      await shown.waitFor({ timeout: 120_000 }).then(
        () => true,
        () => false,
      )
    )
      break;
    if (Date.now() > deadline) throw new Error(`${sensor} does not have its ${readings} readings.`);
    await sleep(5_000);
  }
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const began = await cpuOf(session);
  const start = performance.now();
  await page.reload();
  await page.getByRole('application').waitFor({ timeout: 600_000 });
  await shown.waitFor({ timeout: 600_000 });
  print('all readings fetched and drawn, clock', performance.now() - start);
  print('the same, CPU of the page', (await cpuOf(session)) - began);
  const chart = page.getByRole('application');
  // Other colours are another chart of the readings that are there: what the first one takes to be drawn, once it has them.
  const draws: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const before = await cpuOf(session);
    await page.emulateMedia({ colorScheme: turn % 2 === 0 ? 'dark' : 'light' });
    await frames(page);
    draws.push((await cpuOf(session)) - before);
  }
  printSpread('first draw', draws);
  await chart.focus();
  const steps: Record<'zoom' | 'pan', Step[]> = { zoom: [], pan: [] };
  for (let turn = 0; turn < turns / 2; turn++)
    for (const [what, keys] of [
      ['zoom', '++++++'],
      ['pan', ['PageUp', 'PageDown', 'PageUp', 'PageDown']],
      ['zoom', '------'],
    ] as const)
      for (const key of keys) {
        const before = await cpuOf(session);
        const pressed = performance.now();
        await page.keyboard.press(key);
        await frames(page);
        steps[what].push({ cpuMs: (await cpuOf(session)) - before, clockMs: performance.now() - pressed });
      }
  for (const [what, each] of Object.entries(steps)) {
    printSpread(
      `a step of ${what}, CPU`,
      each.map(({ cpuMs }) => cpuMs),
    );
    printSpread(
      'until it is on the screen, clock',
      each.map(({ clockMs }) => clockMs),
    );
  }
}

interface Step {
  readonly cpuMs: number;
  /** From the key until the frame after it, with what the protocol of the debugger takes. */
  readonly clockMs: number;
}

/** Waits until what was asked for has been drawn: two frames, since the first may have begun before. */
function frames(page: Page): Promise<unknown> {
  return page.evaluate(
    'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(0))))',
  );
}

function printSpread(what: string, values: readonly number[]): void {
  console.log(
    `${what.padEnd(42)} p50 ${quantile(values, 0.5).toFixed(1)} ms, p95 ${quantile(values, 0.95).toFixed(1)} ms, ${values.length} times`,
  );
}

/** CPU of the page's main thread, in ms. */
async function cpuOf(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1_000;
}

async function paintOf(page: Page): Promise<number> {
  for (;;) {
    const ms = await page.evaluate<number>(
      'performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? -1',
    );
    if (ms >= 0) return ms;
    await sleep(50);
  }
}

function print(what: string, ms: number): void {
  console.log(`${what.padEnd(42)} ${ms.toFixed(1)} ms`);
}
