import type { Dataset } from '../../core/dataset/dataset.ts';
import { encodeReading, type Reading } from '../../core/dataset/reading.ts';
import type { Random } from './random.ts';

type Spoil = (
  fields: Record<string, unknown>,
  measure: string,
  dataset: Dataset,
  line: string,
) => string | undefined;

/** Ways to spoil a reading, each a mistake that a device or its driver makes; `undefined` where one does not apply. */
const spoils: Readonly<Record<string, Spoil>> = {
  'missing-field': (fields) => JSON.stringify({ ...fields, timestamp: undefined }),
  'text-for-number': (fields, measure) =>
    JSON.stringify({ ...fields, [measure]: String(fields[measure] ?? 0) }),
  'out-of-range': (fields, measure, dataset) => {
    const max = dataset.measures[measure]?.max ?? 0;
    return JSON.stringify({ ...fields, [measure]: max + Math.abs(max) + 1 });
  },
  'invalid-timestamp': (fields) =>
    JSON.stringify({ ...fields, timestamp: String(fields.timestamp).replace(/-\d\d-/, '-13-') }),
  sentinel: (fields, measure, { missing }) =>
    missing.length === 0 ? undefined : JSON.stringify({ ...fields, [measure]: missing[0] }),
  'invalid-sensor-id': (fields) => JSON.stringify({ ...fields, sensorId: `../${fields.sensorId}` }),
  truncated: (_, __, ___, line) => line.slice(0, Math.ceil(line.length * 0.6)),
};

/** The kinds of invalid lines. */
export const invalidKinds = Object.keys(spoils);

/** A line that stands for the reading and that the pipeline must reject, of a kind chosen at random. */
export function invalidLine(dataset: Dataset, reading: Reading, random: Random): string {
  const line = encodeReading(dataset, reading);
  const measure = dataset.measureNames[random.below(dataset.measureNames.length)] ?? '';
  for (;;) {
    const kind = invalidKinds[random.below(invalidKinds.length)] ?? '';
    const spoiled = spoils[kind]?.(JSON.parse(line), measure, dataset, line);
    if (spoiled !== undefined) return spoiled;
  }
}
