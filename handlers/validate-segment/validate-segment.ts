import { ColumnsBuilder } from '../../core/columns.ts';
import type { Dataset } from '../../core/dataset.ts';
import { parseSegment } from '../../core/parse.ts';
import { encodeParts } from '../../core/parts.ts';
import { toJsonBytes } from '../json-objects.ts';
import { partsKey, rejectsKey } from '../layout.ts';
import type { SegmentTask } from '../plan-ingest/plan-ingest.ts';
import type { Clock, ObjectRemover, ObjectWriter, SegmentOpener, UploadOpener } from '../ports.ts';
import type { SegmentLedger } from '../record-ports.ts';
import { RejectsFile } from './rejects-file.ts';

export interface ValidatePorts {
  segments: SegmentOpener;
  objects: ObjectWriter & ObjectRemover & UploadOpener;
  ledger: SegmentLedger;
  clock: Pick<Clock, 'nowMs'>;
}

/** What one segment came to. `lines = valid + rejected`. */
export interface SegmentOutcome {
  segmentId: string;
  state: 'Completed';
  lines: number;
  valid: number;
  rejected: number;
  /** Key of the object that holds the valid readings, `null` when there are none. */
  parts: string | null;
  /** Where in that object its index is: JSON, an array of core's part entries; `end` is not included. */
  index: { start: number; end: number } | null;
  partitions: number;
}

/**
 * ValidateSegment: reads one raw object line by line and leaves its valid readings as staged parts, its rejects as a file, and
 * its account in the ledger. Each is written under a key of the segment's own, so that a repeated run overwrites, and the
 * account goes last: what it counts is there.
 *
 * Memory: the readings as columns (some 20 bytes and 8 a measure each, twice over while they are encoded), and one chunk's lines.
 *
 * @throws {SegmentMissing} when the object is not there
 */
export function createValidateSegment(
  ports: ValidatePorts & { curatedBucket: string; datasets: readonly Dataset[] },
): (task: SegmentTask) => Promise<SegmentOutcome> {
  const { curatedBucket: bucket, datasets } = ports;
  return async (task) => {
    const { jobId, segmentId } = task;
    const segment = { bucket: task.bucket, key: task.key, versionId: task.versionId };
    const rejects = new RejectsFile(ports.objects, { bucket, key: rejectsKey(segmentId) });
    const builders = new Map<Dataset, ColumnsBuilder>();
    try {
      const totals = await parseSegment(
        { source: { key: task.key }, datasets, bytes: draining(await ports.segments.open(segment), rejects) },
        {
          reading(_line, dataset, reading) {
            let builder = builders.get(dataset);
            if (builder === undefined) {
              builder = new ColumnsBuilder(dataset);
              builders.set(dataset, builder);
            }
            builder.add(reading);
          },
          rejected(line, reason, detail, text) {
            rejects.add({ ...segment, line, reason, detail, text });
          },
        },
      );
      const staged = await stage(
        ports.objects,
        { bucket, key: partsKey(jobId, segmentId) },
        datasets,
        builders,
      );
      const file = await rejects.close();
      const account = { segmentId, segment, ...totals, ...(file === undefined ? {} : { rejectsKey: file }) };
      const updatedAt = new Date(ports.clock.nowMs()).toISOString();
      await ports.ledger.record(account, { jobId, updatedAt });
      const rejected = totals.lines - totals.valid;
      return { segmentId, state: 'Completed', lines: totals.lines, valid: totals.valid, rejected, ...staged };
    } catch (fault) {
      await rejects.abort();
      throw fault;
    }
  };
}

/** The chunks; before each of them the rejects of the ones before are handed on, so that they don't pile up. */
async function* draining(
  chunks: AsyncIterable<Uint8Array>,
  rejects: RejectsFile,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    await rejects.drain();
    yield chunk;
  }
}

/** Writes the readings of all datasets as one object: the parts, then their index. */
async function stage(
  objects: ObjectWriter,
  location: { bucket: string; key: string },
  datasets: readonly Dataset[],
  builders: ReadonlyMap<Dataset, ColumnsBuilder>,
): Promise<Pick<SegmentOutcome, 'parts' | 'index' | 'partitions'>> {
  const sets = datasets.flatMap((dataset) => {
    const builder = builders.get(dataset);
    return builder ? { dataset, columns: builder.build() } : [];
  });
  if (sets.length === 0) return { parts: null, index: null, partitions: 0 };
  const { bytes, index } = encodeParts(sets);
  const indexBytes = toJsonBytes(index);
  await objects.write({
    ...location,
    bytes: Buffer.concat([bytes, indexBytes]),
    contentType: 'application/octet-stream',
  });
  const end = bytes.length + indexBytes.length;
  return { parts: location.key, index: { start: bytes.length, end }, partitions: index.length };
}
