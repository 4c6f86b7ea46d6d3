import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { partitionKey } from '../../core/partition/partition.ts';
import { decodePartition, encodePartition } from '../../core/partition/partition-file.ts';
import { decodePart, type PartEntry } from '../../core/partition/parts.ts';
import type { Columns } from '../../core/set/columns.ts';
import { union } from '../../core/set/union.ts';
import { statisticsByDay } from '../../core/statistics/statistics.ts';
import waterTemperature from '../../datasets/water-temperature.ts';
import type { MergePlan } from '../../handlers/ingest/plan-merge/plan-merge.ts';
import type { SegmentOutcome } from '../../handlers/ingest/validate-segment/validate-segment.ts';
import { mapResultsOf } from '../map-results.ts';
import type { Invoked } from './function-process.ts';
import { sameStatistics } from './same-statistics.ts';
import { peer, Times } from './times.ts';
import type { Worker } from './worker.ts';
import { type HotWorld, stagedBy, taskOf } from './world.ts';

/** 100,000 readings a turn into a partition of 2,000,000, which grows by them: both sides merge the same. */
export async function benchMerge(world: HotWorld): Promise<void> {
  const { lines, turns, scratch } = world;
  const functions = await startFunctions(world);
  const duck = world.duckdb(1);
  const times = new Times();
  let last: Invoked | undefined;
  const base = join(scratch, 'base.parquet');
  for (let turn = 0; turn <= turns; turn++) {
    // All of one day: 10,000 readings of 200 sensors, 8 s apart; then 500 of each, spread over that day.
    const size =
      turn === 0
        ? { lines, everyMs: Math.floor(82_800_000 / (lines / 200)) }
        : { lines: lines / 20, everyMs: Math.floor(82_800_000 / (lines / 4_000)) };
    const file = await world.data({ ...size, order: 'canonical', seed: 100 + turn, laterMs: turn * 11 });
    const { merged, before, part, entry } = await mergeFile(world, functions, `merge-${turn}`, file);
    last = merged;
    const partFile = join(scratch, 'part.parquet');
    writeFileSync(partFile, encodePartition(waterTemperature, entry, part));
    const { ms } = await duck.ask({ kind: 'merge', base, part: partFile, target: `${base}.new` });
    renameSync(`${base}.new`, base);
    if (before === undefined) continue;
    times.add('MergePartition, with DynamoDB', last.ms);
    times.add('its core: read, union, statistics, write', await mergeInCore(before, part, entry));
    times.add(peer, ms);
  }
  times.print(`MergePartition, ${lines / 20} readings into ${lines}`);
  console.log(
    `peak ${Math.round(last?.peakMiB ?? 0)} MiB, import ${Math.round(last?.importMs ?? 0)} ms; last: ${JSON.stringify(last?.result)}`,
  );
  const [stored = ''] = (await world.curatedKeys('curated/')).filter((key) => key.endsWith('.parquet'));
  const { columns } = await decodePartition(waterTemperature, await world.bytesOf(stored));
  const { rows } = await duck.ask({ kind: 'statistics', file: base });
  console.log(sameStatistics(statisticsByDay(waterTemperature, columns), rows));
}

const manySeries = 5_000;
/** Into a partition of its own. */
const fortyDaysMs = 40 * 86_400_000;

/** A reading of each of 5,000 series a turn, into a partition that has twenty of each: what the calls take beside the work. */
export async function benchSeries(world: HotWorld): Promise<void> {
  const functions = await startFunctions(world);
  const [all, core, calls] = ['MergePartition', 'its core', 'its calls, and what waits for them'];
  const times = new Times();
  for (let turn = 0; turn <= world.turns; turn++) {
    const lines = manySeries * (turn === 0 ? 20 : 1);
    const file = await world.data({
      ...{ lines, everyMs: 3_600_000, order: 'canonical', seed: 200 + turn },
      ...{ laterMs: fortyDaysMs + turn * 60_000, sensors: manySeries, isCalm: true },
    });
    const { merged, before, part, entry } = await mergeFile(world, functions, `series-${turn}`, file);
    if (before === undefined) continue;
    const coreMs = await mergeInCore(before, part, entry);
    times.add(all, merged.ms);
    times.add(core, coreMs);
    times.add(calls, merged.ms - coreMs);
  }
  console.log(
    `\nMergePartition, a reading of each of ${manySeries} series, ms: ${[all, core, calls].map((name) => `${name} ${times.median(name).toFixed(0)}`).join(', ')}`,
  );
}

interface MergeFunctions {
  readonly validate: Worker<{ event: object }, Invoked>;
  readonly planMerge: Worker<{ event: object }, Invoked>;
  readonly merge: Worker<{ event: object }, Invoked>;
}

async function startFunctions(world: HotWorld): Promise<MergeFunctions> {
  return {
    validate: await world.startFunction('ingest/validate-segment'),
    planMerge: await world.startFunction('ingest/plan-merge'),
    merge: await world.startFunction('ingest/merge-partition'),
  };
}

/** Takes a file of one day in, as an execution does. `before` is the partition's file as the merge found it. */
async function mergeFile(
  world: HotWorld,
  { validate, planMerge, merge }: MergeFunctions,
  run: string,
  file: string,
): Promise<{ merged: Invoked; before: Uint8Array | undefined; part: Columns; entry: PartEntry }> {
  const segment = await world.upload(`raw/${run}.gz`, file);
  const outcome = (await validate.ask({ event: taskOf(segment, run) })).result as SegmentOutcome;
  const { bytes, entries } = await stagedBy(world, outcome);
  const entry = entries[0];
  if (entry === undefined || entries.length > 1)
    throw new Error(`accepted is data of one day, found ${entries.length} partitions`);
  const { files, request } = mapResultsOf(run, outcome);
  for (const { key, text } of files) await world.putCurated(key, text);
  const plan = (await planMerge.ask({ event: request })).result as MergePlan;
  const [task] = JSON.parse(Buffer.from(await world.bytesOf(plan.pending.units.key)).toString()) as object[];
  const stored = partitionKey(waterTemperature, entry);
  const before = (await world.curatedKeys(stored)).length === 0 ? undefined : await world.bytesOf(stored);
  const merged = await merge.ask({ event: task ?? {} });
  return {
    ...{ merged, before, entry },
    part: await decodePart(waterTemperature, bytes.subarray(entry.start, entry.end)),
  };
}

async function mergeInCore(file: Uint8Array, part: Columns, id: PartEntry): Promise<number> {
  const start = performance.now();
  const { columns } = await decodePartition(waterTemperature, file);
  const merged = union(waterTemperature, columns, part).columns;
  statisticsByDay(waterTemperature, merged);
  encodePartition(waterTemperature, id, merged);
  return performance.now() - start;
}
