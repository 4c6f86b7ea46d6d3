import { inflate } from '../../../core/lines/inflate.ts';
import { LineSplitter } from '../../../core/lines/line-splitter.ts';
import { peek } from '../../../core/lines/parse-segment.ts';
import { originOf } from '../../../core/lines/segment-origin.ts';
import type { Segment } from '../../../ports/keys.ts';
import type { SegmentOpener } from '../../../ports/objects.ts';

/** Some lines of a raw object, byte for byte as they are in it, without what ends them. */
export interface RawLines {
  /** By line number, from 1; without lines of more than 1 MiB. */
  readonly lines: ReadonlyMap<number, Buffer>;
  /** The first line that is not blank: the header of a CSV file. */
  readonly first: { readonly number: number; readonly bytes: Buffer } | undefined;
}

/** Reads the wanted lines of one raw object, gzip or not. Memory: the wanted lines. */
export async function readRawLines(
  segments: SegmentOpener,
  segment: Segment,
  wanted: ReadonlySet<number>,
): Promise<RawLines> {
  const lines = new Map<number, Buffer>();
  let first: RawLines['first'];
  const splitter = new LineSplitter(
    {
      line(number, bytes) {
        const isFirst = first === undefined && bytes.some((byte) => byte !== 32 && byte !== 9);
        if (!isFirst && !wanted.has(number)) return;
        const kept = Buffer.from(bytes); // the splitter reuses its own
        if (isFirst) first = { number, bytes: kept };
        if (wanted.has(number)) lines.set(number, kept);
      },
      tooLong() {
        // Nobody can fix a line of over 1 MiB: it stays out.
      },
    },
    { returnEnds: originOf(segment, []).format === 'csv' },
  );
  const { start, all } = await peek((await segments.open(segment)).bytes);
  if (start[0] === 0x1f && start[1] === 0x8b) await inflate(all, (piece) => splitter.push(piece));
  else for await (const chunk of all) splitter.push(chunk);
  splitter.end();
  return { lines, first };
}
