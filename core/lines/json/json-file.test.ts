import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readingsOf } from '../../../test/support/file-readings.ts';
import { parseBytes } from '../../../test/support/parse-bytes.ts';
import { type Dataset, defineDataset } from '../../dataset/dataset.ts';
import type { DatasetDefinition } from '../../dataset/definition.ts';
import { type JsonFormat, json } from '../../formats/json-format.ts';

const gadgets: DatasetDefinition = {
  ...{ name: 'gadgets', timeZone: 'Europe/Madrid', shards: 1 },
  measures: {
    battery: { unit: '%', min: 0, max: 100, optional: true },
    temperature: { unit: '°C', min: -60, max: 60, optional: true },
  },
  attributes: { firmware: { maxLength: 16, optional: true } },
  missing: [-999],
}; // biome-ignore format: a definition

/** A dataset that reads its files by one format. */
const reading = (format: Omit<JsonFormat, 'kind'>, changes: Partial<DatasetDefinition> = {}): Dataset =>
  defineDataset({ ...gadgets, ...changes, formats: [json({ match: '*.json', ...format })] });

const time = { path: '@.at', format: 'iso' } as const;
const at = (minute: number) => `2026-05-01T10:0${minute}:00.000Z`;
const record = (minute: number, more: object = {}) => ({ at: at(minute), id: 'a', battery: minute, ...more });
const told = (minute: number) => ({ sensorId: 'a', at: at(minute), battery: minute });

async function rejectsOf(dataset: Dataset, bytes: string | Uint8Array, file = 'x.json') {
  const key = `landing/${dataset.name}/${file}`;
  const { outcomes, totals } = await parseBytes(bytes, { key, known: [dataset], accepted: true });
  return {
    totals,
    readings: outcomes.filter(({ reading }) => reading).length,
    rejects: outcomes.flatMap(({ line, reason, detail }) =>
      reason ? [[line, reason, detail] as const] : [],
    ),
  };
}

describe('documents', () => {
  const flat = reading({ time, fields: { sensorId: '@.id' } });
  const listed = reading({ records: '$[*]', time, fields: { sensorId: '@.id' } });

  test.each([
    ['on lines', [record(0), record(1)].map((each) => JSON.stringify(each)).join('\n')],
    [
      'on lines of Windows, with a mark',
      `\ufeff${JSON.stringify(record(0))}\r\n\r\n${JSON.stringify(record(1))}\r\n`,
    ],
    ['with nothing between them', JSON.stringify(record(0)) + JSON.stringify(record(1))],
    [
      'set out over many lines',
      [record(0), record(1)].map((each) => JSON.stringify(each, null, 2)).join('\n'),
    ],
  ])('%s', async (_, text) => {
    for (const chunkBytes of [1, 7, 65_536]) {
      const { outcomes } = await parseBytes(text, {
        key: 'landing/gadgets/x.json',
        known: [flat],
        chunkBytes,
      });
      expect(outcomes.map(({ reading }) => reading?.values[0])).toEqual([0, 1]);
    }
    expect(await readingsOf(flat, 'x.json', text)).toEqual([told(0), told(1)]);
  });

  test.each([0, 1, 2])('an array of records, set out by %i', async (indent) => {
    const text = JSON.stringify([record(0), record(1), record(2)], null, indent);
    expect(await readingsOf(listed, 'x.json', text)).toEqual([told(0), told(1), told(2)]);
  });

  test('what breaks off costs itself, and not those behind it', async () => {
    const lines = [record(0), record(1), record(2), record(3)].map((each) => JSON.stringify(each));
    for (let cut = 1; cut < (lines[0]?.length ?? 0); cut++) {
      const text = [lines[0]?.slice(0, cut), ...lines.slice(1)].join('\n');
      const { readings, rejects } = await rejectsOf(flat, text);
      expect([readings >= 2, rejects.length > 0], text).toEqual([true, true]);
      expect(
        rejects.every(([line]) => line <= 2),
        text,
      ).toBe(true);
    }
  });

  test('a last document that breaks off is truncated', async () => {
    const text = JSON.stringify([record(0), record(1)], null, 2).slice(0, -3);
    const { rejects } = await rejectsOf(listed, text);
    expect(rejects).toEqual([[1, 'truncated', expect.any(String)]]);
  });

  test('a key that is there twice, anywhere, rejects its document', async () => {
    const text = '{"at":"2026-05-01T10:00:00Z","id":"a","battery":1,"x":{"y":1,"\\u0079":2}}';
    const { rejects } = await rejectsOf(flat, text);
    expect(rejects).toEqual([[1, 'unknown-field', expect.stringContaining('"y" is given twice')]]);
  });

  test.each(['\ufeff', '\n\ufeff', '\ufeff\n', '\ufeff\ufeff'])('marks of byte order between them are nothing: %j', async (mark) => {
    for (const indent of [0, 2])
      for (const chunkBytes of [1, 2, 3, 65_536]) {
        const text = `${mark}${[record(0), record(1)].map((each) => JSON.stringify(each, null, indent)).join(mark)}${mark}`;
        const { outcomes } = await parseBytes(text, { key: 'landing/gadgets/x.json', known: [flat], chunkBytes });
        expect(outcomes.map(({ reading, detail }) => reading?.values[0] ?? detail)).toEqual([0, 1]);
      }
  }); // biome-ignore format: short

  test('a depth of brackets is no fault', async () => {
    const text = `{"at":"2026-05-01T10:00:00Z","id":"a","battery":1,"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect((await rejectsOf(flat, text)).readings).toBe(1);
  });

  test('without records where they should be it is told', async () => {
    const { rejects, readings } = await rejectsOf(listed, '{"value":[]}\n[]\n');
    expect([readings, rejects]).toEqual([0, [[1, 'missing-field', expect.stringContaining('at $[*]')]]]);
  });
});

describe('a document of more than 16 MiB', () => {
  const filler = 'x'.repeat(20_000);
  const records = Array.from({ length: 900 }, (_, at) => ({ ...record(at % 10), id: `s${at}`, filler }));
  const text = `${JSON.stringify(record(0))}\n${JSON.stringify({ type: 'all', value: records, unit: '%' }, null, 1)}\n${JSON.stringify({ value: [record(1)] })}\n`;
  const within = { records: '$.value[*]', time, fields: { sensorId: '@.id' } } as const;
  const parsed = async (dataset: Dataset, bytes: string) =>
    parseBytes(bytes, { key: 'landing/gadgets/x.json', known: [dataset] });

  test('is read by its records, and what stands around it as ever', async () => {
    expect(text.length).toBeGreaterThan(17 * 1_048_576);
    const { outcomes, totals } = await parsed(reading(within), text);
    expect(totals).toMatchObject({ valid: 901, rejected: { 'missing-field': 1 } });
    expect(totals.refusal).toBeUndefined();
    expect(outcomes.slice(0, 3).map(({ line, reading: kept }) => [line, kept?.sensorId])).toEqual([
      [1, undefined],
      [2, 's0'],
      [2, 's1'],
    ]);
    const lines = JSON.stringify({ type: 'all', value: records, unit: '%' }, null, 1).split('\n').length;
    expect(outcomes.at(-1)).toMatchObject({ line: 2 + lines, reading: { sensorId: 'a' } });
  });

  test('is refused where it breaks off, or has to be held for what its records need of it', async () => {
    const cut = await parsed(reading(within), text.slice(0, -200_000));
    expect(cut.totals.refusal).toMatchObject({ reason: 'too-large', detail: expect.stringContaining('line 2 breaks off') });
    expect(cut.outcomes.filter(({ reading: kept }) => kept)).toEqual([]);
    const whole = await parsed(reading({ ...within, fields: { sensorId: '$.type' } }), text);
    expect(whole.totals.refusal?.detail).toContain('unless its records are in one list and all paths begin at @');
  });
}); // biome-ignore format: short

describe('values by their paths', () => {
  test('records below a path, with what stands beside them', async () => {
    const dataset = reading({
      records: '$.stations[*].readings[*]',
      time: { path: '@.t', format: 'epoch-s' },
      fields: { sensorId: ['$.net', '$.stations[*].id'], battery: '@.v[0]', firmware: '$.stations[*].fw' },
    });
    const text = JSON.stringify({
      stations: [
        { id: 1, fw: 'x', readings: [{ t: 1_777_600_000, v: [5, 7] }] },
        {
          id: 2,
          readings: [
            { t: 1_777_600_000.25, v: [6] },
            { t: '1777600060', v: [7] },
          ],
        },
      ],
      net: 'north',
    });
    expect(await readingsOf(dataset, 'x.json', text)).toEqual([
      { sensorId: 'north-1', at: '2026-05-01T01:46:40.000Z', battery: 5, firmware: 'x' },
      { sensorId: 'north-2', at: '2026-05-01T01:46:40.250Z', battery: 6 },
      { sensorId: 'north-2', at: '2026-05-01T01:47:40.000Z', battery: 7 },
    ]);
  });

  test('objects by sensor: the key is the id', async () => {
    const dataset = reading({
      records: '$.sensors.*',
      time: { path: '$.at', format: 'iso' },
      fields: { sensorId: { key: 1 }, battery: 'batt' },
    });
    const text = JSON.stringify({ at: at(0), sensors: { a: { batt: 3 }, 7: { batt: 4 } } });
    expect(await readingsOf(dataset, 'x.json', text)).toEqual([
      { sensorId: '7', at: at(0), battery: 4 },
      { sensorId: 'a', at: at(0), battery: 3 },
    ]);
  });

  test('numbers as texts, words for nothing, units', async () => {
    const dataset = reading({
      ...{ time, decimal: ',', thousands: '.', nothing: ['Ip'] },
      fields: { sensorId: '@.id', temperature: { path: '@.t', unit: '°F', nothing: [9999] } },
    });
    const lines = [
      { ...record(0), battery: '8,25', t: '50,0' },
      { ...record(1), battery: 'Ip', t: 9999 },
      { ...record(2), battery: '7', t: '' },
      { ...record(3), battery: 1, t: -999 },
    ].map((each) => JSON.stringify(each));
    const { outcomes, totals } = await parseBytes(lines.join('\n'), {
      key: 'landing/gadgets/x.json',
      known: [dataset],
      accepted: true,
    });
    expect(outcomes.map(({ reading }) => reading?.values)).toEqual([
      [8.25, 10],
      undefined,
      [7, null],
      [1, null],
    ]);
    expect(totals.dropped).toEqual({ gadgets: { temperature: { empty: 1, missing: 1 } } });
  });

  test('the sensor is a part of a text', async () => {
    const dataset = reading({
      time,
      fields: { sensorId: { path: '$.topic', pattern: 'tele/{sensorId}/SENSOR' } },
    });
    const text = ['tele/señal 2/SENSOR', 'tele/b/STATE', 7]
      .map((topic) => JSON.stringify(record(0, { topic })))
      .join('\n');
    const { readings, rejects } = await rejectsOf(dataset, text);
    expect([readings, rejects]).toEqual([
      1,
      [
        [2, 'invalid-sensor-id', expect.stringContaining('accepted: a text like tele/{sensorId}/SENSOR')],
        [3, 'invalid-sensor-id', expect.any(String)],
      ],
    ]);
  });

  test('nanoseconds, as numbers too, are cut off and never rounded', async () => {
    const dataset = reading({ time: { path: '@.t', format: 'epoch-ns' }, sensorId: 'a' });
    const text = ['1777600000123999999', '1777600000122999999', '"1777600000121999999"']
      .map((t, battery) => `{"t":${t},"battery":${battery}}`)
      .join('\n');
    expect((await readingsOf(dataset, 'x.json', text)).map((each) => each.at.slice(-5))).toEqual([
      '.123Z',
      '.122Z',
      '.121Z',
    ]);
  });

  test('a time in two members, an interval, and a local time that the clock showed twice', async () => {
    const parted = reading({
      ...{
        sensorId: 'a',
        time: { path: ['@.day', '@.hour'], format: 'yyyy-MM-dd H:mm', shift: '-10 minutes' },
      },
    });
    const one = JSON.stringify({ day: '2026-05-01', hour: '9:10', battery: 1 });
    expect((await readingsOf(parted, 'x.json', one))[0]?.at).toBe('2026-05-01T07:00:00.000Z');
    const ended = reading({ sensorId: 'a', time: { path: '@.at', format: 'iso', interval: 'end' } });
    const interval = JSON.stringify({ at: `${at(0)}/${at(3)}`, battery: 1 });
    expect((await readingsOf(ended, 'x.json', interval))[0]?.at).toBe(at(3));
    const local = reading({ sensorId: 'a', time: { path: '@.at', format: 'yyyy-MM-dd HH:mm' } });
    const hours = ['2026-10-25 01:30', '2026-10-25 02:30', '2026-10-25 02:30', '2026-10-25 03:30'];
    const text = hours.map((hour, battery) => JSON.stringify({ at: hour, battery })).join('\n');
    const found = (await readingsOf(local, 'x.json', text)).map((each) => each.at.slice(11, 16));
    expect(found.toSorted()).toEqual(['00:30', '01:30', '02:30', '23:30'].toSorted());
    expect((await rejectsOf(local, JSON.stringify({ at: hours[1], battery: 1 }))).rejects).toEqual([
      [1, 'ambiguous-timestamp', expect.any(String)],
    ]);
  });

  test('members that nothing reads are ignored, or refused where that is said', async () => {
    const fields = { sensorId: '@.id', temperature: '@.air.t' };
    const text = JSON.stringify(record(0, { air: { t: 5, p: 1_013 }, note: 'x' }));
    expect(await readingsOf(reading({ time, fields }), 'x.json', text)).toEqual([
      { ...told(0), temperature: 5 },
    ]);
    const { rejects, totals } = await rejectsOf(reading({ time, fields, others: 'refuse' }), text);
    expect(rejects).toEqual([[1, 'unknown-field', expect.stringContaining('"@.air.p", "@.note"')]]);
    expect(totals.unknownFields).toEqual(['@.air.p', '@.note']);
    const filter = [{ path: '@.note', in: ['x'] }];
    const filtered = await rejectsOf(reading({ time, fields, filter, others: 'refuse' }), text);
    expect(filtered.totals.unknownFields).toEqual(['@.air.p']);
  });

  test('a flag costs the value that it belongs to; where nothing is left, the record is passed over', async () => {
    const flag = { path: '@.q', notIn: ['bad', 9] };
    const fields = { sensorId: '@.id', battery: { path: '@.battery', flag } };
    const dataset = reading({ time, fields, others: 'refuse' });
    const text = [
      record(0, { q: 'ok', temperature: 1 }),
      record(1, { q: 'bad', temperature: 2 }),
      record(2, { temperature: 3 }),
      record(3, { q: 9 }),
      record(4, { q: 9, battery: -999, temperature: 4 }),
      record(5, { q: 'bad', battery: null, temperature: 5 }),
    ].map((each) => JSON.stringify(each));
    expect(await readingsOf(dataset, 'x.json', text.join('\n'))).toEqual([
      { ...told(0), temperature: 1 },
      { sensorId: 'a', at: at(1), temperature: 2 },
      { ...told(2), temperature: 3 },
      { sensorId: 'a', at: at(4), temperature: 4 },
      { sensorId: 'a', at: at(5), temperature: 5 },
    ]);
    const { totals } = await rejectsOf(dataset, text.join('\n'));
    expect(totals).toMatchObject({
      ...{ lines: 5, valid: 5, passedOver: { filtered: 1 } },
      dropped: { gadgets: { battery: { flagged: 1, missing: 1 } } },
    });
  });

  test('a value that is no number costs its measure or its record, as in any line', async () => {
    const dataset = reading({ time, fields: { sensorId: '@.id' } });
    const text = [
      { battery: true },
      { battery: [1] },
      { battery: '82*', temperature: 1 },
      { battery: 101, temperature: 1 },
    ]
      .map((each) => JSON.stringify(record(0, each)))
      .join('\n');
    const { rejects, totals } = await rejectsOf(dataset, text);
    expect(rejects.map(([line, reason]) => [line, reason])).toEqual([
      [1, 'wrong-type'],
      [2, 'wrong-type'],
    ]);
    expect(totals.dropped).toEqual({ gadgets: { battery: { 'wrong-type': 1, 'out-of-range': 1 } } });
  });

  test('an uplink of The Things Stack', async () => {
    const dataset = reading({
      match: '*.ndjson',
      time: { path: '$.received_at', format: 'iso' },
      values: '$.uplink_message.decoded_payload',
      fields: { sensorId: '$.end_device_ids.device_id' },
    });
    const file = new URL('../../../test/fixtures/real-files/json-shapes/ttn.ndjson', import.meta.url);
    expect(await readingsOf(dataset, 'ttn.ndjson', readFileSync(file))).toEqual([
      { sensorId: 'soil-4', at: '2026-05-01T10:00:00.123Z', battery: 80 },
    ]);
  });
});

describe('a format is checked when its dataset loads', () => {
  const sound = { match: '*.json', time } as const;
  test.each<[object, string]>([
    [{ time }, 'formats[0].match is missing; accepted: the files, or in `when` the lines'],
    [{ ...sound, records: 'value[*]' }, 'formats[0].records'],
    [{ ...sound, records: '@.x' }, 'formats[0].records'],
    [{ ...sound, fields: { battery: { path: '@.b', flag: { path: '@.q' } } } }, 'in, or notIn'],
    [{ ...sound, fields: { battery: { path: '@.b', flag: { path: 'q', in: [1] } } } }, 'flag.path'],
    [{ ...sound, paths: {} }, 'formats[0].paths is "paths"'],
    [{ ...sound, when: {} }, 'formats[0].when'],
    [{ ...sound, when: { '$.a': 'there' } }, "'present', or a list"],
    [{ ...sound, when: { '$.a[*]': 'present' } }, 'a path from $ without *'],
    [{ ...sound, time: undefined }, 'formats[0].time is missing'],
    [
      { ...sound, time: { path: 'at', format: 'iso' } },
      'formats[0].time.path is "at"; accepted: a path such as',
    ],
    [{ ...sound, time: { path: '@.at', format: 'ISO' } }, 'formats[0].time.format'],
    [{ ...sound, time: { ...time, zone: 'Mars' } }, 'formats[0].time.zone'],
    [{ ...sound, time: { ...time, interval: 'middle' } }, '"start", "end"'],
    [{ ...sound, fields: { height: '@.h' } }, 'formats[0].fields.height'],
    [{ ...sound, fields: { battery: '@.h[*]' } }, 'a path to one value'],
    [{ ...sound, records: '$.a[*]', fields: { battery: '$.b[*].c[*]' } }, '* only for those of $.a[*]'],
    [{ ...sound, fields: { battery: { path: '@.b', unit: 'cubits' } } }, '"cubits"; accepted: %'],
    [{ ...sound, fields: { battery: { path: '@.b', column: 'b' } } }, 'formats[0].fields.battery.column'],
    [{ ...sound, fields: { sensorId: { key: 1 } } }, 'none where `records` has no *'],
    [
      { ...sound, fields: { sensorId: { path: '$.topic', pattern: 'tele/SENSOR' } } },
      'a text with {sensorId} once',
    ],
    [{ ...sound, fields: { sensorId: '@.id' }, sensorId: 'x' }, 'none where a path has it'],
    [{ ...sound, others: 'reject' }, '"ignore", "refuse"'],
    [{ ...sound, decimal: ',', thousands: ',' }, 'another character than the decimal mark'],
  ])('%j', (format, told) => {
    expect(() => defineDataset({ ...gadgets, formats: [json(format as JsonFormat)] })).toThrow(told);
  });
});
