import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { Quantile } from '../../../core/statistics/quantiles.ts';
import type { StatisticsRow } from '../contract/datasets.ts';
import type { AnswerOf } from '../contract/routes.ts';
import { type CsvValue, csvOf } from '../http/csv.ts';

const measureColumns = ['count', 'mean', 'standardDeviation', 'min', 'minAt', 'max', 'maxAt'] as const;
const differenceColumns = ['mean', 'min', 'max'] as const;

/**
 * A page of statistics as CSV (RFC 4180): a row a period, or a series and period, a column a value, named by its path in the JSON:
 * `temperature.mean`, `temperature.difference.max`, `alerts.high-deviation.count`. What is absent is empty.
 */
export function statisticsCsv(
  dataset: Dataset,
  page: AnswerOf<'queryStatistics'>,
  { bySensor, quantiles }: { bySensor: boolean; quantiles: readonly Quantile[] },
): string {
  const columns = columnsOf(dataset, page.period === 'month' && !bySensor, quantiles);
  return csvOf([
    columns.map(([name]) => name),
    ...page.statistics.map((row) => columns.map(([, of]) => of(row))),
  ]);
}

type Column = readonly [name: string, of: (row: StatisticsRow) => CsvValue];

function columnsOf(dataset: Dataset, hasDifferences: boolean, quantiles: readonly Quantile[]): Column[] {
  const columns: Column[] = [
    ['period', (row) => row.period],
    ['sensorId', (row) => row.sensorId],
    ['sensors', (row) => row.sensors],
    ['silent', (row) => row.silent],
    ['count', (row) => row.count],
    ['contested', (row) => row.contested],
    ['completeness', (row) => row.completeness],
  ];
  if (hasDifferences) columns.push(['monthBefore', (row) => row.monthBefore]);
  for (const measure of dataset.measureNames.filter((name) => dataset.measures[name]?.type === undefined)) {
    for (const name of measureColumns)
      columns.push([`${measure}.${name}`, (row) => row.measures[measure]?.[name]]);
    for (const { name } of quantiles)
      columns.push([`${measure}.quantiles.${name}`, (row) => row.measures[measure]?.quantiles?.[name]]);
    if (!hasDifferences) continue;
    for (const name of differenceColumns) {
      columns.push([`${measure}.difference.${name}`, (row) => row.measures[measure]?.difference?.[name]]);
    }
  }
  for (const rule of Object.keys(dataset.alerts)) {
    for (const name of ['count', 'worst', 'worstAt'] as const) {
      columns.push([`alerts.${rule}.${name}`, (row) => row.alerts[rule]?.[name]]);
    }
  }
  for (const [name, { values = [] }] of Object.entries(dataset.attributes))
    for (const text of values) columns.push([`counts.${name}.${text}`, (row) => row.counts?.[name]?.[text]]);
  return columns;
}
