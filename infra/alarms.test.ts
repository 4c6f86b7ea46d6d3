import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { lineMetricNames, lineMetrics } from '../handlers/ingest/validate-segment/line-metrics.ts';
import { alarms as paidFor } from '../operator/cost/bill.ts';
import { resourcesOf } from '../test/support/infra/resources.ts';
import { synthesize } from '../test/support/infra/synthesized.ts';

const runbook = readFileSync(join(import.meta.dirname, '..', 'docs', 'runbook.md'), 'utf8');
const [ofAlarms = ''] = runbook.split(/^# The operator's verbs$/m);
const sections = ofAlarms.split(/^## /m).slice(1);
const alarms = resourcesOf(synthesize(), 'AWS::CloudWatch::Alarm').map(({ properties }) => properties);

describe('alarms', () => {
  test('are the headings of the runbook, one each', () => {
    const headings = sections.map((section) => section.split('\n')[0]);
    expect(headings.sort()).toEqual(alarms.map(({ AlarmName }) => AlarmName).sort());
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
    expect(alarm.AlarmDescription).toContain(`docs/runbook.md, ${alarm.AlarmName}`);
  });

  test('the share of rejected lines is computed of what ValidateSegment writes to its log', () => {
    const { lines, rejected, refused } = lineMetricNames;
    const [validate] = resourcesOf(synthesize(), 'AWS::Lambda::Function').filter(
      ({ properties }) => properties.Environment.Variables.METRICS_NAMESPACE !== undefined,
    );
    const namespace = validate?.properties.Environment.Variables.METRICS_NAMESPACE;
    expect(namespace).toBe('Caudal');
    const written = JSON.parse(lineMetrics({ lines: 12, rejected: 3, state: 'Completed' }, namespace, 5));
    expect(written).toMatchObject({ [lines]: 12, [rejected]: 3, [refused]: 0, _aws: { Timestamp: 5 } });
    const [of] = written._aws.CloudWatchMetrics;
    expect(of.Namespace).toBe(namespace);
    const alarm = alarms.find(({ AlarmName }) => AlarmName === 'caudal-rejects-high');
    const read = alarm?.Metrics.filter((each: { MetricStat?: unknown }) => each.MetricStat).map(
      ({ MetricStat }: { MetricStat: { Metric: unknown } }) => MetricStat.Metric,
    );
    const names: { Name: string }[] = of.Metrics;
    expect(read).toEqual(names.map(({ Name }) => ({ Namespace: namespace, MetricName: Name })));
    const refusal = JSON.parse(lineMetrics({ lines: 0, rejected: 0, state: 'Refused' }, namespace, 5));
    expect(refusal).toMatchObject({ [lines]: 0, [rejected]: 0, [refused]: 1 });
  });

  test('are as many as `caudal cost` counts', () => expect(alarms).toHaveLength(paidFor));

  test("watch the rule that brings objects to the queue, by its name: what it gives up, and what it can't even put aside", () => {
    const [rule] = resourcesOf(synthesize().ingest, 'AWS::Events::Rule');
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
    const [api] = resourcesOf(synthesize().api, 'AWS::ApiGateway::RestApi');
    const ofApi = alarms.filter(({ Namespace }) => Namespace === 'AWS/ApiGateway');
    expect(ofApi.map(({ Dimensions }) => Dimensions)).toEqual([
      [{ Name: 'ApiName', Value: api?.properties.Name }],
    ]);
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
    expect(resourcesOf(synthesize().ingest, 'AWS::SNS::Subscription')).toEqual([]);
  });
});
