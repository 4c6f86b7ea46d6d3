import { type ExecutionListItem, paginateListExecutions } from '@aws-sdk/client-sfn';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createStatisticsQueries } from '../../adapters/dynamodb/statistics-queries.ts';
import { createObjects } from '../../adapters/s3/objects.ts';
import { createVersionLister } from '../../adapters/s3/segments.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { localDay } from '../../core/time/calendar.ts';
import { recentObjects } from '../../handlers/operations/recent-objects.ts';
import { mapBounded } from '../../ports/concurrency.ts';
import { describeExecution } from '../shared/execution-queries.ts';
import { ingestOutcome } from '../shared/ingest-run.ts';
import type { OpenInstallation } from '../shared/open-installation.ts';
import type { MeanExecution, SeriesOfDataset, Usage } from './observed.ts';

const dayMs = 86_400_000;
/** Newest executions whose states and maps are looked at. */
const maxSampled = 10;
const atOnce = 5;

/**
 * What an installation has done in the last day, by its ledgers, executions and statistics: a call for each thousand objects, ten for each
 * of ten executions, and the pages of one day.
 */
export async function lastDayOf(
  found: OpenInstallation,
  datasets: readonly Dataset[],
  nowMs: number,
): Promise<Usage> {
  const { installation, s3, documents } = found;
  const sum = { objects: 0, waiting: 0, lines: 0, valid: 0, streamedLines: 0, streamedObjects: 0 };
  let commands = 0;
  const ofStreams = new Set(
    datasets.filter(({ filledBy }) => filledBy === 'streams').map(({ name }) => name),
  );
  const newestMs = new Map<string, number>();
  const executions = await executionsSince(found, nowMs - dayMs);
  await recentObjects(
    {
      lister: createVersionLister(s3),
      ledgers: createLedgers(documents, installation.jobsTable),
      rawBucket: installation.rawBucket,
    },
    nowMs,
    {
      wholeDay: true,
      object({ key }, entry) {
        const isStreamed = key.startsWith('raw/');
        sum.objects += 1;
        sum.streamedObjects += isStreamed ? 1 : 0;
        if (entry === undefined) sum.waiting += 1;
        sum.lines += entry?.counts?.lines ?? 0;
        sum.valid += entry?.counts?.valid ?? 0;
        if (isStreamed) sum.streamedLines += entry?.counts?.lines ?? 0;
      },
      holding({ dataset, readings, toMs }) {
        if (ofStreams.has(dataset)) commands += readings;
        newestMs.set(dataset, Math.max(newestMs.get(dataset) ?? 0, toMs));
      },
    },
  );
  const series: SeriesOfDataset[] = [];
  for (const [name, toMs] of newestMs) {
    const dataset = datasets.find((candidate) => candidate.name === name);
    if (dataset === undefined) continue; // its definition is gone, and nothing of it can be merged or read
    series.push(await seriesOf(found, dataset, toMs));
  }
  const ended = executions.filter(({ status }) => status === 'SUCCEEDED').slice(0, maxSampled);
  const sampled = await mapBounded(ended, atOnce, (execution) => executionOf(found, execution));
  return { ...sum, series, commands, executions: executions.length, sampled: meanOf(sampled.flat()) };
}

async function executionsSince(
  { stepFunctions, installation }: OpenInstallation,
  sinceMs: number,
): Promise<ExecutionListItem[]> {
  const all: ExecutionListItem[] = [];
  const pages = paginateListExecutions(
    { client: stepFunctions, pageSize: 1_000 },
    { stateMachineArn: installation.ingestMachine },
  );
  for await (const { executions = [] } of pages) {
    const since = executions.filter(({ startDate }) => (startDate?.getTime() ?? 0) > sinceMs);
    all.push(...since);
    if (since.length < executions.length) break; // the newest come first
  }
  return all;
}

/** The series of a dataset that had readings on the newest day of what arrived. */
async function seriesOf(
  { documents, installation }: OpenInstallation,
  dataset: Dataset,
  toMs: number,
): Promise<SeriesOfDataset> {
  const statistics = createStatisticsQueries(documents, installation.statisticsTable);
  const period = localDay(dataset.timeZone, toMs);
  const shards = Array.from({ length: dataset.shards }, (_, shard) => shard);
  const counts = await mapBounded(shards, atOnce, (shard) => statistics.countsOf({ dataset, period, shard }));
  return {
    dataset: dataset.name,
    day: period,
    series: counts.reduce((sum, { size }) => sum + size, 0),
    measures: dataset.measureNames.length,
    shards: dataset.shards,
    projections: Object.keys(dataset.projections).length,
  };
}

/** What one execution did; none where it is gone, or had nothing to merge. */
async function executionOf(
  { stepFunctions, s3 }: OpenInstallation,
  { executionArn = '' }: ExecutionListItem,
): Promise<MeanExecution[]> {
  const view = await describeExecution(stepFunctions, executionArn);
  if (view === undefined) return [];
  const { merged } = await ingestOutcome(createObjects(s3), view.visits);
  const planned = view.visits.findLast(({ name }) => name === 'PlanMerge')?.output as
    | { merge?: { pending?: { count?: number } } }
    | undefined;
  const units = planned?.merge?.pending?.count ?? 0;
  if (merged === undefined || units === 0) return [];
  const childrenOf = (map: string): number =>
    view.mapRuns
      .filter(({ mapRunArn = '' }) => mapRunArn.includes(`/${map}:`))
      .reduce((sum, { itemCounts }) => sum + (itemCounts?.total ?? 0), 0);
  return [
    {
      transitions: view.visits.length,
      objects: childrenOf('ValidateSegments'),
      children: childrenOf('MergePartitions'),
      units,
      partitions: merged.partitions,
    },
  ];
}

function meanOf(executions: readonly MeanExecution[]): (MeanExecution & { executions: number }) | undefined {
  const count = executions.length;
  if (count === 0) return undefined;
  const mean = (name: keyof MeanExecution): number =>
    executions.reduce((sum, execution) => sum + execution[name], 0) / count;
  return {
    executions: count,
    transitions: mean('transitions'),
    objects: mean('objects'),
    children: mean('children'),
    units: mean('units'),
    partitions: mean('partitions'),
  };
}
