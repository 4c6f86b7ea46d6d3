import { describe, expect, test } from 'vitest';
import salonBookings from '../../datasets/salon-bookings.ts';
import { parseBytes } from '../../test/support/parse-bytes.ts';
import { DatasetDefinitionError, defineDataset } from './dataset.ts';
import type { DatasetDefinition } from './definition.ts';
import { encodeReading } from './reading.ts';

const sound: DatasetDefinition = {
  ...{ kind: 'events', name: 'orders', timeZone: 'UTC', shards: 1, entity: 'shop', at: 'at' },
  identity: ['order'],
  sequence: 'turn',
  attributes: {
    order: { type: 'integer' },
    turn: { type: 'integer' },
    state: { values: ['open', 'paid'] },
    note: { maxLength: 9, optional: true },
    gift: { type: 'boolean', optional: true },
    size: { type: 'integer', optional: true },
  },
};
const without = (member: keyof DatasetDefinition) => {
  const { [member]: _, ...rest } = sound;
  return rest as DatasetDefinition;
};

test('events need no measure; their numbers are columns, and none of them is summed up', () => {
  const dataset = defineDataset(sound);
  expect(dataset.measureNames).toEqual(['order', 'turn', 'gift', 'size']);
  expect(dataset.attributeNames).toEqual(['state', 'note']);
  expect(dataset.identityColumns).toEqual([{ of: 'values', at: 0 }]);
  expect(dataset.sensorIdField).toBe('shop');
});

describe('what is wrong is named', () => {
  test.each<[string, DatasetDefinition]>([
    ['kind is "facts"', { ...sound, kind: 'facts' as 'events' }],
    ['entity is missing', without('entity')],
    ['at is missing', without('at')],
    ['identity is missing', without('identity')],
    ['identity is ["note"]', { ...sound, identity: ['note'] }],
    ['identity is ["gift"]', { ...sound, identity: ['gift'] }],
    ['identity is ["order","order"]', { ...sound, identity: ['order', 'order'] }],
    ['sequence is "note"', { ...sound, sequence: 'note' }],
    ['sequence is "size"', { ...sound, sequence: 'size' }],
    ['filledBy is "me"', { ...sound, filledBy: 'me' as 'streams' }],
    ['sensorIdField is "till"', { ...sound, sensorIdField: 'till' }],
    ['expectedEvery is "1 hour"', { ...sound, expectedEvery: '1 hour' }],
    ['the name of a field is "at"', { ...sound, attributes: { ...sound.attributes, at: { type: 'time' } } }],
    ['attributes.state.values is []', { ...sound, attributes: { ...sound.attributes, state: { values: [] } } }],
    ['attributes.state.values is ["__proto__"]', { ...sound, attributes: { ...sound.attributes, state: { values: ['__proto__'] } } }],
    ['attributes.size.type is "date"', { ...sound, attributes: { ...sound.attributes, size: { type: 'date' as 'time' } } }],
    ['attributes.size.max is 2000000000000000', { ...sound, attributes: { ...sound.attributes, size: { type: 'integer', max: 2e15 } } }],
    ['attributes.gift.min is 0', { ...sound, attributes: { ...sound.attributes, gift: { type: 'boolean', min: 0 } } }],
    ["kind: 'events'", { ...without('kind'), measures: { level: { unit: 'm', min: 0, max: 1 } } }],
    ["kind: 'events'", { name: 'a', timeZone: 'UTC', shards: 1, measures: { level: { unit: 'm', min: 0, max: 1 } }, attributes: { state: { values: ['on'] } } }],
    ['measures is missing', { name: 'a', timeZone: 'UTC', shards: 1 }],
  ])('%s', (found, definition) => {
    expect(() => defineDataset(definition)).toThrow(DatasetDefinitionError);
    expect(() => defineDataset(definition)).toThrow(found);
  });
}); // biome-ignore format: a case a line

const booking = {
  salon_id: 7,
  booking_date: '2026-05-04T09:30:00+02:00',
  booking_id: 12,
  status: 'created',
  user_id: 3,
};

test('a line names its entity and time as the dataset does, or as all datasets do', async () => {
  const own = { dataset: 'salon-bookings', ...booking };
  const { salon_id: sensorId, booking_date: timestamp, ...fields } = own;
  const lines = [own, { ...fields, sensorId, timestamp }, { ...own, timestamp }, { ...own, sensorId }, { ...fields, sensorId }];
  const { outcomes } = await parseBytes(lines.map((each) => `${JSON.stringify(each)}\n`).join(''));
  expect(outcomes[1]?.reading).toEqual(outcomes[0]?.reading);
  expect(outcomes.map(({ reason }) => reason)).toEqual([undefined, undefined, 'unknown-field', 'unknown-field', 'missing-field']);
  expect(outcomes[4]?.detail).toContain('booking_date is missing');
  expect(encodeReading(salonBookings, outcomes[0]?.reading as never)).toBe(
    '{"dataset":"salon-bookings","sensorId":"7","timestamp":"2026-05-04T07:30:00.000Z","booking_id":12,"user_id":3,"status":"created"}',
  );
}); // biome-ignore format: a step a line

test('a table names its columns so too', async () => {
  const file = 'booking_id,booking_date,status,user_id,salon_id,employee_id,payment_id\n12,2026-05-04T07:30:00Z,created,3,7,2,\n12,2026-05-05T07:30:00Z,completed,3,7,2,99\n12.5,2026-05-05T07:30:00Z,completed,3,7,2,99\n13,2026-05-05T07:30:00Z,lost,3,7,2,99\n';
  const { totals, outcomes } = await parseBytes(file, { key: 'landing/salon-bookings/may.csv', accepted: true });
  expect(totals).toMatchObject({ lines: 4, valid: 2, rejected: { 'wrong-type': 1, 'out-of-range': 1 } });
  expect(outcomes.flatMap(({ reading }) => (reading ? [reading.values] : []))).toEqual([[12, 3, 2, null], [12, 3, 2, 99]]);
  expect(outcomes.map(({ detail }) => detail).slice(2)).toEqual([
    expect.stringContaining('booking_id is 12.5; accepted: a whole number from 0'),
    expect.stringContaining('status is "lost"; accepted: created, completed, cancelled'),
  ]);
}); // biome-ignore format: a step a line

test('a withdrawn event needs its identity, and nothing else', async () => {
  const bare = { dataset: 'salon-bookings', salon_id: 7, booking_date: '2026-05-04T07:30:00Z', withdrawn: true };
  const lines = [{ ...bare, booking_id: 12, status: 'created' }, { ...bare, booking_id: 12 }];
  const { outcomes } = await parseBytes(lines.map((each) => `${JSON.stringify(each)}\n`).join(''));
  expect(outcomes.map(({ reading, reason }) => reading?.withdrawn ?? reason)).toEqual([true, 'missing-field']);
}); // biome-ignore format: a step a line

test('the message that a queue hands to a function is events', async () => {
  const body = JSON.stringify(booking);
  const { outcomes } = await parseBytes(`${JSON.stringify({ Records: [{ messageId: '1', body }] })}\n`);
  expect(outcomes).toMatchObject([{ dataset: 'salon-bookings', reading: { sensorId: '7', values: [12, 3, null, null] } }]);
}); // biome-ignore format: a step a line
