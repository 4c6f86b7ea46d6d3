import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AwsError } from '../../engine/calls.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import { type Checksum, type ChecksumName, checksumNames, createChecksum } from './checksums.ts';

/** A body that is on disk and agrees with every digest that came with it. */
export interface Upload {
  /** Path below the folder that was given. */
  file: string;
  size: number;
  /** Hex MD5 of the bytes. */
  etag: string;
  /** Base64 by name, those that the caller sent or asked for. */
  checksums: Partial<Record<ChecksumName, string>>;
}

const maxObjectBytes = 5 * 1024 ** 3;

/**
 * Streams a body into a new file below `folder`. Throws, and leaves no file, when the body is cut short (IncompleteBody),
 * differs from a digest in the headers or trailer (BadDigest, XAmzContentSHA256Mismatch) or is over 5 GiB (EntityTooLarge).
 */
export async function receive(
  folder: string,
  body: AsyncIterable<Buffer>,
  headers: Record<string, string | undefined>,
): Promise<Upload> {
  const trailers = new Map<string, string>();
  const chunked = /\baws-chunked\b/.test(headers['content-encoding'] ?? '') || isStreaming(headers);
  const expected = expectedChecksums(headers);
  const sums = new Map<ChecksumName, Checksum>(expected.map((name) => [name, createChecksum(name)]));
  const contentSha = headers['x-amz-content-sha256'] ?? '';
  const sha256 = /^[0-9a-f]{64}$/.test(contentSha) ? createHash('sha256') : undefined;
  const md5 = createHash('md5');
  const id = randomUUID();
  const file = join(id.slice(0, 2), id);
  const path = join(folder, file);
  await mkdir(join(folder, id.slice(0, 2)), { recursive: true });
  const handle = await open(path, 'wx');
  let size = 0;
  try {
    for await (const piece of chunked ? decodeAwsChunked(body, trailers) : body) {
      size += piece.length;
      if (size > maxObjectBytes) {
        throw new AwsError(
          'EntityTooLarge',
          'Your proposed upload exceeds the maximum allowed size of 5 GiB.',
        );
      }
      md5.update(piece);
      sha256?.update(piece);
      for (const sum of sums.values()) sum.update(piece);
      for (let written = 0; written < piece.length; ) {
        written += (await handle.write(piece, written)).bytesWritten;
      }
    }
    const digest = md5.digest();
    const declared =
      headers['x-amz-decoded-content-length'] ?? (chunked ? undefined : headers['content-length']);
    if (declared !== undefined && Number(declared) !== size) {
      throw new AwsError('IncompleteBody', `The body has ${size} bytes, its headers announced ${declared}.`);
    }
    if (sha256 !== undefined && sha256.digest('hex') !== contentSha) {
      throw new AwsError(
        'XAmzContentSHA256Mismatch',
        'The provided x-amz-content-sha256 does not match the body.',
      );
    }
    const contentMd5 = headers['content-md5'] ?? trailers.get('content-md5');
    if (contentMd5 !== undefined && contentMd5 !== digest.toString('base64')) {
      throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
    }
    const checksums: Upload['checksums'] = {};
    for (const [name, sum] of sums) {
      const value = sum.digest();
      const sent = headers[`x-amz-checksum-${name}`] ?? trailers.get(`x-amz-checksum-${name}`);
      if (sent !== undefined && sent !== value) {
        throw new AwsError(
          'BadDigest',
          `The ${name.toUpperCase()} you specified did not match the calculated checksum.`,
        );
      }
      checksums[name] = value;
    }
    return { file, size, etag: digest.toString('hex'), checksums };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/** The payload is framed in chunks by what the signature header says, whatever the content encoding. */
function isStreaming(headers: Record<string, string | undefined>): boolean {
  return headers['x-amz-content-sha256']?.startsWith('STREAMING-') ?? false;
}

function expectedChecksums(headers: Record<string, string | undefined>): ChecksumName[] {
  const named = [headers['x-amz-sdk-checksum-algorithm'], headers['x-amz-checksum-algorithm']]
    .filter((name) => name !== undefined)
    .map((name) => name.toLowerCase());
  const trailing = (headers['x-amz-trailer'] ?? '')
    .split(',')
    .filter((name) => name.trim().startsWith('x-amz-checksum-'))
    .map((name) => name.trim().slice('x-amz-checksum-'.length));
  const sent = Object.keys(headers)
    .filter((name) => name.startsWith('x-amz-checksum-'))
    .map((name) => name.slice('x-amz-checksum-'.length))
    .filter((name) => !['algorithm', 'mode', 'type'].includes(name));
  const wanted = new Set([...named, ...trailing, ...sent].filter((name) => name !== ''));
  for (const name of wanted) {
    if (!(checksumNames as readonly string[]).includes(name)) {
      throw new AwsError(
        'NotImplemented',
        `The local cloud cannot verify the checksum ${name.toUpperCase()}.`,
        {
          status: 501,
        },
      );
    }
  }
  return [...wanted] as ChecksumName[];
}
