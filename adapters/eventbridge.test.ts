import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEventBridge, type EventBridge } from '../local/services/eventbridge/service.ts';
import type { JobTotals } from '../ports/records.ts';
import { type Served, scratch, serve } from '../test/support/local/harness.ts';
import { createIngestEvents } from './eventbridge.ts';

const totals: JobTotals = {
  ...{ segments: 1, failedSegments: 0, lines: 2, valid: 1, rejected: 1 },
  ...{ dropped: 0, refused: 0, unterminated: 0 },
};
const event = { jobId: 'job', executionArn: 'arn:job', totals };
let place: ReturnType<typeof scratch>;
let buses: EventBridge;
let served: Served;
let client: EventBridgeClient;
const delivered: unknown[] = [];

beforeEach(async () => {
  place = scratch();
  buses = createEventBridge({
    directory: `${place.directory}/events`,
    deliver: async (_, told) => void delivered.push(told),
  });
  buses.createBus({ name: 'bus' });
  buses.start();
  served = await serve([buses]);
  client = new EventBridgeClient({ ...served.reach, maxAttempts: 1 });
});
afterEach(async () => {
  client.destroy();
  await served.close();
  await buses.close();
  await place.remove();
});

test('what completed reaches the rules of the bus, with its counts', async () => {
  buses.putRule({
    ...{ name: 'rule', busName: 'bus', targets: [{ id: 'test', arn: 'arn:test' }] },
    pattern: { source: ['caudal'] },
  });
  await createIngestEvents(client, 'bus').completed(event);
  await buses.idle();
  expect(delivered).toMatchObject([{ source: 'caudal', 'detail-type': 'IngestCompleted', detail: event }]);
});

test('an entry that the bus does not take is a fault, although the request succeeds', async () => {
  const noObject = JSON.parse('"no object"') as typeof event;
  await expect(createIngestEvents(client, 'bus').completed(noObject)).rejects.toMatchObject({
    name: 'StoreUnavailable',
    message: expect.stringContaining('MalformedDetail'),
  });
});

test('a bus that does not answer is a fault that passes', async () => {
  await served.close();
  await expect(createIngestEvents(client, 'bus').completed(event)).rejects.toMatchObject({
    name: 'StoreUnavailable',
  });
});
