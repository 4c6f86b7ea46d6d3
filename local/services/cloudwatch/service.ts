import { join } from 'node:path';
import { AwsError, type Service } from '../../engine/calls.ts';
import { createJsonService, type JsonInput } from '../../engine/protocol/json.ts';
import type { AlarmState } from './alarm-rule.ts';
import { type Alarm, AlarmBook, type AlarmStatus, type AlarmsOptions, alarmArn } from './alarms.ts';
import { embeddedMetrics } from './embedded-metrics.ts';
import { ExpressionNotUnderstood } from './expression.ts';
import { type Datum, isStatistic, type MetricId, MetricStore, minuteMs } from './metric-store.ts';
import { evaluateQueries } from './queries.ts';
import { dimensionsOf, readQuery } from './read-query.ts';

export interface CloudWatchOptions extends Pick<AlarmsOptions, 'notify' | 'onFault'> {
  directory: string;
  /** What services know at a time and tell nobody by themselves, such as how many messages wait. */
  sample?(): readonly Datum[];
  /** Alarms are looked at each minute; false: only when `evaluate` is called, for tests. */
  byItself?: boolean;
}

/** CloudWatch: metrics of functions' logs and of services, and the template's alarms over them. */
export interface CloudWatch extends Service {
  record(...data: readonly Datum[]): void;
  /** A line of a function's log, which may have metrics. */
  takeLogLine(line: string): void;
  putAlarm(alarm: Alarm): void;
  alarms(): readonly { alarm: Alarm; status: AlarmStatus }[];
  /** Takes a sample of the services and looks at all alarms. Default: as of now. */
  evaluate(nowMs?: number): void;
  start(): void;
  stop(): void;
  close(): void;
}

/** As CloudWatch has them. */
const maxQueries = 500;
const maxDatapoints = 100_800;
const listPage = 500;
const alarmPage = 100;

const states: ReadonlySet<string> = new Set(['OK', 'ALARM', 'INSUFFICIENT_DATA']);

export function createCloudWatch(options: CloudWatchOptions): CloudWatch {
  const { directory, notify, onFault, sample = () => [], byItself = true } = options;
  const store = new MetricStore(join(directory, 'metrics.jsonl'));
  const read = store.read.bind(store);
  const book = new AlarmBook({ directory, read, notify, onFault });
  let timer: NodeJS.Timeout | undefined;

  function evaluate(nowMs = Date.now()): void {
    for (const datum of sample()) store.add(datum);
    book.evaluate(nowMs);
    store.save(nowMs);
  }

  const service = createJsonService({
    name: 'monitoring',
    version: '1.0',
    targetPrefix: 'GraniteServiceVersion20100801',
    operations: {
      GetMetricData: (input) => metricData(input, read),
      ListMetrics(input) {
        const wanted = Object.entries(dimensionsOf(input.Dimensions));
        const found = store
          .list()
          .filter(
            ({ namespace, name, dimensions }) =>
              (input.Namespace ?? namespace) === namespace &&
              (input.MetricName ?? name) === name &&
              wanted.every(
                ([key, value]) => key in dimensions && (value === '' || dimensions[key] === value),
              ),
          );
        const start = startOf(input.NextToken);
        return {
          Metrics: found.slice(start, start + listPage).map(asMetric),
          ...(found.length > start + listPage ? { NextToken: String(start + listPage) } : {}),
        };
      },
      DescribeAlarms(input) {
        const types: string[] = input.AlarmTypes ?? ['MetricAlarm'];
        const found = book
          .list()
          .filter(
            ({ alarm, status }) =>
              types.includes(alarm.of.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm') &&
              (input.AlarmNames?.includes(alarm.name) ?? true) &&
              alarm.name.startsWith(input.AlarmNamePrefix ?? '') &&
              (input.StateValue ?? status.state) === status.state,
          );
        const start = startOf(input.NextToken);
        const size = Math.min(Number(input.MaxRecords ?? alarmPage), alarmPage);
        const page = found.slice(start, start + size);
        return {
          MetricAlarms: page.flatMap((each) => (each.alarm.of.kind === 'metric' ? [alarmRow(each)] : [])),
          CompositeAlarms: page.flatMap((each) =>
            each.alarm.of.kind === 'composite' ? [alarmRow(each)] : [],
          ),
          ...(found.length > start + size ? { NextToken: String(start + size) } : {}),
        };
      },
      SetAlarmState({ AlarmName, StateValue, StateReason = '' }) {
        if (!states.has(StateValue))
          throw invalid(`StateValue ${StateValue} is none of ${[...states].join(', ')}.`);
        const set = { reason: String(StateReason), nowMs: Date.now() };
        if (!book.set(String(AlarmName), StateValue as AlarmState, set))
          throw new AwsError('ResourceNotFound', `There is no alarm ${AlarmName}.`, { status: 404 });
        return {};
      },
    },
  });

  return {
    ...service,
    record: (...data) => {
      for (const datum of data) store.add(datum);
    },
    takeLogLine(line) {
      for (const datum of embeddedMetrics(line)) store.add(datum);
    },
    putAlarm: (alarm) => book.put(alarm),
    alarms: () => book.list(),
    evaluate,
    start() {
      if (byItself) timer = setInterval(() => evaluate(), minuteMs).unref();
    },
    stop: () => clearInterval(timer),
    close() {
      clearInterval(timer);
      store.close();
      book.close();
    },
  };
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

const startOf = (token: unknown): number => (token === undefined ? 0 : Number(token) || 0);

const asMetric = ({ namespace, name, dimensions }: MetricId) => ({
  Namespace: namespace,
  MetricName: name,
  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
});

/** Times are seconds since the epoch, as the JSON protocol has them. */
function metricData(input: JsonInput, read: MetricStore['read']): object {
  const { MetricDataQueries: asked, StartTime, EndTime, ScanBy = 'TimestampDescending' } = input;
  if (!Array.isArray(asked) || asked.length === 0 || asked.length > maxQueries)
    throw invalid(`MetricDataQueries takes 1 to ${maxQueries} queries.`);
  const [startMs, endMs] = [Number(StartTime) * 1_000, Number(EndTime) * 1_000];
  if (!(startMs < endMs)) throw invalid('StartTime must be before EndTime.');
  const queries = asked.map((each) => readQuery(each, invalid));
  const periods = new Set(queries.flatMap(({ of }) => (of.kind === 'metric' ? of.periodSeconds : [])));
  const [periodSeconds = 60, ...others] = periods;
  if (others.length > 0)
    throw invalid('The local cloud takes metrics of one period in a call: ask for each period by itself.');
  for (const { of } of queries) {
    if (of.kind === 'metric' && !isStatistic(of.statistic))
      throw invalid(`The local cloud does not have the statistic ${of.statistic}.`);
  }
  const periodMs = periodSeconds * 1_000;
  const firstMs = Math.floor(startMs / periodMs) * periodMs;
  const count = Math.ceil((endMs - firstMs) / periodMs);
  if (count * queries.length > maxDatapoints)
    throw invalid(`More than ${maxDatapoints} datapoints: ask for a shorter span or a longer period.`);
  const times = Array.from({ length: count }, (_, index) => firstMs + index * periodMs);
  let series: ReturnType<typeof evaluateQueries>;
  try {
    series = evaluateQueries(queries, { times, periodMs, read });
  } catch (fault) {
    if (fault instanceof ExpressionNotUnderstood || fault instanceof Error) throw invalid(fault.message);
    throw fault;
  }
  return {
    MetricDataResults: queries
      .filter(({ returnData }) => returnData)
      .map(({ id, label }) => {
        const points = [...(series.get(id) ?? [])];
        if (ScanBy === 'TimestampDescending') points.reverse();
        return {
          Id: id,
          Label: label ?? id,
          Timestamps: points.map(([at]) => at / 1_000),
          Values: points.map(([, value]) => value),
          StatusCode: 'Complete',
        };
      }),
    Messages: [],
  };
}

function alarmRow({ alarm, status }: { alarm: Alarm; status: AlarmStatus }): object {
  const { name, description, actions, actionsEnabled, of } = alarm;
  return {
    AlarmName: name,
    AlarmArn: alarmArn(name),
    AlarmDescription: description,
    ActionsEnabled: actionsEnabled,
    AlarmActions: actions.ALARM,
    OKActions: actions.OK,
    InsufficientDataActions: actions.INSUFFICIENT_DATA,
    StateValue: status.state,
    StateReason: status.reason,
    StateUpdatedTimestamp: status.sinceMs / 1_000,
    StateTransitionedTimestamp: status.sinceMs / 1_000,
    ...(of.kind === 'composite'
      ? { AlarmRule: of.rule }
      : {
          EvaluationPeriods: of.watch.periods,
          DatapointsToAlarm: of.watch.datapoints,
          Threshold: of.watch.threshold,
          ComparisonOperator: of.watch.comparison,
          TreatMissingData: of.watch.missing,
        }),
  };
}
