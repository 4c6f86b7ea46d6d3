import { expect, it } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import { readingsOf } from '../../test/support/file-readings.ts';
import { parseBytes } from '../../test/support/parse-bytes.ts';
import { sqsMessages } from './sqs-messages.ts';

const dataset = defineDataset({
  ...{ kind: 'events', name: 'orders', timeZone: 'UTC', shards: 1, entity: 'shop', at: 'at' },
  identity: ['order'],
  attributes: { order: { type: 'integer' }, state: { values: ['open', 'paid'] } },
  formats: [sqsMessages.with({ match: '*.sqs.json', timePath: '@.at' })],
});
const order = (number: number, state = 'open') => ({
  ...{ shop: 'a', at: '2026-05-01T10:00:00Z', order: number, state },
});
const message = (body: unknown) => ({ messageId: 'm', body: JSON.stringify(body), eventSource: 'aws:sqs' });
const found = (number: number) => ({
  sensorId: 'a',
  at: '2026-05-01T10:00:00.000Z',
  order: number,
  state: 'open',
});

it("reads the bodies of a function's records, of lists, and of single messages, with a list in a body or without", async () => {
  const asFunction = JSON.stringify({ Records: [message(order(1)), message(order(2))] });
  expect(await readingsOf(dataset, 'a.sqs.json', asFunction)).toEqual([found(1), found(2)]);
  expect(await readingsOf(dataset, 'a.sqs.json', JSON.stringify([message([order(1), order(2)])]))).toEqual([
    found(1),
    found(2),
  ]);
  const lines = `${JSON.stringify(message(order(1)))}\n${JSON.stringify({ ...message(0), body: order(2) })}\n`;
  expect(await readingsOf(dataset, 'a.sqs.json', lines)).toEqual([found(1), found(2)]);
});

it("takes a line of a function's records from the stream; a body that is none costs itself", async () => {
  const line = {
    Records: [message(order(1)), { body: '{"shop":' }, { body: '3' }, {}, message(order(2, 'lost'))],
  };
  const { totals, outcomes } = await parseBytes(`${JSON.stringify(line)}\n`, { known: [dataset] });
  expect(totals).toMatchObject({
    lines: 5,
    valid: 1,
    rejected: { 'not-json': 1, 'not-an-object': 1, 'missing-field': 1, 'out-of-range': 1 },
  });
  expect(outcomes.flatMap(({ reading }) => reading?.values ?? [])).toEqual([1]);
});

it('refuses a body that says a field twice', async () => {
  const body = '{"shop":"a","at":"2026-05-01T10:00:00Z","order":1,"order":2,"state":"open"}';
  const { totals } = await parseBytes(`${JSON.stringify({ Records: [{ body }] })}\n`, { known: [dataset] });
  expect(totals).toMatchObject({ lines: 1, rejected: { 'unknown-field': 1 } });
});
