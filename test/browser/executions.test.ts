import {
  DescribeExecutionCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { focused, ready, signedIn, startBrowser, violationsOf } from './browser.ts';

let browser: Browser;
let stepFunctions: SFNClient;
let stateMachineArn = '';
beforeAll(async () => {
  browser = await startBrowser();
  stepFunctions = new SFNClient({
    endpoint: inject('endpointUrl'),
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const { stateMachines = [] } = await stepFunctions.send(new ListStateMachinesCommand({}));
  stateMachineArn = stateMachines.find(({ name }) => name === 'caudal-ingest')?.stateMachineArn ?? '';
});
afterAll(() => browser?.close());

const start = async (name: string, input: string): Promise<string> =>
  String(
    (await stepFunctions.send(new StartExecutionCommand({ stateMachineArn, name, input }))).executionArn,
  );

const statusOf = async (executionArn: string) =>
  (await stepFunctions.send(new DescribeExecutionCommand({ executionArn }))).status;

/** An execution that failed: its input is none. */
async function failed(name: string): Promise<void> {
  const executionArn = await start(name, '{"replay":{"from":"never"}}');
  await expect.poll(() => statusOf(executionArn)).toBe('FAILED');
}

/** An execution that somebody stopped. It has nothing to ingest, so one may end before it is stopped. */
async function stopped(name: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const executionArn = await start(`${name}-${attempt}`, '[]');
    await stepFunctions.send(new StopExecutionCommand({ executionArn })).catch((error: unknown) => {
      if (attempt >= 10) throw error;
    });
    if ((await statusOf(executionArn)) === 'ABORTED') return `${name}-${attempt}`;
  }
}

const status = (page: Page) => page.locator('#summary .status');

test('an operator redrives an execution that was stopped, and sees it go on to its end', async () => {
  const name = await stopped('stopped');
  const { page, complaints } = await signedIn(browser, 'operator', '/executions?status=ABORTED');
  await page.getByRole('link', { name, exact: true }).press('Enter');
  await expect.poll(() => status(page).textContent()).toBe('stopped');
  expect(await focused(page)).toMatch(`Execution ${name}`);
  await page.getByRole('button', { name: 'Redrive …' }).press('Enter');
  await page.getByText('What is wrong must be fixed before.').waitFor();
  expect(await violationsOf(page)).toEqual([]);
  // The focus is on the button that does it.
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText(name).waitFor();
  await expect.poll(() => status(page).textContent()).toBe('succeeded');
  expect(await focused(page)).toContain(name);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('an operator has the input of one that failed run again, and is led to the new execution', async () => {
  await failed('failed');
  const { page, complaints } = await signedIn(browser, 'operator', '/executions/failed');
  await expect.poll(() => status(page).textContent()).toBe('failed');
  expect(await page.locator('.facts').textContent()).toContain('InvalidInput');
  await page.getByRole('button', { name: 'Redrive …' }).click();
  await page.getByRole('button', { name: 'Redrive now' }).click();
  await page.getByRole('status').getByRole('link').click();
  await page.getByRole('heading', { name: /^Execution failed-again-\d{8}T\d{6}Z$/ }).waitFor();
  await expect.poll(() => status(page).textContent()).toBe('failed');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a viewer has no button for it, and the API refuses it', async () => {
  await failed('looked-at');
  const { page } = await signedIn(browser, 'viewer', '/executions/looked-at');
  const [asked] = await Promise.all([
    page.waitForRequest((request) => new URL(request.url()).pathname === '/api/executions/looked-at'),
    page.reload(),
  ]);
  await ready(page);
  await page.getByText('An operator can redrive it.').waitFor();
  expect(await page.getByRole('button', { name: /Redrive/ }).count()).toBe(0);
  const { authorization = '' } = await asked.allHeaders();
  expect(authorization).toMatch(/^Bearer /);
  const answer = await fetch(`${inject('consoleUrl')}/api/executions/looked-at/redrive`, {
    method: 'POST',
    headers: { authorization },
  });
  expect(answer.status).toBe(403);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  await page.context().close();
});
