import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { datasets } from '#datasets';
import { countMetrics, type MetricName, metrics } from '../core/metrics.ts';
import { alarmMetricsOf } from '../operator/cost/option-prices.ts';
import { watching } from '../operator/cost/watching.ts';
import { awsMetrics } from '../test/support/infra/aws-metrics.ts';
import { metricsOf } from '../test/support/infra/metrics-of.ts';
import { everyOptionOn } from '../test/support/infra/option-sets.ts';
import { resourcesOf } from '../test/support/infra/resources.ts';
import { synthesize } from '../test/support/infra/synthesized.ts';

const runbook = readFileSync(join(import.meta.dirname, '..', 'docs', 'runbook.md'), 'utf8');
const [ofAlarms = ''] = runbook.split(/^# The operator's verbs$/m);
const sections = ofAlarms.split(/^## /m).slice(1);
const shipped = synthesize();
const basic = synthesize({ 'caudal:observability': 'basic' });
const everything = synthesize(everyOptionOn);
const alarms = resourcesOf(shipped, 'AWS::CloudWatch::Alarm').map(({ properties }) => properties);

const functionsWith = (variable: string, id: string) =>
  resourcesOf(shipped, 'AWS::Lambda::Function').filter(
    ({ id: logicalId, properties }) =>
      logicalId.includes(id) && properties.Environment.Variables[variable] !== undefined,
  );

describe('alarms', () => {
  test('have a heading of the runbook each, and no heading is left over', () => {
    const headings = sections.map((section) => section.split('\n')[0]);
    const composite = resourcesOf(everything, 'AWS::CloudWatch::CompositeAlarm').map(
      ({ properties }) => properties,
    );
    const named = [
      ...resourcesOf(everything, 'AWS::CloudWatch::Alarm').map(({ properties }) => properties),
      ...composite,
    ];
    const asked = named.map(
      ({ AlarmDescription }) => /docs\/runbook\.md, ([\w-]+)\.$/.exec(AlarmDescription)?.[1],
    );
    expect(headings.sort()).toEqual([...new Set(asked)].sort());
  });

  test.each(sections.map((section): [string, string] => [section.split('\n')[0] ?? '', section]))(
    '%s says what it means, how to look and how to mend',
    (_, section) => {
      for (const part of ['**Means.**', '**Look.**', '**Fix.**']) expect(section).toContain(part);
    },
  );

  test.each(alarms)('$AlarmName tells people when it begins and ends, and where to read on', (alarm) => {
    expect(alarm.AlarmActions).toHaveLength(1);
    expect(alarm.OKActions).toEqual(alarm.AlarmActions);
    expect(alarm.TreatMissingData).toBe('notBreaching');
    expect(alarm.AlarmDescription).toMatch(/ What to do: docs\/runbook\.md, caudal-[a-z-]+\.$/);
  });

  test('the share of rejected lines is computed of what ValidateSegment writes to its log', () => {
    const [validate] = functionsWith('METRICS_NAMESPACE', 'ValidateSegment');
    expect(validate?.properties.Environment.Variables.METRICS_NAMESPACE).toBe('Caudal');
    const alarm = alarms.find(({ AlarmName }) => AlarmName === 'caudal-rejects-high');
    const read = alarm?.Metrics.flatMap(
      ({ MetricStat }: { MetricStat?: { Metric: unknown } }) => MetricStat?.Metric ?? [],
    );
    const names = ['Lines', 'RejectedLines', 'RefusedFiles'] satisfies MetricName[];
    expect(read).toEqual(names.map((MetricName) => ({ Namespace: 'Caudal', MetricName })));
  });

  test('read only metrics of the table that functions write, or of AWS, of what the template has', () => {
    for (const { name, dimensions } of metricsOf(everything).filter(
      ({ namespace }) => namespace === 'Caudal',
    )) {
      expect(metrics).toHaveProperty(name);
      expect(dimensions.map(({ Name }) => Name)).toEqual(
        'byDataset' in metrics[name as MetricName] ? ['dataset'] : [],
      );
    }
    const ofAws = metricsOf(everything).filter(({ namespace }) => namespace !== 'Caudal');
    expect(ofAws.length).toBeGreaterThan(30);
    for (const { namespace, name } of ofAws) expect(awsMetrics[namespace]).toContain(name);
  });

  test('of an installation that watches itself less are those of losses, and read only what it writes', () => {
    const names = new Set(
      metricsOf(basic).flatMap(({ namespace, name }) => (namespace === 'Caudal' ? name : [])),
    );
    for (const name of names) expect(metrics[name as MetricName]).toMatchObject({ basic: true });
    expect(resourcesOf(basic, 'AWS::CloudWatch::Dashboard')).toEqual([]);
    const written = resourcesOf(basic, 'AWS::Lambda::Function').filter(
      ({ properties }) => properties.Environment.Variables.METRICS_NAMESPACE !== undefined,
    );
    expect(written).toHaveLength(1);
    const paging = resourcesOf(
      synthesize({ ...everyOptionOn, 'caudal:observability': 'basic', 'caudal:staleAfter': '' }),
      'AWS::CloudWatch::CompositeAlarm',
    );
    expect(paging).toHaveLength(1);
  });

  test('of each option are as many as its price says', () => {
    const reading = (pattern: RegExp) =>
      metricsOf(everything).filter(({ dimensions }) => pattern.test(JSON.stringify(dimensions))).length;
    const written = metricsOf(everything).filter(({ name }) => name === 'ConsumedWriteCapacityUnits').length;
    expect({
      devices: reading(/"Devices/),
      messageQueue: reading(/"MessageQueue/),
      kafka: reading(/"Kafka/),
      kinesis: reading(/"Kinesis/),
      streams: reading(/TablesStreams|StreamFunctions/),
      monthlyReports: reading(/"Monthly/),
      writeUnitsPerHour: written,
    }).toEqual(alarmMetricsOf);
  });

  test('that page are named by one alarm, which has a topic of its own', () => {
    const [page] = resourcesOf(everything, 'AWS::CloudWatch::CompositeAlarm');
    const named = [...String(page?.properties.AlarmRule).matchAll(/ALARM\("([^"]+)"\)/g)].map(
      ([, name]) => name,
    );
    expect(named.length).toBeGreaterThan(6);
    const all = resourcesOf(everything, 'AWS::CloudWatch::Alarm').map(
      ({ properties }) => properties.AlarmName,
    );
    expect(all).toEqual(expect.arrayContaining(named));
    const topics = resourcesOf(everything, 'AWS::SNS::Topic');
    expect(page?.properties.AlarmActions).toEqual([
      { Ref: topics.find(({ properties }) => properties.DisplayName === 'Caudal pages')?.id },
    ]);
    expect(resourcesOf(shipped, 'AWS::CloudWatch::CompositeAlarm')).toEqual([]);
  });

  test('about a dataset without new readings sound for those that are named, and without data too', () => {
    const stale = resourcesOf(everything, 'AWS::CloudWatch::Alarm').filter(({ properties }) =>
      String(properties.AlarmName).startsWith('caudal-stale-'),
    );
    expect(stale.map(({ properties }) => properties)).toMatchObject([
      {
        AlarmName: 'caudal-stale-water-temperature',
        Threshold: 3600,
        EvaluationPeriods: 12,
        TreatMissingData: 'breaching',
      },
      { AlarmName: 'caudal-stale-gadget-telemetry', Threshold: 86_400, EvaluationPeriods: 288 },
    ]);
    expect(() => synthesize({ 'caudal:staleAfter': 'tides=60' })).toThrow('"tides", which is no dataset');
  });

  test('mail of the budget goes to the address of alerts, of what has the tag of the installation', () => {
    const budgetOf = (more: Record<string, unknown>) =>
      resourcesOf(synthesize({ ...everyOptionOn, ...more }), 'AWS::Budgets::Budget')[0]?.properties;
    expect(budgetOf({})).toMatchObject({
      Budget: {
        BudgetName: 'caudal',
        BudgetLimit: { Amount: 50, Unit: 'USD' },
        CostFilters: { TagKeyValue: ['user:application$caudal'] },
      },
    });
    expect(budgetOf({ 'caudal:stage': 'trial' }).Budget).toMatchObject({
      BudgetName: 'caudal-trial',
      CostFilters: { TagKeyValue: ['user:stage$trial'] },
    });
    expect(() => synthesize({ 'caudal:budgetDollars': 50 })).toThrow(
      'unless caudal:alertEmail says who is mailed',
    );
  });

  test.each(['basic', 'full'] as const)('and metrics are as many as `caudal cost` counts: %s', (which) => {
    const of = which === 'basic' ? basic : shipped;
    const billed = metricsOf(of, 'AWS::CloudWatch::Alarm');
    const { alarmMetrics, metrics: written, dashboards } = watching(which, datasets.length);
    expect(billed).toHaveLength(alarmMetrics);
    expect(resourcesOf(of, 'AWS::CloudWatch::Dashboard')).toHaveLength(dashboards);
    expect(written).toBe(countMetrics(datasets.length, which));
  });

  test("watch the rule that brings objects to the queue, by its name: what it gives up, and what it can't even put aside", () => {
    const [rule] = resourcesOf(shipped.ingest, 'AWS::Events::Rule');
    const ofRule = alarms.filter(({ Namespace }) => Namespace === 'AWS/Events');
    expect(ofRule.map(({ MetricName }) => MetricName).sort()).toEqual([
      'FailedInvocations',
      'InvocationsFailedToBeSentToDlq',
    ]);
    for (const { Dimensions } of ofRule) {
      expect(Dimensions).toEqual([{ Name: 'RuleName', Value: { Ref: rule?.id } }]);
    }
  });

  test('watch the API by its own name, not by that of a construct', () => {
    const [api] = resourcesOf(shipped.api, 'AWS::ApiGateway::RestApi');
    const ofApi = alarms.filter(({ Namespace }) => Namespace === 'AWS/ApiGateway');
    expect(ofApi.map(({ MetricName }) => MetricName)).toEqual(['5XXError', 'Latency']);
    for (const { Dimensions } of ofApi)
      expect(Dimensions).toEqual([{ Name: 'ApiName', Value: api?.properties.Name }]);
    expect(api?.properties.Name).toBe('caudal');
  });

  test('the addresses of the configuration are subscribed; without one nobody is', () => {
    const hook = 'https://alerts.example.com/caudal?of=prod';
    const { ingest } = synthesize({ 'caudal:alertEmail': 'ops@example.com', 'caudal:alertWebhook': hook });
    ingest.hasResourceProperties('AWS::SNS::Subscription', {
      ...{ Protocol: 'https', Endpoint: hook },
      RedrivePolicy: { deadLetterTargetArn: Match.anyValue() },
    });
    ingest.hasResourceProperties('AWS::SNS::Topic', { SignatureVersion: '2' });
    ingest.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'ops@example.com',
      TopicArn: Match.anyValue(),
    });
    expect(resourcesOf(shipped.ingest, 'AWS::SNS::Subscription')).toEqual([]);
  });
});
