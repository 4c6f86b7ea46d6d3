import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAsInspected } from '../../test/support/inspected.ts';

/** What headers have, and what they should not: names twice, none, of what every object has, and with what stands for something in a format. */
const name = fc.constantFrom(
  ...['time', 'Date', 'Date/Time', 'station', 'id', 'T (°C)', 'T (°C)', 'RH %', 'avg', 'max', 'min', '', '', 'unit', 'value', 'parameter'],
  ...['toLocaleString', '__proto__', 'propertyIsEnumerable', 'sensorId', '*', 'a*b*c*d*e*f', '{sensorId}', 'x {sensorId} {sensorId}', '1', '10', "it's [odd]", '#', 'x'.repeat(1_200), 'é'],
); // biome-ignore format: short
const cell = (row: number) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.double({ noNaN: true }).map(String) },
    { weight: 4, arbitrary: fc.constantFrom('1.5', '2', '-999', '2,5', '', 'A', 'B', 'NaN', '°C', '123456789012345678', '1e300', '{sensorId}', '*') },
    { weight: 2, arbitrary: fc.constant(`2026-06-13 ${String(row % 24).padStart(2, '0')}:00`) },
    { weight: 1, arbitrary: fc.constantFrom(`${1781344800 + row * 60}`, `13.06.2026`, `1${row % 10}:00`, `46186,${row}`) },
  ); // biome-ignore format: short

/** Columns of one kind each, mostly. */
const table = fc
  .record({
    width: fc.integer({ min: 2, max: 6 }),
    headers: fc.integer({ min: 0, max: 4 }),
    rows: fc.integer({ min: 1, max: 8 }),
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    preamble: fc.array(fc.constantFrom('', 'sep=;', '# Station: A', 'Station;B', 'x', 'Station: {sensorId}'), { maxLength: 2 }),
  })
  .chain(({ width, headers, rows, delimiter, preamble }) =>
    fc.record({
      names: fc.array(fc.array(name, { minLength: width, maxLength: width }), { minLength: headers, maxLength: headers }),
      columns: fc.tuple(...Array.from({ length: width }, () => fc.oneof(
        fc.tuple(...Array.from({ length: rows }, (_, row) => cell(row))),
        fc.constant(Array.from({ length: rows }, (_, row) => `2026-06-13 ${String(row).padStart(2, '0')}:00`)),
        fc.array(fc.double({ min: -50, max: 50, noNaN: true }).map((value) => value.toFixed(1)), { minLength: rows, maxLength: rows }),
      ))),
    }).map(({ names, columns }) => [
      ...preamble,
      ...names.map((line) => line.join(delimiter)),
      ...Array.from({ length: rows }, (_, row) => columns.map((column) => column[row]).join(delimiter)),
    ].join('\n')),
  ); // biome-ignore format: short

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.constantFrom<unknown>('2026-06-13T00:00:00Z', '2026-06-13 01:00', 1781344800, 1781344800000, null, true, 'A', '1,5', 1e300, '°C')),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(name, fc.constantFrom('time', 'time_server', 'start', 'step', 'values', 'ts', '1781344800', '1781345100', '@iot.id', 'columns', 'data')), tie('value'), { maxKeys: 5 }),
  ),
})).value.map((value) => JSON.stringify(value)); // biome-ignore format: short

/** The texts with which an inspection says that nothing can be made of a file. */
const answers = { zone: '+01:00', sensorId: 's', order: 'day-first', decimal: '.' } as const;

test.each([['a.csv', table], ['a.json', json]] as const)('whatever %s is, it is told in words', async (file, content) => {
  await fc.assert(
    fc.asyncProperty(content, async (text) => {
      try {
        await readAsInspected(file, text, answers)
      } catch (fault) {
        // What is said of a file is an error without a name of its own, made by the support.
        expect((fault as Error).name).toBe('Error');
        expect((fault as Error).message).not.toMatch(/can't be declared|undefined|\[object/);
      }
    }),
    { numRuns: Number(process.env.CAUDAL_FUZZ_RUNS ?? 300) },
  );
}); // biome-ignore format: short

test('however deep a document is, it is told in words', async () => {
  const nested = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
  for (const text of [nested(100_000), `{"time":"2026-01-01T00:00:00Z","a":${nested(100_000)}}`])
    await expect(readAsInspected('a.json', text, answers)).rejects.toThrow(/^no value of it/);
});
