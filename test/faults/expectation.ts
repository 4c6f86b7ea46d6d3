import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { datasets } from '#datasets';
import type { Dataset } from '../../core/dataset/dataset.ts';
import type { Reading } from '../../core/dataset/reading.ts';
import { parseSegment } from '../../core/lines/parse-segment.ts';
import { partitionKey, splitByPartition } from '../../core/partition/partition.ts';
import { encodePartition } from '../../core/partition/partition-file.ts';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import { statisticsByDay } from '../../core/statistics/statistics.ts';
import { localDay } from '../../core/time/calendar.ts';
import { recount } from '../../operator/reconcile/recount.ts';
import type { Decisions } from './commands.ts';
import { factsOf, withoutDecisions, wrongDecisions } from './decisions.ts';
import { identityOf, type Kept, type RawObject } from './kept.ts';
import { wrongMonths } from './months.ts';
import type { Delivery } from './raw-data.ts';

/** What a fault-free run left, and what may be told of in others. */
export interface Expectation {
  kept: Kept;
  /** Every line that was given to Firehose. */
  lines: Set<string>;
  /** The key of every alert that holds for some of the readings: a correction may take it away before or after it is told. */
  possibleAlerts: Set<string>;
}

/**
 * @throws when the fault-free run itself is not what its raw objects come to, counted in this process by core alone:
 *   nothing can be compared with it then
 */
export async function expectationOf(
  kept: Kept,
  deliveries: readonly Delivery[],
  decisions: Decisions,
): Promise<Expectation> {
  const wrong = await wrongDecisions(kept, decisions);
  if (wrong.length > 0) throw new Error(`without faults: ${wrong.join('\n')}`);
  const counted = await recount(sourcesOf(kept.raw), datasets);
  let partitions = 0;
  for (const dataset of datasets) {
    const set = counted.sets.get(dataset.name);
    for (const { id, columns } of set ? splitByPartition(dataset, set) : []) {
      partitions += 1;
      const key = partitionKey(dataset, id);
      const file = kept.files.get(key);
      if (!file?.equals(encodePartition(dataset, id, columns)))
        throw new Error(`without faults: ${key} is wrong`);
    }
  }
  const stored = [...kept.files.keys()].filter((key) => key.endsWith('.parquet'));
  if (stored.length !== partitions)
    throw new Error(`without faults: ${stored.length} files, not ${partitions}`);
  return {
    kept,
    lines: new Set(deliveries.flatMap((delivery) => (delivery.kind === 'firehose' ? delivery.lines : []))),
    possibleAlerts: await possibleAlerts(kept.raw),
  };
}

async function* sourcesOf(raw: readonly RawObject[]) {
  for (const { key, arrivedMs, body } of raw)
    yield { key, arrivedMs, bytes: Readable.from(body.length === 0 ? [] : [body]) };
}

/** The alerts that any reading, any two of a series and day, or any run of them, would raise, by the same code that raises them. */
async function possibleAlerts(raw: readonly RawObject[]): Promise<Set<string>> {
  const possible = new Set<string>();
  const told = new Map<string, { dataset: Dataset; readings: Reading[] }>();
  for await (const { key, arrivedMs, bytes } of sourcesOf(raw)) {
    await parseSegment(
      { source: { key, arrivedMs }, datasets, bytes },
      {
        reading(_, dataset, reading) {
          const day = localDay(dataset.timeZone, reading.timestampMs);
          const name = `${dataset.storageName}#${reading.sensorId}#${day}`;
          const series = told.get(name) ?? { dataset, readings: [] };
          series.readings.push(reading);
          told.set(name, series);
        },
        rejected() {},
      },
    );
  }
  for (const [name, { dataset, readings }] of told) {
    for (const [index, reading] of readings.entries()) {
      const others = readings
        .slice(index + 1)
        .filter(({ timestampMs }) => timestampMs !== reading.timestampMs);
      for (const rule of [undefined, ...others].flatMap((other) => rulesBroken(dataset, reading, other)))
        possible.add(`${name}#${rule}`);
    }
    for (const rule of lastingRules(dataset, readings)) possible.add(`${name}#${rule}`);
  }
  return possible;
}

/** The rules about how long a limit is broken that some of the readings of a series and day could break: all that are past the limit do at the most. */
function lastingRules(dataset: Dataset, readings: readonly Reading[]): string[] {
  return Object.entries(dataset.alerts).flatMap(([name, { lasting, maxGap, ...limit }]) => {
    if (lasting === undefined) return [];
    const atOnce: Dataset = { ...dataset, alerts: { [name]: limit } };
    const past = readings.filter((each) => rulesBroken(atOnce, each).length > 0);
    const [first, ...others] = new Map(past.map((each) => [each.timestampMs, each])).values();
    return first === undefined ? [] : rulesBroken(dataset, first, ...others).filter((rule) => rule === name);
  });
}

function rulesBroken(dataset: Dataset, ...readings: readonly (Reading | undefined)[]): string[] {
  const builder = new ColumnsBuilder(dataset);
  const given = readings.filter((each) => each !== undefined);
  for (const each of given.sort((a, b) => a.timestampMs - b.timestampMs)) builder.add(each);
  return [...statisticsByDay(dataset, builder.build()).values()].flatMap(({ alerts }) => Object.keys(alerts));
}

/** Everything in which a run differs from the fault-free one, and is wrong of what its commands came to, in words. Empty: nothing. */
export async function differences(
  { kept: withAll, lines, possibleAlerts }: Expectation,
  kept: Kept,
  decisions: Decisions,
): Promise<string[]> {
  const [expected, found] = [withoutDecisions(withAll), withoutDecisions(kept)];
  return [
    ...differentFiles(expected, found),
    ...differentStatistics(expected, found),
    ...wrongMonths(kept.statistics).map((difference) => `statistics ${difference}`),
    ...differentAlerts(expected, kept, possibleAlerts),
    ...differentPublications(kept, possibleAlerts),
    ...(await differentLedgers(expected, kept)),
    ...lostLines(
      lines.union(new Set(factsOf(kept.streams, decisions.run).map((line) => `${line}\n`))),
      kept.raw,
    ),
    ...(await wrongDecisions(kept, decisions)),
  ];
}

function differentFiles(expected: Kept, kept: Kept): string[] {
  return compare(expected.files, kept.files, (a, b) => (a.equals(b) ? undefined : 'holds another set')).map(
    (difference) => `file ${difference}`,
  );
}

function differentStatistics(expected: Kept, kept: Kept): string[] {
  const contents = compare(expected.statistics, kept.statistics, (a, b) => {
    // Which days a month leaves to their pages follows from the day it was: it is right if it has the others.
    if (a.month !== undefined && b.month !== undefined) return undefined;
    return a.content === b.content ? undefined : `${b.content} instead of ${a.content}`;
  });
  return contents.map((difference) => `statistics ${difference}`);
}

function differentAlerts(expected: Kept, kept: Kept, possible: ReadonlySet<string>): string[] {
  const holding = ({ alerts }: Kept) => new Map([...alerts].filter(([, { withdrawn }]) => !withdrawn));
  const contents = compare(holding(expected), holding(kept), (a, b) => {
    if (a.content !== b.content) return `${b.content} instead of ${a.content}`;
    return b.told ? undefined : 'nobody was told';
  });
  const open = [...kept.alerts].flatMap(([key, { state, left }]) =>
    state === 'sent' && left.length === 0 ? [] : [`${key}: is ${state}, with ${left.join(', ')}`],
  );
  const strange = [...kept.alerts.keys()]
    .filter((key) => !possible.has(key))
    .map((key) => `${key}: never held`);
  return [...contents, ...open, ...strange].map((difference) => `alert ${difference}`);
}

/** Each alert that somebody was told of was published, at least once, and nothing else under any other key. */
function differentPublications({ alerts, published }: Kept, possible: ReadonlySet<string>): string[] {
  const told = [...alerts].filter(([, alert]) => alert.told).map(([key]) => key);
  const silent = told
    .filter((key) => !published.has(key))
    .map((key) => `${key}: marked sent, never published`);
  const strange = [...published.keys()]
    .filter((key) => !possible.has(key))
    .map((key) => `${key}: of no alert`);
  return [...silent, ...strange].map((difference) => `publication ${difference}`);
}

/** The account of each object is the one of a fault-free run, or of the object counted again where that run had none like it. */
async function differentLedgers(expected: Kept, kept: Kept): Promise<string[]> {
  const found: string[] = [];
  const byIdentity = new Map(kept.raw.map((object) => [identityOf(object), object]));
  for (const [identity, accounts] of kept.ledgers) {
    const known = expected.ledgers.get(identity)?.[0];
    const object = byIdentity.get(identity) as RawObject; // both are made of the same objects
    const right = known === undefined ? await countsOf(object) : known;
    for (const account of accounts) {
      const compared = known === undefined ? countsIn(account) : account;
      if (compared !== right) found.push(`ledger of ${object.key}: ${compared} instead of ${right}`);
    }
  }
  return found;
}

async function countsOf(object: RawObject): Promise<string> {
  const { lines, valid, rejected } = await recount(sourcesOf([object]), datasets);
  return JSON.stringify([lines, valid, Object.entries(rejected).sort()]);
}

function countsIn(account: string): string {
  if (!account.startsWith('{')) return account;
  const { lines, valid, rejected, state } = JSON.parse(account) as Record<string, Record<string, unknown>>;
  if (state?.S !== 'Completed') return account;
  const reasons = Object.entries((rejected?.M ?? {}) as Record<string, { N: string }>);
  const counts = reasons.map(([reason, { N }]) => [reason, Number(N)]).sort();
  return JSON.stringify([Number(lines?.N), Number(valid?.N), counts]);
}

/** Every line that Firehose acknowledged lies in some raw object. */
function lostLines(lines: ReadonlySet<string>, raw: readonly RawObject[]): string[] {
  const there = new Set(
    raw
      .filter(({ key }) => key.startsWith('raw/'))
      .flatMap(({ body }) =>
        gunzipSync(body)
          .toString()
          .split(/(?<=\n)/),
      ),
  );
  return [...lines].filter((line) => !there.has(line)).map((line) => `lost line ${line.trim()}`);
}

/** Keys that only one has, and those whose values `difference` finds different. */
function compare<Value>(
  expected: ReadonlyMap<string, Value>,
  found: ReadonlyMap<string, Value>,
  difference: (expected: Value, found: Value) => string | undefined,
): string[] {
  const keys = [...new Set([...expected.keys(), ...found.keys()])].sort();
  return keys.flatMap((key) => {
    const [a, b] = [expected.get(key), found.get(key)];
    if (a === undefined) return [`${key}: should not be there`];
    if (b === undefined) return [`${key}: missing`];
    const text = difference(a, b);
    return text === undefined ? [] : [`${key}: ${text}`];
  });
}
