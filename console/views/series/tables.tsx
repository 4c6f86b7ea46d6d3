import type { ComponentChildren } from 'preact';
import { useText } from '../../app/context.ts';
import { count, measured, share } from '../../parts/format.ts';
import { Opening } from '../../parts/opening.tsx';
import { Table } from '../../parts/table.tsx';
import { localTime } from '../../parts/time.ts';
import { lowerBound } from './decimate.ts';
import type { Readings } from './readings.ts';
import type { Row } from './statistics-source.ts';

/** Rows that a table of the page has; CSV has all. */
export const shownRows = 500;

interface StatisticsTableProps {
  readonly rows: readonly Row[];
  readonly measure: string;
  readonly unit: string;
  readonly quantiles: boolean;
}

/** The numbers of the chart. */
export function StatisticsTable({ rows, measure, unit, quantiles }: StatisticsTableProps) {
  const text = useText();
  const words = text.series;
  const of = (row: Row) => row.measures[measure];
  const value = (name: 'mean' | 'min' | 'max' | 'standardDeviation', title: string) => ({
    name,
    title: `${title} (${unit})`,
    number: true,
    cell: (row: Row) => measured(of(row)?.[name] ?? Number.NaN),
    by: (row: Row) => of(row)?.[name],
  });
  const withValue = rows.filter((row) => of(row) !== undefined);
  const table = (caption: string) => (
    <>
      {withValue.length > shownRows && <p class="about">{words.first(count(shownRows))}</p>}
      <Table
        caption={caption}
        nothing={words.empty}
        rows={withValue.slice(0, shownRows)}
        keyOf={({ period, sensorId }) => `${period} ${sensorId}`}
        columns={[
          { name: 'period', title: words.period, cell: ({ period }) => period, by: ({ period }) => period },
          {
            name: 'sensor',
            title: text.sensor,
            cell: ({ sensorId, sensors }) => sensorId ?? words.merged(sensors ?? 0),
            by: ({ sensorId, sensors }) => sensorId ?? sensors,
          },
          {
            name: 'count',
            title: text.readings,
            number: true,
            cell: (row) => count(of(row)?.count ?? 0),
            by: (row) => of(row)?.count,
          },
          value('mean', words.mean),
          value('standardDeviation', words.deviation),
          value('min', words.min),
          value('max', words.max),
          ...(quantiles
            ? ['0.05', '0.5', '0.95'].map((quantile) => ({
                name: quantile,
                title: `${Number(quantile) * 100} %`,
                number: true,
                cell: (row: Row) => measured(of(row)?.quantiles?.[quantile] ?? Number.NaN),
              }))
            : []),
          {
            name: 'completeness',
            title: text.completeness,
            number: true,
            cell: ({ completeness }) => (completeness === undefined ? '' : share(completeness)),
            by: ({ completeness }) => completeness,
          },
          {
            name: 'contested',
            title: text.contested,
            number: true,
            cell: ({ contested }) => count(contested),
            by: ({ contested }) => contested,
          },
        ]}
      />
    </>
  );
  return <Numbers summary={words.numbers(count(withValue.length))} table={table} />;
}

/** A table that is made once it is opened: to make it takes longer than to draw a chart of a million readings, which is drawn at each step of a zoom. */
export function Numbers({
  summary,
  table,
}: {
  summary: string;
  table: (caption: string) => ComponentChildren;
}) {
  return (
    <Opening name="numbers" class="numbers" summary={summary}>
      {() => table(summary)}
    </Opening>
  );
}

interface ReadingsTableProps {
  readonly series: ReadonlyMap<string, Readings>;
  readonly span: readonly [number, number];
  readonly unit: string;
  readonly timeZone: string;
}

/** The readings of the part of the chart that is shown. */
export function ReadingsTable({ series, span, unit, timeZone }: ReadingsTableProps) {
  const text = useText();
  const shown = [...series].map(([sensor, { points, contested }]) => {
    const first = lowerBound(points, span[0]);
    return { sensor, points, contested, first, length: lowerBound(points, span[1]) - first };
  });
  const total = shown.reduce((sum, { length }) => sum + length, 0);
  const each = Math.ceil(shownRows / Math.max(1, series.size));
  const rowsOf = ({ sensor, points, contested, first, length }: (typeof shown)[number]) => {
    const marked = new Set(contested);
    return Array.from({ length: Math.min(each, length) }, (_, index) => ({
      sensor,
      at: points.x[first + index] ?? 0,
      value: points.y[first + index] ?? Number.NaN,
      contested: marked.has(first + index),
    }));
  };
  const table = (caption: string) => {
    const rows = shown.flatMap(rowsOf);
    return (
      <>
        {total > rows.length && <p class="about">{text.series.first(count(rows.length))}</p>}
        <Table
          caption={caption}
          nothing={text.series.empty}
          rows={rows}
          keyOf={({ sensor, at }) => `${sensor} ${at}`}
          columns={[
            {
              name: 'time',
              title: `${text.time} (${timeZone})`,
              cell: ({ at }) => localTime(at, timeZone),
              by: ({ at }) => at,
            },
            { name: 'sensor', title: text.sensor, cell: ({ sensor }) => sensor, by: ({ sensor }) => sensor },
            {
              name: 'value',
              title: `${text.value} (${unit})`,
              number: true,
              cell: ({ value }) => (Number.isNaN(value) ? '' : measured(value)),
              by: ({ value }) => value,
            },
            {
              name: 'contested',
              title: text.contested,
              cell: ({ contested }) => (contested ? text.yes : ''),
            },
          ]}
        />
      </>
    );
  };
  return <Numbers summary={text.series.numbers(count(total))} table={table} />;
}
