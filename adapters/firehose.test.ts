import { FirehoseClient } from '@aws-sdk/client-firehose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packLines } from '../core/lines/packing.ts';
import { type FirehoseEndpoint, startFirehoseEndpoint } from '../test/support/firehose-endpoint.ts';
import { createReadingStream } from './firehose.ts';

let endpoint: FirehoseEndpoint;
let client: FirehoseClient;
beforeEach(async () => {
  endpoint = await startFirehoseEndpoint();
  client = new FirehoseClient({
    endpoint: endpoint.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await endpoint.close();
});

const records = packLines(
  Array.from({ length: 300 }, (_, index) => `{"n":${index},"x":"${'x'.repeat(100)}"}`),
  { recordKib: 5 },
).batches.flat();
const put = (timeoutMs = 5_000, name = 'caudal-readings') =>
  createReadingStream(client, name).put(records, timeoutMs);

test('what is acknowledged has arrived', async () => {
  expect(await put()).toEqual({ failed: [], code: '' });
  expect(endpoint.lines.size).toBe(300);
});

test('the entries that failed are named, the others have arrived', async () => {
  endpoint.faults = { seed: 3, failEntries: 0.4 };
  const { failed, code } = await put();
  expect(failed.length).toBeGreaterThan(0);
  expect(failed.length).toBeLessThan(records.length);
  expect(code).toBe('ServiceUnavailableException');
  const arrived = records
    .filter((_, index) => !failed.includes(index))
    .reduce((sum, record) => sum + record.lines, 0);
  expect(endpoint.lines.size).toBe(arrived);
});

test.each([
  ['throttling', { throttle: 1 }],
  ['a fault', { fault: 1 }],
  ['a connection that closes', { closeBefore: 1 }],
  ['no answer in time', { late: 1, lateMs: 3_000 }],
])('%s: nothing is known to have arrived', async (_, faults) => {
  endpoint.faults = faults;
  const { failed, code } = await put(500);
  expect(failed).toHaveLength(records.length);
  expect(code).not.toBe('');
});

test('a stream that does not exist is a fault', async () => {
  await expect(put(5_000, 'no-such-stream')).rejects.toThrow();
});
