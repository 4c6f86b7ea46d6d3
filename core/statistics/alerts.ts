import type { Dataset } from '../dataset/dataset.ts';
import type { AlertRule } from '../dataset/definition.ts';
import { readSelection, type SensorSelection, selects } from '../dataset/sensor-selection.ts';
import type { Columns } from '../set/columns.ts';

/** The breaches of one rule by one series in a period. */
export interface AlertStatistics {
  /** At least 1. */
  count: number;
  /** The value farthest past its limit, in the measure's unit; at equal distance the earliest, and of one instant the greatest. */
  worst: number;
  /** UTC ms. */
  worstAt: number;
}

/** The limit that a value is past, or `undefined` when it breaks neither. A value at its limit breaks nothing. */
export function limitBroken(rule: AlertRule, value: number): number | undefined {
  if (rule.above !== undefined && value > rule.above) return rule.above;
  if (rule.below !== undefined && value < rule.below) return rule.below;
  return undefined;
}

/** What rules say of their sensors, read once: a rule never changes. */
const selections = new WeakMap<AlertRule, SensorSelection>();

/** Whether the rule is for the sensor. */
function isFor(rule: AlertRule, sensorId: string): boolean {
  if (rule.sensors === undefined) return true;
  let selection = selections.get(rule);
  if (selection === undefined) {
    selection = readSelection(rule.sensors) as SensorSelection; // checked when the dataset was defined
    selections.set(rule, selection);
  }
  return selects(selection, sensorId);
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
    if (!isFor(rule, sensorId)) continue;
    const values = columns.values[dataset.measureNames.indexOf(rule.measure)] as Float64Array; // a column a measure
    let found: AlertStatistics | undefined;
    for (let row = start; row < end; row++) {
      const value = values[row] as number; // row is a row; NaN, absent, breaks no limit
      if (limitBroken(rule, value) === undefined) continue;
      const breach = { count: 1, worst: value + 0, worstAt: columns.timestampMs[row] as number }; // as above; -0 + 0 is 0
      found = found ? combine(rule, found, breach) : breach;
    }
    if (found) alerts[name] = found;
  }
  return alerts;
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
