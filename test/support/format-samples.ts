import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Dataset, defineDataset } from '../../core/dataset/dataset.ts';
import type { TextFormat } from '../../core/formats/text-format.ts';

const folder = join(import.meta.dirname, '..', 'fixtures', 'formats');

/** The made-up files of `test/fixtures/formats/`, by the name of their format. */
export const formatSamples: ReadonlyMap<string, Buffer> = new Map(
  readdirSync(folder).map((file) => [file.replace(/\.\w+$/, ''), readFileSync(join(folder, file))]),
);

/** The sample of a format. @throws where there is none */
export function sampleOf(name: string): Buffer {
  const sample = formatSamples.get(name);
  if (sample === undefined) throw new Error(`no sample of ${name} in test/fixtures/formats/`);
  return sample;
}

/** A dataset of optional measures, by their units, that reads its files by one format. */
export function datasetOf(format: TextFormat, units: Readonly<Record<string, string>>): Dataset {
  const measure = (unit: string) => ({ unit, min: -1_000, max: 10_000, optional: true });
  return defineDataset({
    ...{ name: 'sample', timeZone: 'Europe/Madrid', shards: 1, formats: [format] },
    measures: Object.fromEntries(Object.entries(units).map(([name, unit]) => [name, measure(unit)])),
  });
}
