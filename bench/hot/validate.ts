import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodePart } from '../../core/partition/parts.ts';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import { union } from '../../core/set/union.ts';
import { type PeriodStatistics, statisticsByDay } from '../../core/statistics/statistics.ts';
import waterTemperature from '../../datasets/water-temperature.ts';
import type { SegmentOutcome } from '../../handlers/ingest/validate-segment/validate-segment.ts';
import type { KeyOrder } from './data.ts';
import type { Invoked } from './function-process.ts';
import type { NodeTask } from './node-process.ts';
import { startPolars } from './polars.ts';
import { sameStatistics } from './same-statistics.ts';
import { peer, Times } from './times.ts';
import { type HotWorld, type Measured, stagedBy, taskOf } from './world.ts';

/** ValidateSegment against its peers, on files that differ in the order of the keys. */
export async function benchValidate(world: HotWorld): Promise<void> {
  const { lines, turns, scratch } = world;
  const validate = await world.startFunction('ingest/validate-segment');
  const node = world.start<NodeTask, Measured>('node-process');
  const duck = world.duckdb(1);
  const duck2 = world.duckdb(2);
  const polars = await startPolars(world);
  for (const order of ['canonical', 'other', 'changing'] satisfies KeyOrder[]) {
    const file = await world.data({ lines, order, seed: 1, everyMs: 60_000 });
    const segment = await world.upload(`raw/${order}.gz`, file);
    const times = new Times();
    const valid = join(scratch, `${order}.parquet`);
    const byPolars = join(scratch, `${order}-polars.parquet`);
    const peerTask = { kind: 'validate', file, rejects: join(scratch, 'rejects.ndjson') } as const;
    let last: Invoked | undefined;
    for (let turn = 0; turn < turns; turn++) {
      last = await validate.ask({ event: taskOf(segment, `${order}-${turn}`) });
      const first = turn === 0 && order === 'canonical';
      times.add(first ? 'ValidateSegment, first call' : 'ValidateSegment', last.ms);
      times.add('its core, nothing written', (await node.ask({ kind: 'core', file })).ms);
      times.add('gunzip', (await node.ask({ kind: 'gunzip', file })).ms);
      times.add('gunzip and JSON.parse', (await node.ask({ kind: 'json', file })).ms);
      times.add(peer, (await duck.ask({ ...peerTask, valid })).ms);
      if (order === 'canonical') times.add('DuckDB, 2 threads', (await duck2.ask({ ...peerTask, valid })).ms);
      if (polars) times.add('Polars, 1 thread', (await polars.ask({ ...peerTask, valid: byPolars })).ms);
    }
    times.print(`ValidateSegment, keys in ${order} order`);
    if (order === 'canonical') {
      const ratio = times.median('ValidateSegment') / times.median('DuckDB, 2 threads');
      console.log(`ValidateSegment, of one thread: ${ratio.toFixed(2)} x DuckDB with two`);
    }
    const outcome = last?.result as SegmentOutcome;
    console.log(
      `peak ${Math.round(last?.peakMiB ?? 0)} MiB, import ${Math.round(last?.importMs ?? 0)} ms; ${outcome.valid} valid, ${outcome.rejected} rejected`,
    );
    const staged = await statisticsOf(world, outcome);
    for (const file of polars ? [valid, byPolars] : [valid]) {
      const { rows } = await duck.ask({ kind: 'statistics', file });
      console.log(`${sameStatistics(staged, rows)}${file === byPolars ? ', of what Polars wrote' : ''}`);
    }
    console.log();
  }
}

/** The statistics of all that ValidateSegment staged. */
async function statisticsOf(
  world: HotWorld,
  outcome: SegmentOutcome,
): Promise<Map<string, PeriodStatistics>> {
  const { bytes, entries } = await stagedBy(world, outcome);
  let all = new ColumnsBuilder(waterTemperature).build();
  for (const { start, end } of entries) {
    const part = decodePart(waterTemperature, bytes.subarray(start, end));
    all = union(waterTemperature, all, part).columns;
  }
  return statisticsByDay(waterTemperature, all);
}

/** One object of 128 MiB gzip in one call of a fresh process. */
export async function benchLarge(world: HotWorld): Promise<void> {
  const file = await world.data({ lines: world.lines, order: 'canonical', seed: 1, everyMs: 60_000 });
  const one = readFileSync(file);
  const members = Math.ceil((128 * 1_048_576) / one.length); // a gzip file may have several: its lines are all of theirs
  const large = join(world.scratch, 'large.gz');
  writeFileSync(large, Buffer.concat(Array.from({ length: members }, () => one)));
  const segment = await world.upload('raw/large.gz', large);
  const validate = await world.startFunction('ingest/validate-segment');
  const { ms, peakMiB, result } = await validate.ask({ event: taskOf(segment, 'large') });
  const outcome = result as SegmentOutcome;
  console.log(
    `${members * one.length} bytes of gzip, ${outcome.lines} lines: ${ms.toFixed(0)} ms, peak ${Math.round(peakMiB)} MiB\n`,
  );
}
