import {
  type Problem,
  type ProblemKind,
  problemDocumentOf,
  problemKinds,
  problemMediaType,
} from '../http/problem.ts';

/** What API Gateway answers by itself, as a problem like any other. */
export interface GatewayRefusal {
  /** As API Gateway calls it. */
  readonly type: string;
  readonly status: number;
  /** The document, in which API Gateway puts the id of the request that its access log has. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const refused: Readonly<Record<string, Pick<Problem, 'problem' | 'detail' | 'headers'>>> = {
  UNAUTHORIZED: {
    problem: 'unauthorized',
    detail:
      'Send "Authorization: Bearer <access token>". It must be an access token, not an ID token, not expired, and have the scope of the route (caudal/read, caudal/write or caudal/operate).',
    headers: { 'WWW-Authenticate': 'Bearer realm="caudal"' },
  },
  ACCESS_DENIED: { problem: 'forbidden', detail: 'The token does not allow this route.' },
  WAF_FILTERED: {
    problem: 'forbidden',
    detail:
      'This address has sent too many requests within five minutes. Send fewer, and it is let through again.',
  },
  // A path that is no route lacks a token, in the words of API Gateway.
  MISSING_AUTHENTICATION_TOKEN: {
    problem: 'not-found',
    detail: 'Unknown route. GET /openapi.json lists all routes.',
  },
  RESOURCE_NOT_FOUND: { problem: 'not-found', detail: 'Unknown route. GET /openapi.json lists all routes.' },
  REQUEST_TOO_LARGE: {
    problem: 'body-too-large',
    detail: 'No request may have more than 10 MB; GET /openapi.json says how much a route takes.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    problem: 'unsupported-media-type',
    detail: 'The Content-Encoding of the body is not supported, or the body is not in it. Send it as it is.',
  },
  THROTTLED: {
    problem: 'too-many-requests',
    detail: 'The installation gets more requests a second than it admits. Send the same request again.',
    headers: { 'Retry-After': '1' },
  },
  INTEGRATION_TIMEOUT: {
    problem: 'gateway-timeout',
    detail: 'There was no answer within 29 s. Send the same request again, or ask for less.',
  },
  INTEGRATION_FAILURE: {
    problem: 'bad-gateway',
    detail: 'A function did not come to an answer. Send the same request again; its log says why.',
  },
  API_CONFIGURATION_ERROR: { problem: 'internal-error', detail: 'The API is not set up as it should be.' },
  AUTHORIZER_FAILURE: {
    problem: 'internal-error',
    detail: 'The token could not be checked. Send the request again.',
  },
  AUTHORIZER_CONFIGURATION_ERROR: { problem: 'internal-error', detail: 'Tokens can not be checked.' },
  DEFAULT_4XX: { problem: 'refused', detail: 'API Gateway did not take the request, as HTTP or as a URL.' },
  DEFAULT_5XX: {
    problem: 'bad-gateway',
    detail: 'API Gateway came to no answer. Send the same request again.',
  },
};

/** Every refusal that API Gateway knows of, each with its document. */
export const gatewayRefusals: readonly GatewayRefusal[] = Object.entries(refused).map(([type, problem]) => ({
  type,
  status: problemKinds[problem.problem].status,
  body: JSON.stringify(problemDocumentOf(problem, '$context.requestId')),
  headers: { 'Content-Type': problemMediaType, 'Cache-Control': 'no-store', ...problem.headers },
}));

/** The problems by which API Gateway refuses what it does not pass on to a route, behind a token or public. */
export const gatewayProblems = (isPublic: boolean): readonly ProblemKind[] =>
  isPublic ? ['too-many-requests'] : ['unauthorized', 'forbidden', 'too-many-requests'];
