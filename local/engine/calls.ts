import type { Readable } from 'node:stream';

/** The one region and account of the local cloud. */
export const region = 'us-east-1';
export const accountId = '000000000000';

/** `arn:aws:<service>:us-east-1:000000000000:<resource>`; S3 names neither region nor account. */
export function arn(service: string, resource: string): string {
  return service === 's3'
    ? `arn:aws:s3:::${resource}`
    : `arn:aws:${service}:${region}:${accountId}:${resource}`;
}

/** How a service's requests and answers are written. `rest-json` and `rest-xml` find their action in the path. */
export type Protocol = 'json1.0' | 'json1.1' | 'query' | 'rest-json' | 'rest-xml';

/** One call as a service sees it. */
export interface AwsRequest {
  /** SigV4 signing name: `s3`, `sqs`, `states`, … */
  service: string;
  /** From X-Amz-Target or the query's Action; of the REST protocols, what `Service.actionOf` finds. */
  action: string;
  method: string;
  /** As it was sent, still percent-encoded, without the query. */
  path: string;
  /** Query string and, in the query protocol, the form in the body. */
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** At most `Service.maxBodyBytes`; empty where the service takes the stream. */
  body: Buffer;
  /** The body parsed as JSON in the JSON protocols, else empty. */
  input: Record<string, unknown>;
  /** The unread body, only of a service with `streamsBody`. */
  stream: Readable | undefined;
  accessKeyId: string | undefined;
  requestId: string;
  /** Aborted when the caller hung up: what waits for it need not go on. */
  signal: AbortSignal;
}

export interface AwsResponse {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer | Readable;
}

/** One AWS service behind the endpoint. */
export interface Service {
  /** SigV4 signing name; what requests are routed by. */
  readonly name: string;
  readonly protocol: Protocol;
  /** What stands before the dot in X-Amz-Target. */
  readonly targetPrefix?: string;
  /** Default 1 MiB and 64 KiB; a longer body is answered 413. */
  readonly maxBodyBytes?: number;
  /** The body is left in `request.stream`. */
  readonly streamsBody?: boolean;
  /** Needed by the REST protocols: the operation's name, for the interceptors and for errors. */
  actionOf?(request: AwsRequest): string;
  /** The ARN that the call is about, for the interceptors. */
  resourceOf?(request: AwsRequest): string | undefined;
  /** Headers for a page that may call the path by a presigned URL; undefined where it may not. Without it none may. */
  cors?(
    path: string,
    page: { origin: string; method: string; headers: readonly string[] },
  ): Record<string, string> | undefined;
  /** Throws AwsError for what AWS answers with an error; anything else thrown becomes InternalFailure, 500. */
  handle(request: AwsRequest): Promise<AwsResponse>;
}

/** An error that the endpoint renders in the protocol of the service. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Members beside the message: JSON members, or XML elements of plain text. */
  readonly fields: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(
    code: string,
    message: string,
    options: { status?: number; fields?: Record<string, unknown>; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = options.status ?? 400;
    this.fields = options.fields ?? {};
    this.headers = options.headers ?? {};
  }
}

/** A call as the interceptors see it. */
export interface Call {
  service: string;
  action: string;
  resource: string | undefined;
  accessKeyId: string | undefined;
  /** The whole request; its stream, if it has one, is the service's to read. */
  request: AwsRequest;
  phase: 'before' | 'after';
  /** Only after: the status that will be answered. */
  status?: number;
}

/**
 * Runs before and after each call. Throwing an AwsError before keeps the call from running; throwing after replaces
 * the answer, although the call has had its effect (a lost answer).
 */
export type Interceptor = (call: Call) => Promise<void>;

/** An operation that the local cloud does not have, named with where to read what it has. */
export function unknownOperation(service: string, action: string): AwsError {
  const name = service === 's3' ? 'NotImplemented' : 'UnknownOperationException';
  return new AwsError(
    name,
    `Unknown operation ${service}:${action || '(none)'}: the local cloud does not have it. docs/local.md lists what it has.`,
    { status: service === 's3' ? 501 : 400 },
  );
}
