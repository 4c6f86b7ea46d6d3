import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyPorts, inlineFunction, writeAssembly } from '../../test/support/local/assembly.ts';
import { type LocalCloud, startCloud } from '../engine/cloud.ts';

const att = (id: string, name = 'Arn') => ({ 'Fn::GetAtt': [id, name] });
const policy = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
const allow = (Action: string | string[], Resource: unknown) => ({ Effect: 'Allow', Action, Resource });
const account = { AWS: 'arn:aws:iam::000000000000:root' };
const keyed = { KMSMasterKeyID: att('Key'), SSEAlgorithm: 'aws:kms' };
const table = (more: object = {}) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    ...more,
  },
});
const resources = {
  Key: {
    Type: 'AWS::KMS::Key',
    Properties: { KeyPolicy: policy({ ...allow('kms:*', '*'), Principal: account }) },
  },
  Plain: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'plain' } },
  Secret: {
    Type: 'AWS::S3::Bucket',
    Properties: {
      BucketName: 'secret',
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: keyed }] },
    },
  },
  Table: table({ TableName: 'table' }),
  Sealed: table({ TableName: 'sealed', SSESpecification: { SSEEnabled: true, KMSMasterKeyId: att('Key') } }),
  Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'topic', KmsMasterKeyId: att('Key') } },
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: 'worker',
      AssumeRolePolicyDocument: policy({
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: 'lambda.amazonaws.com' },
      }),
    },
  },
  Grants: {
    Type: 'AWS::IAM::Policy',
    Properties: {
      PolicyName: 'grants',
      Roles: [{ Ref: 'Role' }],
      PolicyDocument: policy(
        allow(['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::plain/in/*'),
        allow(['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::secret/*'),
        allow('kms:GenerateDataKey', att('Key')),
        allow(['dynamodb:PutItem', 'dynamodb:GetItem'], att('Sealed')),
        allow('dynamodb:PutItem', att('Table')),
        allow('sns:Publish', { Ref: 'Topic' }),
      ),
    },
  },
  Worker: inlineFunction('exports.handler = async () => 1;', { Role: att('Role') }),
};

const told: string[] = [];
let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await startCloud({ ...writeAssembly(resources), ports: anyPorts, log: (text) => told.push(text) });
});
afterAll(() => cloud.close());

const as = (accessKeyId: string) => ({
  region: 'us-east-1',
  endpoint: cloud.endpointUrl,
  forcePathStyle: true,
  credentials: {
    accessKeyId,
    secretAccessKey: cloud.principals.get(accessKeyId)?.secretAccessKey ?? 'local',
  },
});
const worker = () => as('LKIAWorker');
const refusal = async (call: Promise<unknown>) => {
  const { name, message, $metadata } = await call.then(
    () => ({ name: 'none', message: '', $metadata: undefined }),
    (error) => error,
  );
  return { name, message: message as string, status: $metadata?.httpStatusCode };
};
const put = (Bucket: string, Key: string, settings = worker()) =>
  new S3Client(settings).send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
const get = (Bucket: string, Key: string) =>
  new S3Client(worker()).send(new GetObjectCommand({ Bucket, Key }));

describe('a function', () => {
  it('may what its role allows, and is told what is missing, to be copied', async () => {
    await put('plain', 'in/a');
    const { name, message, status } = await refusal(put('plain', 'out/a'));
    expect({ name, status }).toEqual({ name: 'AccessDenied', status: 403 });
    expect(message).toContain(
      'User: arn:aws:sts::000000000000:assumed-role/worker/Worker is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::plain/out/a because no identity-based policy allows the s3:PutObject action',
    );
    expect(JSON.parse(message.split('Missing statement: ')[1] ?? '')).toEqual({
      Effect: 'Allow',
      Action: 's3:PutObject',
      Resource: 'arn:aws:s3:::plain/out/a',
    });
    expect(told.join()).toContain(
      'not authorized to perform: s3:PutObject on resource: arn:aws:s3:::plain/out/a',
    );
  });

  it('is told that what is missing is forbidden, unless it may list the bucket', async () => {
    const { name, message } = await refusal(get('plain', 'in/none'));
    expect(name).toBe('AccessDenied');
    expect(message).toContain('s3:ListBucket on resource: arn:aws:s3:::plain ');
  });

  it('needs the key of what is encrypted too', async () => {
    await put('secret', 'a');
    const read = await refusal(get('secret', 'a'));
    expect(read.name).toBe('AccessDenied');
    expect(read.message).toMatch(/not authorized to perform: kms:Decrypt on resource: arn:aws:kms:.*:key\//);
    const item = { TableName: 'sealed', Key: { pk: { S: 'a' } } };
    const query = await refusal(new DynamoDBClient(worker()).send(new GetItemCommand(item)));
    expect(query).toMatchObject({ name: 'AccessDeniedException', status: 400 });
    expect(query.message).toContain('kms:Decrypt');
    const publish = new PublishCommand({
      TopicArn: 'arn:aws:sns:us-east-1:000000000000:topic',
      Message: 'm',
    });
    expect(await refusal(new SNSClient(worker()).send(publish))).toMatchObject({
      name: 'KMSAccessDeniedException',
    });
  });

  it('has nothing on one table from its rights on another, and nothing on a list of all', async () => {
    const client = new DynamoDBClient(worker());
    await client.send(new PutItemCommand({ TableName: 'table', Item: { pk: { S: 'a' } } }));
    const read = client.send(new GetItemCommand({ TableName: 'table', Key: { pk: { S: 'a' } } }));
    expect((await refusal(read)).message).toContain(
      'dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:000000000000:table/table ',
    );
    const listing = new S3Client(worker()).send(new ListObjectsV2Command({ Bucket: 'plain' }));
    expect((await refusal(listing)).name).toBe('AccessDenied');
  });

  it('signs links that may what it may', async () => {
    const link = (Key: string) =>
      getSignedUrl(new S3Client(worker()), new GetObjectCommand({ Bucket: 'plain', Key }), { expiresIn: 60 });
    await put('plain', 'in/b');
    await put('plain', 'out/b', as('local'));
    expect((await fetch(await link('in/b'))).status).toBe(200);
    expect((await fetch(await link('out/b'))).status).toBe(403);
  });
});

it('the operator may everything; a role that nobody has, nothing', async () => {
  await put('plain', 'anywhere', as('local'));
  expect((await refusal(put('plain', 'in/c', as('LKIANobody')))).status).toBe(403);
});

describe('what stops the start', () => {
  const startWith = (more: object) =>
    startCloud({ ...writeAssembly({ ...resources, ...more }), ports: anyPorts }).then((started) =>
      started.close(),
    );
  const grants = (statement: object) => ({
    Grants: {
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyName: 'g', Roles: [{ Ref: 'Role' }], PolicyDocument: policy(statement) },
    },
  });
  it.each<[string, object, RegExp]>([
    [
      'a statement that is not understood',
      grants({ Effect: 'Allow', NotAction: 's3:*', Resource: '*' }),
      /Test\/Grants.*NotAction/,
    ],
    [
      'a role that does not trust the service',
      { Worker: inlineFunction('', { Role: att('Pipes') }), Pipes: trusting('pipes') },
      /lambda\.amazonaws\.com is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::000000000000:role\/pipes.*"Principal":\{"Service":"lambda\.amazonaws\.com"\}/,
    ],
    [
      'a role that the template does not have',
      { Worker: inlineFunction('', { Role: 'arn:aws:iam::000000000000:role/no-where' }) },
      /acts as .*role\/no-where, which is not a role of the template/,
    ],
    [
      'a managed policy whose statements are not known',
      {
        Role: {
          ...trusting('lambda', { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }),
        },
      },
      /AdministratorAccess are not in the template/,
    ],
    [
      'a boundary',
      { Role: trusting('lambda', { PermissionsBoundary: 'arn:aws:iam::000000000000:policy/p' }) },
      /PermissionsBoundary/,
    ],
    [
      'a log group whose key CloudWatch Logs may not use',
      { Logs: { Type: 'AWS::Logs::LogGroup', Properties: { KmsKeyId: att('Key') } } },
      /logs\.us-east-1\.amazonaws\.com is not authorized to perform: kms:Decrypt/,
    ],
    [
      'a policy of a bus',
      { Bus: { Type: 'AWS::Events::EventBusPolicy', Properties: {} } },
      /AWS::Events::EventBusPolicy/,
    ],
  ])('%s', async (_, more, message) => {
    await expect(startWith(more)).rejects.toThrow(message);
  });
});

function trusting(service: string, more: object = {}): object {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: service === 'lambda' ? 'worker' : service,
      AssumeRolePolicyDocument: policy({
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: `${service}.amazonaws.com` },
      }),
      ...more,
    },
  };
}
