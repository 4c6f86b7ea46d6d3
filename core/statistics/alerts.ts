import type { Dataset } from '../dataset/dataset.ts';
import type { AlertRule } from '../dataset/definition.ts';
import { readSelection, selects } from '../dataset/sensor-selection.ts';
import type { Columns } from '../set/columns.ts';
import { parseDuration } from '../time/duration.ts';

/** The breaches of one rule by one series in a period. */
export interface AlertStatistics {
  /** At least 1. */
  count: number;
  /**
   * The value farthest past its limit, in the measure's unit; at equal distance the earliest, and of one instant the greatest. Of a rule about changes, the change
   * in place of the value: negative where it fell.
   */
  worst: number;
  /** UTC ms. */
  worstAt: number;
}

/**
 * The limit that a value is past, or `undefined` when it breaks neither. A value at its limit breaks nothing. Of a rule about changes `value` is the change, and a
 * limit is negative for those down.
 */
export function limitBroken(rule: AlertRule, value: number): number | undefined {
  const { changesBy } = rule;
  if (changesBy !== undefined) return Math.abs(value) > changesBy ? Math.sign(value) * changesBy : undefined;
  const { above = Number.POSITIVE_INFINITY, below = Number.NEGATIVE_INFINITY } = rule;
  if (value > above) return above;
  return value < below ? below : undefined;
}

/** Which sensors each rule of a dataset is for, read once: neither changes. */
const selections = new WeakMap<Dataset, Map<AlertRule, (sensorId: string) => boolean>>();

/** Whether the rule is for the sensor: of those that it names, and of those whose station has its tags. */
export function isFor(dataset: Dataset, rule: AlertRule, sensorId: string): boolean {
  if (rule.sensors === undefined && rule.tag === undefined) return true;
  const known = selections.get(dataset) ?? new Map<AlertRule, (sensorId: string) => boolean>();
  selections.set(dataset, known);
  const found = known.get(rule) ?? selectionOf(dataset, rule);
  known.set(rule, found);
  return found(sensorId);
}

function selectionOf({ sensorsByTag = {} }: Dataset, { sensors, tag }: AlertRule) {
  const selection = sensors === undefined ? undefined : readSelection(sensors); // checked when the dataset was defined
  const tagged = tag?.split(',').map((name) => new Set(sensorsByTag[name]));
  return (sensorId: string) =>
    (selection === undefined || selects(selection, sensorId)) &&
    (tagged === undefined || tagged.every((ids) => ids.has(sensorId)));
}

/** The breaches among rows `start` (inclusive) to `end` (exclusive), which are one series in timestamp order. */
export function alertsOf(
  dataset: Dataset,
  columns: Columns,
  start: number,
  end: number,
): Record<string, AlertStatistics> {
  const alerts: Record<string, AlertStatistics> = {};
  const sensorId = columns.sensors[columns.sensor[start] ?? -1] ?? '';
  for (const [name, rule] of Object.entries(dataset.alerts)) {
    if (rule.noDataFor !== undefined || !isFor(dataset, rule, sensorId)) continue; // silence is told by the clock
    const values = columns.values[dataset.measureNames.indexOf(rule.measure)] as Float64Array; // a column a measure
    const breaches = breachesBy(rule);
    let found: AlertStatistics | undefined;
    for (const [row, value] of breaches(rule, { values, timestampMs: columns.timestampMs, start, end })) {
      const breach = { count: 1, worst: value + 0, worstAt: columns.timestampMs[row] as number }; // as above; -0 + 0 is 0
      found = found ? combine(rule, found, breach) : breach;
    }
    if (found) alerts[name] = found;
  }
  return alerts;
}

/** A measure of one series: rows `start` (inclusive) to `end` (exclusive), in timestamp order. */
interface SeriesValues {
  readonly values: Float64Array;
  readonly timestampMs: Float64Array;
  readonly start: number;
  readonly end: number;
}

/** What finds the rows of a series that break a rule, with what is past its limit. */
function breachesBy({ changesBy, lasting }: AlertRule) {
  if (changesBy !== undefined) return brokenChanges;
  return lasting === undefined ? brokenValues : lastingValues;
}

/** Each row that is past a limit, with its value; NaN, absent, breaks none. Here and not by {@link limitBroken}: all rows of all sets pass. */
function* brokenValues(
  { above = Number.POSITIVE_INFINITY, below = Number.NEGATIVE_INFINITY }: AlertRule,
  { values, start, end }: SeriesValues,
): Generator<[row: number, value: number]> {
  for (let row = start; row < end; row++) {
    const value = values[row] as number; // row is a row
    if (value > above || value < below) yield [row, value];
  }
}

/**
 * Each row of a run that lasted, with its value. A run is of values one after the other that are past the same limit, no two of them farther apart
 * than the rule's gap. A late reading may make a run, and one within the limit may cut it in two: then the alert is withdrawn, as by a correction.
 */
function* lastingValues(
  rule: AlertRule,
  { values, timestampMs, start, end }: SeriesValues,
): Generator<[row: number, value: number]> {
  const lastingMs = parseDuration(rule.lasting ?? '') ?? 0; // checked when the dataset was defined, as is the next
  const gapMs = parseDuration(rule.maxGap ?? rule.lasting ?? '') ?? 0;
  const at = (row: number) => timestampMs[row] as number; // a row of the series
  let run: number[] = [];
  let limit: number | undefined;
  const lasted = () => at(run.at(-1) ?? start) - at(run[0] ?? start) >= lastingMs; // which is above 0
  for (let row = start; row < end; row++) {
    const value = values[row] as number; // row is a row
    if (Number.isNaN(value)) continue;
    const broken = limitBroken(rule, value);
    if (broken !== limit || at(row) - at(run.at(-1) ?? row) > gapMs) {
      if (lasted()) for (const kept of run) yield [kept, values[kept] as number];
      run = [];
    }
    limit = broken;
    if (broken !== undefined) run.push(row);
  }
  if (lasted()) for (const kept of run) yield [kept, values[kept] as number];
}

/**
 * Each row to which a change from an earlier one within the rule's time is past the limit, with the greatest, up rather than down where both are as great. Any two readings count and not
 * only neighbours: so a late reading between them takes no alert away, and what a set tells any larger one tells too. One pass, by the lowest and the
 * highest values of the time before each row.
 */
function* brokenChanges(
  rule: AlertRule,
  { values, timestampMs, start, end }: SeriesValues,
): Generator<[row: number, change: number]> {
  const withinMs = parseDuration(rule.within ?? '') ?? 0; // checked when the dataset was defined
  const lowest = createWindow((a, b) => a <= b);
  const highest = createWindow((a, b) => a >= b);
  for (let row = start; row < end; row++) {
    const value = values[row] as number; // row is a row
    if (Number.isNaN(value)) continue;
    const atMs = timestampMs[row] as number;
    const low = lowest.before(atMs - withinMs);
    const high = highest.before(atMs - withinMs);
    if (low !== undefined && high !== undefined) {
      const [up, down] = [value - low, value - high];
      const change = up >= -down ? up : down;
      if (limitBroken(rule, change) !== undefined) yield [row, change];
    }
    lowest.add(value, atMs);
    highest.add(value, atMs);
  }
}

/** The value of a time that goes before all others of it, as rows come and the time moves on. */
function createWindow(goesBefore: (a: number, b: number) => boolean) {
  const kept: { readonly value: number; readonly atMs: number }[] = [];
  let first = 0;
  return {
    /** Of those added at `fromMs` or later; `undefined` where there is none. */
    before(fromMs: number): number | undefined {
      while ((kept[first]?.atMs ?? fromMs) < fromMs) first++;
      return kept[first]?.value;
    },
    add(value: number, atMs: number): void {
      while (kept.length > first && goesBefore(value, kept.at(-1)?.value as number)) kept.pop();
      kept.push({ value, atMs });
    },
  };
}

/** The breaches of a longer period from those of its parts. Rules that the dataset no longer has are left out. */
export function mergeAlerts(
  dataset: Dataset,
  parts: readonly Readonly<Record<string, AlertStatistics>>[],
): Record<string, AlertStatistics> {
  const alerts: Record<string, AlertStatistics> = {};
  for (const [name, rule] of Object.entries(dataset.alerts)) {
    for (const { [name]: part } of parts) {
      const sum = alerts[name];
      if (part) alerts[name] = sum ? combine(rule, sum, part) : part;
    }
  }
  return alerts;
}

function combine(rule: AlertRule, a: AlertStatistics, b: AlertStatistics): AlertStatistics {
  const byExcess = excess(rule, b.worst) - excess(rule, a.worst);
  // Each tie has its rule, so that no order of combining shows: sensors that are merged may break both limits at one instant.
  const order = byExcess || a.worstAt - b.worstAt || b.worst - a.worst;
  const { worst, worstAt } = order > 0 ? b : a;
  return { count: a.count + b.count, worst, worstAt };
}

/** How far a value is past the limit that it breaks; 0 when it breaks none, as after the rule was relaxed. */
function excess(rule: AlertRule, value: number): number {
  return Math.abs(value - (limitBroken(rule, value) ?? value));
}
