import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Upload, UploadOpener } from '../../ports/objects.ts';
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

function openUpload(client: S3Client, object: { bucket: string; key: string; contentType: string }): Upload {
  const target = { Bucket: object.bucket, Key: object.key };
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
      const begun = await reaching(
        client.send(new CreateMultipartUploadCommand({ ...target, ContentType: object.contentType })),
      );
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
        const whole = { ...target, ContentType: object.contentType, Body: take() };
        await reaching(client.send(new PutObjectCommand(whole)));
        return;
      }
      if (pendingBytes > 0) await sendPart();
      const parts = etags.map((etag, index) => ({ ETag: etag, PartNumber: index + 1 }));
      await reaching(
        client.send(
          new CompleteMultipartUploadCommand({
            ...target,
            UploadId: uploadId,
            MultipartUpload: { Parts: parts },
          }),
        ),
      );
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
