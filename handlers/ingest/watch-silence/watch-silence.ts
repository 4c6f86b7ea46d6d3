import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { AlertRule } from '../../../core/dataset/definition.ts';
import { partitionKey, shardOf } from '../../../core/partition/partition.ts';
import { decodePartition } from '../../../core/partition/partition-file.ts';
import { isFor } from '../../../core/statistics/alerts.ts';
import { localDay } from '../../../core/time/calendar.ts';
import { dayMs, parseDuration } from '../../../core/time/duration.ts';
import type { Clock } from '../../../ports/clock.ts';
import { mapBounded } from '../../../ports/concurrency.ts';
import type { ObjectReader } from '../../../ports/objects.ts';
import type {
  AlertBook,
  AlertContent,
  AlertKey,
  AlertOutbox,
  AlertRevision,
  AlertsOfRule,
  NoticePublisher,
  StoredAlert,
} from '../../../ports/records.ts';
import { createNotifyAlerts } from '../notify-alerts.ts';

export interface WatchPorts {
  readonly objects: ObjectReader;
  readonly curatedBucket: string;
  readonly alerts: Pick<AlertBook, 'create' | 'revise'>;
  readonly known: AlertsOfRule;
  readonly outbox: AlertOutbox;
  readonly topic: NoticePublisher;
  readonly clock: Pick<Clock, 'nowMs' | 'pause'>;
  readonly datasets: readonly Dataset[];
}

export interface Watched {
  /** Series that have become silent. */
  silent: number;
  /** Series of which a value has come. */
  heard: number;
  /** Alerts published, of whatever rule. */
  sent: number;
}

/** A silence that is older when it is first looked at is not told: so long the watch itself may have been away. */
const lookBackMs = dayMs;
/** How old the last value of a series may be that is heard again, so that its alert is found: in days. */
const daysKnown = 31;
const minuteMs = 60_000;
const queriesInFlight = 8;

/** A rule about silence, with what follows from it. */
interface SilenceRule {
  readonly name: string;
  readonly rule: AlertRule;
  readonly forMs: number;
}

/** The last value of each series by measure, UTC ms. */
type LastValues = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Looks which series have had no value of a rule's measure for longer than its time, and writes an alert for each: of the local day of its last value, so
 * that it is the same however often this runs, and whoever else runs it. An alert is withdrawn once a later value has come. Each
 * step can be lost and repeated: what is stored is compared with the readings, and written only as it was read.
 *
 * @throws what kept it from looking at a dataset, after all others
 */
export function createWatchSilence(ports: WatchPorts) {
  const notify = createNotifyAlerts(ports);
  return async ({ owner, remainingMs }: { owner: string; remainingMs: () => number }): Promise<Watched> => {
    const watched: Watched = { silent: 0, heard: 0, sent: 0 };
    const faults: unknown[] = [];
    let isPending = false;
    for (const dataset of ports.datasets) {
      const rules = silenceRules(dataset);
      if (rules.length === 0) continue;
      try {
        const last = await lastValues(ports, dataset, rules);
        for (const rule of rules) {
          const found = await watchRule(ports, dataset, rule, last.get(rule.rule.measure) ?? new Map());
          watched.silent += found.silent;
          watched.heard += found.heard;
          isPending ||= found.isPending;
        }
      } catch (fault) {
        faults.push(fault);
      }
    }
    if (isPending) watched.sent = (await notify({ owner, remainingMs })).sent;
    if (faults.length > 0) throw faults[0];
    return watched;
  };
}

function silenceRules({ alerts }: Dataset): SilenceRule[] {
  return Object.entries(alerts).flatMap(([name, rule]) => {
    const forMs = rule.noDataFor === undefined ? undefined : parseDuration(rule.noDataFor);
    return forMs === undefined ? [] : [{ name, rule, forMs }];
  });
}

async function watchRule(
  ports: WatchPorts,
  dataset: Dataset,
  { name, rule, forMs }: SilenceRule,
  last: ReadonlyMap<string, number>,
): Promise<{ silent: number; heard: number; isPending: boolean }> {
  const nowMs = ports.clock.nowMs();
  const found = { silent: 0, heard: 0, isPending: false };
  const known = await knownAlerts(ports.known, dataset, name, nowMs);
  const dayOf = (atMs: number) => localDay(dataset.timeZone, atMs);
  /** Of a series without a value in the days looked at, only what was of these days is known to be gone: it was withdrawn. */
  const holds = ({ worstAt }: AlertContent, lastMs: number | undefined): boolean =>
    lastMs === undefined
      ? worstAt < nowMs - forMs - lookBackMs
      : nowMs - lastMs > forMs && dayOf(lastMs) === dayOf(worstAt);
  for (const [sensorId, lastMs] of last) {
    const silentMs = nowMs - lastMs;
    if (silentMs <= forMs || silentMs > forMs + lookBackMs || !isFor(dataset, rule, sensorId)) continue;
    const day = dayOf(lastMs);
    if (day < (rule.since ?? '')) continue;
    const content: AlertContent = {
      ...{ measure: rule.measure, threshold: forMs / minuteMs, count: 1, withdrawn: false },
      ...{ worst: Math.floor(silentMs / minuteMs), worstAt: lastMs },
    };
    const shard = shardOf(sensorId, dataset.shards);
    const key = { dataset: dataset.storageName, shard, sensorId, day, rule: name };
    if (await tell(ports, key, content, known.get(placeOf(key))?.alert)) found.silent++;
  }
  const heard: AlertRevision[] = [];
  for (const { key, alert } of known.values()) {
    if (alert.state === 'pending') found.isPending = true;
    if (alert.content.withdrawn || holds(alert.content, last.get(key.sensorId))) continue;
    const content = { ...alert.content, withdrawn: true };
    heard.push({ key, read: alert, content, version: alert.version + 1, reopen: false });
  }
  const outcomes = await ports.alerts.revise(heard);
  found.heard = outcomes.filter((outcome) => outcome === 'written').length;
  found.isPending ||= found.silent > 0;
  return found;
}

/** Whether the alert is new, or holds again. One that holds is changed only where another value is the last. */
async function tell(
  { alerts, clock }: WatchPorts,
  key: AlertKey,
  content: AlertContent,
  known: StoredAlert | undefined,
): Promise<boolean> {
  if (known === undefined) {
    const createdAt = new Date(clock.nowMs()).toISOString();
    return (await alerts.create(key, { content, version: 1, createdAt })) === 'written';
  }
  const { withdrawn, worstAt } = known.content;
  if (!withdrawn && worstAt === content.worstAt) return false;
  // Where nobody was told before it was withdrawn, somebody has to be now; else it is one alert for a series, rule and day.
  const reopen = known.state === 'sent' && known.sentAt === undefined;
  const [outcome] = await alerts.revise([{ key, read: known, content, version: known.version + 1, reopen }]);
  return outcome === 'written' && withdrawn;
}

/** The alerts of a rule on the days on which a series may have been heard last. */
async function knownAlerts(known: AlertsOfRule, dataset: Dataset, rule: string, nowMs: number) {
  const days = daysOf(dataset, nowMs - daysKnown * dayMs, nowMs);
  const found = await mapBounded(days, queriesInFlight, (day) =>
    known.ofRule({ dataset: dataset.storageName, day, rule }),
  );
  return new Map(found.flat().map((each) => [placeOf(each.key), each]));
}

const placeOf = ({ day, sensorId }: AlertKey): string => `${day}#${sensorId}`;

/** Of the partitions of the days that matter, of which one is in memory at a time. A value ahead of now is one all the same. */
async function lastValues(
  { objects, curatedBucket: bucket, clock }: WatchPorts,
  dataset: Dataset,
  rules: readonly SilenceRule[],
): Promise<LastValues> {
  const nowMs = clock.nowMs();
  const longestMs = Math.max(...rules.map(({ forMs }) => forMs));
  const last = new Map(rules.map(({ rule }) => [rule.measure, new Map<string, number>()]));
  for (const day of daysOf(dataset, nowMs - longestMs - lookBackMs, nowMs + dayMs)) {
    for (let shard = 0; shard < dataset.shards; shard++) {
      const key = partitionKey(dataset, { dataset: dataset.name, day, shard });
      const file = await objects.read({ bucket, key });
      if (file === undefined) continue;
      const { columns } = await decodePartition(dataset, file.bytes);
      for (const [measure, ofMeasure] of last) {
        const values = columns.values[dataset.measureNames.indexOf(measure)] as Float64Array; // a column a measure
        for (let row = 0; row < columns.length; row++) {
          if (columns.withdrawn[row] === 1 || Number.isNaN(values[row])) continue;
          const sensorId = columns.sensors[columns.sensor[row] ?? -1] ?? '';
          const atMs = columns.timestampMs[row] ?? 0;
          if (atMs > (ofMeasure.get(sensorId) ?? Number.NEGATIVE_INFINITY)) ofMeasure.set(sensorId, atMs);
        }
      }
    }
  }
  return last;
}

/** The local days from one instant to another, both included. */
function daysOf({ timeZone }: Dataset, fromMs: number, toMs: number): string[] {
  const days = new Set<string>();
  // A local day has at least 23 hours: half a day at a time passes over none.
  for (let atMs = fromMs; atMs < toMs; atMs += dayMs / 2) days.add(localDay(timeZone, atMs));
  return [...days.add(localDay(timeZone, toMs))];
}
