import { describe, expect, it } from 'vitest';
import type { AwsRequest } from '../engine/calls.ts';
import { permissionsByService } from '../engine/running-services.ts';
import type { Need } from '../iam/service-permissions.ts';

const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:000000000000:${resource}`;

/** `action resource` of what an operation needs, given this much of its request. */
function needs(service: string, action: string, request: Partial<AwsRequest>): string[] {
  const whole = {
    service,
    action,
    headers: {},
    input: {},
    query: new URLSearchParams(),
    path: '/',
    ...request,
  };
  const found = permissionsByService[service]?.needs?.[action]?.(whole as AwsRequest) as readonly Need[];
  return found.map((need) => `${need.action} ${need.resource}`);
}

describe('S3', () => {
  const object = 'arn:aws:s3:::b/a key';
  const path = '/b/a%20key';
  it.each<[string, Partial<AwsRequest>, string[]]>([
    ['GetObject', { path }, [`s3:GetObject ${object}`]],
    ['GetObject', { path, query: new URLSearchParams('versionId=1') }, [`s3:GetObjectVersion ${object}`]],
    ['HeadObject', { path }, [`s3:GetObject ${object}`]],
    ['PutObject', { path, headers: { 'if-none-match': '*' } }, [`s3:PutObject ${object}`]],
    [
      'PutObject',
      { path, headers: { 'if-match': 'e' } },
      [`s3:PutObject ${object}`, `s3:GetObject ${object}`],
    ],
    ['UploadPart', { path }, [`s3:PutObject ${object}`]],
    ['AbortMultipartUpload', { path }, [`s3:AbortMultipartUpload ${object}`]],
    [
      'DeleteObject',
      { path, query: new URLSearchParams('versionId=1') },
      [`s3:DeleteObjectVersion ${object}`],
    ],
    ['ListObjectsV2', { path: '/b' }, ['s3:ListBucket arn:aws:s3:::b']],
    ['ListObjectVersions', { path: '/b' }, ['s3:ListBucketVersions arn:aws:s3:::b']],
    [
      'CopyObject',
      { path, headers: { 'x-amz-copy-source': '/c/from%20here?versionId=2' } },
      ['s3:GetObjectVersion arn:aws:s3:::c/from here', `s3:PutObject ${object}`],
    ],
  ])('%s %o', (action, request, expected) => expect(needs('s3', action, request)).toEqual(expected));

  it('names the prefix of a listing for conditions', () => {
    const request = { path: '/b', query: new URLSearchParams('prefix=raw/') } as AwsRequest;
    expect(permissionsByService.s3?.needs?.ListObjectsV2?.(request)[0]?.context).toEqual({
      's3:prefix': 'raw/',
    });
  });
});

it.each<[string, string, Partial<AwsRequest>, string[]]>([
  ['dynamodb', 'Query', { input: { TableName: 't' } }, [`dynamodb:Query ${arn('dynamodb', 'table/t')}`]],
  [
    'dynamodb',
    'Query',
    { input: { TableName: 't', IndexName: 'i' } },
    [`dynamodb:Query ${arn('dynamodb', 'table/t/index/i')}`],
  ],
  [
    'dynamodb',
    'BatchGetItem',
    { input: { RequestItems: { a: {}, b: {} } } },
    ['a', 'b'].map((name) => `dynamodb:BatchGetItem ${arn('dynamodb', `table/${name}`)}`),
  ],
  [
    'dynamodb',
    'GetItem',
    { input: { TableName: arn('dynamodb', 'table/t') } },
    [`dynamodb:GetItem ${arn('dynamodb', 'table/t')}`],
  ],
  [
    'events',
    'PutEvents',
    { input: { Entries: [{ EventBusName: 'x' }, { EventBusName: arn('events', 'event-bus/x') }, {}] } },
    [
      `events:PutEvents ${arn('events', 'event-bus/x')}`,
      `events:PutEvents ${arn('events', 'event-bus/default')}`,
    ],
  ],
  [
    'sqs',
    'SendMessageBatch',
    { input: { QueueUrl: 'http://127.0.0.1/000000000000/q' } },
    [`sqs:SendMessage ${arn('sqs', 'q')}`],
  ],
  [
    'lambda',
    'Invoke',
    { path: `/2015-03-31/functions/${encodeURIComponent(arn('lambda', 'function:f'))}/invocations` },
    [`lambda:InvokeFunction ${arn('lambda', 'function:f')}`],
  ],
  ['sts', 'GetCallerIdentity', {}, []],
])('%s %s %o', (service, action, request, expected) =>
  expect(needs(service, action, request)).toEqual(expected),
);

it('knows no administration of tables: a role is refused what is not listed', () => {
  expect(permissionsByService.dynamodb?.needs?.CreateTable).toBeUndefined();
  expect(permissionsByService.cloudformation).toBeUndefined();
});
