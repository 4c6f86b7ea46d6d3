import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  ListMetricsCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEndpoint, type Endpoint } from '../../engine/endpoint.ts';
import { type AlarmState, parseAlarmRule } from './alarm-rule.ts';
import { embeddedMetrics } from './embedded-metrics.ts';
import { parseExpression } from './expression.ts';
import { provisionCloudWatch } from './provision.ts';
import { type CloudWatch, createCloudWatch } from './service.ts';

const minute = 60_000;
/** A minute that is over, of this hour. */
const nowMs = Math.floor(Date.now() / minute) * minute - 30 * minute;
const topic = 'arn:aws:sns:us-east-1:000000000000:alerts';

let directory: string;
let cloudwatch: CloudWatch;
let endpoint: Endpoint;
let client: CloudWatchClient;
let told: { topicArn: string; subject: string; message: string }[];
let faults: unknown[];

const open = () =>
  createCloudWatch({
    directory,
    byItself: false,
    notify: (topicArn, _, notice) => void told.push({ topicArn, ...notice }),
    onFault: (fault) => void faults.push(fault),
  });

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'cloudwatch-'));
  [told, faults] = [[], []];
  cloudwatch = open();
  endpoint = createEndpoint({ services: [cloudwatch] });
  const { port } = await endpoint.listen(0);
  client = new CloudWatchClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});
afterEach(async () => {
  client.destroy();
  await endpoint.close();
  cloudwatch.close();
  rmSync(directory, { recursive: true });
});

const lines = (value: number, atMs = nowMs) =>
  cloudwatch.record({ namespace: 'Caudal', name: 'Lines', dimensions: {}, value, atMs });

const stat = (Id: string, MetricName: string, Stat = 'Sum', Period = 300) => ({
  ...{ Id, ReturnData: true },
  MetricStat: { Metric: { Namespace: 'Caudal', MetricName }, Stat, Period },
});

const ask = (...MetricDataQueries: object[]) =>
  client.send(
    new GetMetricDataCommand({
      StartTime: new Date(nowMs - 10 * minute),
      EndTime: new Date(nowMs + 10 * minute),
      ScanBy: 'TimestampAscending',
      MetricDataQueries: MetricDataQueries as never,
    }),
  );

/** An alarm as a template has it. */
async function alarm(properties: Record<string, unknown>, type = 'AWS::CloudWatch::Alarm') {
  const resource = { stack: 'Stack', logicalId: 'Alarm', type, metadata: {} };
  await provisionCloudWatch(cloudwatch)[type]?.({
    ...resource,
    properties: { AlarmActions: [topic], OKActions: [topic], ...properties },
  });
}

const many = {
  ...{ AlarmName: 'many-lines', Namespace: 'Caudal', MetricName: 'Lines', Statistic: 'Sum', Period: 300 },
  ...{ EvaluationPeriods: 1, Threshold: 10, ComparisonOperator: 'GreaterThanThreshold' },
  TreatMissingData: 'notBreaching',
};

const stateOf = (name: string): AlarmState | undefined =>
  cloudwatch.alarms().find((each) => each.alarm.name === name)?.status.state;

describe('metrics', () => {
  test('of a line of the log are those that its directives name, each value by itself', () => {
    const line = JSON.stringify({
      _aws: {
        Timestamp: nowMs,
        CloudWatchMetrics: [
          {
            Namespace: 'Caudal',
            Dimensions: [['dataset']],
            Metrics: [{ Name: 'ReadingAge', Unit: 'Seconds' }],
          },
        ],
      },
      dataset: 'tides',
      ReadingAge: [1, 5],
      Unnamed: 7,
    });
    expect(embeddedMetrics(line)).toEqual(
      [1, 5].map((value) => ({
        ...{ namespace: 'Caudal', name: 'ReadingAge', dimensions: { dataset: 'tides' }, value, atMs: nowMs },
      })),
    );
    for (const other of [
      '',
      'START',
      '{"Lines": 3}',
      '{"_aws": {"CloudWatchMetrics": 7}}',
      '{"CloudWatchMetrics"',
    ])
      expect(embeddedMetrics(other)).toEqual([]);
  });

  test('are answered by period, with statistics and expressions over them', async () => {
    lines(4);
    lines(8, nowMs + minute);
    lines(2, nowMs - 6 * minute);
    cloudwatch.record({ namespace: 'Caudal', name: 'RejectedLines', dimensions: {}, value: 3, atMs: nowMs });
    const { MetricDataResults: results = [] } = await ask(
      ...['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount', 'p50'].map((each) =>
        stat(each.toLowerCase(), 'Lines', each, 1_200),
      ),
    );
    const values = Object.fromEntries(results.map(({ Id = '', Values = [] }) => [Id, Values.at(-1)]));
    expect(values.sum).toBeGreaterThanOrEqual(12);
    expect(values.maximum).toBe(8);
    const [share] = (
      await ask(
        { ...stat('lines', 'Lines'), ReturnData: false },
        { ...stat('rejected', 'RejectedLines'), ReturnData: false },
        { Id: 'share', Expression: 'IF(lines > 0, 100 * FILL(rejected, 0) / lines, 0)', Label: 'percent' },
      )
    ).MetricDataResults ?? [{}];
    expect(share).toMatchObject({ Id: 'share', Label: 'percent', StatusCode: 'Complete' });
    expect(share?.Values).toContain(0);
    expect(share?.Timestamps?.length).toBe(share?.Values?.length);
  });

  test('are listed by namespace, name and dimensions', async () => {
    lines(1);
    for (const QueueName of ['one', 'two'])
      cloudwatch.record({ namespace: 'AWS/SQS', name: 'Age', dimensions: { QueueName }, value: 1 });
    const { Metrics } = await client.send(
      new ListMetricsCommand({ Dimensions: [{ Name: 'QueueName', Value: 'two' }] }),
    );
    expect(Metrics).toEqual([
      { Namespace: 'AWS/SQS', MetricName: 'Age', Dimensions: [{ Name: 'QueueName', Value: 'two' }] },
    ]);
    const { Metrics: all } = await client.send(new ListMetricsCommand({}));
    expect(all).toHaveLength(3);
  });

  test('are there again after a restart', async () => {
    lines(4);
    lines(8);
    cloudwatch.close();
    cloudwatch = open();
    await endpoint.close();
    endpoint = createEndpoint({ services: [cloudwatch] });
    const { port } = await endpoint.listen(0);
    client = new CloudWatchClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const { MetricDataResults: [found] = [] } = await ask(stat('sum', 'Lines'));
    expect(found?.Values).toEqual([12]);
  });

  test('are no more than a thousand: what a dimension of many values would make is not kept', async () => {
    for (let sensor = 0; sensor < 1_500; sensor++)
      cloudwatch.record({ namespace: 'N', name: 'M', dimensions: { sensor: `${sensor}` }, value: 1 });
    let count = 0;
    let NextToken: string | undefined;
    do {
      const page = await client.send(new ListMetricsCommand({ NextToken }));
      count += page.Metrics?.length ?? 0;
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(count).toBe(1_000);
  });

  test.each([
    [{ ...stat('sum', 'Lines'), MetricStat: undefined }, 'neither a metric nor an expression'],
    [{ Id: 'e', Expression: 'SEARCH("x", "Sum")' }, 'does not understand the expression'],
    [{ Id: 'e', Expression: 'other + 1' }, 'no metric or expression with the id other'],
    [{ Id: 'e', Expression: 'e + 1' }, 'no metric or expression with the id e'],
    [stat('sum', 'Lines', 'TM99'), 'does not have the statistic TM99'],
    [stat('Sum', 'Lines'), 'is no ID of a query'],
  ])('that are not understood are refused by name: %j', async (query, message) => {
    await expect(ask(query)).rejects.toThrow(message);
  });
});

describe('an expression', () => {
  const series = new Map([[1, 4]]);
  const compute = (text: string) =>
    Object.fromEntries(parseExpression(text)({ times: [1, 2], series: () => series }));

  test.each([
    ['m', { 1: 4 }],
    ['FILL(m, 0)', { 1: 4, 2: 0 }],
    ['m + 2 * 3 - 1', { 1: 9 }],
    ['(m + 2) * 3', { 1: 18 }],
    ['m / 0', {}],
    ['-m', { 1: -4 }],
    ['IF(m > 3 && m < 5, 100, 0)', { 1: 100 }],
    ['FILL(a, 1) + FILL(b, 2)', { 1: 8, 2: 3 }],
    ['m >= 5 OR m == 4', { 1: 1 }],
  ])('%s', (text, expected) => {
    expect(compute(text)).toEqual(expected);
  });

  test.each(['m +', '(m', 'm m', 'constructor(m)', '$', ''])('%j is refused', (text) => {
    expect(() => parseExpression(text)).toThrow('does not understand the expression');
  });
});

describe('an alarm', () => {
  test('sounds above its threshold, tells its topic, and ends', async () => {
    await alarm(many);
    cloudwatch.evaluate(nowMs);
    expect(stateOf('many-lines')).toBe('OK');
    lines(11);
    cloudwatch.evaluate(nowMs);
    cloudwatch.evaluate(nowMs + minute);
    expect(stateOf('many-lines')).toBe('ALARM');
    cloudwatch.evaluate(nowMs + 6 * minute);
    expect(told.map(({ subject }) => subject.split(':')[0])).toEqual(['OK', 'ALARM', 'OK']);
    expect(told[1]?.topicArn).toBe(topic);
    expect(JSON.parse(told[1]?.message ?? '')).toMatchObject({
      ...{ AlarmName: 'many-lines', NewStateValue: 'ALARM', OldStateValue: 'OK' },
      Trigger: { Period: 300, EvaluationPeriods: 1, Threshold: 10 },
    });
    expect(faults).toEqual([]);
  });

  test('of several periods sounds only when as many are beyond', async () => {
    await alarm({ ...many, EvaluationPeriods: 3, DatapointsToAlarm: 2 });
    lines(11);
    cloudwatch.evaluate(nowMs);
    expect(stateOf('many-lines')).toBe('OK');
    lines(11, nowMs - 5 * minute);
    cloudwatch.evaluate(nowMs);
    expect(stateOf('many-lines')).toBe('ALARM');
  });

  test.each([
    ['breaching', 'ALARM'],
    ['notBreaching', 'OK'],
    ['missing', 'INSUFFICIENT_DATA'],
    ['ignore', 'INSUFFICIENT_DATA'],
  ])('without data, which is %s, is %s', async (TreatMissingData, state) => {
    await alarm({ ...many, TreatMissingData });
    cloudwatch.evaluate(nowMs);
    expect(stateOf('many-lines')).toBe(state);
  });

  test('keeps its state over a restart, and does not tell it twice', async () => {
    await alarm(many);
    lines(11);
    cloudwatch.evaluate(nowMs);
    cloudwatch.close();
    cloudwatch = open();
    await alarm(many);
    cloudwatch.evaluate(nowMs);
    expect(stateOf('many-lines')).toBe('ALARM');
    expect(told).toHaveLength(1);
  });

  test('over others follows them, and is described as such', async () => {
    await alarm(many);
    await alarm(
      { AlarmName: 'page', AlarmRule: 'ALARM("many-lines") OR ALARM("another")' },
      'AWS::CloudWatch::CompositeAlarm',
    );
    lines(11);
    cloudwatch.evaluate(nowMs);
    const { MetricAlarms, CompositeAlarms } = await client.send(
      new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], StateValue: 'ALARM' }),
    );
    expect(MetricAlarms).toMatchObject([{ AlarmName: 'many-lines', StateValue: 'ALARM', Threshold: 10 }]);
    expect(CompositeAlarms).toMatchObject([{ AlarmName: 'page', AlarmActions: [topic] }]);
    expect(MetricAlarms?.[0]?.StateUpdatedTimestamp).toEqual(new Date(nowMs));
  });

  test('may be set by hand, as for a test of who is told', async () => {
    await alarm(many);
    const set = (AlarmName: string) =>
      client.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'test' }));
    await set('many-lines');
    expect(told).toMatchObject([{ subject: 'ALARM: "many-lines" in us-east-1' }]);
    await expect(set('none')).rejects.toThrow('There is no alarm none.');
  });

  test.each([
    [
      { AlarmActions: ['arn:aws:lambda:us-east-1:000000000000:function:f'] },
      'takes topics of SNS as AlarmActions',
    ],
    [{ ComparisonOperator: 'LessThanLowerThreshold' }, 'the comparison LessThanLowerThreshold'],
    [{ Statistic: undefined, ExtendedStatistic: 'IQM' }, 'the statistic IQM'],
    [{ ThresholdMetricId: 'm1' }, 'does not support ThresholdMetricId'],
  ])('that is not understood stops the start: %j', async (more, message) => {
    await expect(alarm({ ...many, ...more })).rejects.toThrow(message);
  });
});

describe('a rule over alarms', () => {
  const states: Readonly<Record<string, AlarmState>> = { a: 'ALARM', b: 'OK' };
  const holds = (rule: string) => parseAlarmRule(rule)((name) => states[name] ?? 'INSUFFICIENT_DATA');

  test.each([
    ['ALARM("a")', true],
    ['ALARM(arn:aws:cloudwatch:us-east-1:000000000000:alarm:b)', false],
    ['ALARM("a") AND NOT ALARM("b")', true],
    ['(OK("a") OR OK("b")) AND INSUFFICIENT_DATA("c")', true],
    ['FALSE OR TRUE AND FALSE', false],
  ])('%s is %s', (rule, expected) => {
    expect(holds(rule)).toBe(expected);
  });

  test.each(['ALARM("a"', 'SOUNDS("a")', 'ALARM("a") ALARM("b")', ''])('%j is refused', (rule) => {
    expect(() => parseAlarmRule(rule)).toThrow('is not understood');
  });
});
