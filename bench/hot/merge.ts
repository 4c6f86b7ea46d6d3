import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
import { type HotWorld, stagedBy, taskOf } from './world.ts';

/** 100,000 readings a turn into a partition of 2,000,000, which grows by them: both sides merge the same. */
export async function benchMerge(world: HotWorld): Promise<void> {
  const { lines, turns, scratch } = world;
  const validate = await world.startFunction('ingest/validate-segment');
  const planMerge = await world.startFunction('ingest/plan-merge');
  const merge = await world.startFunction('ingest/merge-partition');
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
    const segment = await world.upload(`raw/merge-${turn}.gz`, file);
    const outcome = (await validate.ask({ event: taskOf(segment, `merge-${turn}`) }))
      .result as SegmentOutcome;
    const { bytes, entries } = await stagedBy(world, outcome);
    const entry = entries[0];
    if (entry === undefined || entries.length > 1)
      throw new Error(`accepted is data of one day, found ${entries.length} partitions`);
    const { files, request } = mapResultsOf(`merge-${turn}`, outcome);
    for (const { key, text } of files) await world.putCurated(key, text);
    const plan = (await planMerge.ask({ event: request })).result as MergePlan;
    const [task] = JSON.parse(
      Buffer.from(await world.bytesOf(plan.pending.units.key)).toString(),
    ) as object[];
    const stored = `curated/dataset=water-temperature/date=${entry.day}/shard=0.parquet`;
    const before = turn === 0 ? undefined : await world.bytesOf(stored);
    last = await merge.ask({ event: task ?? {} });
    const part = await decodePart(waterTemperature, bytes.subarray(entry.start, entry.end));
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

async function mergeInCore(file: Uint8Array, part: Columns, id: PartEntry): Promise<number> {
  const start = performance.now();
  const { columns } = await decodePartition(waterTemperature, file);
  const merged = union(waterTemperature, columns, part).columns;
  statisticsByDay(waterTemperature, merged);
  encodePartition(waterTemperature, id, merged);
  return performance.now() - start;
}
