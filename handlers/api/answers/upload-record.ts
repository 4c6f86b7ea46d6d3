import type { ObjectLocation } from '../../../ports/objects.ts';
import type { Problem } from '../http/problem.ts';

/** What is known of an upload: an object beside it, as short-lived as it. */
export interface UploadRecord {
  readonly name: string;
  readonly bytes: number;
  readonly landed?: {
    readonly dataset: string;
    readonly key: string;
    /** ISO 8601, UTC: the time of the upload. A copy that is made again has it too. */
    readonly uploadedAt: string;
    /** Absent until the copy is made. */
    readonly versionId?: string;
  };
}

/** Where an upload's file and its record are in the bucket of uploads. */
export const uploadedFile = (
  bucket: string,
  uploadId: string,
  { name }: Pick<UploadRecord, 'name'>,
): ObjectLocation => ({
  bucket,
  key: `uploads/${uploadId}/${name}`,
});
export const uploadRecord = (bucket: string, uploadId: string): ObjectLocation => ({
  bucket,
  key: `records/${uploadId}.json`,
});

export const noSuchUpload = (uploadId: string): Problem => ({
  problem: 'not-found',
  detail: `there is no upload ${uploadId}: it was never begun, or it has expired after a day; accepted: an id of POST /uploads`,
  parameter: 'uploadId',
});

export const notUploaded = ({ name, bytes }: UploadRecord): Problem => ({
  problem: 'not-uploaded',
  detail: `nothing has been uploaded by the link yet; send the ${bytes} bytes of ${name} to it first`,
  parameter: 'uploadId',
});
