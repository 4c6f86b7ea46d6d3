import { join } from 'node:path';
import { accountId, arn, region } from '../../engine/calls.ts';
import { Journal } from '../../engine/journal.ts';
import { type AlarmState, parseAlarmRule } from './alarm-rule.ts';
import type { TimeSeries } from './expression.ts';
import { minuteMs } from './metric-store.ts';
import { evaluateQueries, type MetricQuery, type ReadMetric } from './queries.ts';

export type Comparison =
  | 'GreaterThanThreshold'
  | 'GreaterThanOrEqualToThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';

/** What a metric alarm watches. */
export interface Watch {
  queries: readonly MetricQuery[];
  /** Length of a period, and of how many periods how many have to be beyond the threshold. */
  periodSeconds: number;
  periods: number;
  datapoints: number;
  threshold: number;
  comparison: Comparison;
  missing: 'breaching' | 'notBreaching' | 'ignore' | 'missing';
}

export interface Alarm {
  name: string;
  description: string;
  /** ARNs of topics, by the state that is begun. */
  actions: Readonly<Record<AlarmState, readonly string[]>>;
  actionsEnabled: boolean;
  of: { kind: 'metric'; watch: Watch } | { kind: 'composite'; rule: string };
}

/** What an alarm's state is, and since when. */
export interface AlarmStatus {
  state: AlarmState;
  reason: string;
  /** UTC ms. */
  sinceMs: number;
}

export interface AlarmsOptions {
  directory: string;
  read: ReadMetric;
  /** Publishes to a topic on behalf of an alarm; throws where it may not. */
  notify(topicArn: string, alarmArn: string, notice: { subject: string; message: string }): void;
  onFault(fault: unknown): void;
}

const beyond: Readonly<Record<Comparison, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

export const isComparison = (name: string): name is Comparison => Object.hasOwn(beyond, name);

export const alarmArn = (name: string): string => arn('cloudwatch', `alarm:${name}`);

/** The alarms of the template, and their states, which are on disk. */
export class AlarmBook {
  readonly #options: AlarmsOptions;
  readonly #alarms = new Map<string, Alarm>();
  readonly #states = new Map<string, AlarmStatus>();
  readonly #journal: Journal<AlarmStatus & { name: string }>;

  constructor(options: AlarmsOptions) {
    this.#options = options;
    this.#journal = new Journal(join(options.directory, 'alarm-states.jsonl'));
    for (const { name, ...status } of this.#journal.load()) this.#states.set(name, status);
  }

  put(alarm: Alarm): void {
    this.#alarms.set(alarm.name, alarm);
    if (!this.#states.has(alarm.name))
      this.#states.set(alarm.name, {
        state: 'INSUFFICIENT_DATA',
        reason: 'Unchecked: Initial alarm creation',
        sinceMs: Date.now(),
      });
  }

  list(): readonly { alarm: Alarm; status: AlarmStatus }[] {
    return [...this.#alarms.values()].map((alarm) => ({ alarm, status: this.#statusOf(alarm.name) }));
  }

  /** Looks at all alarms as of a time; those over others come after them. */
  evaluate(nowMs: number): void {
    for (const alarm of this.#alarms.values()) {
      if (alarm.of.kind !== 'metric') continue;
      try {
        const found = look(alarm.of.watch, {
          nowMs,
          read: this.#options.read,
          before: this.#statusOf(alarm.name).state,
        });
        this.set(alarm.name, found.state, { reason: found.reason, nowMs });
      } catch (fault) {
        this.#options.onFault(fault);
      }
    }
    for (const alarm of this.#alarms.values()) {
      if (alarm.of.kind !== 'composite') continue;
      const holds = parseAlarmRule(alarm.of.rule)((name) => this.#statusOf(name).state);
      const reason = `${alarm.of.rule} ${holds ? 'holds' : 'does not hold'}`;
      this.set(alarm.name, holds ? 'ALARM' : 'OK', { reason, nowMs });
    }
  }

  /** False where there is no alarm of the name. A state that is begun is told to the topics of its actions. */
  set(name: string, state: AlarmState, { reason, nowMs }: { reason: string; nowMs: number }): boolean {
    const alarm = this.#alarms.get(name);
    if (alarm === undefined) return false;
    const before = this.#statusOf(name);
    if (before.state === state) return true;
    const status = { state, reason, sinceMs: nowMs };
    this.#states.set(name, status);
    this.#journal.append({ name, ...status });
    this.#journal.compact(this.#states.size, () =>
      [...this.#states].map(([of, kept]) => ({ name: of, ...kept })),
    );
    if (!alarm.actionsEnabled) return true;
    for (const topicArn of alarm.actions[state]) {
      try {
        this.#options.notify(topicArn, alarmArn(name), noticeOf(alarm, before.state, status));
      } catch (fault) {
        this.#options.onFault(fault);
      }
    }
    return true;
  }

  close(): void {
    this.#journal.close();
  }

  #statusOf(name: string): AlarmStatus {
    return this.#states.get(name) ?? { state: 'INSUFFICIENT_DATA', reason: 'no such alarm', sinceMs: 0 };
  }
}

/**
 * The state of a metric alarm. Its periods end with the minute that is running, as CloudWatch moves them each minute; periods without data
 * are treated as the alarm says.
 */
function look(
  watch: Watch,
  { nowMs, read, before }: { nowMs: number; read: ReadMetric; before: AlarmState },
): { state: AlarmState; reason: string } {
  const { queries, periodSeconds, periods, datapoints, threshold, comparison, missing } = watch;
  const periodMs = periodSeconds * 1_000;
  const endMs = (Math.floor(nowMs / minuteMs) + 1) * minuteMs;
  const times = Array.from({ length: periods }, (_, index) => endMs - (periods - index) * periodMs);
  const shown = queries.find(({ returnData }) => returnData);
  const values: TimeSeries =
    evaluateQueries(queries, { times, periodMs, read }).get(shown?.id ?? '') ?? new Map();
  const found = times.map((at) => values.get(at));
  const known = found.filter((value) => value !== undefined);
  const [are, of] = [`datapoints ${JSON.stringify(known)}`, `the threshold (${threshold})`];
  if (known.length === 0 && missing === 'ignore') return { state: before, reason: 'No datapoints.' };
  if (known.length === 0 && missing === 'missing')
    return { state: 'INSUFFICIENT_DATA', reason: `No datapoints were received for ${periods} periods.` };
  const isBeyond = (value: number | undefined): boolean =>
    value === undefined ? missing === 'breaching' : beyond[comparison](value, threshold);
  const count = found.filter(isBeyond).length;
  const reason =
    count >= datapoints
      ? `Threshold Crossed: ${count} of ${periods} ${are} were ${comparison} ${of}.`
      : `Threshold not crossed: ${count} of ${periods} ${are} were ${comparison} ${of}.`;
  return { state: count >= datapoints ? 'ALARM' : 'OK', reason };
}

/** What is published, as CloudWatch words it. */
function noticeOf(
  { name, description, of }: Alarm,
  before: AlarmState,
  { state, reason, sinceMs }: AlarmStatus,
): { subject: string; message: string } {
  const subject = `${state}: "${name}" in ${region}`;
  return {
    subject: subject.length > 100 ? `${subject.slice(0, 97)}...` : subject,
    message: JSON.stringify({
      AlarmName: name,
      AlarmDescription: description,
      AWSAccountId: accountId,
      NewStateValue: state,
      NewStateReason: reason,
      StateChangeTime: new Date(sinceMs).toISOString(),
      Region: region,
      AlarmArn: alarmArn(name),
      OldStateValue: before,
      Trigger:
        of.kind === 'composite'
          ? { AlarmRule: of.rule }
          : {
              Period: of.watch.periodSeconds,
              EvaluationPeriods: of.watch.periods,
              Threshold: of.watch.threshold,
            },
    }),
  };
}
