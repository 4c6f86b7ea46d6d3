import { AwsError, type AwsRequest } from '../../engine/calls.ts';

/** The bucket and key that a path-style request names; empty strings where it names none. */
export function addressOf(path: string): { bucket: string; key: string } {
  const [, bucket = '', ...rest] = path.split('/');
  try {
    return { bucket: decodeURIComponent(bucket), key: decodeURIComponent(rest.join('/')) };
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.");
  }
}

/** Query parameters that make another operation of a method and path. */
const subresources = [
  'accelerate',
  'acl',
  'analytics',
  'attributes',
  'cors',
  'delete',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'location',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'session',
  'tagging',
  'torrent',
  'uploads',
  'uploadId',
  'versioning',
  'versions',
  'website',
];

const operations: Record<string, string> = {
  'service GET': 'ListBuckets',
  'bucket HEAD': 'HeadBucket',
  'bucket GET location': 'GetBucketLocation',
  'bucket GET versioning': 'GetBucketVersioning',
  'bucket GET notification': 'GetBucketNotificationConfiguration',
  'bucket GET versions': 'ListObjectVersions',
  'bucket GET uploads': 'ListMultipartUploads',
  'bucket POST delete': 'DeleteObjects',
  'object PUT': 'PutObject',
  'object GET': 'GetObject',
  'object HEAD': 'HeadObject',
  'object DELETE': 'DeleteObject',
  'object POST uploads': 'CreateMultipartUpload',
  'object PUT uploadId': 'UploadPart',
  'object POST uploadId': 'CompleteMultipartUpload',
  'object DELETE uploadId': 'AbortMultipartUpload',
  'object GET uploadId': 'ListParts',
};

/** The operation's name; of one that the local cloud does not have, its method and subresource. */
export function actionOf({ method, path, query, headers }: AwsRequest): string {
  const { bucket, key } = addressOf(path);
  const level = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
  const subresource = subresources.find((name) => query.has(name));
  if (level === 'bucket' && method === 'GET' && subresource === undefined) {
    return query.get('list-type') === '2' ? 'ListObjectsV2' : 'ListObjects';
  }
  if (level === 'object' && method === 'PUT' && headers['x-amz-copy-source'] !== undefined) {
    return subresource === undefined ? 'CopyObject' : 'UploadPartCopy';
  }
  const route = [level, method, ...(subresource === undefined ? [] : [subresource])].join(' ');
  return operations[route] ?? `${method} ${level}${subresource === undefined ? '' : `?${subresource}`}`;
}
