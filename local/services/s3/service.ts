import { Readable } from 'node:stream';
import {
  type AwsRequest,
  type AwsResponse,
  arn,
  region,
  type Service,
  unknownOperation,
} from '../../engine/calls.ts';
import type { BusEvent } from '../eventbridge/service.ts';
import type { BucketSettings, ObjectVersion } from './bucket.ts';
import { corsHeaders } from './cors.ts';
import { listObjects, listVersions, xml } from './listing.ts';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listParts,
  uploadPart,
} from './multipart-requests.ts';
import { findVersion, openBytes, readObject } from './reading.ts';
import { actionOf, addressOf } from './routing.ts';
import { Store } from './store.ts';
import { copyObject, deleteObject, deleteObjects, one, putObject } from './writing.ts';

export interface S3Options {
  directory: string;
  /** Told of each object in a bucket with `eventBridge`, at least once; rejecting means: again later. */
  onObjectCreated?: (event: BusEvent) => Promise<void>;
  /** Puts local addresses in the place of those that exist only on AWS. */
  localText?: (text: string) => string;
}

interface ObjectInfo {
  key: string;
  versionId: string | undefined;
  size: number;
  etag: string;
  modifiedMs: number;
  contentType: string | undefined;
  metadata: Record<string, string>;
}

interface PutOptions {
  bucket: string;
  key: string;
  body: Buffer | string | Readable;
  contentType?: string;
  contentEncoding?: string;
  metadata?: Record<string, string>;
  ifMatch?: string;
  ifNoneMatch?: '*';
}

/** S3 over the file system. */
export interface S3 extends Service {
  /** Makes a bucket or gives new settings to one that is there. */
  createBucket(settings: BucketSettings): void;
  putObject(options: PutOptions): Promise<ObjectInfo>;
  /** Throws NoSuchKey, NoSuchVersion. */
  getObject(object: {
    bucket: string;
    key: string;
    versionId?: string;
  }): Promise<ObjectInfo & { body: Readable }>;
  /** Undefined when there is no such object. */
  headObject(object: { bucket: string; key: string; versionId?: string }): ObjectInfo | undefined;
  deleteObject(object: { bucket: string; key: string }): void;
  /** In listing order. */
  listKeys(options: { bucket: string; prefix?: string }): ObjectInfo[];
  /** Applies the lifecycle rules as of a moment; `start` does it hourly. */
  expire(nowMs: number): Promise<void>;
  /** Publishes the events that an earlier process owes, then those of new objects. */
  start(): void;
  close(): Promise<void>;
}

export function createS3({ directory, onObjectCreated, localText = (text) => text }: S3Options): S3 {
  const store = new Store(directory, onObjectCreated);

  const operations: Record<string, (request: AwsRequest) => AwsResponse | Promise<AwsResponse>> = {
    ListBuckets: () => listBuckets(store),
    HeadBucket: (request) => {
      store.bucket(addressOf(request.path).bucket);
      return { status: 200, headers: { 'x-amz-bucket-region': region } };
    },
    // us-east-1 is written as the empty constraint.
    GetBucketLocation: (request) => {
      inBucket(request);
      return xml('LocationConstraint', {});
    },
    GetBucketVersioning: (request) =>
      xml('VersioningConfiguration', inBucket(request).settings.versioned ? { Status: 'Enabled' } : {}),
    GetBucketNotificationConfiguration: (request) =>
      xml(
        'NotificationConfiguration',
        inBucket(request).settings.eventBridge ? { EventBridgeConfiguration: {} } : {},
      ),
    ListObjectsV2: (request) => listObjects(inBucket(request), request),
    ListObjectVersions: (request) => listVersions(inBucket(request), request),
    PutObject: (request) => putObject(store, request),
    GetObject: (request) => readObject(inBucket(request), addressOf(request.path).key, request),
    HeadObject: (request) => readObject(inBucket(request), addressOf(request.path).key, request),
    CopyObject: (request) => copyObject(store, request),
    DeleteObject: (request) => deleteObject(store, request),
    DeleteObjects: (request) => deleteObjects(store, request),
    CreateMultipartUpload: (request) => createMultipartUpload(store, request),
    UploadPart: (request) => uploadPart(store, request),
    CompleteMultipartUpload: (request) => completeMultipartUpload(store, request),
    AbortMultipartUpload: (request) => abortMultipartUpload(store, request),
    ListParts: (request) => listParts(store, request),
  };

  function inBucket(request: AwsRequest) {
    return store.bucket(addressOf(request.path).bucket);
  }

  return {
    name: 's3',
    protocol: 'rest-xml',
    streamsBody: true,
    actionOf,
    resourceOf(request) {
      const { bucket, key } = addressOf(request.path);
      return bucket === '' ? undefined : arn('s3', key === '' ? bucket : `${bucket}/${key}`);
    },
    cors(path, request) {
      let bucket: string;
      try {
        ({ bucket } = addressOf(path));
      } catch {
        return undefined; // no bucket's path
      }
      const rules = store.buckets.find(({ name }) => name === bucket)?.settings.cors ?? [];
      const local = rules.map((rule) => ({ ...rule, origins: rule.origins.map(localText) }));
      return corsHeaders(local, request);
    },
    async handle(request) {
      const operation = operations[request.action];
      if (operation === undefined) throw unknownOperation('s3', request.action);
      return operation(request);
    },

    createBucket: (settings) => store.createBucket(settings),
    async putObject({
      bucket,
      key,
      body,
      contentType,
      contentEncoding,
      metadata = {},
      ifMatch,
      ifNoneMatch,
    }) {
      const version = await store.write({
        bucket,
        key,
        body: body instanceof Readable ? (body as AsyncIterable<Buffer>) : one(Buffer.from(body as string)),
        headers: {},
        stored: {
          headers: {
            'content-type': contentType ?? 'binary/octet-stream',
            ...(contentEncoding === undefined ? {} : { 'content-encoding': contentEncoding }),
          },
          metadata,
        },
        condition: { ...(ifMatch ? { ifMatch } : {}), ...(ifNoneMatch ? { ifNoneMatch } : {}) },
        reason: 'PutObject',
      });
      return infoOf(version);
    },
    async getObject({ bucket, key, versionId }) {
      const version = findVersion(store.bucket(bucket), key, versionId);
      const bytes = await openBytes(store.bucket(bucket), version);
      return { ...infoOf(version), body: Buffer.isBuffer(bytes) ? Readable.from([bytes]) : bytes };
    },
    headObject({ bucket, key, versionId }) {
      const versions = store.bucket(bucket).versions(key);
      const version =
        versionId === undefined ? versions[0] : versions.find((each) => each.versionId === versionId);
      return version?.file === undefined ? undefined : infoOf(version);
    },
    deleteObject({ bucket, key }) {
      store.bucket(bucket).remove(key);
    },
    listKeys({ bucket: name, prefix = '' }) {
      const bucket = store.bucket(name);
      const found: ObjectInfo[] = [];
      for (const key of bucket.keys.after(prefix)) {
        if (!key.startsWith(prefix)) break;
        const version = bucket.current(key);
        if (version !== undefined) found.push(infoOf(version));
      }
      return found;
    },
    expire: (nowMs) => store.expire(nowMs),
    start: () => store.start(),
    async close() {
      store.close();
    },
  };
}

function listBuckets(store: Store): AwsResponse {
  return xml('ListAllMyBucketsResult', {
    Owner: { ID: 'caudal' },
    Buckets: {
      Bucket: store.buckets.map(({ name, createdMs }) => ({
        Name: name,
        CreationDate: new Date(createdMs).toISOString(),
      })),
    },
  });
}

function infoOf(version: ObjectVersion): ObjectInfo {
  return {
    key: version.key,
    versionId: version.versionId === 'null' ? undefined : version.versionId,
    size: version.size,
    etag: version.etag,
    modifiedMs: version.modifiedMs,
    contentType: version.headers['content-type'],
    metadata: version.metadata,
  };
}
