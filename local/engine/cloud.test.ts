// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub's own placeholders
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, describe, expect, it } from 'vitest';
import { anyPorts, inlineFunction, invokedBy, writeAssembly } from '../../test/support/local/assembly.ts';
import { type CloudOptions, type LocalCloud, startCloud } from './cloud.ts';

const clouds: LocalCloud[] = [];
afterEach(async () => {
  for (const cloud of clouds.splice(0)) await cloud.close();
});
async function start(options: Pick<CloudOptions, 'assembly' | 'directory'> & Partial<CloudOptions>) {
  const cloud = await startCloud({ ports: anyPorts, ...options });
  clouds.push(cloud);
  return cloud;
}
const queue = (properties: object = {}) => ({ Type: 'AWS::SQS::Queue', Properties: properties });
const machine = (States: object, StartAt = 'Only') => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    StateMachineName: 'only',
    RoleArn: 'arn:aws:iam::000000000000:role/m',
    DefinitionString: JSON.stringify({ StartAt, States }),
  },
});

describe('what stops the start', () => {
  it.each<[string, Record<string, object>, RegExp]>([
    [
      'an unknown type, by its name and where to add it',
      { Box: { Type: 'AWS::Mystery::Box' } },
      /AWS::Mystery::Box \(Test\/Box\).*local\/template\/ignored\.ts/,
    ],
    ['a reference into nothing', { A: queue({ QueueName: { Ref: 'Nobody' } }) }, /Test\/A: Ref to Nobody/],
    ['an unknown intrinsic', { A: queue({ QueueName: { 'Fn::Cidr': [] } }) }, /Fn::Cidr/],
    [
      'a circle',
      { A: queue({ QueueName: { Ref: 'B' } }), B: queue({ QueueName: { Ref: 'A' } }) },
      /Circular dependency: A → B → A/,
    ],
    [
      'a property without behaviour',
      { A: queue({ FifoQueue: true }) },
      /Test\/A: .*FifoQueue of AWS::SQS::Queue/,
    ],
  ])('%s', async (_, resources, message) => {
    await expect(start(writeAssembly(resources))).rejects.toThrow(message);
  });

  it('a directory that is in use, until the other one closes; not a lock whose process is gone', async () => {
    const place = writeAssembly({ A: queue() });
    const first = await start(place);
    await expect(start(place)).rejects.toThrow(
      new RegExp(`in use by the local cloud of process ${process.pid}`),
    );
    await first.close();
    writeFileSync(join(place.directory, 'lock.pid'), '999999999');
    await start(place);
  });

  it('a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(
      start({ ...writeAssembly({ A: queue() }), ports: { ...anyPorts, api: port } }),
    ).rejects.toThrow(`Port ${port} of the API is in use`);
    other.close();
  });

  it('a directory without an assembly', async () => {
    const { directory } = writeAssembly({});
    await expect(start({ assembly: join(directory, 'none'), directory })).rejects.toThrow('synthesize');
  });
});

describe('a template', () => {
  it('has its intrinsic functions, conditions and pseudo parameters evaluated', async () => {
    const { assembly, directory } = writeAssembly(
      {
        Main: queue({
          QueueName: {
            'Fn::Join': ['-', ['main', { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'name'] }]],
          },
          RedrivePolicy: {
            'Fn::If': [
              'Big',
              { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 2 },
              { Ref: 'AWS::NoValue' },
            ],
          },
        }),
        Dead: queue(),
        Never: { ...queue({ QueueName: 'never' }), Condition: 'Small' },
      },
      {
        Sub: {
          Value: {
            'Fn::Sub': [
              '${Main.QueueName}/${x}/${AWS::AccountId}/${!Literal}',
              { x: { 'Fn::Select': [1, { 'Fn::Split': [',', 'a,b'] }] } },
            ],
          },
        },
        Small: { Condition: 'Small', Value: 'no' },
        Zone: { Value: { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] } },
      },
      {
        Mappings: { Sizes: { 'us-east-1': { name: 'large' } } },
        Parameters: { Size: { Type: 'String', Default: 'big' } },
        Conditions: {
          Big: { 'Fn::Equals': [{ Ref: 'Size' }, 'big'] },
          Small: { 'Fn::Not': [{ Condition: 'Big' }] },
        },
      },
    );
    const cloud = await start({ assembly, directory });
    expect(cloud.outputs.Test).toEqual({
      Sub: 'main-large/b/000000000000/${Literal}',
      Zone: 'us-east-1a',
    });
    expect(cloud.resources.map(({ logicalId }) => logicalId)).toEqual(['Dead', 'Main']);
    const client = {
      region: 'us-east-1',
      endpoint: cloud.endpointUrl,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    };
    const { Stacks } = await new CloudFormationClient(client).send(
      new DescribeStacksCommand({ StackName: 'Test' }),
    );
    expect(Stacks?.[0]?.Outputs).toContainEqual({ OutputKey: 'Zone', OutputValue: 'us-east-1a' });
  });
});

describe('a running cloud', () => {
  it('takes a message through the pipe into an execution, and what is too large into the dead-letter queue', async () => {
    const resources = {
      Dead: queue({ QueueName: 'dead' }),
      Main: queue({
        QueueName: 'main',
        VisibilityTimeout: 3,
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 1 },
      }),
      Machine: machine({
        Only: {
          Type: 'Pass',
          Parameters: { 'body.$': '$[0].body', 'all.$': 'States.ArrayLength($)' },
          End: true,
        },
      }),
      Pipe: {
        Type: 'AWS::Pipes::Pipe',
        Properties: {
          Source: { 'Fn::GetAtt': ['Main', 'Arn'] },
          Target: { Ref: 'Machine' },
          RoleArn: 'arn:aws:iam::000000000000:role/pipe',
          SourceParameters: { SqsQueueParameters: { BatchSize: 10, MaximumBatchingWindowInSeconds: 1 } },
          TargetParameters: { StepFunctionStateMachineParameters: { InvocationType: 'FIRE_AND_FORGET' } },
        },
      },
    };
    const cloud = await start(writeAssembly(resources, { Machine: { Value: { Ref: 'Machine' } } }));
    const { sqs: queues, stepFunctions: machines } = cloud.services;
    for (const body of ['one', 'two']) queues.send('main', body);
    const executions = machines.machine(String(cloud.outputs.Test?.Machine)).executions;
    await expect.poll(() => [...executions.values()].map(({ status }) => status)).toEqual(['SUCCEEDED']);
    expect(queues.counts('main')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    queues.send('main', 'x'.repeat(300_000));
    await expect.poll(() => queues.counts('dead').visible).toBe(1);
    expect(executions.size).toBe(1);
  });

  it('delivers events to functions, queues and state machines, and topics to queues', async () => {
    const target = (Id: string, of: string, more: object = {}) => ({
      Id,
      Arn: { 'Fn::GetAtt': [of, 'Arn'] },
      ...more,
    });
    const cloud = await start(
      writeAssembly({
        Queue: queue({ QueueName: 'q' }),
        Machine: machine({ Only: { Type: 'Pass', End: true } }),
        Function: inlineFunction("exports.handler = async (event) => console.log('got ' + event.detail.n);", {
          FunctionName: 'logs-it',
        }),
        Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'bus' } },
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: {
            EventBusName: { Ref: 'Bus' },
            EventPattern: { source: ['test'] },
            Targets: [
              target('q', 'Queue'),
              target('m', 'Machine', { RoleArn: 'arn:aws:iam::000000000000:role/rule' }),
              target('f', 'Function'),
            ],
          },
        },
        FunctionInvoked: invokedBy('events', 'Function'),
        QueuePolicy: {
          Type: 'AWS::SQS::QueuePolicy',
          Properties: {
            Queues: [{ Ref: 'Queue' }],
            PolicyDocument: {
              Statement: [
                {
                  Effect: 'Allow',
                  Principal: { Service: 'events.amazonaws.com' },
                  Action: 'sqs:SendMessage',
                  Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] },
                  Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': ['Rule', 'Arn'] } } },
                },
              ],
            },
          },
        },
      }),
    );
    const { eventbridge: events, sqs: queues, stepFunctions: machines } = cloud.services;
    const event = {
      version: '0',
      id: '1',
      'detail-type': 'T',
      source: 'test',
      account: '0',
      time: '',
      region: '',
      resources: [],
    } as const;
    await events.publish({ ...event, resources: [], detail: { n: 5 } }, 'bus');
    const [message] = await queues.receive('q', { waitSeconds: 20 });
    expect(JSON.parse(String(message?.body)).detail).toEqual({ n: 5 });
    const { executions } = machines.machine('arn:aws:states:us-east-1:000000000000:stateMachine:only');
    await expect.poll(() => executions.size).toBe(1);
    await expect.poll(() => readLog(cloud, '/aws/lambda/logs-it')).toContain('got 5');
  });

  it('keeps names, secrets and executions over a restart, and forgets them when it is to start afresh', async () => {
    const place = writeAssembly(
      {
        Pool: { Type: 'AWS::Cognito::UserPool' },
        Client: {
          Type: 'AWS::Cognito::UserPoolClient',
          Properties: { UserPoolId: { Ref: 'Pool' }, GenerateSecret: true },
        },
        Bucket: { Type: 'AWS::S3::Bucket' },
        Machine: machine({ Only: { Type: 'Wait', Seconds: 3_000, End: true } }),
      },
      {
        Client: { Value: { Ref: 'Client' } },
        Bucket: { Value: { Ref: 'Bucket' } },
        Machine: { Value: { Ref: 'Machine' } },
      },
    );
    const seen = (cloud: LocalCloud) => ({
      outputs: cloud.outputs,
      secret: cloud.services.cognito.findClient(String(cloud.outputs.Test?.Client))?.secret,
      executions: [
        ...cloud.services.stepFunctions.machine(String(cloud.outputs.Test?.Machine)).executions.values(),
      ],
    });
    const first = await start(place);
    first.services.stepFunctions.start(String(first.outputs.Test?.Machine), '{}');
    const before = seen(first);
    expect(before.executions).toMatchObject([{ status: 'RUNNING' }]);
    await first.close();
    const second = await start(place);
    expect(seen(second)).toEqual(before);
    await second.close();
    const fresh = seen(await start({ ...place, fresh: true }));
    expect(fresh.outputs).toEqual(before.outputs);
    expect(fresh.secret).not.toBe(before.secret);
    expect(fresh.executions).toEqual([]);
  });

  it('knows its functions and machines as callers, and says so through STS', async () => {
    const cloud = await start(
      writeAssembly({ Function: inlineFunction(''), Machine: machine({ Only: { Type: 'Succeed' } }) }),
    );
    expect([...cloud.principals.keys()]).toEqual(['LKIAFunction', 'LKIAMachine']);
    const sts = new STSClient({
      region: 'us-east-1',
      endpoint: cloud.endpointUrl,
      credentials: cloud.principals.get('LKIAFunction') ?? expect.fail(),
    });
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: 'arn:aws:sts::000000000000:assumed-role/function/Function',
    });
  });
});

async function readLog(cloud: LocalCloud, group: string): Promise<string> {
  const client = new CloudWatchLogsClient({
    region: 'us-east-1',
    endpoint: cloud.endpointUrl,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const { events = [] } = await client
    .send(new FilterLogEventsCommand({ logGroupName: group }))
    .catch(() => ({ events: [] }));
  return events.map(({ message }) => message).join('\n');
}
