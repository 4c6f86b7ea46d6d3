import { type HttpAnswer, textAnswer } from './http.ts';

/** One parameter, field or body part that can't be taken. */
export interface ParameterProblem {
  readonly parameter: string;
  readonly detail: string;
  /** What would be accepted. */
  readonly accepted: string;
}

/** The kinds of trouble that the API tells apart, each with its status and title. */
export const problemKinds = {
  'invalid-parameter': { status: 400, title: 'A parameter is missing or can not be taken' },
  'invalid-body': { status: 400, title: 'The body can not be taken' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'not-acceptable': { status: 406, title: 'None of the accepted media types can be given' },
  conflict: { status: 409, title: 'There is another one of that name' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is of a media type that is not taken' },
  'nothing-valid': { status: 422, title: 'Nothing in the body is valid' },
  'internal-error': { status: 500, title: 'Something is wrong in Caudal' },
  unavailable: { status: 503, title: 'Something that Caudal needs is busy or away' },
} as const;

export type ProblemKind = keyof typeof problemKinds;

/** Expected trouble as data. Any further members go into the document as they are (RFC 9457, 3.2). */
export interface Problem {
  readonly kind: ProblemKind;
  readonly detail: string;
  readonly parameter?: string;
  readonly accepted?: string | readonly string[];
  readonly errors?: readonly ParameterProblem[];
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What `type` begins with; the kind follows. */
export const problemTypePrefix = 'urn:caudal:problem:';

/**
 * A problem as an RFC 9457 document. `message` repeats `detail` for clients that know nothing of the RFC.
 * @param requestId makes the `instance`, by which the log tells more
 */
export function problemAnswer(problem: Problem, requestId: string): HttpAnswer {
  const { status, title } = problemKinds[problem.kind];
  const document = {
    type: problemTypePrefix + problem.kind,
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
  return textAnswer({
    status,
    contentType: 'application/problem+json',
    body: JSON.stringify(document),
    headers: { ...problem.headers, 'cache-control': 'no-store' },
  });
}

/** The problem of one parameter. */
export function invalidParameter(parameter: string, detail: string, accepted: string): Problem {
  return { kind: 'invalid-parameter', detail: `${detail}; accepted: ${accepted}`, parameter, accepted };
}
