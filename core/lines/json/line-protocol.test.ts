import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outcomesOf, readingsOf } from '../../../test/support/file-readings.ts';
import { parseBytes } from '../../../test/support/parse-bytes.ts';
import { defineDataset } from '../../dataset/dataset.ts';
import type { DatasetDefinition } from '../../dataset/definition.ts';
import { json } from '../../formats/json-format.ts';
import { readPoint } from './line-protocol.ts';

const raw = String.raw;
const fieldOf = (written: string) => {
  const point = readPoint(`m v=${written} 1`);
  return 'kind' in point ? point.reason : point.fields.v;
};

describe('a point', () => {
  test('has measurement, tags, fields and timestamp', () => {
    const line = raw`weather,station=a\,b temperature=21.5,humidity=48i,ok=t,note="x y" 1556813561098000000`;
    expect(readPoint(line)).toEqual({
      measurement: 'weather',
      tags: { station: 'a,b' },
      fields: { temperature: 21.5, humidity: 48, ok: true, note: 'x y' },
      timestamp: '1556813561098000000',
    });
  });

  test('may have neither tags nor a timestamp, and several spaces between its parts', () => {
    expect(readPoint('m v=1')).toEqual({ measurement: 'm', tags: {}, fields: { v: 1 } });
    const point = { measurement: 'm', tags: { a: 'b' }, fields: { v: 1 }, timestamp: '-5' };
    expect(readPoint('  m,a=b   v=1  -5 ')).toEqual(point);
  });

  test.each([
    ['measurement', raw`a\,b\ c\=d v=1`, { measurement: raw`a,b c\=d` }],
    ['measurement, with an equals sign', 'a=b v=1', { measurement: 'a=b' }],
    ['tag', raw`m,t\,a\ g\=1=x\,y\ z\=1 v=1`, { tags: { 't,a g=1': 'x,y z=1' } }],
    ['tag, with backslashes that escape nothing', raw`m,dir=C:\new\\dir v=1`, { tags: { dir: raw`C:\new\\dir` } }],
    ['tag, with a backslash before an escape', raw`m,a=x\\,y v=1`, { tags: { a: raw`x\,y` } }],
    ['tag, with quotes', `m,a="x" v=1`, { tags: { a: '"x"' } }],
    ['field', raw`m f\,a\ b\=c=1`, { fields: { 'f,a b=c': 1 } }],
    ['text', raw`m v="a\"b\\c, d=e \n \\\" #"`, { fields: { v: raw`a"b\c, d=e \n \" #` } }],
    ['text that ends in a backslash', raw`m v="C:\\",w=1`, { fields: { v: 'C:\\', w: 1 } }],
    ['text without characters', 'm v=""', { fields: { v: '' } }],
    ['name that objects have', 'm,constructor=a __proto__=1', { tags: { constructor: 'a' }, fields: { ['__proto__']: 1 } }],
  ])('of a %s has the characters that are escaped', (_, line, parts) => {
    expect(readPoint(line)).toMatchObject(parts);
  }); // biome-ignore format: a case a line

  test.each<[string, unknown]>([
    ['1', 1],
    ['-1.5', -1.5],
    ['+.5', 0.5],
    ['1.', 1],
    ['-1.234456e+78', -1.234456e78],
    ['2E-3', 0.002],
    ['48i', 48],
    ['-9223372036854775808i', -(2 ** 63)],
    ['9007199254740993i', 2 ** 53], // the double next to it, as JSON.parse has it
    ['18446744073709551615u', 2 ** 64],
    ...['t', 'T', 'true', 'True', 'TRUE'].map((text): [string, unknown] => [text, true]),
    ...['f', 'F', 'false', 'False', 'FALSE'].map((text): [string, unknown] => [text, false]),
    ['"t"', 't'],
  ])('has %s as its value', (written, value) => {
    expect(fieldOf(written)).toBe(value);
  });

  test.each(
    ['9223372036854775808i', '18446744073709551616u', '-1u', '1.5i', '1e3i', 'i', 'NaN', 'inf', '0x10', '1,5', 'tRUE', "'a'", '.', '1e', '', 'a"b"'],
  )('has no value %s', (written) => {
    expect(fieldOf(written)).toBe('not-line-protocol');
  }); // biome-ignore format: a list

  test.each([
    [',a=b v=1', 'it has no measurement'],
    ['m', 'it has no field'],
    ['m,a=b', 'it has no field'],
    ['m,a v=1', 'tag "a" has no value'],
    ['m,a= v=1', 'tag "a" has no value'],
    ['m,=b v=1', 'a tag has no name'],
    ['m,a=b=c v=1', 'behind a tag stands "=c v=1"'],
    ['m, v=1', 'a tag has no name'],
    ['m v', 'field "v" has no value'],
    ['m v=1,', 'a field has no name'],
    ['m v="a', 'the text of field "v" has no quote at its end'],
    ['m v="a"b', 'behind a field stands "b"'],
    ['m v=1 w=2', 'behind its fields stands "w=2", which is no timestamp'],
    ['m v=1 1.5', 'behind its fields stands "1.5", which is no timestamp'],
    ['m v=1 1 2', 'behind its fields stands "1 2", which is no timestamp'],
    ['m v=1 99999999999999999999', 'which is no timestamp'],
    [raw`m,a=ends\ v=1 1`, 'behind a tag stands "=1 1"'],
  ])('is none: %s', (line, what) => {
    expect(readPoint(line)).toMatchObject({ reason: 'not-line-protocol', detail: expect.stringContaining(what) });
  }); // biome-ignore format: a case a line

  test('with a tag or a field twice is rejected', () => {
    for (const [line, name] of [['m,a=1,a=1 v=1', 'tag "a"'], ['m v=1,v=2', 'field "v"']] as const)
      expect(readPoint(line)).toMatchObject({ reason: 'unknown-field', detail: expect.stringContaining(name) });
  }); // biome-ignore format: a case a line

  test('of a mebibyte takes no longer than its length', () => {
    const long = 1_000_000;
    for (const line of [`m v=${'1'.repeat(long)}x`, `m v=${'1'.repeat(long)}i`, `m,a=${raw`\,`.repeat(long / 2)} v=1`, `m v="${raw`\"`.repeat(long / 2)}`])
      expect(readPoint(line)).toBeDefined();
  }); // biome-ignore format: a case a line
});

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter((text) => !/[\n\r]|\\$|^\s/.test(text) && text !== '__proto__'); // biome-ignore format: short
const escaped = (text: string) => text.replace(/[,= ]/g, raw`\$&`);

test('a point that is written comes back', () => {
  const value = fc.oneof(
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((number) => [String(number), number + 0] as const), // 0 for -0, which is written as 0
    fc.maxSafeInteger().map((number) => [`${number}i`, number] as const),
    fc.boolean().map((truth) => [String(truth), truth] as const),
    fc
      .string({ unit: 'grapheme' })
      .filter((text) => !/[\n\r]/.test(text))
      .map((text) => [`"${text.replace(/["\\]/g, raw`\$&`)}"`, text] as const),
  );
  const point = fc.record({
    measurement: name.filter((text) => !/[,= ]/.test(text) || !text.includes('=')),
    tags: fc.dictionary(name, name),
    fields: fc.dictionary(name, value, { minKeys: 1 }),
    timestamp: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String), { nil: undefined }),
  }); // biome-ignore format: a member a line
  fc.assert(
    fc.property(point, ({ measurement, tags, fields, timestamp }) => {
      const tagged = Object.entries(tags).map(([key, tag]) => `,${escaped(key)}=${escaped(tag)}`);
      const measured = Object.entries(fields).map(([key, [written]]) => `${escaped(key)}=${written}`);
      const line = `${escaped(measurement)}${tagged.join('')} ${measured.join(',')}`;
      expect(readPoint(timestamp === undefined ? line : `${line} ${timestamp}`)).toEqual({
        ...{ measurement, tags: { ...tags } },
        fields: Object.fromEntries(Object.entries(fields).map(([key, [, read]]) => [key, read])),
        ...(timestamp !== undefined && { timestamp }),
      });
    }),
  );
});

describe('a file of points', () => {
  const levels = (more: Partial<DatasetDefinition> = {}) =>
    defineDataset({
      ...{ name: 'levels', timeZone: 'UTC', shards: 1, maxUnreadable: 1 },
      measures: { level: { unit: 'm', min: 0, max: 1e6 } },
      formats: [
        json({
          ...{ match: '*.lp', syntax: 'line-protocol', values: '$.fields' },
          time: { path: '$.timestamp', format: 'epoch-ns' },
          fields: { sensorId: '$.tags.gauge' },
        }),
      ],
      ...more,
    });
  const point = 'tide,gauge=a level=12345 1777629600000000000';

  test('is read in chunks of any size, with a mark and lines of Windows', async () => {
    const text = `\ufeff${point}\r\n\r\n # a remark\r\n${point.replace('gauge=a', 'gauge=señal')}\r\n`;
    for (const chunkBytes of [1, 7, 65_536]) {
      const { outcomes } = await parseBytes(text, { key: 'landing/levels/x.lp', known: [levels()], chunkBytes });
      expect(outcomes.map(({ line, reading }) => [line, reading?.sensorId])).toEqual([[1, 'a'], [4, 'señal']]);
    }
  }); // biome-ignore format: short

  test('that is cut anywhere has no reading that was not written', async () => {
    for (let length = 1; length < point.length; length++) {
      const { readings, rejected } = await outcomesOf(
        levels(),
        'x.lp',
        `${point}\n${point.slice(0, length)}`,
      );
      expect([readings.length, rejected], String(length)).toEqual([1, ['2 truncated']]);
    }
    expect(await readingsOf(levels(), 'x.lp', point)).toHaveLength(1);
  });

  test('names the line that is none, and reads the others', async () => {
    const text = `${point}\n{"level":1}\n${'x'.repeat(1_048_577)}\n${point}\n`;
    const { readings, rejected } = await outcomesOf(levels(), 'x.lp', text);
    expect([readings.length, rejected]).toEqual([2, ['2 not-line-protocol', '3 line-too-long']]);
    const spoilt = Buffer.concat([Buffer.from('tide,gauge='), Buffer.from([0xff]), Buffer.from(' level=1 1\n')]);
    expect((await outcomesOf(levels(), 'x.lp', spoilt)).rejected).toEqual(['1 not-utf8']);
  }); // biome-ignore format: short

  test('has points without a timestamp where the time of arrival may be theirs', async () => {
    const text = `${point}\ntide,gauge=b level=1\n`;
    expect((await outcomesOf(levels(), 'x.lp', text)).rejected).toEqual(['2 missing-field']);
    const { outcomes } = await parseBytes(text, {
      ...{ key: 'landing/levels/x.lp', known: [levels({ time: 'arrival' })] },
      arrivedMs: Date.parse('2026-06-01T00:00:00Z'),
    });
    expect(outcomes.map(({ reading }) => reading && new Date(reading.timestampMs).toISOString())).toEqual([
      '2026-05-01T10:00:00.000Z',
      '2026-06-01T00:00:00.000Z',
    ]);
  });
});
