import type { Dataset } from '../../core/dataset/dataset.ts';
import type { Reading } from '../../core/dataset/reading.ts';
import { parseSegmentRows } from '../../core/lines/parse-segment.ts';
import { uploadedMsOf } from '../../core/lines/segment-origin.ts';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import type { SegmentOpener } from '../../ports/objects.ts';
import type { RawObject } from './raw-objects.ts';

/**
 * Reads a raw object for its readings, each with the second part of its rank (UTC ms); repeats included, one dataset after the other.
 * Memory: its readings as rows of numbers, by the way that the ingestion reads it, and one of them as an object.
 * @returns that part of the rank
 */
export async function eachReading(
  segments: SegmentOpener,
  object: RawObject,
  datasets: readonly Dataset[],
  take: (dataset: Dataset, reading: Reading, uploadedMs: number) => void,
): Promise<number> {
  const { bytes, ...known } = await segments.open(object);
  const source = { key: object.key, ...known };
  const uploadedMs = uploadedMsOf(source);
  const { rows } = await parseSegmentRows({ source, datasets, bytes }, { rejected: () => {} });
  for (const of of rows)
    for (let row = 0; row < of.length; row++) take(of.dataset, of.readingAt(row), uploadedMs);
  return uploadedMs;
}

/** The builder of a dataset's set, which is made when it is first asked for. */
export function builderOf(builders: Map<Dataset, ColumnsBuilder>, dataset: Dataset): ColumnsBuilder {
  const builder = builders.get(dataset) ?? new ColumnsBuilder(dataset);
  builders.set(dataset, builder);
  return builder;
}
