import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import { json } from '../../core/formats/json-format.ts';
import { pathText } from '../../core/formats/json-path.ts';
import { parseBytes } from '../support/parse-bytes.ts';

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
/** Where a value is, below the record: of names that no other path goes through. */
const paths = fc
  .uniqueArray(name, { minLength: 3, maxLength: 3 })
  .chain((roots) =>
    fc.tuple(...roots.map((root) => fc.array(name, { maxLength: 2 }).map((rest) => [root, ...rest]))),
  );
const measured = fc.record({
  sensorId: fc.constantFrom('a', 'b 2', 'señal'),
  ms: fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
  value: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
});
const layout = fc.record({
  indent: fc.constantFrom(0, 1, 4),
  glue: fc.constantFrom('', '\n', '\r\n', '\n\n'),
  isListed: fc.boolean(),
  chunkBytes: fc.integer({ min: 1, max: 4_000 }),
});

const nested = (path: readonly string[], value: unknown): object =>
  path.reduceRight<unknown>((inner, key) => Object.fromEntries([[key, inner]]), value) as object;

const cases = fc.record({ paths, layout, readings: fc.array(measured, { minLength: 1, maxLength: 8 }) });
const datasetOf = (listed: boolean, [id, at, level]: readonly (readonly string[])[]) => {
  const path = (segments: readonly string[] = []) => pathText({ root: '@', segments });
  return defineDataset({
    ...{ name: 'levels', timeZone: 'UTC', shards: 1, maxUnreadable: 1 },
    measures: { level: { unit: 'm', min: -1e6, max: 1e6 } },
    formats: [
      json({
        match: '*.json',
        ...(listed && { records: '$[*]' }),
        time: { path: path(at), format: 'epoch-ms' },
        fields: { sensorId: path(id), level: path(level) },
      }),
    ],
  });
};
function written({
  paths: [id, at, level],
  layout: { indent, glue, isListed },
  readings,
}: typeof cases extends fc.Arbitrary<infer T> ? T : never): string {
  const records = readings.map(({ sensorId, ms, value }) => ({
    ...nested(id as string[], sensorId),
    ...nested(at as string[], ms),
    ...nested(level as string[], value),
  }));
  const documents = isListed ? [records] : records;
  return documents.map((document) => JSON.stringify(document, null, indent)).join(glue);
}
const told = (reading: { sensorId: string; timestampMs: number; values: readonly (number | null)[] }) =>
  JSON.stringify([reading.sensorId, reading.timestampMs, reading.values[0]]);

test('readings that are written in any shape come back', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (given) => {
      const dataset = datasetOf(given.layout.isListed, given.paths);
      const { outcomes } = await parseBytes(written(given), {
        ...{ key: 'landing/levels/x.json', known: [dataset], chunkBytes: given.layout.chunkBytes },
      });
      expect(outcomes.map(({ reading, detail }) => (reading ? told(reading) : detail))).toEqual(
        given.readings.map(({ sensorId, ms, value }) => JSON.stringify([sensorId, ms, value + 0])),
      );
    }),
  );
});

test('of text that is cut anywhere, or has a line taken out, only readings that were written come back', async () => {
  await fc.assert(
    fc.asyncProperty(
      cases,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
      async (given, share, isCut) => {
        const text = written(given);
        const lines = text.split('\n');
        const kept = isCut
          ? text.slice(0, Math.floor(share * text.length))
          : lines.filter((_, at) => at !== Math.floor(share * lines.length)).join('\n');
        const { outcomes } = await parseBytes(kept, {
          ...{ key: 'landing/levels/x.json', known: [datasetOf(given.layout.isListed, given.paths)] },
        });
        const sound = new Set(
          given.readings.map(({ sensorId, ms, value }) => JSON.stringify([sensorId, ms, value + 0])),
        );
        for (const { reading } of outcomes) if (reading) expect(sound).toContain(told(reading));
      },
    ),
  );
});
