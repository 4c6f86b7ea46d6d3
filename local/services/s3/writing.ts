import type { Readable } from 'node:stream';
import { AwsError, type AwsRequest, type AwsResponse } from '../../engine/calls.ts';
import { parseXml, type XmlValue } from '../../engine/protocol/xml.ts';
import { type Condition, type ObjectVersion, preconditionFailed, sameEtag } from './bucket.ts';
import { xml } from './listing.ts';
import { checksumHeaders, findVersion, openBytes } from './reading.ts';
import { addressOf } from './routing.ts';
import type { Store } from './store.ts';

const maxMetadataBytes = 2048;
const storedHeaders = ['cache-control', 'content-disposition', 'content-language', 'content-type', 'expires'];

/** What of a request's headers is stored with the object. Throws MetadataTooLarge past 2 KiB of user metadata. */
export function storedOf(headers: Record<string, string>): Pick<ObjectVersion, 'headers' | 'metadata'> {
  const metadata = Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith('x-amz-meta-'))
      .map(([name, value]) => [name.slice('x-amz-meta-'.length), value]),
  );
  const bytes = Object.entries(metadata).reduce((sum, pair) => sum + Buffer.byteLength(pair.join('')), 0);
  if (bytes > maxMetadataBytes) {
    throw new AwsError('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size');
  }
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const name of storedHeaders) if (headers[name] !== undefined) kept[name] = headers[name];
  // aws-chunked is how the body travels, not what it is.
  const encoding = (headers['content-encoding'] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== 'aws-chunked');
  if (encoding.length > 0) kept['content-encoding'] = encoding.join(', ');
  return { headers: kept, metadata };
}

export function conditionOf(headers: Record<string, string>): Condition {
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new AwsError('NotImplemented', 'A write takes only If-None-Match: *.', { status: 501 });
  }
  const ifMatch = headers['if-match'];
  return {
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
  };
}

function versionHeaders(version: ObjectVersion): Record<string, string> {
  return {
    etag: `"${version.etag}"`,
    ...(version.versionId === 'null' ? {} : { 'x-amz-version-id': version.versionId }),
    ...checksumHeaders(version),
    'x-amz-server-side-encryption': 'AES256',
  };
}

export async function putObject(store: Store, request: AwsRequest): Promise<AwsResponse> {
  const { headers } = request;
  const version = await store.write({
    ...addressOf(request.path),
    body: bodyOf(request),
    headers,
    stored: storedOf(headers),
    condition: conditionOf(headers),
    reason: 'PutObject',
  });
  return { status: 200, headers: versionHeaders(version) };
}

export async function copyObject(store: Store, request: AwsRequest): Promise<AwsResponse> {
  const { headers } = request;
  const [path = '', search = ''] = (headers['x-amz-copy-source'] ?? '').split('?');
  const from = addressOf(path.startsWith('/') ? path : `/${path}`);
  const bucket = store.bucket(from.bucket);
  const source = findVersion(bucket, from.key, new URLSearchParams(search).get('versionId'));
  const ifMatch = headers['x-amz-copy-source-if-match'];
  if (ifMatch !== undefined && !sameEtag(ifMatch, source.etag))
    throw preconditionFailed('x-amz-copy-source-if-match');
  const bytes = await openBytes(bucket, source);
  const version = await store.write({
    ...addressOf(request.path),
    body: Buffer.isBuffer(bytes) ? one(bytes) : (bytes as AsyncIterable<Buffer>),
    headers: Object.fromEntries(
      Object.keys(source.checksums).map((name) => ['x-amz-checksum-algorithm', name]),
    ),
    stored:
      headers['x-amz-metadata-directive'] === 'REPLACE'
        ? storedOf(headers)
        : { headers: source.headers, metadata: source.metadata },
    condition: conditionOf(headers),
    reason: 'CopyObject',
  });
  const answer = xml('CopyObjectResult', {
    LastModified: new Date(version.modifiedMs).toISOString(),
    ETag: `"${version.etag}"`,
  });
  const { etag: _, ...rest } = versionHeaders(version);
  return { ...answer, headers: { ...answer.headers, ...rest } };
}

export function deleteObject(store: Store, request: AwsRequest): AwsResponse {
  const { bucket: name, key } = addressOf(request.path);
  const bucket = store.bucket(name);
  const condition = conditionOf(request.headers);
  if (condition.ifMatch !== undefined) bucket.check(key, condition);
  return { status: 204, headers: deleteOne(store, name, key, request.query.get('versionId')) };
}

function deleteOne(
  store: Store,
  name: string,
  key: string,
  versionId: string | null,
): Record<string, string> {
  const bucket = store.bucket(name);
  if (versionId !== null) {
    const dropped = bucket.drop(key, versionId);
    const marker = dropped !== undefined && dropped.file === undefined;
    return { 'x-amz-version-id': versionId, ...(marker ? { 'x-amz-delete-marker': 'true' } : {}) };
  }
  const marker = bucket.remove(key);
  return marker === undefined ? {} : { 'x-amz-version-id': marker.versionId, 'x-amz-delete-marker': 'true' };
}

const maxDeletedKeys = 1000;

export async function deleteObjects(store: Store, request: AwsRequest): Promise<AwsResponse> {
  const { bucket } = addressOf(request.path);
  const body = parseXml(await readAll(bodyOf(request)), 'Delete');
  const objects = (body.Object ?? []) as { Key?: string; VersionId?: string }[];
  if (objects.length === 0 || objects.length > maxDeletedKeys) {
    throw new AwsError('MalformedXML', `DeleteObjects takes 1 to ${maxDeletedKeys} objects.`);
  }
  const deleted = objects.map(({ Key: key = '', VersionId: versionId }): { [name: string]: XmlValue } => {
    const headers = deleteOne(store, bucket, key, versionId ?? null);
    const marker = headers['x-amz-delete-marker'] === 'true';
    return {
      Key: key,
      VersionId: versionId,
      DeleteMarker: marker || undefined,
      DeleteMarkerVersionId: marker ? headers['x-amz-version-id'] : undefined,
    };
  });
  return xml('DeleteResult', String(body.Quiet) === 'true' ? {} : { Deleted: deleted });
}

/** The request's body. The socket outlives a refused upload: the refusal is written to it. */
export function bodyOf(request: AwsRequest): AsyncIterable<Buffer> {
  return (request.stream as Readable).iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
}

export async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

const maxXmlBytes = 2 * 1024 ** 2;

export async function readAll(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxXmlBytes) throw new AwsError('MaxMessageLengthExceeded', 'Your request was too big.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
