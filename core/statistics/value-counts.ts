import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { pickVarints } from './page-columns.ts';
import { namesOf, readCount, readText, writeText } from './page-texts.ts';
import type { PeriodStatistics } from './statistics.ts';

/** Writes how many events of each series have each text of the attributes that are lists. */
export function writeCounts(out: ByteWriter, statistics: readonly PeriodStatistics[]): void {
  const attributes = namesOf(statistics.map(({ counts = {} }) => counts));
  out.varint(attributes.length);
  for (const name of attributes) {
    writeText(out, name);
    const texts = namesOf(statistics.map(({ counts }) => counts?.[name] ?? {}));
    out.varint(texts.length);
    for (const text of texts) {
      writeText(out, text);
      for (const { counts } of statistics) out.varint(counts?.[name]?.[text] ?? 0);
    }
  }
}

/** The wanted series of a page, in order, and how many readings each series has. */
export interface Wanted {
  /** Which series of the page they are. */
  readonly rows: readonly number[];
  readonly wanted: readonly PeriodStatistics[];
  /** Of all series, wanted or not. */
  readonly counts: Float64Array;
}

/** Reads what {@link writeCounts} writes; series that are not wanted are passed over. */
export function readCounts(reader: ByteReader, { rows, wanted, counts: { length } }: Wanted): void {
  for (const statistics of wanted) statistics.counts = {};
  for (let left = readCount(reader); left > 0; left--) {
    const name = readText(reader);
    for (let more = readCount(reader); more > 0; more--) {
      const text = readText(reader);
      const column = pickVarints(reader, length, rows);
      for (const [index, { counts = {} }] of wanted.entries()) {
        const count = column[index] as number; // one for each
        if (count === 0) continue;
        counts[name] ??= {};
        (counts[name] as Record<string, number>)[text] = count; // just made
      }
    }
  }
}
