import {
  AbortMultipartUploadCommand,
  type CompletedPart,
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
 * The checksum of parts, which the SDK sends with each of them: S3 refuses parts whose upload was not created for it, and the
 * completion of an upload that does not name it of each part.
 */
const checksum = 'CRC32' as const;

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
  const sent: CompletedPart[] = [];
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
        client.send(new CreateMultipartUploadCommand({ ...described, ChecksumAlgorithm: checksum })),
      );
      uploadId = begun.UploadId;
    }
    const part = { UploadId: uploadId, PartNumber: sent.length + 1, ChecksumAlgorithm: checksum };
    const { ETag, ChecksumCRC32 } = await reaching(
      client.send(new UploadPartCommand({ ...target, ...part, Body: take() })),
    );
    sent.push({ PartNumber: part.PartNumber, ETag, ChecksumCRC32 });
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
      const completed = await reaching(
        client.send(
          new CompleteMultipartUploadCommand({
            ...target,
            UploadId: uploadId,
            MultipartUpload: { Parts: sent },
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
