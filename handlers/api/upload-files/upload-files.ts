import type { Dataset } from '../../../core/dataset/dataset.ts';
import { landingPlace } from '../../../core/lines/landing-file.ts';
import type { Clock } from '../../../ports/clock.ts';
import {
  type ConditionalWriter,
  fromJsonBytes,
  type ObjectCopier,
  type ObjectDescriber,
  type ObjectReader,
  toJsonBytes,
} from '../../../ports/objects.ts';
import type { LedgerReader } from '../../../ports/queries.ts';
import type { JobViewer, LinkSigner } from '../../../ports/toons.ts';
import {
  noSuchUpload,
  notUploaded,
  type UploadRecord,
  uploadedFile,
  uploadRecord,
} from '../answers/upload-record.ts';
import { datasetToSend } from '../contract/fields.ts';
import type { AnswerOf, RoutesOf } from '../contract/routes.ts';
import { uploads } from '../contract/uploads.ts';
import { invalid, readJsonBody } from '../http/json-body.ts';
import type { HttpAnswer, HttpRequest } from '../http/messages.ts';
import type { Problem } from '../http/problem.ts';
import { createRouter, type Outcome } from '../http/router.ts';
import { outcomeOf } from './outcome.ts';

export interface UploadFilesPorts {
  readonly datasets: readonly Dataset[];
  readonly links: Pick<LinkSigner, 'writeLink'>;
  readonly objects: ObjectReader & ObjectDescriber & ConditionalWriter & ObjectCopier;
  readonly ledgers: LedgerReader;
  readonly jobs: JobViewer;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly uploadsBucket: string;
  readonly rawBucket: string;
  readonly onFault: (fault: unknown, request: HttpRequest) => void;
}

/** Uploads of files by people: a link, the landing, and what became of it. */
export function createUploadFiles(ports: UploadFilesPorts): (request: HttpRequest) => Promise<HttpAnswer> {
  return createRouter<RoutesOf<'upload-files'>>({
    routes: uploads,
    endpoints: {
      startUpload: (_, request) => startUpload(ports, request),
      getUpload: ({ uploadId }) => getUpload(ports, uploadId),
      landUpload: ({ uploadId }, request) => landUpload(ports, uploadId, request),
    },
    onFault: ports.onFault,
  });
}

/** The upload is named by the request, so none is ever another's. */
async function startUpload(
  { objects, links, uploadsBucket }: UploadFilesPorts,
  request: HttpRequest,
): Promise<Outcome<AnswerOf<'startUpload'>>> {
  const body = readJsonBody(request, uploads.startUpload.body);
  if ('problem' in body) return body;
  const { name, bytes, sha256 } = body.value;
  const uploadId = request.requestId;
  const record: UploadRecord = { name, bytes };
  // A conflict is this very request, sent again by a client of the store.
  await objects.writeIf({
    ...uploadRecord(uploadsBucket, uploadId),
    ...written(record),
    condition: { kind: 'absent' },
  });
  const file = uploadedFile(uploadsBucket, uploadId, record);
  const link = await links.writeLink({ ...file, bytes, contentType: 'application/octet-stream', sha256 });
  const { url, headers, expiresAt } = link;
  return {
    value: { uploadId, method: 'PUT', url, headers: { ...headers }, expires: expiresAt },
    headers: { location: `${request.basePath}/uploads/${uploadId}` },
  };
}

async function getUpload(ports: UploadFilesPorts, uploadId: string): Promise<Outcome<AnswerOf<'getUpload'>>> {
  const found = await readRecord(ports, uploadId);
  if (found === undefined) return noSuchUpload(uploadId);
  const { record } = found;
  const { name, bytes, landed } = record;
  const common = { uploadId, name, bytes };
  if (landed?.versionId === undefined) {
    const isThere = await hasFile(ports, uploadId, record);
    return { value: { ...common, state: isThere ? 'uploaded' : 'expected' } };
  }
  const segment = { bucket: ports.rawBucket, key: landed.key, versionId: landed.versionId };
  const [ledger] = await ports.ledgers.ledgers([segment]);
  const job = ledger === undefined ? undefined : await ports.jobs.view(ledger.jobId);
  const dataset = ports.datasets.find((known) => known.name === landed.dataset);
  return { value: { ...common, landed, ...outcomeOf({ ledger, job, dataset }) } };
}

/** How often the record is read again when another request writes it in between. */
const attempts = 5;

/**
 * Claims the upload for one key and one time, copies it, and says which version it became. A request that is sent again finds the claim: it
 * lands the same, whether or not the first one came to its end.
 */
async function landUpload(
  ports: UploadFilesPorts,
  uploadId: string,
  request: HttpRequest,
): Promise<Outcome<AnswerOf<'landUpload'>>> {
  const body = readJsonBody(request, uploads.landUpload.body);
  if ('problem' in body) return body;
  const dataset = datasetToSend(ports.datasets, body.value.dataset);
  if ('problem' in dataset) return dataset;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const found = await readRecord(ports, uploadId);
    if (found === undefined) return noSuchUpload(uploadId);
    const { record, etag } = found;
    const place = placeOf(dataset, record, body.value);
    if ('problem' in place) return place;
    const { landed } = record;
    if (landed !== undefined && landed.key !== place.key) return alreadyLanded(landed.key);
    if (landed?.versionId !== undefined)
      return { status: 200, ...answerOf({ uploadId, ...landed, versionId: landed.versionId }, request) };
    if (!(await hasFile(ports, uploadId, record))) return notUploaded(record);
    const uploadedAt = landed?.uploadedAt ?? new Date(ports.clock.nowMs()).toISOString();
    const claim = { dataset: dataset.name, key: place.key, uploadedAt };
    const at = uploadRecord(ports.uploadsBucket, uploadId);
    if (landed === undefined) {
      const condition = { kind: 'matches', etag } as const;
      const claimed = await ports.objects.writeIf({
        ...at,
        ...written({ ...record, landed: claim }),
        condition,
      });
      if (claimed === 'conflict') continue;
    }
    const versionId = await ports.objects.copy({
      from: uploadedFile(ports.uploadsBucket, uploadId, record),
      to: { bucket: ports.rawBucket, key: place.key },
      contentType: place.contentType,
      metadata: { 'uploaded-at': uploadedAt },
    });
    if (versionId === undefined) return notUploaded(record);
    const current = await readRecord(ports, uploadId);
    // Another request may have copied as well: the same bytes, key and time. The first that says so is told of.
    if (current !== undefined && current.record.landed?.versionId === undefined)
      await ports.objects.writeIf({
        ...at,
        ...written({ ...record, landed: { ...claim, versionId } }),
        condition: { kind: 'matches', etag: current.etag },
      });
    return answerOf({ uploadId, ...claim, versionId }, request);
  }
  return { problem: 'unavailable', detail: 'other requests land the same upload; send this one again' };
}

const answerOf = (value: AnswerOf<'landUpload'>, { basePath }: HttpRequest) => ({
  value,
  headers: { location: `${basePath}/uploads/${value.uploadId}` },
});

const alreadyLanded = (key: string): Problem => ({
  problem: 'already-landed',
  detail: `the upload has landed as ${key}; upload the file again to land it elsewhere`,
  parameter: 'uploadId',
});

/** Where it lands, by the rules of `caudal upload`. */
function placeOf(
  dataset: Dataset,
  record: UploadRecord,
  { sensor, name }: { sensor?: string | undefined; name?: string | undefined },
): { readonly key: string; readonly contentType: string } | Problem {
  if (sensor !== undefined && name?.includes('/'))
    return invalid([{ parameter: 'name', detail: `has a folder, and sensor is one; accepted: one of them` }]);
  const place = landingPlace({ dataset, sensorId: sensor, file: name ?? record.name });
  return 'fault' in place ? invalid([{ parameter: 'name', detail: place.fault }]) : place;
}

async function readRecord(
  { objects, uploadsBucket }: UploadFilesPorts,
  uploadId: string,
): Promise<{ record: UploadRecord; etag: string } | undefined> {
  const stored = await objects.read(uploadRecord(uploadsBucket, uploadId));
  return stored && { record: fromJsonBytes<UploadRecord>(stored.bytes), etag: stored.etag };
}

const hasFile = async (
  { objects, uploadsBucket }: UploadFilesPorts,
  uploadId: string,
  record: UploadRecord,
): Promise<boolean> => (await objects.describe(uploadedFile(uploadsBucket, uploadId, record))) !== undefined;

const written = (record: UploadRecord) => ({
  bytes: toJsonBytes(record),
  contentType: 'application/json',
  metadata: {},
});
