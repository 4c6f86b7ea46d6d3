import { AwsError, type AwsRequest, type AwsResponse } from '../../engine/calls.ts';
import { document, type XmlValue } from '../../engine/protocol/xml.ts';
import type { Bucket, ObjectVersion } from './bucket.ts';
import { afterPrefix, compareKeys } from './keys.ts';

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

interface Walk {
  prefix: string;
  delimiter: string;
  after: string;
  max: number;
  /** `after` is where an earlier page ended, maybe a common prefix. */
  resumes: boolean;
}

interface Page {
  keys: string[];
  commonPrefixes: string[];
  /** The key or common prefix that the next page starts after. */
  next: string | undefined;
}

/** One page of the keys that `has` accepts, in UTF-8 order; keys that share a prefix up to `delimiter` count as one. */
function page(
  bucket: Bucket,
  { prefix, delimiter, after, max, resumes }: Walk,
  has: (key: string) => boolean,
): Page {
  const keys: string[] = [];
  const commonPrefixes: string[] = [];
  let last: string | undefined;
  const beforePrefix = compareKeys(after, prefix) < 0;
  // A page that ended with a common prefix goes on behind all of its keys.
  const grouped = resumes && delimiter !== '' && after.length > prefix.length && after.endsWith(delimiter);
  const skipped = grouped ? (afterPrefix(after) ?? after) : after;
  const walk = bucket.keys.after(
    beforePrefix ? prefix : skipped,
    !beforePrefix && skipped === after && after !== '',
  );
  for (let step = walk.next(); !step.done; ) {
    const key = step.value;
    if (!key.startsWith(prefix)) break;
    if (!has(key)) {
      step = walk.next();
      continue;
    }
    if (keys.length + commonPrefixes.length >= max) return { keys, commonPrefixes, next: last };
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (end < 0) {
      keys.push(key);
      last = key;
      step = walk.next();
    } else {
      last = key.slice(0, end + delimiter.length);
      commonPrefixes.push(last);
      const jump = afterPrefix(last);
      if (jump === undefined) break;
      step = walk.next(jump);
    }
  }
  return { keys, commonPrefixes, next: undefined };
}

/** GET /bucket?list-type=2 */
export function listObjects(bucket: Bucket, { query }: AwsRequest): AwsResponse {
  const { prefix, delimiter, max, encode } = parameters(query);
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after') ?? '';
  const after = token === null ? startAfter : fromToken(token);
  const found = page(
    bucket,
    { prefix, delimiter, after, max, resumes: token !== null },
    (key) => bucket.current(key) !== undefined,
  );
  return xml('ListBucketResult', {
    Name: bucket.name,
    Prefix: encode(prefix),
    ...(delimiter === '' ? {} : { Delimiter: encode(delimiter) }),
    ...(startAfter === '' ? {} : { StartAfter: encode(startAfter) }),
    MaxKeys: max,
    ...(query.has('encoding-type') ? { EncodingType: 'url' } : {}),
    KeyCount: found.keys.length + found.commonPrefixes.length,
    IsTruncated: found.next !== undefined,
    ContinuationToken: token ?? undefined,
    NextContinuationToken:
      found.next === undefined ? undefined : Buffer.from(found.next).toString('base64url'),
    Contents: found.keys.map((key) => ({
      Key: encode(key),
      ...describe(bucket.current(key) as ObjectVersion),
    })),
    CommonPrefixes: found.commonPrefixes.map((each) => ({ Prefix: encode(each) })),
  });
}

/** GET /bucket?versions. A page ends between keys: all versions of one key are on the same page. */
export function listVersions(bucket: Bucket, { query }: AwsRequest): AwsResponse {
  const { prefix, delimiter, max, encode } = parameters(query);
  const marker = query.get('key-marker') ?? '';
  const found = page(bucket, { prefix, delimiter, after: marker, max, resumes: true }, () => true);
  const versions = found.keys.flatMap((key) =>
    bucket.versions(key).map((version, index) => ({ version, index })),
  );
  const row = ({
    version,
    index,
  }: {
    version: ObjectVersion;
    index: number;
  }): { [name: string]: XmlValue } => ({
    Key: encode(version.key),
    VersionId: version.versionId,
    IsLatest: index === 0,
    ...describe(version),
  });
  return xml('ListVersionsResult', {
    Name: bucket.name,
    Prefix: encode(prefix),
    KeyMarker: encode(marker),
    ...(delimiter === '' ? {} : { Delimiter: encode(delimiter) }),
    MaxKeys: max,
    ...(query.has('encoding-type') ? { EncodingType: 'url' } : {}),
    IsTruncated: found.next !== undefined,
    NextKeyMarker: found.next === undefined ? undefined : encode(found.next),
    Version: versions.filter(({ version }) => version.file !== undefined).map(row),
    DeleteMarker: versions.filter(({ version }) => version.file === undefined).map(row),
    CommonPrefixes: found.commonPrefixes.map((each) => ({ Prefix: encode(each) })),
  });
}

function parameters(query: URLSearchParams) {
  const max = Number(query.get('max-keys') ?? 1000);
  if (!Number.isInteger(max) || max < 0)
    throw new AwsError('InvalidArgument', 'max-keys is not a whole number.');
  const url = query.get('encoding-type') === 'url';
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    max: Math.min(max, 1000),
    encode: (text: string) => (url ? encodeURIComponent(text).replaceAll('%2F', '/') : text),
  };
}

function describe(version: ObjectVersion): { [name: string]: XmlValue } {
  const modified = { LastModified: new Date(version.modifiedMs).toISOString() };
  if (version.file === undefined) return modified;
  return {
    ...modified,
    ETag: `"${version.etag}"`,
    ChecksumAlgorithm: Object.keys(version.checksums).map((name) => name.toUpperCase()),
    Size: version.size,
    StorageClass: 'STANDARD',
  };
}

function fromToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString('utf8');
  if (key === '') throw new AwsError('InvalidArgument', 'The continuation token provided is incorrect');
  return key;
}

export function xml(root: string, value: { [name: string]: XmlValue }): AwsResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: document(root, namespace, value),
  };
}
