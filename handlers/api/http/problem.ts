import { type HttpAnswer, textAnswer } from './messages.ts';

/** One parameter, field or part of the body that is missing or invalid. */
export interface ParameterProblem {
  readonly parameter: string;
  readonly detail: string;
  /** What would be accepted. */
  readonly accepted: string;
}

/** The kinds of problems that the API distinguishes, each with its status and title. */
export const problemKinds = {
  'invalid-parameter': { status: 400, title: 'A parameter is missing or invalid' },
  refused: { status: 400, title: 'The request can not be taken' },
  'invalid-body': { status: 400, title: 'The body is invalid' },
  unauthorized: { status: 401, title: 'No access token that the route takes' },
  forbidden: { status: 403, title: 'Not allowed' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'The route does not have this method' },
  'not-acceptable': { status: 406, title: 'None of the accepted media types is available' },
  conflict: { status: 409, title: 'The name is already in use' },
  'not-redrivable': { status: 409, title: 'The execution can not be redriven' },
  'not-refused': { status: 409, title: 'The file is not refused' },
  'command-refused': { status: 409, title: 'The rules of the stream refuse the command' },
  'command-reused': { status: 409, title: 'The id is that of another command' },
  changed: { status: 409, title: 'What would change is not what was previewed' },
  'not-uploaded': { status: 409, title: 'Nothing has been uploaded by the link yet' },
  'already-landed': { status: 409, title: 'The upload has landed under another key' },
  'filled-by-streams': { status: 409, title: 'The events of the dataset are decided by streams' },
  moved: { status: 412, title: 'The stream is at another position' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The media type of the body is not supported' },
  'too-many-commits': { status: 422, title: 'More commits than are folded for an answer' },
  'too-many-readings': { status: 422, title: 'More readings than are read for an answer' },
  'file-too-large': { status: 422, title: 'The file is too large to be read for an answer' },
  'nothing-to-take': { status: 422, title: 'Nothing of the file can be taken' },
  'unknown-format': { status: 422, title: 'Nothing can be made of the file' },
  'nothing-valid': { status: 422, title: 'Nothing in the body is valid' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'too-many-jobs': { status: 429, title: 'Too many jobs have not ended' },
  'too-many-uploads': { status: 429, title: 'Too many bytes are to be uploaded' },
  'internal-error': { status: 500, title: 'Internal error' },
  'bad-gateway': { status: 502, title: 'The API did not answer' },
  unavailable: { status: 503, title: 'Temporarily unavailable' },
  'gateway-timeout': { status: 504, title: 'The API did not answer in time' },
} as const;

export type ProblemKind = keyof typeof problemKinds;

/**
 * An expected failure as data. Whatever may fail returns its value or a problem, and `'problem' in found` tells which: no
 * value of the API has a member of this name.
 */
export interface Problem {
  readonly problem: ProblemKind;
  readonly detail: string;
  readonly parameter?: string;
  readonly accepted?: string | readonly string[];
  readonly errors?: readonly ParameterProblem[];
  /** Further members of the document (RFC 9457, 3.2). */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What `type` begins with; the kind follows. */
export const problemTypePrefix = 'urn:caudal:problem:';

/**
 * A problem as an RFC 9457 document. `message` repeats `detail` for clients that know nothing of the RFC.
 * @param requestId becomes the `instance`, under which the log has the details
 */
export function problemAnswer(problem: Problem, requestId: string): HttpAnswer {
  return textAnswer({
    status: problemKinds[problem.problem].status,
    contentType: problemMediaType,
    body: JSON.stringify(problemDocumentOf(problem, requestId)),
    headers: { ...problem.headers, 'cache-control': 'no-store' },
  });
}

export const problemMediaType = 'application/problem+json';

/** The members of the document. */
export function problemDocumentOf(problem: Problem, requestId: string): Readonly<Record<string, unknown>> {
  const { status, title } = problemKinds[problem.problem];
  return {
    type: problemTypePrefix + problem.problem,
    title,
    status,
    detail: problem.detail,
    message: problem.detail,
    instance: `urn:uuid:${requestId}`,
    parameter: problem.parameter,
    accepted: problem.accepted,
    errors: problem.errors,
    ...problem.members,
  };
}

/** The problem of one parameter, header or body: what was found, and what would be accepted. */
export function problemOf(
  problem: ProblemKind,
  wrong: { parameter: string; found: string; accepted: string | readonly string[] },
): Problem {
  const { parameter, found, accepted } = wrong;
  return { problem, detail: `${found}; accepted: ${[accepted].flat().join(', ')}`, parameter, accepted };
}
