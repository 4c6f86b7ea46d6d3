import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { emptyFold, foldFurther, pageOfFold } from '../../core/projections/fold.ts';
import { projectionsOf } from '../../core/projections/states.ts';
import type { Columns } from '../../core/set/columns.ts';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import { decodePage, encodePage } from '../../core/statistics/page-bytes.ts';
import { statisticsByDay } from '../../core/statistics/statistics.ts';
import { localDay, monthOf } from '../../core/time/calendar.ts';
import salonBookings from '../../datasets/salon-bookings.ts';
import { syntheticEvents } from '../../producer/synthetic/synthetic-events.ts';
import { median } from '../hot/times.ts';

/**
 * `node bench/streams/fold.ts [--salons 250] [--turns 3]`: CPU an event of what the merge does for the projection of bookings, of a month with a slot every half an hour: states of
 * the days, the month folded from all of them, and from what all but the last two came to, as a process does that merged the others before. See bench/README.md.
 */
const startMs = Date.UTC(2026, 2, 1);
const endMs = Date.UTC(2026, 4, 1);
const month = '2026-04';

function main(argv: string[]): void {
  const { values } = parseArgs({
    args: argv,
    options: { salons: { type: 'string', default: '250' }, turns: { type: 'string', default: '3' } },
  });
  const [salons, turns] = [Number(values.salons), Number(values.turns)];
  if (!(salons >= 1 && turns >= 1)) throw new Error('--salons and --turns take numbers from 1 on');
  const projected = projectionsOf(salonBookings);
  if (projected === undefined) throw new Error('salon-bookings has no projections');
  const days = daysOf(salons);
  const events = days.reduce((sum, { length }) => sum + length, 0);
  const times = new Map<string, number[]>();
  for (let turn = 0; turn <= turns; turn++) {
    const timed = <Value>(name: string, run: () => Value): Value => {
      const before = process.cpuUsage();
      const value = run();
      const { user, system } = process.cpuUsage(before);
      if (turn > 0) times.set(name, [...(times.get(name) ?? []), (user + system) / events]); // the first one compiles
      return value;
    };
    timed('statistics of the days', () => days.map((day) => statisticsByDay(salonBookings, day)));
    const states = timed('states of the days', () => days.map((day) => statisticsByDay(projected, day)));
    const pages = states.map(encodePage).map((bytes) => decodePage(bytes));
    const fold = (before: typeof emptyFold, from: number, to?: number) =>
      foldFurther(projected, before, pages.slice(from, to));
    const whole = timed('the month from all days', () => pageOfFold(projected, fold(emptyFold, 0)));
    const first = fold(emptyFold, 0, -2);
    const further = timed('from the last two on', () => pageOfFold(projected, fold(first, pages.length - 2)));
    if (!Buffer.from(encodePage(whole)).equals(encodePage(further)))
      throw new Error('the two folds come to other bytes');
  }
  console.log(
    `${availableParallelism()} cores (load ${loadavg()[0]?.toFixed(1)}), Node ${process.version}, ${events} events of ${salons} salons, medians of ${turns}, µs of CPU an event of the month`,
  );
  for (const [name, all] of times) console.log(`${name.padEnd(26)}${median(all).toFixed(1).padStart(6)}`);
}

function daysOf(salons: number): Columns[] {
  const builders = new Map<string, ColumnsBuilder>();
  const options = { dataset: salonBookings, seed: 1, sensors: salons, startMs, everyMs: 1_800_000 };
  for (const event of syntheticEvents(options)) {
    if (event.timestampMs >= endMs) break;
    const day = localDay(salonBookings.timeZone, event.timestampMs);
    const builder = builders.get(day) ?? new ColumnsBuilder(salonBookings);
    builders.set(day, builder.add(event) ?? builder);
  }
  return [...builders]
    .filter(([day]) => monthOf(day) === month)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, builder]) => builder.build());
}

main(process.argv.slice(2));
