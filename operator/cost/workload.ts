import { billedBytes } from '../../core/lines/packing.ts';
import { type ExecutionShape, type PageShape, usualTransitions } from './execution.ts';
import { cutOf, cutOfStates, pageBytes, statesPageBytes } from './pages.ts';

/** A month of 30 days of an installation, of what a person plans or of what one has had. */
export interface Workload {
  readonly sensors: number;
  readonly measures: number;
  readonly shards: number;
  readonly readings: number;
  readonly executions: number;
  /** The mean of the executions. */
  readonly shape: ExecutionShape;
  /** Of the mean execution: new readings, and those that its partitions hold. */
  readonly newReadings: number;
  readonly heldReadings: number;
  /** Readings of a partition at the end of its day. */
  readonly partitionReadings: number;
  /** Through Firehose, as they are. */
  readonly lineBytes: number;
  /** The same as Firehose bills it. */
  readonly billedBytes: number;
  readonly records: number;
  /** Of the API, each for the days of a series in this month. */
  readonly queries: number;
  /** Who sign in within a month, and look around. */
  readonly people: number;
  /** Of streams, each of one event. */
  readonly commands: number;
}

export interface Plan {
  readonly sensors: number;
  /** From a reading of a sensor to the next. */
  readonly everySeconds: number;
  /** How old statistics may be: what Firehose gathers for. */
  readonly freshnessSeconds: number;
  readonly measures: number;
  readonly queriesADay: number;
  readonly people: number;
  readonly commandsADay: number;
  /** Of the dataset, 0 to 3; readings have none. */
  readonly projections: number;
  readonly shards: number;
  /** For which a sender fills a record; one sender has all sensors. */
  readonly lingerSeconds: number;
}

/** What an installation is set to for a plan. */
export interface Settings {
  readonly bufferSeconds: number;
  readonly bufferMiB: number;
  readonly batchWindowSeconds: number;
}

export const daySeconds = 86_400;
export const monthDays = 30;
const mib = 2 ** 20;
/** A series' pages are then 200 to a page, near what a page holds. */
const sensorsAShard = 6_400;
/** Some 2 s of merging, and 0.7 GiB of memory. */
const readingsAPartition = 8_000_000;
/** As the producer packs. */
const recordBytes = 100 * 1_024;
/** As shipped. */
const shipped = { bufferMiB: 64, batchWindowSeconds: 10 };
/** The most of each that AWS takes. */
export const longest = { bufferSeconds: 900, bufferMiB: 128, batchWindowSeconds: 300 };
/** Objects of a batch of the pipe: `infra/constructs/ingest/ingest-pipe.ts`. */
const objectsABatch = 25;

/** Of a line as the producer writes it. */
export const bytesOfReading = (measures: number): number => 85 + 25 * measures;

/** As many as keep pages well filled and each partition's day small. */
export function shardsFor({ sensors, everySeconds }: Pick<Plan, 'sensors' | 'everySeconds'>): number {
  const readingsADay = (sensors * daySeconds) / everySeconds;
  return Math.max(1, Math.ceil(sensors / sensorsAShard), Math.ceil(readingsADay / readingsAPartition));
}

/** @returns a month of the plan, and how the installation has to be set for it */
export function planned(plan: Plan): { workload: Workload; settings: Settings } {
  const { sensors, everySeconds, freshnessSeconds, measures, shards, lingerSeconds } = plan;
  const readingsASecond = sensors / everySeconds;
  const bytesASecond = readingsASecond * bytesOfReading(measures);
  const readings = readingsASecond * daySeconds * monthDays;

  const fits = bytesASecond * freshnessSeconds <= shipped.bufferMiB * mib;
  const bufferMiB = fits ? shipped.bufferMiB : longest.bufferMiB;
  const objectSeconds = Math.max(
    Math.min(freshnessSeconds, (bufferMiB * mib) / bytesASecond),
    1 / readingsASecond, // a buffer in which nothing came is no object
  );
  const perExecution = Math.max(
    1,
    Math.min(
      objectsABatch,
      Math.round(Math.min(freshnessSeconds, longest.batchWindowSeconds) / objectSeconds),
    ),
  );
  const batchWindowSeconds =
    perExecution > 1
      ? Math.round(Math.min(freshnessSeconds, longest.batchWindowSeconds))
      : Math.min(shipped.batchWindowSeconds, Math.floor(freshnessSeconds));
  const executionSeconds = objectSeconds * perExecution;

  const newReadings = readingsASecond * executionSeconds;
  const touched = Math.min(sensors, newReadings);
  const touchedShards = Math.min(shards, touched);
  const partitionReadings = (readingsASecond * daySeconds) / shards;
  const readingsOfSeries = daySeconds / everySeconds;
  const cut = cutOf(sensors / shards, measures);
  const pages = Math.min(cut.pages * touchedShards, touched);
  const otherDays = (monthDays - 1) / 2; // of a month that is half over on average
  const page = (of: { readings: number; foldedFrom: number }) => pageBytes(cut, { measures, ...of });
  const records = recordsOf({ readingsASecond, bytesASecond, lingerSeconds });
  return {
    settings: {
      bufferSeconds: Math.min(freshnessSeconds, longest.bufferSeconds),
      bufferMiB,
      batchWindowSeconds,
    },
    workload: {
      ...{ sensors, measures, shards, readings, newReadings, partitionReadings },
      executions: (daySeconds * monthDays) / executionSeconds,
      shape: {
        ...{ objects: perExecution, datasets: 1, units: touchedShards, partitions: touchedShards },
        ruledPartitions: plan.projections > 0 ? 0 : touchedShards, // events have rules seldom
        children: childrenOf(touchedShards, newReadings),
        transitions: usualTransitions,
        dayPages: pages,
        monthPages: pages,
        ...closedMonthsOf(pages, executionSeconds),
        depth: cut.depth,
        dayPageBytes: page({ readings: readingsOfSeries / 2, foldedFrom: 0 }),
        monthPageBytes: page({ readings: readingsOfSeries * (otherDays + 0.5), foldedFrom: otherDays + 1 }),
        otherDayPageBytes: page({ readings: readingsOfSeries, foldedFrom: 0 }),
        otherDays,
        ...(plan.projections === 0
          ? {}
          : {
              projections: statesOf({
                ...{
                  projections: plan.projections,
                  entities: sensors / shards,
                  shards: touchedShards,
                  touched,
                },
                ...{ eventsADay: readingsOfSeries, executionSeconds, otherDays },
              }),
            }),
      },
      heldReadings: (partitionReadings / 2) * touchedShards,
      lineBytes: bytesASecond * daySeconds * monthDays,
      billedBytes: records.billedBytesASecond * daySeconds * monthDays,
      records: records.perSecond * daySeconds * monthDays,
      queries: plan.queriesADay * monthDays,
      people: plan.people,
      commands: plan.commandsADay * monthDays,
    },
  };
}

/** The pages of states of a stream of events. All projections of a dataset are on the same pages. */
export function statesOf(of: {
  readonly projections: number;
  /** Of a shard. */
  readonly entities: number;
  readonly shards: number;
  /** Entities that an execution has events of. */
  readonly touched: number;
  readonly eventsADay: number;
  readonly executionSeconds: number;
  readonly otherDays: number;
}): PageShape {
  const { projections, eventsADay, executionSeconds, otherDays } = of;
  // A page of several projections has as many states of an entity.
  const events = (days: number) => projections * eventsADay * days;
  const cut = cutOfStates(of.entities, { events: events(1), isMonth: false });
  const pages = Math.min(cut.pages * of.shards, of.touched);
  const day = (days: number) => statesPageBytes(cut, { events: events(days), isMonth: false, foldedFrom: 0 });
  return {
    ...{ dayPages: pages, monthPages: pages, ...closedMonthsOf(pages, executionSeconds), depth: cut.depth },
    ...{ dayPageBytes: day(0.5), otherDayPageBytes: day(1) },
    monthPageBytes: statesPageBytes(cut, {
      ...{ events: events(otherDays + 0.5), isMonth: true, foldedFrom: otherDays + 1 },
    }),
  };
}

/** Of a stream: a month's pages are written where a day ends, and found right by other executions. */
export function closedMonthsOf(
  monthPages: number,
  executionSeconds: number,
): { foldedMonths: number; closedMonths: number } {
  const closed = monthPages * Math.min(1, executionSeconds / daySeconds);
  return { foldedMonths: closed, closedMonths: closed };
}

/** Units share a child up to 25,000 readings and 124 partitions: `handlers/ingest/plan-merge/pack-units.ts`. */
export function childrenOf(units: number, readings: number): number {
  const unitsAChild = Math.min(124, Math.max(1, Math.floor(25_000 / (readings / units))));
  return Math.ceil(units / unitsAChild);
}

/** Records of a sender that fills each for a time, full ones sooner. */
function recordsOf(of: { readingsASecond: number; bytesASecond: number; lingerSeconds: number }): {
  perSecond: number;
  billedBytesASecond: number;
} {
  const { readingsASecond, bytesASecond } = of;
  const seconds = Math.max(of.lingerSeconds, 1 / readingsASecond);
  const bytes = bytesASecond * seconds;
  const full = Math.floor(bytes / recordBytes);
  const rest = bytes - full * recordBytes;
  const billed = full * billedBytes(recordBytes) + (rest > 0 ? billedBytes(Math.ceil(rest)) : 0);
  return { perSecond: (full + (rest > 0 ? 1 : 0)) / seconds, billedBytesASecond: billed / seconds };
}
