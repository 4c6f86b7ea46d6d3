import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DynamoDb, startDynamoDb } from '../../../test/support/dynamodb-tables.ts';
import { uploadsKey } from './keys.ts';
import { createUploadAccounts } from './upload-accounts.ts';

let dynamoDb: DynamoDb;
beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
afterAll(() => dynamoDb.close());

const hourMs = 3_600_000;
const noon = Date.UTC(2026, 0, 1, 12);
const link = (clientId: string, bytes: number, atMs = noon, most = 100) =>
  createUploadAccounts(dynamoDb.documents, dynamoDb.tables.jobs).link({ clientId, bytes, atMs }, most);

test('so many bytes are linked and no more, however many requests come at once; another client has its own', async () => {
  const kinds = (await Promise.all([30, 30, 30, 30, 30].map((bytes) => link('at-once', bytes)))).map(
    ({ kind }) => kind,
  );
  expect(kinds.sort()).toEqual(['full', 'full', 'linked', 'linked', 'linked']);
  expect(await link('other', 100)).toEqual({ kind: 'linked' });
});

test('what is refused counts nothing, and the answer is when so much is free', async () => {
  await link('free', 50, noon);
  await link('free', 30, noon + 2.5 * hourMs);
  const full = (bytes: number) => link('free', bytes, noon + 3 * hourMs);
  expect(await full(21)).toEqual({ kind: 'full', bytes: 80, freeAtMs: noon + 25 * hourMs });
  expect(await full(71)).toEqual({ kind: 'full', bytes: 80, freeAtMs: noon + 27 * hourMs });
  expect(await full(20)).toEqual({ kind: 'linked' });
});

test('an account expires once nothing in it counts any more', async () => {
  await link('expires', 1, noon + 1234);
  const Key = uploadsKey('expires');
  const { Item } = await dynamoDb.documents.send(new GetCommand({ TableName: dynamoDb.tables.jobs, Key }));
  expect(Item?.expiration).toBe((noon + 25 * hourMs) / 1000);
});

test('within no 24 hours there are more than may be, and at the time that was told there is room', async () => {
  let client = 0;
  const asked = fc.array(
    fc.record({ bytes: fc.integer({ min: 1, max: 100 }), laterMs: fc.integer({ min: 0, max: 9 * hourMs }) }),
    { minLength: 1, maxLength: 20 },
  );
  await fc.assert(
    fc.asyncProperty(asked, async (requests) => {
      const clientId = `random-${client++}`;
      const linked: { bytes: number; atMs: number }[] = [];
      let atMs = noon;
      for (const { bytes, laterMs } of requests) {
        atMs += laterMs;
        const outcome = await link(clientId, bytes, atMs);
        if (outcome.kind === 'full') {
          expect(outcome.freeAtMs).toBeGreaterThan(atMs);
          atMs = outcome.freeAtMs;
          expect(await link(clientId, bytes, atMs)).toEqual({ kind: 'linked' });
        }
        linked.push({ bytes, atMs });
        const sinceMs = atMs - 24 * hourMs;
        const counted = linked.filter((each) => each.atMs > sinceMs);
        expect(counted.reduce((sum, each) => sum + each.bytes, 0)).toBeLessThanOrEqual(100);
      }
    }),
    { numRuns: 40 },
  );
});
