import { gzipSync } from 'node:zlib';
import { projectionsOf } from '../../core/projections/states.ts';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import { encodePage } from '../../core/statistics/page-bytes.ts';
import { mergeStatistics, type PeriodStatistics, statisticsByDay } from '../../core/statistics/statistics.ts';
import { localDay, monthOf } from '../../core/time/calendar.ts';
import salonBookings from '../../datasets/salon-bookings.ts';
import { syntheticEvents } from '../../producer/synthetic/synthetic-events.ts';

/**
 * `node bench/streams/projection-pages.ts`: bytes an entity of the pages of the projection of bookings, compressed as the table has them, by how many bookings
 * begin in a day. 50 salons of two months; days and months of the second. See bench/README.md.
 */
const salons = 50;
const startMs = Date.UTC(2026, 2, 1);
const endMs = Date.UTC(2026, 4, 1);
const projected = projectionsOf(salonBookings);
if (projected === undefined) throw new Error('salon-bookings has no projections');

/** Bytes an entity, compressed and not. */
function bytesOf(page: ReadonlyMap<string, PeriodStatistics>): [stored: number, plain: number] {
  const bytes = encodePage(page);
  return [gzipSync(bytes, { level: 6 }).length / page.size, bytes.length / page.size];
}

const row = (...cells: (string | number)[]) =>
  console.log(cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(0) : cell).padStart(12)).join(''));

row('hours apart', 'events', 'of a day', 'plain', 'events', 'of a month', 'plain');
for (const everyHours of [6, 2, 0.5]) {
  const builders = new Map<string, ColumnsBuilder>();
  const options = {
    dataset: salonBookings,
    seed: 1,
    sensors: salons,
    startMs,
    everyMs: everyHours * 3_600_000,
  };
  for (const event of syntheticEvents(options)) {
    if (event.timestampMs >= endMs + 14 * 86_400_000) break;
    const day = localDay(salonBookings.timeZone, event.timestampMs);
    const builder = builders.get(day) ?? new ColumnsBuilder(salonBookings);
    builders.set(day, builder.add(event) ?? builder);
  }
  const days = [...builders]
    .filter(([day]) => monthOf(day) === '2026-04')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const pages = days.map(([, builder]) => statisticsByDay(projected, builder.build()));
  const names = [...new Set(pages.flatMap((page) => [...page.keys()]))].sort();
  const month = new Map(
    names.map((name) => [
      name,
      mergeStatistics(
        projected,
        pages.flatMap((page) => page.get(name) ?? []),
      ),
    ]),
  );
  const events = [...month.values()].reduce((sum, { count }) => sum + count, 0);
  const sizes = pages.map(bytesOf);
  const mean = (of: number) => sizes.reduce((sum, each) => sum + (each[of] ?? 0), 0) / sizes.length;
  row(
    String(everyHours),
    events / salons / pages.length,
    mean(0),
    mean(1),
    events / salons,
    ...bytesOf(month),
  );
}
