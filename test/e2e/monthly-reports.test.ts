import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { synthesize } from '../../demo/synthesize.ts';
import { AwsError } from '../../local/engine/calls.ts';
import { caudal } from '../support/caudal.ts';
import { type CloudWorld, root, startCloudWorld } from '../support/cloud-world.ts';
import { everyOptionOn } from '../support/infra/option-sets.ts';
import { clientSettings, output } from '../support/job-world.ts';

/** The report of a month by its schedule: its rule, function, roles, Athena, files and message; as docs/events.md has it. */

let world: CloudWorld;
/** While it is true, Athena starts no statement. */
let athenaFails = false;
beforeAll(async () => {
  world = await startCloudWorld({
    assembly: await synthesize(root, undefined, { options: everyOptionOn }),
    interceptors: [
      async ({ action, phase }) => {
        if (athenaFails && action === 'StartQueryExecution' && phase === 'before')
          throw new AwsError('InvalidRequestException', 'The test makes Athena fail.', { status: 400 });
      },
    ],
  });
  const rows = ['7', '8', 'a/b'].flatMap((salon, at) => [
    `${at},2026-04-30T21:30:00Z,created,3,${salon},2,`,
    `${at + 10},2026-05-04T10:00:00Z,created,3,${salon},2,`,
    `${at + 10},2026-05-05T10:00:00Z,completed,3,${salon},2,9`,
    `${at + 20},2026-05-31T21:59:59Z,created,4,${salon},2,`,
    `${at + 20},2026-06-01T10:00:00Z,cancelled,4,${salon},2,`,
  ]);
  const header = 'booking_id,booking_date,status,user_id,salon_id,employee_id,payment_id';
  await world.upload('landing/salon-bookings/spring.csv', `${header}\n${rows.join('\n')}\n`);
  await world.settled(rows.length);
});
afterAll(() => world?.close());

const reports = (name: string): string => output(world.cloud, 'CaudalReports', name);
const published = () => world.cloud.services.sns.published(reports('ReportTopic'));
const dueMs = Date.parse('2026-06-04T06:00:00Z');
const fire = (ms = dueMs) => world.cloud.services.eventbridge.fire(reports('ReportRule'), ms);

async function filesUnder(Prefix: string): Promise<Record<string, string>> {
  const Bucket = reports('ReportBucket');
  const { Contents = [] } = await world.s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  const found = await Promise.all(
    Contents.map(async ({ Key = '' }) => {
      const { Body } = await world.s3.send(new GetObjectCommand({ Bucket, Key }));
      return [Key.slice(Prefix.length), (await Body?.transformToString('base64')) ?? ''] as const;
    }),
  );
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const noticeOf = async (month: string) => {
  const { 'notice.json': notice = '' } = await filesUnder(`made/salon-bookings/${month}/`);
  return Buffer.from(notice, 'base64').toString();
};
const isTold = (month: string) =>
  vi.waitUntil(async () => (await noticeOf(month)).includes('sentAt'), { timeout: 120_000, interval: 250 });

async function call(payload: object): Promise<{ failed: boolean; answer: Record<string, unknown> }> {
  const lambda = new LambdaClient(clientSettings(world.cloud.endpointUrl));
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: reports('ReportFunction'), Payload: JSON.stringify(payload) }),
  );
  return { failed: FunctionError !== undefined, answer: JSON.parse(Buffer.from(Payload ?? []).toString()) };
}

test('two events of the schedule make one report, the very files of the command, and one message whose links open them', async () => {
  fire();
  fire();
  await isTold('2026-05');
  const files = await filesUnder('reports/salon-bookings/2026-05/');

  const out = mkdtempSync(join(tmpdir(), 'caudal-monthly-'));
  try {
    const { endpointUrl } = world.cloud;
    const { status } = await caudal(
      endpointUrl,
      'report',
      'salon-bookings',
      '--month',
      '2026-05',
      '--out',
      out,
    );
    expect(status).toBe(0);
    const folder = join(out, 'salon-bookings', '2026-05');
    const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const written = names.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [relative(folder, path), readFileSync(path).toString('base64')] as const;
    });
    expect(files).toEqual(Object.fromEntries(written.sort(([a], [b]) => (a < b ? -1 : 1))));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
  expect(Object.keys(files).filter((name) => name.startsWith('pages/'))).toHaveLength(3);

  // The same month's event once more, long after.
  expect(await call({ dataset: 'salon-bookings', time: '2026-06-04T06:00:00Z' })).toMatchObject({
    failed: false,
    answer: { month: '2026-05', pages: 3, written: 0, sent: false },
  });
  const [message, ...others] = published();
  expect(others).toEqual([]);
  expect(message?.subject).toBe('Caudal: report of salon-bookings, May 2026');
  const [url = ''] = /^http\S+$/m.exec(message?.message ?? '') ?? [];
  const page = await (await fetch(url)).text();
  const links = [...page.matchAll(/href="([^"]+)"/g)].map(([, address = '']) =>
    address.replaceAll('&amp;', '&'),
  );
  expect(links).toHaveLength(Object.keys(files).length - 1); // all but the page that leads to the others
  for (const address of links) {
    const [, path = ''] =
      /\/reports\/salon-bookings\/2026-05\/([^?]+)/.exec(decodeURIComponent(address)) ?? [];
    const body = Buffer.from(await (await fetch(address)).arrayBuffer()).toString('base64');
    expect(body, path).toBe(files[path]);
  }
  // Nobody has it without the link, and the link opens nothing else.
  expect((await fetch(url.split('?')[0] ?? '')).status).toBe(403);
  expect((await fetch(url.replace('2026-05.html', '2026-04.html'))).status).toBe(403);
});

test('a failure of Athena sounds, keeps the event, and is made up for by calling the function with it', async () => {
  const { cloudwatch } = world.cloud.services;
  const sounding = () => {
    cloudwatch.evaluate();
    return cloudwatch
      .alarms()
      .filter(({ alarm, status }) => alarm.name.startsWith('caudal-report') && status.state === 'ALARM')
      .map(({ alarm }) => alarm.name)
      .sort();
  };
  expect(sounding()).toEqual([]);
  athenaFails = true;
  fire(Date.parse('2026-07-04T06:00:00Z'));
  await vi.waitUntil(() => sounding().length === 2, { timeout: 120_000, interval: 500 });
  expect(sounding()).toEqual(['caudal-report-dead-letters', 'caudal-report-failed']);
  athenaFails = false;
  expect(Object.keys(await filesUnder('reports/salon-bookings/2026-06/'))).toEqual([]);
  const [letter] =
    (
      await new SQSClient(clientSettings(world.cloud.endpointUrl)).send(
        new ReceiveMessageCommand({
          QueueUrl: reports('ReportDeadLetterQueue'),
          MessageAttributeNames: ['All'],
        }),
      )
    ).Messages ?? [];
  expect(letter?.MessageAttributes?.ErrorMessage?.StringValue).toContain('The test makes Athena fail.');
  const event = JSON.parse(letter?.Body ?? '{}') as object;
  expect(event).toEqual({ dataset: 'salon-bookings', time: '2026-07-04T06:00:00Z' });
  const { failed, answer } = await call(event);
  expect([failed, answer]).toEqual([false, expect.objectContaining({ month: '2026-06', sent: true })]);
});

test('what is removed is made anew, and only the notice is enough to have the message sent again', async () => {
  const Bucket = reports('ReportBucket');
  const before = published().length;
  await world.s3.send(new DeleteObjectCommand({ Bucket, Key: 'made/salon-bookings/2026-05/notice.json' }));
  const input = { dataset: 'salon-bookings', month: '2026-05' };
  expect((await call(input)).answer).toMatchObject({ written: 0, sent: true });
  expect(published()).toHaveLength(before + 1);
});
