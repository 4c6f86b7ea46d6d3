import type { AwsRequest, AwsResponse } from '../../engine/calls.ts';
import { parseXml } from '../../engine/protocol/xml.ts';
import { checksumNames } from './checksums.ts';
import { xml } from './listing.ts';
import { checksumOf, type ListedPart } from './multipart.ts';
import { checksumHeaders } from './reading.ts';
import { addressOf } from './routing.ts';
import { checkKey, type Store } from './store.ts';
import { bodyOf, conditionOf, readAll, storedOf } from './writing.ts';

export function createMultipartUpload(store: Store, request: AwsRequest): AwsResponse {
  const { bucket, key } = addressOf(request.path);
  checkKey(key);
  const checksum = checksumOf(request.headers);
  const id = store
    .multipart(bucket)
    .begin({ key, ...storedOf(request.headers), ...checksum, beganMs: Date.now() });
  const answer = xml('InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: id });
  if (checksum.checksum === undefined) return answer;
  return {
    ...answer,
    headers: {
      ...answer.headers,
      'x-amz-checksum-algorithm': checksum.checksum.toUpperCase(),
      'x-amz-checksum-type': checksum.checksumType,
    },
  };
}

export async function uploadPart(store: Store, request: AwsRequest): Promise<AwsResponse> {
  const { bucket, key } = addressOf(request.path);
  const id = request.query.get('uploadId') ?? '';
  const number = Number(request.query.get('partNumber'));
  const part = await store.multipart(bucket).addPart(id, key, number, bodyOf(request), request.headers);
  const { 'x-amz-checksum-type': _, ...sums } = checksumHeaders(part);
  return { status: 200, headers: { etag: `"${part.etag}"`, ...sums } };
}

export async function completeMultipartUpload(store: Store, request: AwsRequest): Promise<AwsResponse> {
  const { bucket: name, key } = addressOf(request.path);
  const id = request.query.get('uploadId') ?? '';
  const bucket = store.bucket(name);
  const multipart = store.multipart(name);
  const condition = conditionOf(request.headers);
  const { headers, metadata } = multipart.find(id, key);
  const body = parseXml(await readAll(bodyOf(request)), 'CompleteMultipartUpload');
  const listed = ((body.Part ?? []) as Record<string, string | undefined>[]).map(
    (part): ListedPart => ({
      number: Number(part.PartNumber),
      etag: String(part.ETag ?? '').replace(/^"|"$/g, ''),
      checksums: Object.fromEntries(
        checksumNames.flatMap((name) => {
          const value = part[`Checksum${name.toUpperCase()}`];
          return value === undefined ? [] : [[name, value]];
        }),
      ),
    }),
  );
  bucket.check(key, condition);
  const upload = await multipart.join(id, key, listed, bucket.folder);
  const version = await store.commit(
    bucket,
    { key, ...upload, headers, metadata, event: 'CompleteMultipartUpload' },
    condition,
  );
  await multipart.forget(id, key);
  const { 'x-amz-checksum-type': type, ...sums } = checksumHeaders(version);
  const answer = xml('CompleteMultipartUploadResult', {
    Location: `http://${request.headers.host}/${name}/${encodeURIComponent(key)}`,
    Bucket: name,
    Key: key,
    ETag: `"${version.etag}"`,
    ...Object.fromEntries(
      Object.entries(sums).map(([header, value]) => [`Checksum${header.slice(15).toUpperCase()}`, value]),
    ),
    ChecksumType: type,
  });
  if (version.versionId === 'null') return answer;
  return { ...answer, headers: { ...answer.headers, 'x-amz-version-id': version.versionId } };
}

export async function abortMultipartUpload(store: Store, request: AwsRequest): Promise<AwsResponse> {
  const { bucket, key } = addressOf(request.path);
  await store.multipart(bucket).forget(request.query.get('uploadId') ?? '', key);
  return { status: 204 };
}

export function listParts(store: Store, request: AwsRequest): AwsResponse {
  const { bucket, key } = addressOf(request.path);
  const id = request.query.get('uploadId') ?? '';
  const { parts } = store.multipart(bucket).find(id, key);
  return xml('ListPartsResult', {
    Bucket: bucket,
    Key: key,
    UploadId: id,
    IsTruncated: false,
    Part: [...parts]
      .sort(([a], [b]) => a - b)
      .map(([number, part]) => ({ PartNumber: number, ETag: `"${part.etag}"`, Size: part.size })),
  });
}
