import { type AwsRequest, arn } from '../../engine/calls.ts';
import type { Need, Needs, ServicePermissions } from '../../iam/service-permissions.ts';
import { addressOf } from './routing.ts';

const bucket = (request: AwsRequest): string => arn('s3', addressOf(request.path).bucket);
const object = (request: AwsRequest): string => {
  const { bucket: name, key } = addressOf(request.path);
  return arn('s3', `${name}/${key}`);
};
const onBucket = (action: string) => (request: AwsRequest) => [{ action, resource: bucket(request) }];
const onObject =
  (action: string, more: Partial<Need> = {}) =>
  (request: AwsRequest) => [{ action, resource: object(request), ...more }];

/** Listing carries the prefix it asks for, an empty one when it asks for none. */
const listing = (action: string) => (request: AwsRequest) => [
  { action, resource: bucket(request), context: { 's3:prefix': request.query.get('prefix') ?? '' } },
];

/** A version is read by a separate permission, which the one for current objects does not include. */
const readingAction = (versionId: string | null) =>
  versionId === null ? 's3:GetObject' : 's3:GetObjectVersion';

/** `If-Match` tells the caller something about the object that is there, so it has to be allowed to read it. */
const writing =
  (keyActions: readonly string[]) =>
  (request: AwsRequest): Need[] => [
    { action: 's3:PutObject', resource: object(request), keyActions },
    ...(request.headers['if-match'] === undefined
      ? []
      : [{ action: 's3:GetObject', resource: object(request), keyActions: [] }]),
  ];

/**
 * What S3's operations need, by the "Required permissions" of their pages in the API reference. The parts of an upload in
 * parts are written under the permission to put the object; S3 decrypts them to put them together.
 */
const needs: Needs = {
  GetBucketLocation: onBucket('s3:GetBucketLocation'),
  GetBucketVersioning: onBucket('s3:GetBucketVersioning'),
  HeadBucket: onBucket('s3:ListBucket'),
  ListObjectsV2: listing('s3:ListBucket'),
  ListObjectVersions: listing('s3:ListBucketVersions'),
  GetObject: (request) => [
    { action: readingAction(request.query.get('versionId')), resource: object(request) },
  ],
  // Answers no content, so it needs the key no more than a listing does.
  HeadObject: (request) => [
    { action: readingAction(request.query.get('versionId')), resource: object(request), keyActions: [] },
  ],
  PutObject: writing(['kms:GenerateDataKey']),
  CopyObject: (request) => {
    const [path = '', search = ''] = (request.headers['x-amz-copy-source'] ?? '').split('?');
    const from = addressOf(path.startsWith('/') ? path : `/${path}`);
    return [
      {
        action: readingAction(new URLSearchParams(search).get('versionId')),
        resource: arn('s3', `${from.bucket}/${from.key}`),
      },
      ...writing(['kms:GenerateDataKey'])(request),
    ];
  },
  DeleteObject: (request) => [
    {
      action: request.query.get('versionId') === null ? 's3:DeleteObject' : 's3:DeleteObjectVersion',
      resource: object(request),
    },
  ],
  CreateMultipartUpload: onObject('s3:PutObject', { keyActions: ['kms:GenerateDataKey'] }),
  UploadPart: onObject('s3:PutObject', { keyActions: ['kms:Decrypt', 'kms:GenerateDataKey'] }),
  CompleteMultipartUpload: writing(['kms:Decrypt', 'kms:GenerateDataKey']),
  AbortMultipartUpload: onObject('s3:AbortMultipartUpload'),
  ListParts: onObject('s3:ListMultipartUploadParts'),
};

export const s3Permissions: ServicePermissions = {
  prefix: 's3',
  needs,
  // Without it, S3 answers 403 instead of 404: what is not there looks forbidden.
  needsOfAnswer: (request, status) =>
    status === 404 && (request.action === 'GetObject' || request.action === 'HeadObject')
      ? [{ action: 's3:ListBucket', resource: bucket(request) }]
      : [],
  // As its page on encryption names them.
  keyActions: {
    's3:GetObject': ['kms:Decrypt'],
    's3:GetObjectVersion': ['kms:Decrypt'],
    's3:PutObject': ['kms:GenerateDataKey'],
  },
  keys: {
    'AWS::S3::Bucket': ({ BucketEncryption }) =>
      BucketEncryption?.ServerSideEncryptionConfiguration?.[0]?.ServerSideEncryptionByDefault?.KMSMasterKeyID,
  },
  policies: { 'AWS::S3::BucketPolicy': ({ Bucket }) => [arn('s3', Bucket)] },
  // The bucket of an object.
  ownerOf: (resourceArn) => resourceArn.split('/', 1)[0] as string,
  refusal: { code: 'AccessDenied', status: 403 },
};
