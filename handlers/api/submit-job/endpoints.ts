import { clientIdPattern, uploadPrefix } from '../../../core/toons/toon.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { LinkSigner, UploadAccounts } from '../../../ports/toons.ts';
import type { AnswerOf, RoutesOf } from '../contract/routes.ts';
import { submission } from '../contract/submission.ts';
import { callerOf } from '../http/access.ts';
import { invalid, readJson, readJsonBody } from '../http/json-body.ts';
import type { HttpAnswer, HttpRequest } from '../http/messages.ts';
import { createRouter, type Outcome } from '../http/router.ts';
import { maxOpen, type SubmitOutcome } from './submit-job.ts';

export interface SubmitJobApiPorts {
  readonly submit: (submission: { clientId: string; body: unknown }) => Promise<SubmitOutcome>;
  readonly links: Pick<LinkSigner, 'writeLink'>;
  readonly accounts: UploadAccounts;
  /** Bytes that a client may get links for within 24 hours. */
  readonly bytesPerDay: number;
  readonly bucket: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly onFault: (fault: unknown, request: HttpRequest) => void;
}

/** The writing routes of the jobs. `submitJob` and `createJob` are one operation under two paths. */
export function createSubmitJobApi(ports: SubmitJobApiPorts): (request: HttpRequest) => Promise<HttpAnswer> {
  const submit = (_: object, request: HttpRequest) => submitJob(ports, request);
  return createRouter<RoutesOf<'submit-job'>>({
    routes: submission,
    endpoints: {
      submitJob: submit,
      createJob: submit,
      createUploads: (_, request) => createUploads(ports, request),
    },
    onFault: ports.onFault,
  });
}

async function submitJob(
  { submit }: SubmitJobApiPorts,
  request: HttpRequest,
): Promise<Outcome<AnswerOf<'submitJob'>>> {
  const body = readJson(request, submission.submitJob.body);
  if ('problem' in body) return body;
  const outcome = await submit({ clientId: ownerOf(request), body: body.value });
  switch (outcome.kind) {
    case 'invalid':
      return invalid(outcome.issues);
    case 'conflict':
      return {
        problem: 'conflict',
        detail: `the job '${outcome.jobId}' already exists, with other content or from another caller`,
        parameter: 'jobId',
        accepted: 'a jobId that is not in use, or exactly the content that was submitted with it',
      };
    case 'full':
      return {
        problem: 'too-many-jobs',
        detail: `${outcome.jobs} jobs of this client with ${outcome.toons} toons have not ended; accepted: at most ${maxOpen.jobs} jobs and ${maxOpen.toons} toons at a time`,
        headers: { 'retry-after': '60' },
      };
    case 'accepted': {
      const { job, repeated } = outcome;
      return {
        value: { ...job, progress: job.total === 0 ? 0 : job.processed / job.total },
        ...(repeated ? { status: 200 } : {}),
        headers: { location: `${request.basePath}/jobs/${job.jobId}` },
      };
    }
  }
}

/** Links for one folder a request, named by the request: no upload replaces an earlier one. */
async function createUploads(
  { links, accounts, bytesPerDay, bucket, clock }: SubmitJobApiPorts,
  request: HttpRequest,
): Promise<Outcome<AnswerOf<'createUploads'>>> {
  const body = readJsonBody(request, submission.createUploads.body);
  if ('problem' in body) return body;
  const { files } = body.value;
  const clientId = ownerOf(request);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const atMs = clock.nowMs();
  const linked = await accounts.link({ clientId, bytes, atMs }, bytesPerDay);
  if (linked.kind === 'full') {
    const freeAt = new Date(linked.freeAtMs).toISOString();
    return {
      problem: 'too-many-uploads',
      detail: `this client has links for ${linked.bytes} bytes and asks for ${bytes} more; accepted: at most ${bytesPerDay} bytes within 24 hours, so many more from ${freeAt} on`,
      parameter: 'files',
      members: { freeAt },
      headers: { 'retry-after': String(Math.ceil((linked.freeAtMs - atMs) / 1000)) },
    };
  }
  const folder = `${uploadPrefix(clientId)}${request.requestId}/`;
  const uploads = await Promise.all(
    files.map(async ({ name, ...file }) => {
      const key = folder + name;
      const link = await links.writeLink({ bucket, key, ...file });
      return { name, key, method: 'PUT' as const, ...link };
    }),
  );
  return { value: { uploads } };
}

/** The route has a scope, so the authorizer has given a client or a user; an id that can't be part of a key is a fault. */
function ownerOf(request: HttpRequest): string {
  const owner = callerOf(request);
  if (owner === undefined || !clientIdPattern.test(owner)) {
    throw new Error('the authorizer gave no client or user id that can be part of a key');
  }
  return owner;
}
