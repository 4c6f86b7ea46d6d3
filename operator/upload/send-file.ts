import { createReadStream } from 'node:fs';
import type { Segment } from '../../ports/keys.ts';
import type { UploadOpener } from '../../ports/objects.ts';
import type { LandingFile } from './landing-files.ts';

/** Pieces of a file in memory: some fill one part of an upload. */
const pieceBytes = 1024 * 1024;

/**
 * Uploads one file, a few pieces of it in memory. Its metadata `uploaded-at` is `beganMs`: what copies of the object keep, and what
 * decides between it and other uploads.
 * @param sent told of the bytes of each piece
 * @returns the version that was written
 * @throws {StoreUnavailable} and what reading the file throws: nothing of it is there then
 */
export async function sendFile(
  uploads: UploadOpener,
  file: LandingFile,
  { bucket, beganMs, sent }: { bucket: string; beganMs: number; sent: (bytes: number) => void },
): Promise<Segment> {
  const { path, key, contentType } = file;
  const metadata = { 'uploaded-at': new Date(beganMs).toISOString() };
  const upload = uploads.upload({ bucket, key, contentType, metadata });
  try {
    for await (const piece of createReadStream(path, { highWaterMark: pieceBytes })) {
      await upload.write(piece as Buffer);
      sent((piece as Buffer).length);
    }
    return { bucket, key, versionId: await upload.complete() };
  } catch (fault) {
    await upload.abort();
    throw fault;
  }
}
