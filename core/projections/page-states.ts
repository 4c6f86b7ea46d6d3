import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { namesOf, readCount, readText, writeText } from '../statistics/page-texts.ts';
import type { PeriodStatistics } from '../statistics/statistics.ts';

/** Writes the states of each series, by projection; an empty text where it has none. */
export function writeStates(out: ByteWriter, statistics: readonly PeriodStatistics[]): void {
  const names = namesOf(statistics.map(({ states = {} }) => states));
  out.varint(names.length);
  for (const name of names) {
    writeText(out, name);
    for (const { states } of statistics) writeText(out, states?.[name] ?? '');
  }
}

/** Reads what {@link writeStates} writes. @param wanted of each series; those that are not wanted are passed over */
export function readStates(reader: ByteReader, wanted: readonly (PeriodStatistics | undefined)[]): void {
  for (const statistics of wanted) if (statistics) statistics.states = {};
  for (let left = readCount(reader); left > 0; left--) {
    const name = readText(reader);
    for (const statistics of wanted) {
      const text = readText(reader);
      if (text !== '' && statistics !== undefined) statistics.states = { ...statistics.states, [name]: text };
    }
  }
}
