import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBytes } from '../../../test/support/parse-bytes.ts';
import { defineDataset } from '../../dataset/dataset.ts';
import { json } from '../../formats/json-format.ts';

const common = { timeZone: 'UTC', shards: 1 } as const;
const tide = defineDataset({
  ...{ ...common, name: 'tide', sensorsOfThing: ['{thing}', '{thing}-*'] },
  measures: { level: { unit: 'm', min: 0, max: 20 } },
});
const soil = defineDataset({
  ...{ ...common, name: 'soil' },
  measures: { moisture: { unit: '%', min: 0, max: 100 } },
  formats: [
    json({
      when: { '$.topicDataset': ['soil'], '$.message.payload': 'present' },
      time: { path: '$.message.at', format: 'iso' },
      fields: { sensorId: '$.message.id', moisture: '$.message.payload.m' },
    }),
  ],
});
const known = [tide, soil];
const arrivedMs = Date.parse('2026-05-02T00:00:00Z');
const at = '2026-05-01T10:00:00Z';

async function sent(message: unknown, more: object = {}, key = 'raw/2026/05/02/00/x') {
  const line = JSON.stringify({ message, topicDataset: 'tide', thing: 'buoy', ...more });
  const { outcomes } = await parseBytes(line, { key, known, arrivedMs });
  return outcomes.map(({ dataset, reading, reason, detail }) =>
    reading ? [dataset, reading.sensorId] : [reason, detail],
  );
}

describe('what a device sends', () => {
  test('is a reading or a list of them, of the dataset that its topic names', async () => {
    expect(await sent({ sensorId: 'buoy', timestamp: at, level: 3 })).toEqual([['tide', 'buoy']]);
    const list = [1, 2].map((level) => ({ sensorId: `buoy-${level}`, timestamp: at, level }));
    expect(await sent(list)).toEqual([
      ['tide', 'buoy-1'],
      ['tide', 'buoy-2'],
    ]);
    expect(await sent([])).toEqual([]);
    const named = { dataset: 'tide', sensorId: 'buoy', timestamp: at, level: 3 };
    expect(await sent(named)).toEqual([['tide', 'buoy']]);
  });

  test('is rejected reading by reading, with what is accepted', async () => {
    const good = { sensorId: 'buoy', timestamp: at, level: 3 };
    expect(await sent([good, { ...good, level: 99 }, { ...good, dataset: 'soil' }, 7])).toEqual([
      ['tide', 'buoy'],
      ['out-of-range', expect.stringContaining('accepted')],
      ['dataset-mismatch', expect.stringContaining('accepted')],
      ['not-an-object', expect.stringContaining('accepted')],
    ]);
    expect(await sent('level=3')).toEqual([['not-an-object', expect.stringContaining('the message is')]]);
    expect(await sent(good, { topicDataset: 'wind' })).toEqual([
      ['unknown-dataset', expect.stringContaining('tide, soil')],
    ]);
    expect(await sent(good, {}, 'landing/soil/x.ndjson')).toEqual([
      ['dataset-mismatch', expect.stringContaining('accepted here: soil')],
    ]);
  });

  test('may have any shape that a format of its dataset takes', async () => {
    const message = { id: 'probe', at, payload: { m: 40 } };
    expect(await sent(message, { topicDataset: 'soil' })).toEqual([['soil', 'probe']]);
  });
});

describe('sensorsOfThing', () => {
  const of = (sensorId: string, thing: string) => sent({ sensorId, timestamp: at, level: 3 }, { thing });

  test('rejects a sensor of another device, and says which are accepted', async () => {
    expect(await of('buoy-7', 'buoy')).toEqual([['tide', 'buoy-7']]);
    expect(await of('buoy7', 'buoy')).toEqual([
      ['wrong-thing', 'sensorId is "buoy7", sent by the device "buoy"; accepted of it: buoy, buoy-*'],
    ]);
  });

  test('takes exactly the sensors that begin as the device is called, whatever the names', async () => {
    const name = fc.stringMatching(/^[a-z$&.*+-]{1,6}$/);
    await fc.assert(
      fc.asyncProperty(name, name, async (thing, rest) => {
        expect((await of(`${thing}-${rest}`, thing))[0]?.[0]).toBe('tide');
        const other = `x${thing}-${rest}`;
        const isOwn = other === thing || other.startsWith(`${thing}-`);
        expect((await of(other, thing))[0]?.[0]).toBe(isOwn ? 'tide' : 'wrong-thing');
      }),
    );
  });

  test('is asked of devices alone, and only where a dataset says so', async () => {
    const line = JSON.stringify({ dataset: 'tide', sensorId: 'any', timestamp: at, level: 3 });
    const { outcomes } = await parseBytes(line, { key: 'raw/x', known, arrivedMs });
    expect(outcomes[0]?.reading?.sensorId).toBe('any');
    const message = { sensorId: 'any', timestamp: at, moisture: 3 };
    expect(await sent(message, { topicDataset: 'soil' })).toEqual([['soil', 'any']]);
  });

  test('is no way into a dataset that streams fill', async () => {
    const line = JSON.stringify({ topicDataset: 'reservations', thing: 'buoy', message: {} });
    const { outcomes } = await parseBytes(`${line}\n`, { key: 'raw/x', arrivedMs });
    expect(outcomes).toMatchObject([
      { reason: 'wrong-thing', detail: expect.stringContaining('send a command instead') },
    ]);
  });

  test.each([
    [[]],
    [['buoy']],
    [['{thing}{thing}']],
    [['*{thing}']],
    ['{thing}'],
    [Array(11).fill('{thing}')],
  ])('is refused as %j', (sensorsOfThing) => {
    const define = () =>
      defineDataset({
        ...{ ...common, name: 'a', measures: { level: { unit: 'm', min: 0, max: 1 } } },
        sensorsOfThing: sensorsOfThing as string[],
      });
    expect(define).toThrow(/sensorsOfThing is .*accepted/);
  });
});
