import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { identityStatements, many, resourcesOf } from '../test/support/infra/resources.ts';
import { synthesize } from '../test/support/infra/synthesized.ts';
import { sharpFiles } from './bundle/sharp-files.ts';

const app = synthesize();
const only = (type: string, which: RegExp) => {
  const [found, ...more] = resourcesOf(app.jobs, type).filter(({ id }) => which.test(id));
  if (found === undefined || more.length > 0) throw new Error(`one ${type} like ${which} is expected`);
  return found;
};

describe('notices', () => {
  const topic = only('AWS::SNS::Topic', /Notices/);
  const queue = only('AWS::SQS::Queue', /NoticesQueue/);
  const deadLetters = only('AWS::SQS::Queue', /NoticesDeadLetters/);

  test('the queue is subscribed with a filter by state and toon type, and a dead-letter queue', () => {
    const [subscription] = resourcesOf(app.jobs, 'AWS::SNS::Subscription');
    expect(subscription?.properties).toMatchObject({
      Protocol: 'sqs',
      TopicArn: { Ref: topic.id },
      Endpoint: { 'Fn::GetAtt': [queue.id, 'Arn'] },
      RawMessageDelivery: true,
      FilterPolicy: {
        state: ['Completed', 'Failed'],
        toonTypes: ['image', 'audio', 'video', 'telemetry', 'message', 'binary'],
      },
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [deadLetters.id, 'Arn'] } },
    });
    expect(queue.properties.RedrivePolicy).toMatchObject({ maxReceiveCount: 5 });
  });

  test('topic and queues are under the key, and SNS may use it and send', () => {
    for (const { properties } of [topic, queue, deadLetters]) expect(properties.KmsMasterKeyId).toBeDefined();
    const key = resourcesOf(app.data, 'AWS::KMS::Key')[0]?.properties.KeyPolicy.Statement as Record<
      string,
      unknown
    >[];
    expect(key).toContainEqual(
      expect.objectContaining({
        Principal: { Service: 'sns.amazonaws.com' },
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      }),
    );
    const senders = resourcesOf(app.jobs, 'AWS::SQS::QueuePolicy').flatMap(
      ({ properties }) => properties.PolicyDocument.Statement as Record<string, unknown>[],
    );
    expect(senders.filter(({ Action }) => Action === 'sqs:SendMessage')).toHaveLength(2);
  });
});

describe('the state machine', () => {
  test('may start, watch, stop and redrive the children of its map', () => {
    const policy = identityStatements(app.jobs).filter(([id]) => id.includes('DistributedMapPolicy'));
    const actions = policy.flatMap(([, { Action }]) => many(Action)).sort();
    expect(actions).toEqual([
      'states:DescribeExecution',
      'states:RedriveExecution',
      'states:StartExecution',
      'states:StopExecution',
    ]);
    const [, describeExecutions] =
      policy.find(([, { Action }]) => many(Action).includes('states:StopExecution')) ?? [];
    const children = JSON.stringify(describeExecutions?.Resource);
    expect(children).toContain(':execution:caudal-jobs:*');
    expect(children).toContain(':execution:caudal-jobs/*');
  });

  test('every name in the definition is substituted', () => {
    const machine = only('AWS::StepFunctions::StateMachine', /./).properties;
    const used = [...JSON.stringify(machine.DefinitionString).matchAll(/\$\{(\w+)\}/g)].map(
      ([, name]) => name,
    );
    expect([...new Set(used)].sort()).toEqual(Object.keys(machine.DefinitionSubstitutions).sort());
    expect(machine).toMatchObject({ StateMachineName: 'caudal-jobs', StateMachineType: 'STANDARD' });
  });
});

test('what the bucket keeps expires, after more than the 14 days of a redrive', () => {
  const { properties } = only('AWS::S3::Bucket', /ToonsToons|Toons[0-9A-F]{8}$/);
  const [expire] = properties.LifecycleConfiguration.Rules as { ExpirationInDays: number }[];
  expect(expire?.ExpirationInDays).toBeGreaterThan(14);
});

test('no function of the jobs may write what it only reads', () => {
  const actionsOf = (template: typeof app.jobs, role: RegExp) =>
    identityStatements(template)
      .filter(([id]) => role.test(id))
      .flatMap(([, { Action }]) => many(Action));
  expect(
    actionsOf(app.api, /QueryJobs/).filter((action) =>
      /^(s3|dynamodb|states):.*(Put|Update|Delete|Start)/.test(action),
    ),
  ).toEqual([]);
  expect(
    actionsOf(app.jobs, /SummarizeJob/).filter((action) => /^s3:|Put.*Item|Update/.test(action)),
  ).toEqual([]);
  expect(actionsOf(app.jobs, /ProcessToon/)).not.toContain('states:StartExecution');
});

test("the asset's image library is the WebAssembly build of sharp's own version, found before any native one", () => {
  const root = join(import.meta.dirname, '..');
  const names = sharpFiles(root).map(({ name }) => name);
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/sharp/package.json'), 'utf8'));
  const place = `node_modules/sharp/src/build/Release/sharp-wasm32-${version}.node`;
  expect(names).toContain(`${place}.js`);
  expect(names).toContain(`${place}.wasm`);
  const loader = readFileSync(join(root, 'node_modules/sharp/dist/sharp.mjs'), 'utf8');
  const tried = loader.indexOf('../src/build/Release/sharp-wasm32-');
  expect(tried).toBeGreaterThan(0);
  expect(tried).toBeLessThan(loader.indexOf('@img/sharp-linux-arm64'));
  expect(existsSync(join(root, 'docs/adr/toon-images.md'))).toBe(true);
});
