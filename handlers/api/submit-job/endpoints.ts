import * as z from 'zod/mini';
import { clientIdPattern, uploadPrefix } from '../../../core/toons/toon.ts';
import type { LinkSigner } from '../../../ports/toons.ts';
import { uploadsSchema } from '../contract/submission.ts';
import { type HttpAnswer, type HttpRequest, jsonAnswer } from '../http/http.ts';
import type { Problem } from '../http/problem.ts';
import { type Endpoint, endpoint } from '../http/router.ts';
import { type InputIssue, issuesOf, type SubmitOutcome } from './submit-job.ts';

/**
 * Bytes of a request's body. Lambda takes 6 MiB a request, envelope and escapes included; whoever has more uploads it
 * and sends a manifest.
 */
export const maxBodyBytes = 5 * 1024 * 1024;

export interface SubmitEndpointPorts {
  readonly submit: (submission: { clientId: string; body: unknown }) => Promise<SubmitOutcome>;
  readonly links: Pick<LinkSigner, 'writeLink'>;
  readonly bucket: string;
}

/** The writing routes of the jobs. `submitJob` and `createJob` are one thing under two paths. */
export function createSubmitEndpoints(ports: SubmitEndpointPorts): Record<string, Endpoint> {
  const submit = endpoint(z.strictObject({}), async (_parameters, request) => {
    const body = readJson(request);
    if ('kind' in body) return body;
    const outcome = await ports.submit({ clientId: callerOf(request), body: body.value });
    switch (outcome.kind) {
      case 'invalid':
        return invalid(outcome.issues);
      case 'conflict':
        return {
          kind: 'conflict',
          detail: `there is another job '${outcome.jobId}' with other content, or of another caller`,
          parameter: 'jobId',
          accepted: 'a jobId that is not taken, or the very content that was submitted with it',
        };
      case 'accepted': {
        const { job, repeated } = outcome;
        const headers = { location: `${request.basePath}/jobs/${job.jobId}` };
        return jsonAnswer(
          { ...job, progress: job.total === 0 ? 0 : job.processed / job.total },
          { status: repeated ? 200 : 202, headers },
        );
      }
    }
  });
  const uploads = endpoint(z.strictObject({}), async (_parameters, request) => {
    const body = readJson(request);
    if ('kind' in body) return body;
    const parsed = uploadsSchema.safeParse(body.value);
    return parsed.success ? signUploads(ports, request, parsed.data.files) : invalid(issuesOf(parsed.error));
  });
  return { submitJob: submit, createJob: submit, createUploads: uploads };
}

/** Every request has a folder of its own, named by the request: no upload replaces an earlier one. */
async function signUploads(
  { links, bucket }: SubmitEndpointPorts,
  request: HttpRequest,
  files: readonly { name: string; bytes: number; contentType: string }[],
): Promise<HttpAnswer> {
  const folder = `${uploadPrefix(callerOf(request))}${request.requestId}/`;
  const uploads = await Promise.all(
    files.map(async ({ name, bytes, contentType }) => {
      const key = folder + name;
      return { name, key, method: 'PUT', ...(await links.writeLink({ bucket, key, bytes, contentType })) };
    }),
  );
  return jsonAnswer({ uploads }, { status: 201 });
}

/** The body as JSON, its size and type checked before it is parsed. */
function readJson(request: HttpRequest): { readonly value: unknown } | Problem {
  if (request.body.length > maxBodyBytes) {
    return {
      kind: 'body-too-large',
      detail: `the body has ${request.body.length} bytes`,
      accepted: `at most ${maxBodyBytes} bytes; upload larger jobs by POST /jobs/uploads and send a manifest`,
    };
  }
  const type = (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    const detail = `the body is ${JSON.stringify((type ?? '').slice(0, 80))}`;
    return { kind: 'unsupported-media-type', detail, accepted: 'application/json' };
  }
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(request.body)) };
  } catch {
    return { kind: 'invalid-body', detail: 'the body is not JSON in UTF-8', accepted: 'a JSON object' };
  }
}

function invalid(issues: readonly InputIssue[]): Problem {
  const [first] = issues;
  return {
    kind: 'invalid-body',
    detail: issues.map(({ parameter, detail }) => `${parameter}: ${detail}`).join('. '),
    parameter: first?.parameter ?? 'body',
    accepted: first?.detail ?? '',
    errors: issues.map(({ parameter, detail }) => ({ parameter, detail, accepted: detail })),
  };
}

/** The route has a scope, so the authorizer has given a client; one that could not stand in a key is a fault. */
function callerOf({ clientId }: HttpRequest): string {
  if (clientId === undefined || !clientIdPattern.test(clientId)) {
    throw new Error('the authorizer gave no client id that can be part of a key');
  }
  return clientId;
}
