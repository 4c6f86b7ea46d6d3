import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { DroppedCounts, RejectReason } from '../../../core/dataset/reading.ts';
import { sumDropped } from '../../../core/lines/dropped-values.ts';
import type { Refusal } from '../../../core/lines/gate.ts';
import { parseSegmentRows } from '../../../core/lines/parse-segment.ts';
import type { ParseTotals } from '../../../core/lines/parse-totals.ts';
import { encodeStaged } from '../../../core/partition/parts.ts';
import type { RowBuffer } from '../../../core/set/row-buffer.ts';
import type { CpuClock } from '../../../ports/clock.ts';
import { SegmentTooLarge } from '../../../ports/faults.ts';
import { firstRecordMs, partsKey, rejectsKey, type Segment } from '../../../ports/keys.ts';
import type { ObjectRemover, ObjectWriter, SegmentOpener, UploadOpener } from '../../../ports/objects.ts';
import type { FileNotes, Holding, MeantLines } from '../../../ports/records.ts';
import type { SegmentTask } from '../state-inputs.ts';
import { holdingsOf } from './holdings.ts';
import { RejectsFile } from './rejects-file.ts';

export interface ValidatePorts {
  segments: SegmentOpener;
  objects: ObjectWriter & ObjectRemover & UploadOpener;
  clock: CpuClock;
}

/**
 * CPU that one object may take, in ms: of the function's 40 s on one vCPU what is left is for S3. CPU and not time, because what the object takes is
 * the same each time, and how long S3 takes is not.
 */
const mostCpuMs = 34_000;
/** Of it, kept for each reading: to sort, encode and write it takes some 2 µs once all are read. */
const stagingMs = 0.003;
/** Pieces of some hundred kilobytes between two looks at the clock: to sum up the CPU of all threads takes up to a millisecond while others run. */
const piecesALook = 8;

/** What one segment came to. `lines = valid + rejected`; of a refused one all counts are 0. */
export interface SegmentOutcome {
  segmentId: string;
  state: 'Completed' | 'Refused';
  lines: number;
  valid: number;
  rejected: number;
  /** `rejected` by reason; only reasons that occurred. */
  reasons: Partial<Record<RejectReason, number>>;
  /** Values left out of the valid readings, but for empty ones. */
  dropped: number;
  /** All of them, by dataset, measure and reason. */
  droppedValues: DroppedCounts;
  /** Why nothing of it is taken, of a refused one. */
  refusal?: Refusal;
  /** As {@link FileNotes} has them. */
  notes?: FileNotes;
  /** Key of the file of the rejected lines, `null` when there are none. */
  rejects: string | null;
  /** Key of the object that holds the valid readings, `null` when there are none. */
  parts: string | null;
  /** Where in that object its index is: JSON, an array of core's part entries; `end` is not included. */
  index: { start: number; end: number } | null;
  partitions: number;
  /** When the object was uploaded, UTC ms; absent where it is read again, and in an answer that an earlier version remembers. */
  arrivedMs?: number;
  /** Of an object that the stream wrote: its bytes, decompressed, and in what time they came; absent as `arrivedMs` is. */
  gathered?: { bytes: number; ms: number };
  /** What the valid readings are of; absent in an answer that an earlier version remembers. */
  holds?: readonly Holding[];
  /** The rejected lines by what they are meant for; absent as `holds` is. */
  meant?: readonly MeantLines[];
}

/**
 * ValidateSegment: reads one raw object line by line and leaves its valid readings as staged parts and its rejects as a file, each
 * under a key of the segment's own, so that a repeated run overwrites.
 *
 * Memory: the readings as columns (12 bytes and 8 a measure each, up to twice that for room to grow), the same again in the order of
 * the parts, and one chunk's lines.
 *
 * @throws {SegmentMissing} when the object is not there
 * @throws {SegmentForbidden} when it may not be read
 * @throws {SegmentTooLarge} when it has more than can be read
 */
export function createValidateSegment(
  ports: ValidatePorts & { curatedBucket: string; datasets: readonly Dataset[] },
): (task: SegmentTask) => Promise<SegmentOutcome> {
  const { curatedBucket: bucket, datasets } = ports;
  return async (task) => {
    const { jobId, segmentId } = task;
    const segment = { bucket: task.bucket, key: task.key, versionId: task.versionId };
    const rejects = new RejectsFile(ports.objects, { bucket, key: rejectsKey(segmentId) }, segment);
    try {
      const { bytes, ...known } = await ports.segments.open(segment);
      const startMs = ports.clock.cpuMs();
      let pieces = 0;
      let size = 0;
      const watch = ({ lines, valid }: ParseTotals, bytesRead: number): void => {
        size = bytesRead;
        if (pieces++ % piecesALook > 0) return;
        if (ports.clock.cpuMs() - startMs + valid * stagingMs > mostCpuMs)
          throw new SegmentTooLarge(tooLarge(segment, lines));
      };
      const { totals, rows } = await parseSegmentRows(
        { source: { key: task.key, ...known }, datasets, bytes: draining(bytes, rejects) },
        { rejected: (line, reason, detail, text) => rejects.add(line, reason, detail, text) },
        watch,
      );
      const { refusal, columns, passedOver, unterminated, unknownFields } = totals;
      if (refusal !== undefined) await rejects.discard(); // the file is told of as a whole
      const closing = rejects.close(); // the rejects go out while the parts are encoded
      closing.catch(() => undefined); // it is awaited below, unless staging fails first
      const staged = await stage(ports.objects, { bucket, key: partsKey(jobId, segmentId) }, rows);
      const file = await closing;
      const { lines, valid, rejected: reasons, dropped: droppedValues } = totals;
      const dropped = sumDropped(droppedValues);
      const counts = { lines, valid, rejected: lines - valid, reasons, dropped, droppedValues };
      const [holds, { meant, withoutText }] = [holdingsOf(rows), rejects];
      const notes = {
        ...(columns && { columns }),
        ...(passedOver && { passedOver }),
        ...(unterminated && { unterminated }),
        ...(unknownFields && { unknownFields }),
        ...(withoutText > 0 && { withoutText }),
      };
      const beganMs = firstRecordMs(task.key);
      const gathered = beganMs !== undefined && { gathered: { bytes: size, ms: known.arrivedMs - beganMs } };
      const arrival = task.run === '' ? { arrivedMs: known.arrivedMs, ...gathered } : {};
      const told = { ...counts, rejects: file ?? null, ...staged, holds, meant, notes, ...arrival };
      if (refusal !== undefined) return { segmentId, state: 'Refused', refusal, ...told };
      return { segmentId, state: 'Completed', ...told };
    } catch (fault) {
      await rejects.abort();
      throw fault;
    }
  };
}

/** What to do, by what was read within the bounds: a part of half of it is read with ease. */
function tooLarge({ key }: Segment, lines: number): string {
  const most = Math.max(1, Math.floor(lines / 2));
  return key.startsWith('landing/')
    ? `${key} has more than can be read at once: nothing of it is taken. Its first ${lines} lines took all the time that there is. Split it into files of at most ${most} lines, each with the header where there is one, and upload those under other names`
    : `${key} has more than can be read at once: nothing of it is taken. Its first ${lines} lines took all the time that there is. Lower caudal:bufferMiB, so that the stream writes smaller objects, and send what this one holds again`;
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
  rows: readonly RowBuffer[],
): Promise<Pick<SegmentOutcome, 'parts' | 'index' | 'partitions'>> {
  if (rows.length === 0) return { parts: null, index: null, partitions: 0 };
  const sets = rows.map((buffer) => ({ dataset: buffer.dataset, rows: buffer.sorted() }));
  const { bytes, index, indexStart } = encodeStaged(sets);
  await objects.write({ ...location, bytes, contentType: 'application/octet-stream' });
  return {
    parts: location.key,
    index: { start: indexStart, end: bytes.length },
    partitions: index.length,
  };
}
