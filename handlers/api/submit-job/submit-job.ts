import { uploadPrefix } from '../../../core/toons/toon.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { ObjectWriter } from '../../../ports/objects.ts';
import type {
  ExecutionStarter,
  JobBook,
  JobRequest,
  JobView,
  JobViewer,
  ToonReader,
} from '../../../ports/toons.ts';
import { manifestSchema, type SubmittedToon, submissionSchema } from '../contract/submission.ts';
import { oddityOf } from '../http/body.ts';
import { issueWords } from '../http/issue-words.ts';
import { type InputIssue, issuesOf } from '../http/json-body.ts';
import { isBelow, prepareJob } from './prepare.ts';

/** Bytes of a manifest: parsed and held whole, in a function of 1,769 MB. */
const maxManifestBytes = 32 * 1024 * 1024;

export interface SubmitJobPorts {
  readonly bucket: string;
  readonly manifests: ToonReader;
  readonly objects: ObjectWriter;
  readonly jobs: JobBook & JobViewer;
  readonly executions: ExecutionStarter;
  readonly clock: Pick<Clock, 'nowMs'>;
}

export type SubmitOutcome =
  | { readonly kind: 'accepted'; readonly repeated: boolean; readonly job: JobView }
  | { readonly kind: 'invalid'; readonly issues: readonly InputIssue[] }
  | { readonly kind: 'conflict'; readonly jobId: string }
  | { readonly kind: 'full'; readonly jobs: number; readonly toons: number };

/** Jobs of one client that have not ended, and their toons together: what it submits must not keep all others waiting. */
export const maxOpen = { jobs: 20, toons: 20_000 };

/**
 * Accepts a job: contents and list to S3, then the job's item if there is none, then the execution. A crash between
 * any two of them is repaired by submitting again: the first overwrites itself, the second finds its digest, the third
 * is known by its name.
 */
export function createSubmitJob(
  ports: SubmitJobPorts,
): (submission: { clientId: string; body: unknown }) => Promise<SubmitOutcome> {
  return async ({ clientId, body }) => {
    const parsed = submissionSchema.safeParse(body, { error: issueWords });
    if (!parsed.success) return { kind: 'invalid', issues: issuesOf(parsed.error) };
    const { jobId, metadata, manifest } = parsed.data;
    const listed = manifest === undefined ? parsed.data.toons : await readManifest(ports, clientId, manifest);
    if (listed === undefined || 'issues' in listed) return { kind: 'invalid', issues: listed?.issues ?? [] };

    const prepared = prepareJob({ jobId, clientId, bucket: ports.bucket, toons: listed, metadata });
    if (prepared.kind === 'foreign-key') {
      const detail = `must begin with ${prepared.prefix}: a job reads only uploads of its caller`;
      return { kind: 'invalid', issues: [{ parameter: `toons[${prepared.index}].key`, detail }] };
    }
    const { digest, toons, inline, requestKey } = prepared.job;
    const { bucket } = ports;
    const createdAt = new Date(ports.clock.nowMs()).toISOString();
    const admission = await ports.jobs.admit({ jobId, clientId, total: toons.length, createdAt }, maxOpen);
    if (admission.kind === 'full') return admission;
    if (inline !== undefined) {
      await ports.objects.write({
        bucket,
        key: inline.key,
        bytes: inline.bytes,
        contentType: 'application/octet-stream',
      });
    }
    const request: JobRequest = { jobId, toons };
    const requestBytes = Buffer.from(JSON.stringify(request));
    await ports.objects.write({
      bucket,
      key: requestKey,
      bytes: requestBytes,
      contentType: 'application/json',
    });

    const created = await ports.jobs.create({
      jobId,
      clientId,
      digest,
      total: toons.length,
      metadata,
      createdAt,
    });
    if (created.kind === 'exists' && created.digest !== digest) return { kind: 'conflict', jobId };
    const toonTypes = [...new Set(toons.map(({ type }) => type))].sort();
    await ports.executions.start({ jobId, request: { bucket, key: requestKey }, toonTypes });
    const job = await ports.jobs.view(jobId);
    if (job === undefined) throw new Error(`the job '${jobId}' is gone right after it was written`);
    return { kind: 'accepted', repeated: created.kind === 'exists', job };
  };
}

async function readManifest(
  ports: SubmitJobPorts,
  clientId: string,
  key: string,
): Promise<readonly SubmittedToon[] | { readonly issues: readonly InputIssue[] }> {
  const refuse = (detail: string) => ({ issues: [{ parameter: 'manifest', detail }] });
  const prefix = uploadPrefix(clientId);
  if (!isBelow(key, prefix))
    return refuse(`must begin with ${prefix}: a job reads only uploads of its caller`);
  const read = await ports.manifests.read({ bucket: ports.bucket, key }, { maxBytes: maxManifestBytes });
  if (read.kind === 'failed') return refuse(read.detail);
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(read.bytes));
  } catch {
    return refuse('the object is not a JSON document in UTF-8; accepted: {"toons": […]}');
  }
  const oddity = oddityOf(document);
  if (oddity !== undefined) return refuse(`the manifest can't be taken: ${oddity}`);
  const parsed = manifestSchema.safeParse(document, { error: issueWords });
  return parsed.success ? parsed.data.toons : { issues: issuesOf(parsed.error) };
}
