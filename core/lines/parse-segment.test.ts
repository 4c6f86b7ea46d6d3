import { describe, expect, test } from 'vitest';
import { parseBytes } from '../../test/support/parse-bytes.ts';

const good = {
  dataset: 'water-temperature',
  sensorId: 'a',
  timestamp: '2024-01-03T00:00:00Z',
  temperature: 12.5,
  deviation: 0.25,
};
const line = (fields: Record<string, unknown>) => JSON.stringify({ ...good, ...fields });
const raw = (name: string, literal: string) => line({ [name]: '@' }).replace('"@"', literal);

describe('a line of NDJSON', () => {
  test('is a reading', async () => {
    const { outcomes, totals } = await parseBytes(`${JSON.stringify(good)}\n`);
    expect(outcomes).toEqual([
      {
        line: 1,
        dataset: 'water-temperature',
        reading: {
          sensorId: 'a',
          timestampMs: Date.UTC(2024, 0, 3),
          revision: 0,
          values: [12.5, 0.25],
          attributes: [],
        },
      },
    ]);
    expect(totals).toMatchObject({ lines: 1, valid: 1, rejected: {} });
  });

  test.each([
    ['not-json', 'nonsense', 'nonsense'],
    ['not-an-object', '[1]', '[1]'],
    ['not-an-object', 'null', 'null'],
    ['unknown-dataset', line({ dataset: 'nope' }), 'stock-ticks'],
    [
      'missing-field',
      line({ dataset: undefined }),
      'dataset is missing; accepted: gadget-telemetry, reservations, salon-bookings, stock-ticks, ',
    ],
    ['wrong-type', line({ dataset: 7 }), 'dataset is 7'],
    ['missing-field', line({ temperature: undefined }), 'temperature is missing'],
    ['missing-field', line({ temperature: undefined, temprature: 5 }), 'found instead: "temprature"'],
    ['missing-field', line({ temperature: null }), 'temperature is null'],
    ['missing-field', line({ sensorId: undefined }), 'sensorId is missing'],
    ['missing-field', line({ timestamp: undefined }), 'timestamp is missing'],
    ['unknown-field', line({ salinity: 1 }), '"salinity" is not a field'],
    ['unknown-field', `${JSON.stringify(good).slice(0, -1)},"__proto__":{"temperature":1}}`, '"__proto__"'],
    ['unknown-field', line({ constructor: 1 }), '"constructor"'],
    ['wrong-type', line({ temperature: '12' }), 'temperature is "12"; accepted: a number from -5 to 45'],
    ['wrong-type', line({ temperature: [12] }), 'temperature is [12]'],
    ['wrong-type', line({ timestamp: 1_704_240_000_000 }), 'timestamp is 1704240000000'],
    ['wrong-type', line({ sensorId: true }), 'sensorId is true'],
    ['not-finite', raw('temperature', '1e999'), 'temperature is Infinity'],
    ['not-finite', raw('temperature', '-1e999'), 'temperature is -Infinity'],
    ['out-of-range', line({ temperature: 45.1 }), 'from -5 to 45 (°C)'],
    ['out-of-range', line({ temperature: -5.1 }), 'temperature is -5.1'],
    ['missing', line({ temperature: -999 }), 'temperature is -999'],
    ['missing', raw('temperature', '-999.0'), 'temperature is -999'],
    ['invalid-timestamp', line({ timestamp: '2024-02-30T00:00:00Z' }), '"2024-02-30T00:00:00Z"'],
    ['invalid-timestamp', line({ timestamp: '2024-01-03T00:00:00' }), 'Z or an offset'],
    ['too-early', line({ timestamp: '1969-12-31T23:59:59Z' }), '1970'],
    ['invalid-sensor-id', line({ sensorId: '..' }), 'sensorId is "..": in a path'],
    ['invalid-sensor-id', line({ sensorId: 1.5 }), 'sensorId is 1.5: a number that is not whole'],
    ['invalid-sensor-id', line({ sensorId: '' }), 'sensorId is ""'],
    ['invalid-sensor-id', line({ sensorId: 'a'.repeat(129) }), 'sensorId'],
    ['invalid-sensor-id', line({ sensorId: 'a\nb' }), 'U+000A'],
    ['invalid-revision', line({ revision: -1 }), 'revision is -1'],
    ['invalid-revision', line({ revision: 2 ** 31 }), 'from 0 to 2147483647'],
    ['invalid-revision', line({ revision: 1.5 }), 'revision is 1.5'],
    ['invalid-revision', line({ revision: '1' }), 'revision is "1"'],
  ])('is rejected as %s: %s', async (reason, text, detail) => {
    const { outcomes, totals } = await parseBytes(
      `${JSON.stringify(good)}\n${text}\n${JSON.stringify(good)}\n`,
    );
    expect(outcomes.map((outcome) => outcome.reason)).toEqual([undefined, reason, undefined]);
    expect(outcomes[1]).toMatchObject({ line: 2, text });
    expect(outcomes[1]?.detail).toContain(detail);
    expect(totals).toMatchObject({ lines: 3, valid: 2, rejected: { [reason]: 1 } });
  });

  test('stores -0 as 0', async () => {
    const { outcomes } = await parseBytes(`${raw('temperature', '-0.0')}\n`);
    expect(Object.is(outcomes[0]?.reading?.values[0], 0)).toBe(true);
  });

  test.each([
    ['2,"temperature":3', 'temperature'],
    ['2,"temper\\u0061ture" : 2', 'temperature'],
    ['2,"":1,"":2', ''],
  ])('is rejected for a key that is there twice: %s', async (values, key) => {
    const { outcomes } = await parseBytes(`${raw('temperature', values)}\n`);
    expect(outcomes).toMatchObject([
      { reason: 'unknown-field', detail: expect.stringContaining(`${JSON.stringify(key)} is given twice`) },
    ]);
  });

  test('has keys of its own in each object, and texts that look like keys', async () => {
    const inner = raw('temperature', '2,"a":{"temperature":1},"b":["temperature"],"c":"\\"temperature\\":1"');
    const { outcomes } = await parseBytes(`${inner}\n`);
    expect(outcomes[0]?.detail).toContain('"a", "b", "c" is not a field');
    expect(({} as Record<string, unknown>).temperature).toBeUndefined();
  });

  test("reads a dataset's other name of the sensor, and refuses both names", async () => {
    const tick = {
      dataset: 'stock-ticks',
      timestamp: '2024-01-03T15:00:00Z',
      SECTOR: 'ENERGY',
      CHANGE: 1,
      PRICE: 2,
    };
    const lines = [
      { ...tick, TICKER_SYMBOL: 'XYZ' },
      { ...tick, sensorId: 'XYZ' },
      { ...tick, sensorId: 'XYZ', TICKER_SYMBOL: 'XYZ' },
      { ...tick, TICKER_SYMBOL: 'X\tY' },
      { ...tick, TICKER_SYMBOL: 'XYZ', SECTOR: 'x'.repeat(65) },
      { ...tick, TICKER_SYMBOL: 'XYZ', SECTOR: '\ud800' },
    ];
    const { outcomes } = await parseBytes(lines.map((record) => JSON.stringify(record)).join('\n'));
    expect(outcomes[0]?.reading).toEqual(outcomes[1]?.reading);
    expect(outcomes[0]?.reading?.attributes).toEqual(['ENERGY']);
    const reasons = outcomes.slice(2).map((outcome) => outcome.reason);
    expect(reasons).toEqual(['unknown-field', 'invalid-sensor-id', 'out-of-range', 'not-utf8']);
  });

  test('may say that it is withdrawn, with values or without', async () => {
    const line = (more: object) =>
      `${JSON.stringify({ dataset: 'water-temperature', sensorId: 's', timestamp: '2024-01-01T00:00:00Z', ...more })}\n`;
    const { outcomes } = await parseBytes(
      line({ withdrawn: true }) +
        line({ withdrawn: true, temperature: 1, deviation: 0, revision: 2 }) +
        line({ withdrawn: false, temperature: 1, deviation: 0 }) +
        line({ withdrawn: false }) +
        line({ withdrawn: 1, temperature: 1, deviation: 0 }) +
        line({ withdrawn: true, temperature: 1e9 }),
    );
    expect(outcomes.map(({ reading, reason }) => reason ?? [reading?.withdrawn, reading?.values])).toEqual([
      [true, [null, null]],
      [true, [1, 0]],
      [undefined, [1, 0]],
      'missing-field',
      'wrong-type',
      'out-of-range',
    ]);
  });

  test('may say so in a column of CSV', async () => {
    const { outcomes } = await parseBytes(
      'Fecha,Medida,Desviaciones,withdrawn\n2024/1/1,,,true\n2024/1/2,1,0,false\n2024/1/3,1,0,\n2024/1/4,1,0,si\n',
      { key: 'landing/water-temperature/x.csv' },
    );
    expect(outcomes.map(({ reading, reason }) => reason ?? [reading?.withdrawn, reading?.values])).toEqual([
      [true, [null, null]],
      [undefined, [1, 0]],
      [undefined, [1, 0]],
      'wrong-type',
    ]);
  });

  test('may leave out what is optional, or give null', async () => {
    const base =
      '"dataset":"gadget-telemetry","sensorId":"g","timestamp":"2024-01-03T00:00:00Z","battery":1,"signal":-1';
    const { outcomes } = await parseBytes(`{${base}}\n{${base},"temperature":null,"firmware":null}\n`);
    expect(outcomes[0]?.reading).toMatchObject({ values: [1, -1, null], attributes: [null] });
    expect(outcomes[1]?.reading).toEqual(outcomes[0]?.reading);
  });
});

describe('an object', () => {
  const text = JSON.stringify(good);

  test.each([
    ['LF', `${text}\n${text}\n`],
    ['CRLF', `${text}\r\n${text}\r\n`],
    ['a byte order mark', `\ufeff${text}\n${text}\n`],
    ['no newline at the end', `${text}\n${text}`],
  ])('with %s has two lines', async (_, body) => {
    for (const chunkBytes of [1, 7, 65_536]) {
      const { outcomes } = await parseBytes(body, { chunkBytes });
      expect(outcomes.map((outcome) => outcome.line)).toEqual([1, 2]);
      expect(outcomes.every((outcome) => outcome.reading)).toBe(true);
    }
  });

  test('has blank lines, which number but do not count', async () => {
    const { outcomes, totals } = await parseBytes(`\n${text}\n \t\n\r\n${text}\n\n`);
    expect(outcomes.map((outcome) => outcome.line)).toEqual([2, 5]);
    expect(totals.lines).toBe(2);
  });

  test('that is cut off has a truncated last line', async () => {
    const { outcomes } = await parseBytes(`${text}\n${text.slice(0, 60)}`);
    expect(outcomes.map((outcome) => outcome.reason)).toEqual([undefined, 'truncated']);
    expect(outcomes[1]).toMatchObject({ line: 2, text: text.slice(0, 60) });
  });

  test('that is cut off is shown by its end, which is where it broke', async () => {
    const start = text.slice(0, 60);
    const { outcomes } = await parseBytes(`${start} \t\r`);
    expect(outcomes[0]).toMatchObject({ reason: 'truncated', text: `${start} \t` });
    expect(outcomes[0]?.detail).toBe(
      `the last line breaks off: ${JSON.stringify(`${start} \t`.slice(-40))}; accepted: whole JSON`,
    );
  });

  test('that is empty is one rejection', async () => {
    for (const key of ['raw/x', 'raw/x.gz', 'landing/water-temperature/x.csv']) {
      const { outcomes, totals } = await parseBytes('', { key });
      expect(outcomes).toMatchObject([{ line: 1, reason: 'empty-object' }]);
      expect(totals).toMatchObject({ lines: 1, valid: 0, rejected: { 'empty-object': 1 } });
    }
  });

  test('with bytes that are not UTF-8 loses that line only; a real replacement character is text', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${text}\n`),
      Buffer.from([0x22, 0xff, 0x22, 10]),
      Buffer.from(text),
    ]);
    const { outcomes } = await parseBytes(bytes);
    expect(outcomes.map((outcome) => outcome.reason)).toEqual([undefined, 'not-utf8', undefined]);
    const replaced = await parseBytes('"\ufffd"\n');
    expect(replaced.outcomes[0]?.reason).toBe('not-an-object');
  });

  test('with a line of 2 MB keeps the lines around it', async () => {
    const body = `${text}\n${'x'.repeat(2_000_000)}\n${text}\n`;
    for (const chunkBytes of [1_000, 65_536, 10_000_000]) {
      const { outcomes } = await parseBytes(body, { chunkBytes });
      expect(outcomes.map(({ line, reason }) => [line, reason])).toEqual([
        [1, undefined],
        [2, 'line-too-long'],
        [3, undefined],
      ]);
      expect(outcomes[1]?.text).toBe('x'.repeat(1_024));
    }
  });

  test('may have a line of exactly 1 MiB, and not one byte more', async () => {
    const exact = text + ' '.repeat(1_048_576 - text.length);
    const { outcomes } = await parseBytes(`\ufeff${exact}\r\n${exact} \n${exact}`, { chunkBytes: 100_000 });
    expect(outcomes.map((outcome) => outcome.reason)).toEqual([undefined, 'line-too-long', undefined]);
  });

  test('with a bound line does not hold what follows it: 200 MB in one line', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const chunk = Buffer.alloc(1_000_000, 120);
    const { parseSegment } = await import('./parse-segment.ts');
    let most = 0;
    async function* bytes() {
      for (let at = 0; at < 200; at++) {
        yield chunk;
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      }
    }
    const totals = await parseSegment(
      { source: { key: 'raw/x', arrivedMs: 0 }, datasets: [], bytes: bytes() },
      { reading: () => {}, rejected: () => {} },
    );
    expect(totals).toMatchObject({ lines: 1, valid: 0, rejected: { 'line-too-long': 1 } });
    expect(most).toBeLessThan(20_000_000);
  });

  test('stops where the sink throws', async () => {
    const { parseSegment } = await import('./parse-segment.ts');
    const { gzipSync } = await import('node:zlib');
    for (const body of [Buffer.from('[]\n'), gzipSync('[]\n')]) {
      const failing = parseSegment(
        {
          source: { key: 'raw/x', arrivedMs: 0 },
          datasets: [],
          bytes: (async function* () {
            yield body;
          })(),
        },
        {
          reading: () => {},
          rejected: () => {
            throw new Error('the sink is full');
          },
        },
      );
      await expect(failing).rejects.toThrow('the sink is full');
    }
  });
});

test('fields that nothing reads are named once each, the first twenty, and shortened', async () => {
  const names = [...Array.from({ length: 25 }, (_, index) => `f${index}`), 'x'.repeat(100)];
  const lines = [line({}), line({ ['y'.repeat(70)]: 1 }), ...names.map((name) => line({ [name]: 1, f0: 1 }))];
  const { totals } = await parseBytes(`${lines.join('\n')}\n`);
  expect(totals).toMatchObject({ valid: 1, rejected: { 'unknown-field': 27 } });
  expect(totals.unknownFields).toEqual([
    'y'.repeat(64),
    ...Array.from({ length: 19 }, (_, index) => `f${index}`),
  ]);
  expect((await parseBytes(`${line({})}\n`)).totals).not.toHaveProperty('unknownFields');
});
