import { mean, type PeriodStatistics, standardDeviation } from '../../core/statistics/statistics.ts';

/** A series as DuckDB tells it. */
type Row = Record<string, unknown>;

/** Compares Caudal's statistics with DuckDB's, and says so. @throws Error at the first difference */
export function sameStatistics(ours: ReadonlyMap<string, PeriodStatistics>, rows: readonly Row[]): string {
  if (ours.size !== rows.length) throw new Error(`${ours.size} series here, ${rows.length} in DuckDB`);
  for (const row of rows) {
    const id = String(row.sensorId);
    const own = ours.get(id);
    const temperature = own?.measures.temperature;
    const deviation = own?.measures.deviation;
    if (!own || !temperature || !deviation) throw new Error(`${id} is only in DuckDB`);
    const pairs: [string, number, unknown][] = [
      ['count', own.count, row.count],
      ['mean', mean(temperature), row.mean],
      ['variance', standardDeviation(temperature) ** 2, row.variance],
      ['min', temperature.min, row.min],
      ['minAt', temperature.minAt, row.minAt],
      ['max', temperature.max, row.max],
      ['mean of deviation', mean(deviation), row.mean2],
      ['variance of deviation', standardDeviation(deviation) ** 2, row.variance2],
      ['min of deviation', deviation.min, row.min2],
      ['max of deviation', deviation.max, row.max2],
    ];
    for (const [what, found, other] of pairs) {
      // Sums in another order differ in their last digits.
      if (!(Math.abs(found - Number(other)) <= 1e-9 * Math.max(1, Math.abs(found))))
        throw new Error(`${id}: ${what} is ${found} here and ${other} in DuckDB`);
    }
  }
  const readings = rows.reduce((sum, row) => sum + Number(row.count), 0);
  return `same statistics: ${rows.length} series, ${readings} readings`;
}
