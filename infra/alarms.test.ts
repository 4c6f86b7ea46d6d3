import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
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

  test('the address of the configuration is subscribed; without one nobody is', () => {
    const { ingest } = synthesize({ 'caudal:alertEmail': 'ops@example.com' });
    ingest.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'ops@example.com',
      TopicArn: Match.anyValue(),
    });
    expect(resourcesOf(synthesize().ingest, 'AWS::SNS::Subscription')).toEqual([]);
  });
});
