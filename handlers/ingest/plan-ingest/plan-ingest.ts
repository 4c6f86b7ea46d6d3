import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { Clock } from '../../../ports/clock.ts';
import { InvalidInput } from '../../../ports/faults.ts';
import type { MergeInbox } from '../../../ports/inbox.ts';
import { type Segment, segmentIdOf, segmentsManifestKey } from '../../../ports/keys.ts';
import type { UploadOpener, VersionLister } from '../../../ports/objects.ts';
import type { LedgerReader } from '../../../ports/queries.ts';
import type { JobStarter } from '../../../ports/records.ts';
import type { SegmentTask } from '../state-inputs.ts';
import { type IngestInput, objectOf, type PlanRequest, parseInput, type SizedSegment } from './input.ts';
import { listReplay } from './replay.ts';

/**
 * How long others may wait for the parts of a job. Most come within seconds; those of a job that takes longer, or that failed,
 * are not worth a wait.
 */
const announcedMs = 300_000;

export interface PlanPorts {
  versions: VersionLister;
  uploads: UploadOpener;
  jobs: JobStarter;
  inbox: Pick<MergeInbox, 'announce'>;
  ledgers: Pick<LedgerReader, 'ledgers'>;
  clock: Pick<Clock, 'nowMs'>;
}

export interface Plan {
  jobId: string;
  segments: number;
  manifest: { bucket: string; key: string };
  /** Messages and objects that are not segments: other buckets, other prefixes, folders, what is no S3 event. */
  ignored: number;
  /** Segments that the input named more than once. */
  repeated: number;
}

/**
 * PlanIngest: writes the manifest of the segments that an execution has to validate, and the job. The manifest is written
 * as it is found, so a replay of any length takes the memory of one page. Running it again overwrites both; the job keeps
 * its creation time and counts.
 *
 * @throws {InvalidInput} when the input has not one of the three shapes, or names what is not a segment
 */
export function createPlanIngest(
  ports: PlanPorts & { rawBucket: string; curatedBucket: string; datasets: readonly Dataset[] },
) {
  const { rawBucket, curatedBucket } = ports;
  return async ({ jobId, executionArn, startedAt, input }: PlanRequest): Promise<Plan> => {
    const request = parseInput(input);
    checkRequest(request, ports);
    const run = request.kind === 'events' ? '' : jobId;
    const manifest = { bucket: curatedBucket, key: segmentsManifestKey(jobId) };
    const upload = ports.uploads.upload({ ...manifest, contentType: 'application/json' });
    const counts = { segments: 0, ignored: 0, repeated: 0 };
    const seen = new Set<string>();
    const replay = request.kind === 'replay';
    const objects = replay ? listReplay(ports, ports, request) : named(request);
    try {
      for await (const found of objects) {
        if (found === undefined || !isSegment(found, rawBucket)) {
          counts.ignored++;
          continue;
        }
        const segmentId = segmentIdOf(found);
        if (seen.has(segmentId)) {
          counts.repeated++;
          continue;
        }
        if (!replay) seen.add(segmentId); // a listing doesn't repeat itself, and may be too long to remember
        const { bucket, key, versionId, size } = found;
        const task: SegmentTask = { jobId, segmentId, bucket, key, versionId, size, run };
        await upload.write(Buffer.from(`${counts.segments === 0 ? '[' : ','}\n${JSON.stringify(task)}`));
        counts.segments++;
      }
      await upload.write(Buffer.from(counts.segments === 0 ? '[]' : '\n]'));
      await upload.complete();
    } catch (fault) {
      await upload.abort();
      throw fault;
    }
    const nowMs = ports.clock.nowMs();
    if (counts.segments > 0) await ports.inbox.announce(jobId, nowMs + announcedMs);
    const updatedAt = new Date(nowMs).toISOString();
    await ports.jobs.start({ jobId, executionArn, startedAt, segments: counts.segments, updatedAt });
    return { jobId, manifest, ...counts };
  };
}

/** What a person asked for by name has to exist; what an event happens to name may be passed over. */
function checkRequest(
  request: IngestInput,
  { rawBucket, datasets }: { rawBucket: string; datasets: readonly Dataset[] },
): void {
  if (request.kind === 'segments') {
    const stray = request.segments.find((segment) => !isSegment(segment, rawBucket));
    if (stray)
      throw new InvalidInput(`s3://${stray.bucket}/${stray.key} is not in raw/ or landing/ of ${rawBucket}`);
  }
  if (request.kind !== 'replay' || request.dataset === undefined) return;
  if (!datasets.some(({ name }) => name === request.dataset)) {
    throw new InvalidInput(
      `${request.dataset} is no dataset: ${datasets.map(({ name }) => name).join(', ')}`,
    );
  }
}

function* named(request: Exclude<IngestInput, { kind: 'replay' }>): Generator<SizedSegment | undefined> {
  if (request.kind === 'events') yield* request.bodies.map(objectOf);
  else yield* request.segments.map(({ bucket, key, versionId }) => ({ bucket, key, versionId, size: 0 }));
}

/** An object of raw/ or landing/. A key that ends in a slash is what S3's console leaves for a folder. */
function isSegment({ bucket, key }: Segment, rawBucket: string): boolean {
  return bucket === rawBucket && /^(raw|landing)\/.*[^/]$/s.test(key);
}
