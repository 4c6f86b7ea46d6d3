import type { Dataset } from '../../core/dataset/dataset.ts';
import type { Reading } from '../../core/dataset/reading.ts';
import { parseSegment } from '../../core/lines/parse-segment.ts';
import { uploadedMsOf } from '../../core/lines/segment-origin.ts';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import type { SegmentOpener } from '../../ports/objects.ts';
import type { RawObject } from './raw-objects.ts';

/** Reads a raw object for its readings, each with the second part of its rank (UTC ms). @returns that part */
export async function eachReading(
  segments: SegmentOpener,
  object: RawObject,
  datasets: readonly Dataset[],
  take: (dataset: Dataset, reading: Reading, uploadedMs: number) => void,
): Promise<number> {
  const { bytes, ...known } = await segments.open(object);
  const source = { key: object.key, ...known };
  const uploadedMs = uploadedMsOf(source);
  await parseSegment(
    { source, datasets, bytes },
    { reading: (_, dataset, reading) => take(dataset, reading, uploadedMs), rejected: () => {} },
  );
  return uploadedMs;
}

/** The builder of a dataset's set, which is made when it is first asked for. */
export function builderOf(builders: Map<Dataset, ColumnsBuilder>, dataset: Dataset): ColumnsBuilder {
  const builder = builders.get(dataset) ?? new ColumnsBuilder(dataset);
  builders.set(dataset, builder);
  return builder;
}
