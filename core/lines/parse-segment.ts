import type { Dataset } from '../dataset/dataset.ts';
import type { DroppedValue, Reading } from '../dataset/reading.ts';
import type { RowBuffer } from '../set/row-buffer.ts';
import type { Refusal } from './gate.ts';
import { inflate } from './inflate.ts';
import type { ParseTotals, SegmentSink } from './parse-totals.ts';
import { LineScanner } from './scan/line-scanner.ts';
import { type Identity, OtherLines } from './scan/other-lines.ts';
import { type Origin, originOf, type SegmentSource } from './segment-origin.ts';
import { SegmentReader } from './segment-reader.ts';

interface Segment {
  readonly source: SegmentSource;
  readonly datasets: readonly Dataset[];
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Parses a segment as a stream: NDJSON or CSV by its name, gzip by its name or its first two bytes. Each line that isn't
 * blank ends in one call of the sink. An object that isn't what its name says, is empty, or breaks midway is one
 * rejection at the line where that shows, and the lines before it are kept. Memory: one line of at most 1 MiB, and
 * for gzip at most 64 MiB of its compressed bytes.
 *
 * Of an upload the readings are told at its end, and none of one that is refused; until then they are held. Its rejected lines are told
 * at once, so that they count only where `totals` has them. An upload that is known to be taken (`source.accepted`) is told as it comes.
 * @throws only what reading `bytes`, or the sink, throws
 */
export async function parseSegment(segment: Segment, sink: SegmentSink): Promise<ParseTotals> {
  const origin = originOf(segment.source, segment.datasets);
  const isHeld = origin.maxUnreadable !== undefined && origin.maxUnreadable < 1;
  const held: Parameters<SegmentSink['reading']>[] = [];
  const holding: SegmentSink = {
    reading: (...told) => void held.push(told),
    rejected: (...told) => sink.rejected(...told),
  };
  const reader = new SegmentReader(origin, segment.datasets, isHeld ? holding : sink);
  await readAll(reader, origin, segment.bytes);
  if (reader.totals.refusal === undefined) for (const told of held) sink.reading(...told);
  return reader.totals;
}

/** Why nothing of an upload would be taken; `undefined` when it would be. Nothing of it is held. */
export async function refusalOf(segment: Segment): Promise<Refusal | undefined> {
  const origin = originOf(segment.source, segment.datasets);
  const reader = new SegmentReader(origin, segment.datasets, { reading: () => {}, rejected: () => {} });
  await readAll(reader, origin, segment.bytes);
  return reader.totals.refusal;
}

/**
 * As {@link parseSegment}, with the same outcomes, but straight into rows: NDJSON lines that are as expected become no
 * string and no object. This is what the volume goes through.
 * @param sink.dropped told of each reading that is kept without some of its values
 * @param watch is called before each few hundred kilobytes, with what the ones before came to and how many bytes there are with these, decompressed; what it throws ends the reading
 */
export async function parseSegmentRows(
  segment: Segment,
  sink: Pick<SegmentSink, 'rejected'> & {
    dropped?(lineNumber: number, values: readonly DroppedValue[]): void;
  },
  watch?: (totals: ParseTotals, bytes: number) => void,
): Promise<{ totals: ParseTotals; rows: RowBuffer[] }> {
  const origin = originOf(segment.source, segment.datasets);
  const scanner = new LineScanner(origin, segment.datasets);
  const reader = new SegmentReader(
    origin,
    segment.datasets,
    {
      reading: (lineNumber, dataset, reading, dropped) => {
        scanner.rowsOf(dataset).add(reading);
        if (dropped.length > 0) sink.dropped?.(lineNumber, dropped);
      },
      rejected: (lineNumber, reason, detail, text) => sink.rejected(lineNumber, reason, detail, text),
    },
    {
      taker: origin.format === 'ndjson' && origin.fault === undefined ? scanner : undefined,
      rowsOf: (dataset) => scanner.rowsOf(dataset),
      tellsDropped: sink.dropped !== undefined,
    },
  );
  await readAll(reader, origin, segment.bytes, watch);
  return { totals: reader.totals, rows: reader.totals.refusal === undefined ? scanner.rows : [] };
}

/**
 * As {@link parseSegment} for an upload that is taken, but the sink is told only of readings of one identity, and of rejected lines. JSON
 * lines of other readings become no object.
 */
export async function findReading(segment: Segment, sought: Identity, sink: SegmentSink): Promise<void> {
  const origin = originOf({ ...segment.source, accepted: true }, segment.datasets);
  const isSought = (dataset: Dataset, { sensorId, timestampMs }: Reading) =>
    dataset.name === sought.dataset.name &&
    sensorId === sought.sensorId &&
    timestampMs === sought.timestampMs;
  const reader = new SegmentReader(
    origin,
    segment.datasets,
    {
      reading: (line, dataset, reading, dropped) => {
        if (isSought(dataset, reading)) sink.reading(line, dataset, reading, dropped);
      },
      rejected: (...told) => sink.rejected(...told),
    },
    {
      taker:
        origin.format === 'ndjson' && origin.fault === undefined
          ? new OtherLines(new LineScanner(origin, segment.datasets), sought)
          : undefined,
    },
  );
  await readAll(reader, origin, segment.bytes);
}

async function readAll(
  reader: SegmentReader,
  origin: Origin,
  bytes: AsyncIterable<Uint8Array>,
  watch?: (totals: ParseTotals, bytes: number) => void,
): Promise<void> {
  let length = 0;
  const push = (piece: Uint8Array) => {
    length += piece.length;
    watch?.(reader.totals, length);
    reader.push(piece);
  };
  const { start, all } = await peek(bytes);
  const isGzip = start[0] === 0x1f && start[1] === 0x8b;
  if (isGzip) {
    const fault = await inflate(all, push);
    if (fault === undefined) reader.end();
    else reader.breakOff(fault);
  } else if (origin.namedGzip && start.length > 0) {
    const detail = `the name ends in .gz but the object begins with ${start.toString('hex')}; accepted: 1f8b, gzip`;
    reader.reject(1, 'not-gzip', detail, '');
    for await (const _ of all); // read to the end, so that the caller's stream is not left open
  } else {
    for await (const chunk of all) push(chunk);
    reader.end();
  }
}

/** The first two bytes, which tell gzip, or fewer of a shorter stream, and the whole stream again. */
export async function peek(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ start: Buffer; all: AsyncIterable<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  let start = Buffer.alloc(0);
  while (start.length < 2) {
    const next = await iterator.next();
    if (next.done) break;
    read.push(next.value);
    start = Buffer.concat([start, next.value.subarray(0, 2)]);
  }
  async function* all() {
    yield* read;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { start: start.subarray(0, 2), all: all() };
}
