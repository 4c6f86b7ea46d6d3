import { describe, expect, test } from 'vitest';
import { everyOptionOn } from '../test/support/infra/option-sets.ts';
import { type Resource, resourcesOf } from '../test/support/infra/resources.ts';
import { synthesize } from '../test/support/infra/synthesized.ts';

/** What a service can't pass on is not lost in silence: it has a dead-letter queue, and its first message is an alarm. */

const templates = synthesize({ ...everyOptionOn, 'caudal:alertWebhook': '', 'caudal:pageWebhook': '' });
const of = (type: string): [string, Resource][] =>
  resourcesOf(templates, type).map((resource) => [resource.id, resource]);
const queueOf = (arn: { 'Fn::GetAtt'?: [string, string] } | undefined) => arn?.['Fn::GetAtt']?.[0];
const letters = new Set<string>();
const keep = (arn: { 'Fn::GetAtt'?: [string, string] } | undefined): void => {
  const queue = queueOf(arn);
  expect(queue).toBeDefined();
  letters.add(queue ?? '');
};

describe('there is a dead-letter queue', () => {
  test.each(of('AWS::IoT::TopicRule'))('of the action of the topic rule %s', (_, { properties }) => {
    const { QueueUrl } = properties.TopicRulePayload.ErrorAction.Sqs;
    letters.add(QueueUrl.Ref);
  });
  // The next event of a schedule by the minute says all that a lost one said: of it, failures have an alarm.
  const rules = of('AWS::Events::Rule').filter(
    ([, { properties }]) => !String(properties.ScheduleExpression).startsWith('rate('),
  );
  test.each(rules)('of each target of the rule %s', (_, { properties }) => {
    for (const target of properties.Targets) keep(target.DeadLetterConfig?.Arn);
  });
  test.each(of('AWS::Events::EventBus'))('of the encrypted bus %s', (_, { properties }) => {
    expect(properties.KmsKeyIdentifier).toBeDefined();
    keep(properties.DeadLetterConfig?.Arn);
  });
  test.each(of('AWS::SNS::Subscription').filter(([, { properties }]) => properties.Protocol !== 'email'))(
    'of the subscription %s',
    (_, { properties }) => keep(properties.RedrivePolicy?.deadLetterTargetArn),
  );
  test.each(of('AWS::Lambda::Function').filter(([, { properties }]) => properties.DeadLetterConfig))(
    'of the function %s',
    (_, { properties }) => keep(properties.DeadLetterConfig.TargetArn),
  );
  test('of each queue that something reads', () => {
    const sources = of('AWS::Pipes::Pipe').map(([, { properties }]) => queueOf(properties.Source));
    for (const [id, { properties }] of of('AWS::SQS::Queue')) {
      if (properties.RedrivePolicy) keep(properties.RedrivePolicy.deadLetterTargetArn);
      else expect(sources).not.toContain(id);
    }
  });
});

interface Metric {
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Value?: { readonly Ref?: string } }[];
}

test.each(of('AWS::Events::Rule').filter(([, { properties }]) => properties.ScheduleExpression))(
  'the schedule %s has an alarm for events that reach no target, and for errors of the function',
  (id, { properties: { Targets } }) => {
    const watched = of('AWS::CloudWatch::Alarm').map(([, { properties }]) =>
      ((properties.Metrics ?? []) as { MetricStat?: { Metric: Metric } }[]).flatMap(({ MetricStat }) =>
        MetricStat ? [MetricStat.Metric] : [],
      ),
    );
    const isOf = ({ Dimensions }: Metric, id: string) => Dimensions?.[0]?.Value?.Ref === id;
    const [own = [], ...others] = watched.filter((metrics) => metrics.some((metric) => isOf(metric, id)));
    expect(others).toEqual([]);
    const [functionId] = Targets[0].Arn['Fn::GetAtt'];
    expect(
      own.map((metric) => [metric.MetricName, isOf(metric, id), isOf(metric, functionId)]).sort(),
    ).toEqual([
      ['Errors', false, true],
      ['FailedInvocations', true, false],
    ]);
  },
);

test('each has an alarm at its first message', () => {
  const watched = of('AWS::CloudWatch::Alarm').flatMap(([, { properties }]) =>
    properties.MetricName === 'ApproximateNumberOfMessagesVisible' && properties.Threshold === 0
      ? [queueOf(properties.Dimensions[0].Value)]
      : [],
  );
  expect(letters.size).toBe(6);
  expect(watched.sort()).toEqual([...letters].sort());
});
