import type { Dataset } from '../../../core/dataset/dataset.ts';
import { datasetSource } from '../../../core/inspect/dataset-source.ts';
import { fileStart } from '../../../core/inspect/file-start.ts';
import { inspectedBytes, inspectFile, type ShippedFormats } from '../../../core/inspect/inspect-file.ts';
import { landingPlace } from '../../../core/lines/landing-file.ts';
import type { ParseTotals } from '../../../core/lines/parse-totals.ts';
import { type Preview, previewSegment } from '../../../core/preview/preview-segment.ts';
import type { Clock } from '../../../ports/clock.ts';
import { fromJsonBytes, type ObjectReader, type ObjectStreamer } from '../../../ports/objects.ts';
import {
  noSuchUpload,
  notUploaded,
  type UploadRecord,
  uploadedFile,
  uploadRecord,
} from '../answers/upload-record.ts';
import { datasetToSend } from '../contract/fields.ts';
import type { AnswerOf, RoutesOf } from '../contract/routes.ts';
import { inspections, maxPreviewBytes } from '../contract/uploads.ts';
import { invalid, readJsonBody } from '../http/json-body.ts';
import type { HttpAnswer, HttpRequest } from '../http/messages.ts';
import type { Problem } from '../http/problem.ts';
import { createRouter, type Outcome } from '../http/router.ts';
import { boundedPreview } from './bounded-preview.ts';
import { inspectReport } from './inspect-report.ts';
import { previewReport } from './preview-report.ts';
import { tryDataset } from './trial.ts';

export interface InspectFilePorts {
  readonly datasets: readonly Dataset[];
  readonly shipped: ShippedFormats;
  readonly objects: ObjectReader & ObjectStreamer;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly uploadsBucket: string;
  readonly onFault: (fault: unknown, request: HttpRequest) => void;
}

/** What an uploaded file is, and what it would come to: by the code of the command line and of the ingestion. Nothing is written. */
export function createInspectFile(ports: InspectFilePorts): (request: HttpRequest) => Promise<HttpAnswer> {
  return createRouter<RoutesOf<'inspect-file'>>({
    routes: inspections,
    endpoints: {
      inspectUpload: ({ uploadId }, request) => inspectUpload(ports, uploadId, request),
      previewUpload: ({ uploadId }, request) => previewUpload(ports, uploadId, request),
    },
    onFault: ports.onFault,
  });
}

/** Compressed or not, of so many bytes there are {@link inspectedBytes} to be looked at, where the file has as many. */
const fetchedBytes = 2 * inspectedBytes;
const maxSensors = 100;

async function inspectUpload(
  ports: InspectFilePorts,
  uploadId: string,
  request: HttpRequest,
): Promise<Outcome<AnswerOf<'inspectUpload'>>> {
  const body = readJsonBody(request, inspections.inspectUpload.body);
  if ('problem' in body) return body;
  const file = await openUpload(ports, uploadId, { maxBytes: fetchedBytes });
  if ('problem' in file) return file;
  const { name = 'inspected', dateOrder: order, sensor: sensorId, limit = 5, ...given } = body.value;
  const start = await fileStart(file.bytes, file.record.name);
  const found = inspectFile(start, { name, answers: { ...given, order, sensorId }, shipped: ports.shipped });
  if ('fault' in found)
    return {
      problem: 'unknown-format',
      detail: `nothing can be made of ${file.record.name}: ${found.fault}`,
    };
  const isAnswered = found.questions.length === 0;
  const nowMs = ports.clock.nowMs();
  const trial = isAnswered ? await tryDataset(found, start, { limit, nowMs }) : undefined;
  const { sensors, ...report } = inspectReport(found, { file: file.record.name, trial });
  const value = {
    ...report,
    looksAt: { bytes: start.bytes.length, isWhole: start.isWhole },
    source: isAnswered ? datasetSource(found, { from: file.record.name }) : null,
    sensors: sensors.slice(0, maxSensors),
    sensorsInAll: sensors.length,
  };
  return { value: plain(value) };
}

/** Longest reading of a file, in ms: what follows takes less than a third of it, and API Gateway waits 29 s. */
const readMs = 20_000;
/** Readings that are held and sorted: some 200 bytes each at the most. */
const maxReadings = 2_000_000;

/** More than is read for an answer. */
class TooMuch extends Error {
  override readonly name = 'TooMuch';
}

async function previewUpload(
  ports: InspectFilePorts,
  uploadId: string,
  request: HttpRequest,
): Promise<Outcome<AnswerOf<'previewUpload'>>> {
  const body = readJsonBody(request, inspections.previewUpload.body);
  if ('problem' in body) return body;
  const { sensor, name, examples = 3 } = body.value;
  const dataset = datasetToSend(ports.datasets, body.value.dataset);
  if ('problem' in dataset) return dataset;
  if (sensor !== undefined && name?.includes('/'))
    return invalid([{ parameter: 'name', detail: 'has a folder, and sensor is one; accepted: one of them' }]);
  const file = await openUpload(ports, uploadId, { tooLargeFor: dataset });
  if ('problem' in file) return file;
  const place = landingPlace({ dataset, sensorId: sensor, file: name ?? file.record.name });
  if ('fault' in place) return invalid([{ parameter: 'name', detail: place.fault }]);
  const beganMs = ports.clock.nowMs();
  const watch = ({ valid }: ParseTotals) => {
    if (valid > maxReadings || ports.clock.nowMs() - beganMs > readMs) throw new TooMuch();
  };
  let preview: Preview;
  try {
    const source = { key: place.key, arrivedMs: beganMs };
    preview = await previewSegment({ source, dataset, bytes: file.bytes }, { examples, watch });
  } catch (fault) {
    if (fault instanceof TooMuch)
      return tooLarge(file.record, dataset, 'has more readings than are read for an answer');
    throw fault;
  }
  const report = previewReport(dataset, { file: file.record.name, key: place.key, preview });
  return { value: plain(boundedPreview(report)) };
}

/** The file of an upload as it is stored, or its first bytes. */
async function openUpload(
  { objects, uploadsBucket }: InspectFilePorts,
  uploadId: string,
  { maxBytes, tooLargeFor }: { maxBytes?: number; tooLargeFor?: Dataset },
): Promise<{ readonly record: UploadRecord; readonly bytes: AsyncIterable<Uint8Array> } | Problem> {
  const stored = await objects.read(uploadRecord(uploadsBucket, uploadId));
  if (stored === undefined) return noSuchUpload(uploadId);
  const record = fromJsonBytes<UploadRecord>(stored.bytes);
  if (tooLargeFor !== undefined && record.bytes > maxPreviewBytes)
    return tooLarge(
      record,
      tooLargeFor,
      `has ${record.bytes} bytes, and at most ${maxPreviewBytes} are read for an answer`,
    );
  const bytes = await objects.stream(
    uploadedFile(uploadsBucket, uploadId, record),
    maxBytes === undefined ? {} : { maxBytes },
  );
  return bytes === undefined ? notUploaded(record) : { record, bytes };
}

const tooLarge = ({ name }: UploadRecord, dataset: Dataset, why: string): Problem => ({
  problem: 'file-too-large',
  detail: `${name} ${why}. It may land all the same; where the file is, look at the whole of it first: npm run caudal -- preview FILE --dataset ${dataset.name}`,
  parameter: 'uploadId',
});

/** As JSON has it: no member that is undefined, and null for a number that is none. */
const plain = <Value>(value: unknown): Value => JSON.parse(JSON.stringify(value));
