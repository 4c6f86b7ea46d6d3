import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { AwsError, type AwsRequest, type AwsResponse } from '../../engine/calls.ts';
import { type Bucket, noSuchKey, type ObjectVersion, preconditionFailed, sameEtag } from './bucket.ts';

/** Whole in memory up to this size: one read is faster than a stream. */
const maxReadBytes = 512 * 1024;

/** The version that a GET or HEAD means. Throws NoSuchKey, NoSuchVersion, or 405 for a delete marker. */
export function findVersion(
  bucket: Bucket,
  key: string,
  versionId: string | null | undefined,
): ObjectVersion {
  const versions = bucket.versions(key);
  const version = versionId == null ? versions[0] : versions.find((each) => each.versionId === versionId);
  if (version === undefined && versionId != null) {
    throw new AwsError('NoSuchVersion', 'The specified version does not exist.', {
      status: 404,
      fields: { Key: key },
    });
  }
  if (version?.file !== undefined) return version;
  if (version === undefined) throw noSuchKey(key);
  const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.versionId };
  if (versionId == null) {
    throw new AwsError('NoSuchKey', 'The specified key does not exist.', {
      status: 404,
      fields: { Key: key },
      headers,
    });
  }
  throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    status: 405,
    headers: { ...headers, allow: 'DELETE' },
  });
}

/** GET and HEAD of an object: conditions, range, and `response-…` overrides of a presigned URL. */
export async function readObject(bucket: Bucket, key: string, request: AwsRequest): Promise<AwsResponse> {
  const version = findVersion(bucket, key, request.query.get('versionId'));
  checkConditions(version, request.headers);
  const range = parseRange(request.headers.range, version.size);
  const headers: Record<string, string> = {
    ...describe(version),
    ...overrides(request.query),
    'accept-ranges': 'bytes',
    'content-length': String(range === undefined ? version.size : range.end - range.start + 1),
  };
  if (range !== undefined) headers['content-range'] = `bytes ${range.start}-${range.end}/${version.size}`;
  else if (request.headers['x-amz-checksum-mode'] === 'ENABLED')
    Object.assign(headers, checksumHeaders(version));
  const status = range === undefined ? 200 : 206;
  if (request.method === 'HEAD') return { status, headers };
  return { status, headers, body: await openBytes(bucket, version, range) };
}

function describe(version: ObjectVersion): Record<string, string> {
  const metadata = Object.entries(version.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]);
  return {
    ...version.headers,
    ...Object.fromEntries(metadata),
    etag: `"${version.etag}"`,
    'last-modified': new Date(version.modifiedMs).toUTCString(),
    ...(version.versionId === 'null' ? {} : { 'x-amz-version-id': version.versionId }),
    'x-amz-server-side-encryption': 'AES256',
  };
}

export function checksumHeaders(version: Pick<ObjectVersion, 'checksums'>): Record<string, string> {
  const sums = Object.entries(version.checksums).map(([name, value]) => [`x-amz-checksum-${name}`, value]);
  if (sums.length === 0) return {};
  const composite = sums.some(([, value]) => /-\d+$/.test(value as string));
  return { ...Object.fromEntries(sums), 'x-amz-checksum-type': composite ? 'COMPOSITE' : 'FULL_OBJECT' };
}

/** The bytes of a version, or of an inclusive range of it. */
export async function openBytes(
  bucket: Bucket,
  version: ObjectVersion,
  range?: { start: number; end: number },
): Promise<Buffer | Readable> {
  const start = range?.start ?? 0;
  const end = range?.end ?? version.size - 1;
  let handle: FileHandle;
  try {
    handle = await open(join(bucket.folder, version.file ?? ''), 'r');
  } catch (error) {
    // Overwritten or deleted after it was looked up.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw noSuchKey(version.key);
    throw error;
  }
  if (end - start >= maxReadBytes) return handle.createReadStream({ start, end, highWaterMark: 256 * 1024 });
  try {
    const bytes = Buffer.alloc(end - start + 1);
    await handle.read(bytes, 0, bytes.length, start);
    return bytes;
  } finally {
    await handle.close();
  }
}

function checkConditions(version: ObjectVersion, headers: Record<string, string>): void {
  const seconds = Math.floor(version.modifiedMs / 1000) * 1000;
  const ifMatch = headers['if-match'];
  if (
    ifMatch !== undefined
      ? !sameEtag(ifMatch, version.etag)
      : seconds > Date.parse(headers['if-unmodified-since'] ?? '')
  ) {
    throw preconditionFailed(ifMatch === undefined ? 'If-Unmodified-Since' : 'If-Match');
  }
  const ifNoneMatch = headers['if-none-match'];
  if (
    ifNoneMatch !== undefined
      ? sameEtag(ifNoneMatch, version.etag)
      : seconds <= Date.parse(headers['if-modified-since'] ?? '')
  ) {
    throw new AwsError('NotModified', 'Not Modified', {
      status: 304,
      headers: { etag: `"${version.etag}"` },
    });
  }
}

/** One range; undefined means the whole object, also for several ranges, which S3 ignores. Throws InvalidRange. */
function parseRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const [first, last] = [match[1] ?? '', match[2] ?? ''];
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start >= size || start > end) {
    throw new AwsError('InvalidRange', 'The requested range is not satisfiable', {
      status: 416,
      fields: { RangeRequested: header ?? '', ActualObjectSize: String(size) },
      headers: { 'content-range': `bytes */${size}` },
    });
  }
  return { start, end };
}

const overridable = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

function overrides(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries(
    overridable.flatMap((name) => {
      const value = query.get(`response-${name}`);
      return value === null ? [] : [[name, value]];
    }),
  );
}
