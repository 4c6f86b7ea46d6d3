import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JWTPayload } from 'jose';
import { arn } from '../../engine/calls.ts';
import { onLoopback } from '../../engine/endpoint.ts';
import { forThisMachine } from '../../engine/site-guard.ts';
import type { InvocationResult, InvocationWaiter } from '../lambda/function.ts';
import { type Authorization, authorize } from './authorizer.ts';
import { compressed } from './compression.ts';
import { proxyEvent, proxyResponse } from './proxy.ts';
import { type Answer, type ApiMethod, findMethod, type GatewayResponse, type RestApi } from './rest-api.ts';

export interface ApiGatewayOptions {
  /** `sourceArn` is the method's, as the function's permission names it. */
  invoke(
    functionName: string,
    event: string,
    options: { sourceArn: string; waiter: InvocationWaiter },
  ): Promise<InvocationResult>;
  /** Checks the header for a method with a Cognito authorizer. */
  tokenRules(method: ApiMethod & { authorization: { kind: 'cognito' } }): Parameters<typeof authorize>[1];
  /** One line of JSON for each request. */
  accessLog(line: string): void;
  /** Told of each answer. */
  observe?(api: string, answered: { status: number; latencyMs: number }): void;
}

/** API Gateway: the one REST API that the template declares, on a separate port. */
export interface ApiGateway {
  createRestApi(api: Pick<RestApi, 'id' | 'name' | 'binaryMediaTypes' | 'minimumCompressionSize'>): void;
  putMethod(method: ApiMethod): void;
  putGatewayResponse(type: string, response: GatewayResponse): void;
  putStage(stage: Pick<RestApi, 'stage' | 'throttle'>): void;
  /** Undefined when the template declares none. */
  restApi(): RestApi | undefined;
  /** Binds to 127.0.0.1; port 0 takes any free one. */
  listen(port: number): Promise<{ port: number }>;
  close(): Promise<void>;
}

/** API Gateway's limit of a request. */
const requestLimitBytes = 10 * 1024 * 1024;

/** What the gateway answers by itself: response type, status, words. A template may say it otherwise. */
const ownResponses = {
  UNAUTHORIZED: [401, 'Unauthorized'],
  MISSING_AUTHENTICATION_TOKEN: [403, 'Missing Authentication Token'],
  REQUEST_TOO_LARGE: [413, 'Request Too Long'],
  THROTTLED: [429, 'Too Many Requests'],
  API_CONFIGURATION_ERROR: [500, 'Internal server error'],
  INTEGRATION_FAILURE: [502, 'Internal server error'],
  INTEGRATION_TIMEOUT: [504, 'Endpoint request timed out'],
} as const;

type ResponseType = keyof typeof ownResponses;

/** Thrown on the way to what the gateway answers itself. */
class Refusal extends Error {
  readonly type: ResponseType;
  readonly reason: string | undefined;

  constructor(type: ResponseType, words?: { message?: string; reason?: string }) {
    super(words?.message ?? ownResponses[type][1]);
    this.type = type;
    this.reason = words?.reason;
  }
}

/** What has no body (RFC 9110, 6.4.1). */
const bodiless = new Set([204, 304]);

/** In the access log, of a request whose caller hung up before there was an answer: as nginx has it. */
const hungUpStatus = 499;

/** It answers with or without the stage in front of the path. */
export function createApiGateway(options: ApiGatewayOptions): ApiGateway {
  const throttle = createThrottle();
  const methods: ApiMethod[] = [];
  const responses: Record<string, GatewayResponse> = {};
  let declared: Pick<RestApi, 'id' | 'name' | 'binaryMediaTypes' | 'minimumCompressionSize'> | undefined;
  let stage: Pick<RestApi, 'stage' | 'throttle'> = { stage: 'prod' };

  const restApi = (): RestApi | undefined => declared && { ...declared, ...stage, methods, responses };

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const api = restApi();
    const timeMs = Date.now();
    const requestId = randomUUID();
    const [rawPath = '/', search = ''] = String(message.url).split(/\?(.*)/s);
    const path = api ? withoutStage(rawPath, api.stage) : rawPath;
    const seen: { resource?: string; reason?: string | undefined } = {};
    const hungUp = new AbortController();
    response.once('close', () => hungUp.abort());
    let answer: Answer;
    try {
      if (!api) throw new Refusal('API_CONFIGURATION_ERROR');
      if (!throttle(api.throttle)) throw new Refusal('THROTTLED');
      const match = findMethod(api.methods, String(message.method), path);
      if (!match) throw new Refusal('MISSING_AUTHENTICATION_TOKEN');
      seen.resource = match.method.resourcePath;
      const claims = await claimsOf(match.method, message);
      const body = await readBody(message);
      const query = new URLSearchParams(search);
      const event = proxyEvent({ api, match, message, requestId, path, query, body, claims, timeMs });
      const verb = match.method.httpMethod === 'ANY' ? '*' : match.method.httpMethod;
      const sourceArn = arn('execute-api', `${api.id}/${api.stage}/${verb}${match.method.resourcePath}`);
      const called = await call(match.method, JSON.stringify(event), { sourceArn, hungUp: hungUp.signal });
      answer = compressed(called, api, message.headers['accept-encoding']);
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal('API_CONFIGURATION_ERROR');
      seen.reason = refusal.reason ?? (error instanceof Refusal ? undefined : String(error));
      answer = render(refusal, requestId, api?.responses ?? {});
    }
    // Of a caller who hung up the call is stopped: there is no answer to count, neither a good one nor a fault.
    const status = hungUp.signal.aborted ? hungUpStatus : answer.status;
    response.writeHead(answer.status, {
      'x-amzn-requestid': requestId,
      // RFC 9110, 8.6: none with 204, and none with 304 but that of the whole answer, which nobody knows here.
      ...(bodiless.has(answer.status) ? {} : { 'content-length': String(answer.body.length) }),
      ...(message.complete ? {} : { connection: 'close' }),
      ...answer.headers,
    });
    response.end(message.method === 'HEAD' ? undefined : answer.body);
    if (!message.complete) message.resume();
    if (api && status !== hungUpStatus)
      options.observe?.(api.name, { status, latencyMs: Date.now() - timeMs });
    options.accessLog(
      JSON.stringify({
        requestTime: new Date(timeMs).toISOString(),
        requestId,
        httpMethod: message.method,
        path,
        resourcePath: seen.resource,
        status,
        responseLength: answer.body.length,
        latencyMs: Date.now() - timeMs,
        ip: message.socket.remoteAddress,
        // AWS does not tell why a token is refused; here it is a line in the log.
        ...(seen.reason === undefined ? {} : { reason: seen.reason }),
      }),
    );
  }

  async function claimsOf(method: ApiMethod, message: IncomingMessage): Promise<JWTPayload | undefined> {
    const { authorization } = method;
    if (authorization.kind === 'none') return undefined;
    const rules = options.tokenRules({ ...method, authorization });
    const decided: Authorization = await authorize(message.headers.authorization, rules);
    if (decided.kind === 'allowed') return decided.claims;
    throw new Refusal('UNAUTHORIZED', decided);
  }

  async function call(
    { functionName, timeoutMs }: ApiMethod,
    event: string,
    { sourceArn, hungUp }: { sourceArn: string; hungUp: AbortSignal },
  ): Promise<Answer> {
    // As of a task: the wait for a place to run is not the function's time.
    const begun = Promise.withResolvers<void>();
    const over = new AbortController();
    const signal = AbortSignal.any([hungUp, over.signal]);
    const result = await Promise.race([
      options.invoke(functionName, event, { sourceArn, waiter: { signal, begins: begun.resolve } }),
      begun.promise.then(() => sleep(timeoutMs, undefined, { signal })).catch(() => undefined),
    ]);
    over.abort();
    if (!result) throw new Refusal('INTEGRATION_TIMEOUT');
    const answer = result.kind === 'succeeded' ? proxyResponse(result.payload) : undefined;
    if (answer) return answer;
    const reason = result.kind === 'failed' ? result.payload : 'Malformed Lambda proxy response';
    throw new Refusal('INTEGRATION_FAILURE', { reason });
  }

  /** The origin of pages that the template lets read what the gateway itself answers is its API's. */
  const maySend = (origin: string): boolean =>
    Object.values(responses).some(({ headers }) => headers?.['access-control-allow-origin'] === origin);

  const server = createServer(
    forThisMachine(
      (message, response) => {
        serve(message, response).catch(() => void response.destroy());
      },
      { maySend },
    ),
  );

  return {
    createRestApi(api) {
      declared = api;
    },
    putMethod: (method) => void methods.push(method),
    putGatewayResponse(type, response) {
      responses[type] = response;
    },
    putStage(settings) {
      stage = settings;
    },
    restApi,
    ...onLoopback(server),
  };
}

/** A path below the stage without it; any other as it is, so that `/prod` may be left out. */
function withoutStage(path: string, stage: string): string {
  if (path !== `/${stage}` && !path.startsWith(`/${stage}/`)) return path;
  return path.slice(stage.length + 1) || '/';
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > requestLimitBytes) throw new Refusal('REQUEST_TOO_LARGE');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The gateway's own answer, as the template's gateway responses word it: the type's, else the default of its class. */
function render(
  { type, message }: Refusal,
  requestId: string,
  responses: Readonly<Record<string, GatewayResponse>>,
): Answer {
  const [status] = ownResponses[type];
  const own = responses[type] ?? responses[status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX'];
  const template = own?.template ?? '{"message":$context.error.messageString}';
  const body = template
    .replaceAll('$context.error.messageString', JSON.stringify(message))
    .replaceAll('$context.error.message', message)
    .replaceAll('$context.error.responseType', type)
    .replaceAll('$context.requestId', requestId);
  return {
    status: own?.status ?? status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': `${type}Exception`, ...own?.headers },
    body: Buffer.from(body),
  };
}

/** A stage's throttling: a bucket of `burst` tokens that fills at `ratePerSecond`. False: too many requests. */
function createThrottle(): (limit: { ratePerSecond: number; burst: number } | undefined) => boolean {
  let tokens = Number.POSITIVE_INFINITY;
  let filledAt = Date.now();
  return (limit) => {
    if (!limit) return true;
    const now = Date.now();
    tokens = Math.min(limit.burst, tokens + ((now - filledAt) / 1000) * limit.ratePerSecond);
    filledAt = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
