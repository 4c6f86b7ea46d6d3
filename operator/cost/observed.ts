import { billedBytes } from '../../core/lines/packing.ts';
import { usualTransitions } from './execution.ts';
import { cutOf, pageBytes } from './pages.ts';
import {
  bytesOfReading,
  childrenOf,
  closedMonthsOf,
  daySeconds,
  monthDays,
  statesOf,
  type Workload,
} from './workload.ts';

/** What executions did on average. */
export interface MeanExecution {
  readonly transitions: number;
  readonly objects: number;
  readonly children: number;
  readonly units: number;
  readonly partitions: number;
}

/** Series that had readings on one day. */
export interface SeriesOfDataset {
  readonly dataset: string;
  /** Local, `YYYY-MM-DD`: the newest with readings among what arrived. */
  readonly day: string;
  readonly series: number;
  readonly measures: number;
  readonly shards: number;
  /** Those that are declared. */
  readonly projections: number;
}

/** A day of an installation. */
export interface Usage {
  readonly objects: number;
  /** Of them without a ledger yet; their lines are not among the following. */
  readonly waiting: number;
  readonly lines: number;
  /** Lines that became readings. */
  readonly valid: number;
  /** Those that came through Firehose. */
  readonly streamedLines: number;
  readonly streamedObjects: number;
  readonly series: readonly SeriesOfDataset[];
  /** Events of streams that became facts; a command has one, mostly. */
  readonly commands: number;
  readonly executions: number;
  /** Of the newest of them that merged something; absent where none has. */
  readonly sampled: (MeanExecution & { readonly executions: number }) | undefined;
}

/** A full record of the producer's. */
const recordBytes = 100 * 1_024;

/**
 * A month of days like this one. What the executions did is theirs; the bytes of lines and pages are those of the model, and Firehose's
 * records are taken to be packed, since nothing tells how they were sent.
 * @returns undefined where nothing was ingested
 */
export function observed(usage: Usage): Workload | undefined {
  const { objects, valid, streamedLines, executions, sampled } = usage;
  const series = usage.series.filter((of) => of.series > 0);
  if (valid === 0 || executions === 0 || series.length === 0) return undefined;
  const mean = (of: (one: (typeof series)[number]) => number): number => {
    const weights = series.reduce((sum, one) => sum + one.series, 0);
    return series.reduce((sum, one) => sum + of(one) * one.series, 0) / weights;
  };
  const sum = (of: (one: (typeof series)[number]) => number): number =>
    series.reduce((total, one) => total + of(one), 0);
  const measures = mean((one) => one.measures);
  const shards = sum((one) => one.shards);
  const sensors = sum((one) => one.series);
  const newReadings = valid / executions;
  const did = sampled ?? {
    ...{ transitions: usualTransitions, objects: objects / executions },
    ...{ units: shards, partitions: shards, children: childrenOf(shards, newReadings) },
  };
  const readingsOfSeries = valid / sensors;
  const otherDays = (monthDays - 1) / 2;
  const cut = (one: (typeof series)[number]) => cutOf(one.series / one.shards, one.measures);
  const bytes = (of: { readings: number; foldedFrom: number }): number =>
    mean((one) => pageBytes(cut(one), { measures: one.measures, ...of }));
  const lineBytes = streamedLines * bytesOfReading(measures) * monthDays;
  const pagesAPartition = mean((one) => cut(one).pages);
  const monthPages = did.units * pagesAPartition;
  const stream = closedMonthsOf(monthPages, daySeconds / executions);
  const isStream = usage.streamedObjects / objects;
  const projected = series.filter(({ projections }) => projections > 0);
  const sumOf = (some: typeof series, of: (one: SeriesOfDataset) => number): number =>
    some.reduce((total, one) => total + of(one), 0);
  const entities = sumOf(projected, (one) => one.series);
  // An upload may have as many days as partitions; a stream has one a shard.
  const partitionReadings = valid / Math.max(shards, did.partitions);
  return {
    ...{ sensors, measures, shards, newReadings, partitionReadings },
    readings: valid * monthDays,
    executions: executions * monthDays,
    shape: {
      ...{ objects: did.objects, units: did.units, partitions: did.partitions, children: did.children },
      ruledPartitions: did.partitions * (1 - entities / sensors),
      datasets: series.length,
      transitions: did.transitions,
      dayPages: did.partitions * pagesAPartition,
      monthPages,
      // Files are taken to hold earlier days, of which months are folded.
      foldedMonths: isStream * stream.foldedMonths + (1 - isStream) * monthPages,
      closedMonths: isStream * stream.closedMonths,
      depth: mean((one) => cut(one).depth),
      dayPageBytes: bytes({ readings: readingsOfSeries / 2, foldedFrom: 0 }),
      monthPageBytes: bytes({ readings: readingsOfSeries * (otherDays + 0.5), foldedFrom: otherDays + 1 }),
      otherDayPageBytes: bytes({ readings: readingsOfSeries, foldedFrom: 0 }),
      otherDays,
      ...(projected.length === 0
        ? {}
        : {
            projections: statesOf({
              projections: sumOf(projected, (one) => one.projections * one.series) / entities,
              entities: entities / sumOf(projected, ({ shards: of }) => of),
              shards: did.partitions * (entities / sensors),
              touched: entities,
              eventsADay: readingsOfSeries,
              executionSeconds: daySeconds / executions,
              otherDays,
            }),
          }),
    },
    heldReadings: (partitionReadings / 2) * did.partitions,
    lineBytes,
    billedBytes: lineBytes * (billedBytes(recordBytes) / recordBytes),
    records: Math.ceil(lineBytes / recordBytes),
    queries: 0,
    people: 0,
    commands: usage.commands * monthDays,
  };
}
