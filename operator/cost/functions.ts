import type { ExecutionShape } from './execution.ts';
import { daySeconds, monthDays, type Workload } from './workload.ts';

/**
 * Seconds of functions, by arithmetic. CPU is measured here (`npm run bench`, `node bench/pages.ts`); a vCPU of Lambda is taken to be
 * as fast. Round trips are not: they are what AWS usually takes.
 */
const assumed = {
  s3Seconds: 0.03,
  dynamoSeconds: 0.006,
  /** A new environment, which is billed too. */
  beginSeconds: 0.4,
  /** How long an environment is kept that nobody calls: AWS doesn't say, and it is mostly longer. */
  keptSeconds: 600,
} as const;
const measured = {
  validateSecondsAReading: 0.5e-6,
  /** Of each reading that a partition holds or gets: read, union, statistics, write. */
  mergeSecondsAReading: 0.3e-6,
  /** Of a page of 200 series of two measures, which other pages are in proportion to. */
  encodeSeconds: 2.2e-3,
  decodeSeconds: 0.9e-3,
  seriesAndMeasures: 400,
} as const;
/** As `infra/constructs/ingest/ingest-functions.ts` and `infra/constructs/api/api-functions.ts` set them. */
const memoryGiB = { waits: 0.5, oneCpu: 1769 / 1024, query: 1 };
const inFlight = 32;
const partitionsAtOnce = 4;

export interface FunctionTimes {
  readonly gibSeconds: number;
  /** All of an execution's functions together. */
  readonly seconds: number;
  /** Of one unit, at the end of its day. */
  readonly longestMergeSeconds: number;
}

/** The functions of one execution. */
export function functionsOf(workload: Workload): FunctionTimes {
  const { shape, executions, newReadings, heldReadings, partitionReadings, measures, sensors } = workload;
  const { objects, units, partitions, children, projections } = shape;
  const dayPages = shape.dayPages + (projections?.dayPages ?? 0);
  const foldedMonths = shape.foldedMonths + (projections?.foldedMonths ?? 0);
  const { s3Seconds, dynamoSeconds, beginSeconds, keptSeconds } = assumed;
  const begin = (daySeconds * monthDays) / executions >= keptSeconds ? beginSeconds : 0;
  const waiting = {
    planIngest: begin + s3Seconds + 2 * dynamoSeconds,
    finish: begin + 3 * s3Seconds + 5 * dynamoSeconds,
  };
  const validate =
    objects * (begin + 3 * s3Seconds + 4 * dynamoSeconds) + newReadings * measured.validateSecondsAReading;
  const planMerge =
    begin + (5 + Math.ceil(objects / 16)) * s3Seconds + (2 + Math.ceil(units / inFlight)) * dynamoSeconds;
  const seriesOnPage = sensors / (workload.shards * 2 ** shape.depth);
  const ofPage = (seriesOnPage * measures) / measured.seriesAndMeasures;
  const pageSeconds =
    (dayPages * (measured.encodeSeconds + measured.decodeSeconds) +
      foldedMonths * (measured.encodeSeconds + (shape.otherDays + 2) * measured.decodeSeconds)) *
    ofPage;
  const turns = Math.ceil(partitions / units / partitionsAtOnce);
  const callSeconds =
    (turns * (3 + Math.ceil(objects / 8)) + 1) * s3Seconds +
    (8 + 3 * turns + 2 * Math.ceil((dayPages + foldedMonths) / units / inFlight) + shape.depth) *
      dynamoSeconds;
  const merge =
    children * begin +
    units * callSeconds +
    (heldReadings + newReadings) * measured.mergeSecondsAReading +
    pageSeconds;
  const longestMergeSeconds =
    callSeconds +
    (partitionReadings + newReadings / units) * measured.mergeSecondsAReading +
    pageSeconds / units;
  return {
    gibSeconds:
      memoryGiB.waits * (waiting.planIngest + waiting.finish) +
      memoryGiB.oneCpu * (validate + planMerge + merge),
    seconds: waiting.planIngest + waiting.finish + validate + planMerge + merge,
    longestMergeSeconds,
  };
}

/** A call of the API for the days of a series in this month: its pages, read by one query. */
export function queryFunction(shape: ExecutionShape): { gibSeconds: number; readUnits: number } {
  const { otherDays, otherDayPageBytes, dayPageBytes } = shape;
  const readUnits = Math.ceil((dayPageBytes + otherDays * otherDayPageBytes) / 4_096);
  const seconds = 0.05 + (otherDays + 1) * measured.decodeSeconds;
  return { gibSeconds: memoryGiB.query * seconds, readUnits };
}
