import type { PeriodStatistics } from '../../core/statistics/statistics.ts';
import { sameStatistics } from '../../handlers/ingest/merge-partition/day-statistics.ts';

/** In words, the first value in which stored statistics are unlike those that follow from the readings. */
export function statisticsDifference(
  stored: PeriodStatistics,
  computed: PeriodStatistics,
): string | undefined {
  if (sameStatistics(stored, computed)) return undefined;
  const is = values(stored);
  const should = values(computed);
  const names = [...new Set([...should.keys(), ...is.keys()])];
  const unlike = names.filter((name) => is.get(name) !== should.get(name));
  const [first = 'count'] = unlike;
  const more = unlike.length > 1 ? `, and ${unlike.length - 1} more values differ` : '';
  return `${first} is ${is.get(first) ?? 'missing'} where the readings give ${should.get(first) ?? 'none'}${more}`;
}

/** Each value by a name such as `temperature.mean`. */
function values({ count, measures, alerts }: PeriodStatistics): Map<string, number> {
  const found = new Map([['count', count]]);
  for (const [name, of] of [...Object.entries(measures), ...Object.entries(alerts)]) {
    for (const [field, value] of Object.entries(of)) found.set(`${name}.${field}`, value + 0); // -0 is stored as 0
  }
  return found;
}
