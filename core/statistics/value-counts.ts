import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
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

/** Reads what {@link writeCounts} writes. @param wanted of each series; those that are not wanted are passed over */
export function readCounts(reader: ByteReader, wanted: readonly (PeriodStatistics | undefined)[]): void {
  for (const statistics of wanted) if (statistics) statistics.counts = {};
  for (let left = readCount(reader); left > 0; left--) {
    const name = readText(reader);
    for (let more = readCount(reader); more > 0; more--) {
      const text = readText(reader);
      for (const statistics of wanted) {
        const count = reader.varint();
        if (count === 0 || statistics?.counts === undefined) continue;
        statistics.counts[name] ??= {};
        (statistics.counts[name] as Record<string, number>)[text] = count; // just made
      }
    }
  }
}
