import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { failed } from '../../core/toons/record.ts';
import type { LinkSigner, ToonReader } from '../../ports/toons.ts';
import { asFault, nameOf, statusOf } from '../store-faults.ts';

/**
 * The bytes of toons over S3, whole objects or ranges, never more than the caller can hold. The role needs `s3:GetObject`, and
 * `s3:ListBucket`: without it an object that is not there is `AccessDenied`, not `not-found`.
 */
export function createToonReader(client: S3Client): ToonReader {
  return {
    async read({ bucket, key, start, end }, { maxBytes }) {
      const ranged = start !== undefined && end !== undefined;
      if (ranged && end <= start) return { kind: 'bytes', bytes: new Uint8Array() }; // HTTP has no empty range
      try {
        const answer = await client.send(
          new GetObjectCommand({
            Bucket: bucket,
            Key: key,
            ...(ranged ? { Range: `bytes=${start}-${end - 1}` } : {}),
          }),
        );
        const length = answer.ContentLength ?? Number.POSITIVE_INFINITY;
        if (length > maxBytes) {
          // Taken back without reading: the connection is dropped rather than drained.
          (answer.Body as { destroy?(): void } | undefined)?.destroy?.();
          return failed('too-large', `${length} bytes; at most ${maxBytes} are processed`);
        }
        return { kind: 'bytes', bytes: (await answer.Body?.transformToByteArray()) ?? new Uint8Array() };
      } catch (fault) {
        if (statusOf(fault) === 404 || nameOf(fault) === 'NoSuchKey')
          return failed('not-found', `no object '${key}'`);
        throw asFault(fault);
      }
    },
  };
}

/**
 * Presigned links. They end with the role's credentials if those end sooner. The client needs
 * `requestChecksumCalculation: 'WHEN_REQUIRED'`: its default signs the checksum of the body that is not there yet.
 * @param options `secondsValid` is at most 604,800 (7 days), S3's bound; `nowMs` is UTC ms
 * @throws (its links) `CredentialsProviderError` when there are no credentials to sign with
 */
export function createLinkSigner(
  client: S3Client,
  { secondsValid, nowMs }: { secondsValid: number; nowMs: () => number },
): LinkSigner {
  const expiresAt = (): string => new Date(nowMs() + secondsValid * 1000).toISOString();
  return {
    async readLink({ bucket, key }) {
      const command = new GetObjectCommand({ Bucket: bucket, Key: key });
      return {
        url: await getSignedUrl(client, command, { expiresIn: secondsValid }),
        expiresAt: expiresAt(),
      };
    },

    async writeLink({ bucket, key, bytes, contentType, sha256 }) {
      const checksum = sha256 === undefined ? undefined : Buffer.from(sha256, 'hex').toString('base64');
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        ContentLength: bytes,
        ContentType: contentType,
        IfNoneMatch: '*',
        ...(checksum === undefined ? {} : { ChecksumSHA256: checksum }),
      });
      const checksumHeader = 'x-amz-checksum-sha256';
      const url = await getSignedUrl(client, command, {
        expiresIn: secondsValid,
        // Part of the signature: S3 refuses another length, type or checksum, a request without the condition (403), a second upload
        // with it (412), and bytes that have not this checksum (400).
        signableHeaders: new Set(['content-length', 'content-type', 'host', 'if-none-match', checksumHeader]),
        unhoistableHeaders: new Set([checksumHeader]), // else it would be part of the URL, where S3 does not look for it
      });
      return {
        url,
        headers: {
          'content-length': String(bytes),
          'content-type': contentType,
          'if-none-match': '*',
          ...(checksum === undefined ? {} : { [checksumHeader]: checksum }),
        },
        expiresAt: expiresAt(),
      };
    },
  };
}
