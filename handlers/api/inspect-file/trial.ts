import { type Dataset, defineDataset } from '../../../core/dataset/dataset.ts';
import type { Reading } from '../../../core/dataset/reading.ts';
import { type FileStart, type Inspection, sampleOf } from '../../../core/inspect/inspect-file.ts';
import { parseSegment } from '../../../core/lines/parse-segment.ts';
import { landingKey } from '../../../core/lines/segment-origin.ts';
import { type Preview, previewSegment } from '../../../core/preview/preview-segment.ts';

/** What the dataset that was made for a file makes of the file's start. */
export interface Trial {
  readonly dataset: Dataset;
  readonly preview: Preview;
  /** The first readings. */
  readonly readings: readonly Reading[];
}

/**
 * What the start of a file comes to by the dataset that was made for it, by the code of the ingestion. There must be no question left.
 * @param options.limit readings that are told
 * @param options.nowMs the arrival, UTC ms
 */
export async function tryDataset(
  { definition }: Inspection,
  start: FileStart,
  { limit, nowMs }: { limit: number; nowMs: number },
): Promise<Trial> {
  const dataset = defineDataset(definition);
  const file = start.name ?? 'standard-input.csv';
  const source = { key: landingKey({ dataset, sensorId: undefined, file }), arrivedMs: nowMs };
  async function* bytes() {
    yield sampleOf(start);
  }
  const preview = await previewSegment({ source, dataset, bytes: bytes() }, { examples: 3 });
  const readings: Reading[] = [];
  const reading = (_: number, __: unknown, of: Reading) => {
    if (readings.length < limit) readings.push(of);
  };
  await parseSegment({ source, datasets: [dataset], bytes: bytes() }, { reading, rejected: () => {} });
  return { dataset, preview, readings };
}
