import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { NewObject, Upload, UploadOpener } from '../../ports/objects.ts';
import { reaching } from '../store-faults.ts';

/** S3 takes parts from 5 MiB on, at most 10,000: 8 MiB allow 78 GiB. */
const partBytes = 8 * 1024 * 1024;

/**
 * Uploads whose size nobody knows beforehand: one PutObject when small, else parts of 8 MiB, one after the other, up to 78 GiB.
 * The role needs `s3:PutObject` and `s3:AbortMultipartUpload`.
 */
export function createUploads(client: S3Client): UploadOpener {
  return { upload: (object) => openUpload(client, object) };
}

function openUpload(client: S3Client, { bucket, key, contentType, metadata }: NewObject): Upload {
  const target = { Bucket: bucket, Key: key };
  const described = { ...target, ContentType: contentType, Metadata: metadata && { ...metadata } };
  const etags: (string | undefined)[] = [];
  let uploadId: string | undefined;
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;

  const take = (): Uint8Array => {
    const bytes = Buffer.concat(pending);
    pending = [];
    pendingBytes = 0;
    return bytes;
  };
  const sendPart = async (): Promise<void> => {
    if (uploadId === undefined) {
      const begun = await reaching(client.send(new CreateMultipartUploadCommand(described)));
      uploadId = begun.UploadId;
    }
    const part = { ...target, UploadId: uploadId, PartNumber: etags.length + 1, Body: take() };
    etags.push((await reaching(client.send(new UploadPartCommand(part)))).ETag);
  };

  return {
    async write(bytes) {
      pending.push(bytes);
      pendingBytes += bytes.length;
      if (pendingBytes >= partBytes) await sendPart();
    },
    async complete() {
      if (uploadId === undefined) {
        const whole = await reaching(client.send(new PutObjectCommand({ ...described, Body: take() })));
        return whole.VersionId ?? 'null';
      }
      if (pendingBytes > 0) await sendPart();
      const parts = etags.map((etag, index) => ({ ETag: etag, PartNumber: index + 1 }));
      const completed = await reaching(
        client.send(
          new CompleteMultipartUploadCommand({
            ...target,
            UploadId: uploadId,
            MultipartUpload: { Parts: parts },
          }),
        ),
      );
      return completed.VersionId ?? 'null';
    },
    async abort() {
      take();
      if (uploadId === undefined) return;
      // Called on the way out of a fault, which must not be hidden by another; the bucket's lifecycle rule for incomplete
      // uploads removes what stays.
      await client
        .send(new AbortMultipartUploadCommand({ ...target, UploadId: uploadId }))
        .catch(() => undefined);
    },
  };
}
