import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ColumnsBuilder, union } from '../core/columns.ts';
import { decodePartition, encodePartition } from '../core/partition.ts';
import { decodePart, type PartEntry } from '../core/parts.ts';
import type { Columns } from '../core/row.ts';
import { type PeriodStatistics, statisticsByDay } from '../core/statistics.ts';
import { waterTemperature } from '../datasets/water-temperature.ts';
import { segmentIdOf } from '../handlers/layout.ts';
import type { SegmentOutcome } from '../handlers/validate-segment/validate-segment.ts';
import { bundleDirectory } from '../infra/bundle.ts';
import { writeDatasetsIndex } from '../infra/datasets-index.ts';
import { type KeyOrder, writeData } from './hot/data.ts';
import type { DuckTask } from './hot/duckdb-process.ts';
import type { Invoked } from './hot/function-process.ts';
import { costOfFunctions } from './hot/functions.ts';
import type { NodeTask } from './hot/node-process.ts';
import { sameStatistics } from './hot/same-statistics.ts';
import { median, startWorker, type Worker } from './hot/turns.ts';

/**
 * `npm run bench [-- --quick | --large | --turns n]`: ValidateSegment and MergePartition, as bundled and as Lambda calls them, against DuckDB on the
 * same files, in turns. See bench/README.md.
 */
const root = join(import.meta.dirname, '..');
const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    large: { type: 'boolean', default: false },
    turns: { type: 'string' },
  },
});
const lines = flags.quick ? 500_000 : 2_000_000;
const turns = Number(flags.turns ?? (flags.quick ? 3 : 5));

type Measured = { ms: number; peakMiB: number };

writeDatasetsIndex(root);
const scratch = mkdtempSync(join(tmpdir(), 'caudal-bench-'));
const cloud = startWorker<object, unknown>('cloud-process', { args: [scratch] });
const ends: (() => void)[] = [() => cloud.end()];
try {
  const { url } = (await cloud.ask({})) as { url: string };
  console.log(
    `${availableParallelism()} cores, Node ${process.version}; ${lines} lines, medians of ${turns}, ms\n`,
  );
  await benchValidate(url);
  if (flags.large) await benchLarge(url);
  await benchMerge(url);
  console.log(`\n${'function'.padEnd(24)}${'bundle KB'.padStart(10)}${'import ms'.padStart(10)}`);
  for (const { handler, bundleKb, importMs } of await costOfFunctions(root, turns))
    console.log(
      `${handler.padEnd(24)}${bundleKb.toFixed(0).padStart(10)}${importMs.toFixed(0).padStart(10)}`,
    );
} finally {
  for (const end of ends) end();
  rmSync(scratch, { recursive: true, force: true });
}

function startFunction(handler: string, url: string): Worker<{ event: object }, Invoked> {
  const bundle = bundleDirectory({ root, handler }).directory;
  const { size } = statSync(join(bundle, 'index.mjs'));
  const worker = startWorker<{ event: object }, Invoked>('function-process', {
    args: [bundle],
    env: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'LKIAbench',
      AWS_SECRET_ACCESS_KEY: 'local',
      CURATED_BUCKET: 'curated',
      RAW_BUCKET: 'raw',
      JOBS_TABLE: 'Jobs',
      STATISTICS_TABLE: 'Statistics',
      ALERTS_TABLE: 'Alerts',
      IDEMPOTENCY_TABLE: 'Idempotency',
      POWERTOOLS_SERVICE_NAME: 'caudal',
      POWERTOOLS_LOG_LEVEL: 'ERROR',
    },
  });
  ends.push(() => worker.end());
  console.log(`${handler}: bundle ${Math.round(size / 1024)} KB`);
  return worker;
}

function duckdb(threads: number): Worker<DuckTask, Measured & { rows: Record<string, unknown>[] }> {
  const worker = startWorker<DuckTask, Measured & { rows: Record<string, unknown>[] }>('duckdb-process', {
    args: [String(threads)],
  });
  ends.push(() => worker.end());
  return worker;
}

async function benchValidate(url: string): Promise<void> {
  const validate = startFunction('validate-segment', url);
  const node = startWorker<NodeTask, Measured>('node-process');
  ends.push(() => node.end());
  const duck = duckdb(1);
  const duck2 = duckdb(2);
  for (const order of ['canonical', 'other', 'changing'] satisfies KeyOrder[]) {
    const file = await writeData(join(root, '.caudal', 'bench'), { lines, order, seed: 1, everyMs: 60_000 });
    const segment = await upload(`raw/${order}.gz`, { file });
    const times: Record<string, number[]> = {};
    const add = (name: string, { ms }: { ms: number }) => {
      times[name] ??= [];
      times[name].push(ms);
    };
    const valid = join(scratch, `${order}.parquet`);
    let last: Invoked | undefined;
    for (let turn = 0; turn < turns; turn++) {
      last = await validate.ask({ event: taskOf(segment, `${order}-${turn}`) });
      add(turn === 0 && order === 'canonical' ? 'ValidateSegment, first call' : 'ValidateSegment', last);
      add('its core, nothing written', await node.ask({ kind: 'core', file }));
      add('gunzip', await node.ask({ kind: 'gunzip', file }));
      add('gunzip and JSON.parse', await node.ask({ kind: 'json', file }));
      add(
        'DuckDB, 1 thread',
        await duck.ask({ kind: 'validate', file, valid, rejects: join(scratch, 'rejects.ndjson') }),
      );
      if (order === 'canonical')
        add(
          'DuckDB, 2 threads',
          await duck2.ask({ kind: 'validate', file, valid, rejects: join(scratch, 'rejects.ndjson') }),
        );
    }
    print(`ValidateSegment, keys in ${order} order`, times, 'DuckDB, 1 thread');
    const outcome = last?.result as SegmentOutcome;
    console.log(
      `peak ${Math.round(last?.peakMiB ?? 0)} MiB, import ${Math.round(last?.importMs ?? 0)} ms; ${outcome.valid} valid, ${outcome.rejected} rejected`,
    );
    const { rows } = await duck.ask({ kind: 'statistics', file: valid });
    const staged = await partsOf(outcome);
    console.log(`${sameStatistics(staged, rows)}\n`);
  }
}

/** One object of 128 MiB gzip in one call of a fresh process. */
async function benchLarge(url: string): Promise<void> {
  const file = await writeData(join(root, '.caudal', 'bench'), {
    lines,
    order: 'canonical',
    seed: 1,
    everyMs: 60_000,
  });
  const one = readFileSync(file);
  const members = Math.ceil((128 * 1_048_576) / one.length); // a gzip file may have several: its lines are all of theirs
  const large = join(scratch, 'large.gz');
  writeFileSync(large, Buffer.concat(Array.from({ length: members }, () => one)));
  const segment = await upload('raw/large.gz', { file: large });
  const { ms, peakMiB, result } = await startFunction('validate-segment', url).ask({
    event: taskOf(segment, 'large'),
  });
  const outcome = result as SegmentOutcome;
  console.log(
    `${members * one.length} bytes of gzip, ${outcome.lines} lines: ${ms.toFixed(0)} ms, peak ${Math.round(peakMiB)} MiB\n`,
  );
}

async function upload(
  key: string,
  content: { file: string },
): Promise<{ bucket: string; key: string; versionId: string }> {
  const { versionId } = (await cloud.ask({ put: { bucket: 'raw', key, ...content } })) as {
    versionId: string;
  };
  return { bucket: 'raw', key, versionId };
}

function taskOf(segment: { bucket: string; key: string; versionId: string }, run: string) {
  return { ...segment, size: 1, jobId: run, segmentId: segmentIdOf(segment), run };
}

/** Where the local S3 keeps an object, read as MergePartition would. */
async function bytesOf(key: string): Promise<Uint8Array> {
  const { file } = (await cloud.ask({ get: { bucket: 'curated', key, to: join(scratch, 'object') } })) as {
    file: string;
  };
  return readFileSync(file);
}

async function partsOf({ parts, index }: SegmentOutcome): Promise<Map<string, PeriodStatistics>> {
  const bytes = await bytesOf(parts ?? '');
  const entries: PartEntry[] = JSON.parse(Buffer.from(bytes.subarray(index?.start, index?.end)).toString());
  let all = new ColumnsBuilder(waterTemperature).build();
  for (const { start, end } of entries)
    all = union(waterTemperature, all, decodePart(waterTemperature, bytes.subarray(start, end))).columns;
  return statisticsByDay(waterTemperature, all);
}

/** 100,000 readings a turn into a partition of 2,000,000, which grows by them: both sides merge the same. */
async function benchMerge(url: string): Promise<void> {
  const validate = startFunction('validate-segment', url);
  const merge = startFunction('merge-partition', url);
  const duck = duckdb(1);
  const times: Record<string, number[]> = {};
  const add = (name: string, ms: number) => {
    times[name] ??= [];
    times[name].push(ms);
  };
  let last: Invoked | undefined;
  const base = join(scratch, 'base.parquet');
  for (let turn = 0; turn <= turns; turn++) {
    // All of one day: 10,000 readings of 200 sensors, 8 s apart; then 500 of each, spread over that day.
    const size =
      turn === 0
        ? { lines, everyMs: Math.floor(82_800_000 / (lines / 200)) }
        : { lines: lines / 20, everyMs: Math.floor(82_800_000 / (lines / 4_000)) };
    const file = await writeData(join(root, '.caudal', 'bench'), {
      ...size,
      order: 'canonical',
      seed: 100 + turn,
      laterMs: turn * 11,
    });
    const segment = await upload(`raw/merge-${turn}.gz`, { file });
    const outcome = (await validate.ask({ event: taskOf(segment, `merge-${turn}`) }))
      .result as SegmentOutcome;
    const bytes = await bytesOf(outcome.parts ?? '');
    const entries: PartEntry[] = JSON.parse(
      Buffer.from(bytes.subarray(outcome.index?.start, outcome.index?.end)).toString(),
    );
    const entry = entries[0];
    if (entry === undefined || entries.length > 1)
      throw new Error(`accepted is data of one day, found ${entries.length} partitions`);
    const unit = {
      dataset: 'water-temperature',
      partitions: [{ day: entry.day, shard: entry.shard, parts: [{ key: outcome.parts, ...entry }] }],
    };
    const unitKey = `staging/merge-${turn}/units/00000.json`;
    await cloud.ask({ put: { bucket: 'curated', key: unitKey, text: JSON.stringify(unit) } });
    const stored = `curated/dataset=water-temperature/date=${entry.day}/shard=0.parquet`;
    const before = turn === 0 ? undefined : await bytesOf(stored);
    last = await merge.ask({ event: { jobId: `merge-${turn}`, bucket: 'curated', unit: unitKey } });
    const part = decodePart(waterTemperature, bytes.subarray(entry.start, entry.end));
    const partFile = join(scratch, 'part.parquet');
    writeFileSync(partFile, encodePartition(waterTemperature, entry, part));
    const { ms } = await duck.ask({ kind: 'merge', base, part: partFile, target: `${base}.new` });
    renameSync(`${base}.new`, base);
    if (before === undefined) continue;
    add('MergePartition, with DynamoDB', last.ms);
    add('its core: read, union, statistics, write', await mergeInCore(before, part, entry));
    add('DuckDB, 1 thread', ms);
  }
  print(`MergePartition, ${lines / 20} readings into ${lines}`, times, 'DuckDB, 1 thread');
  console.log(
    `peak ${Math.round(last?.peakMiB ?? 0)} MiB, import ${Math.round(last?.importMs ?? 0)} ms; last: ${JSON.stringify(last?.result)}`,
  );
  const stored = (
    (await cloud.ask({ list: { bucket: 'curated', prefix: 'curated/' } })) as { key: string }[]
  )[0];
  const { columns } = await decodePartition(waterTemperature, await bytesOf(stored?.key ?? ''));
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

function print(title: string, times: Readonly<Record<string, readonly number[]>>, peer: string): void {
  const peerMs = median(times[peer] ?? []);
  console.log(`${title.padEnd(50)}${'ms'.padStart(8)}${'x DuckDB'.padStart(10)}`);
  for (const [name, each] of Object.entries(times)) {
    const ms = median(each);
    console.log(`  ${name.padEnd(48)}${ms.toFixed(0).padStart(8)}${(ms / peerMs).toFixed(2).padStart(10)}`);
  }
}
