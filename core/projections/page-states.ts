import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { namesOf, readCount, readText, skipText, writeText } from '../statistics/page-texts.ts';
import type { PeriodStatistics } from '../statistics/statistics.ts';
import type { Wanted } from '../statistics/value-counts.ts';

/** Writes the states of each series, by projection; an empty text where it has none. */
export function writeStates(out: ByteWriter, statistics: readonly PeriodStatistics[]): void {
  const names = namesOf(statistics.map(({ states = {} }) => states));
  out.varint(names.length);
  for (const name of names) {
    writeText(out, name);
    for (const { states } of statistics) writeText(out, states?.[name] ?? '');
  }
}

/** Reads what {@link writeStates} writes; the texts of series that are not wanted are passed over. */
export function readStates(reader: ByteReader, { rows, wanted, counts: { length } }: Wanted): void {
  for (const statistics of wanted) statistics.states = {};
  const places = new Map(rows.map((row, index) => [row, wanted[index]]));
  for (let left = readCount(reader); left > 0; left--) {
    const name = readText(reader);
    for (let row = 0; row < length; row++) {
      const statistics = places.get(row);
      if (statistics === undefined) {
        skipText(reader);
        continue;
      }
      const text = readText(reader);
      if (text !== '') statistics.states = { ...statistics.states, [name]: text };
    }
  }
}
