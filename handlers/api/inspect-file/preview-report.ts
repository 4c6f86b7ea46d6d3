import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { Reading } from '../../../core/dataset/reading.ts';
import { valueOfNumber } from '../../../core/dataset/typed-field.ts';
import type { PeriodPreview } from '../../../core/preview/period-totals.ts';
import type { Preview, SensorPreview } from '../../../core/preview/preview-segment.ts';
import { completenessOf, instant, type Summary, statisticsRow, unitsOf } from '../answers/statistics-row.ts';

/** A preview for machines: days and months are rows as the API answers them. */
export function previewReport(dataset: Dataset, { file, key, preview }: PreviewedFile) {
  const { totals, sensors } = preview;
  const { refusal, columns, passedOver, unknownFields, unterminated } = totals;
  return {
    file,
    key,
    dataset: dataset.name,
    timeZone: dataset.timeZone,
    units: unitsOf(dataset),
    ...(refusal && { refusal }),
    lines: totals.lines,
    accepted: totals.valid,
    rejected: { byReason: totals.rejected, examples: preview.rejected },
    dropped: { byMeasure: totals.dropped[dataset.name] ?? {}, examples: preview.dropped },
    ...(columns && { columns }),
    ...(passedOver && { passedOver }),
    ...(unknownFields && { unknownFields }),
    ...(unterminated && { unterminated }),
    readings: preview.readings,
    repeated: preview.repeated,
    superseded: preview.superseded,
    contested: {
      count: preview.contested.count,
      examples: preview.contested.examples.map(({ kept, others }) => ({
        sensorId: kept.sensorId,
        timestamp: instant(kept.timestampMs),
        kept: contentOf(dataset, kept),
        others: others.map((other) => contentOf(dataset, other)),
      })),
    },
    ...spanOf(sensors),
    sensors: sensors.map(({ sensorId, count, firstMs, lastMs, months }) => ({
      ...{ sensorId, count, first: instant(firstMs), last: instant(lastMs) },
      months: rowsOf(dataset, months, () => ({ sensorId })),
    })),
    days: rowsOf(dataset, preview.days, ofAll),
    months: rowsOf(dataset, preview.months, ofAll),
  };
}

/** A file, where it would land, and what it would come to. */
export interface PreviewedFile {
  readonly file: string;
  /** Of the raw bucket. */
  readonly key: string;
  readonly preview: Preview;
}

const ofAll = ({ counts }: PeriodPreview) => ({ sensors: counts.length });

/** The measures and attributes that a reading has. */
export function contentOf(dataset: Dataset, { values, attributes, withdrawn }: Reading) {
  const named = (names: readonly string[], all: readonly (number | string | null)[]) =>
    names.flatMap((name, at) => (all[at] == null ? [] : [[name, all[at]] as const]));
  return {
    ...Object.fromEntries([
      ...named(dataset.measureNames, values).map(
        ([name, value]) => [name, valueOfNumber(dataset.measures[name]?.type, value as number)] as const, // a number
      ),
      ...named(dataset.attributeNames, attributes),
    ]),
    ...(withdrawn && { withdrawn }),
  };
}

/** The first and the last instant of all sensors; `null` without a reading. */
export function spanOf(sensors: readonly SensorPreview[]): { first: string | null; last: string | null } {
  if (sensors.length === 0) return { first: null, last: null };
  const firstMs = sensors.reduce((least, each) => Math.min(least, each.firstMs), Number.POSITIVE_INFINITY);
  const lastMs = sensors.reduce((most, each) => Math.max(most, each.lastMs), 0);
  return { first: instant(firstMs), last: instant(lastMs) };
}

/** Periods as the API answers them, where there is nothing but this file. */
export function rowsOf(
  dataset: Dataset,
  periods: readonly PeriodPreview[],
  of: (period: PeriodPreview) => Summary['of'],
) {
  const summaries = periods.map((each) => ({
    ...{ period: each.period, statistics: each.statistics, of: of(each) },
    completeness: completenessOf(dataset, each.period, each.counts),
  }));
  return summaries.map((summary, at) => statisticsRow(summary, { before: summaries[at - 1] }));
}
