import {
  type AwsError,
  type AwsRequest,
  type AwsResponse,
  type Service,
  unknownOperation,
} from '../calls.ts';
import { document, type XmlValue } from './xml.ts';

type QueryOperation = (
  parameters: URLSearchParams,
  request: AwsRequest,
) => Promise<{ [name: string]: XmlValue }> | { [name: string]: XmlValue };

export interface QueryServiceOptions {
  name: string;
  /** xmlns of the answers. */
  namespace: string;
  maxBodyBytes?: number;
  /** By action. What an operation returns is written inside `<ActionResult>`. */
  operations: Record<string, QueryOperation>;
  resourceOf?: (parameters: URLSearchParams, action: string) => string | undefined;
}

/** A service that speaks the AWS query protocol: a form in, XML out. */
export function createQueryService(options: QueryServiceOptions): Service {
  const { name, namespace, operations, resourceOf } = options;
  return {
    name,
    protocol: 'query',
    ...(options.maxBodyBytes === undefined ? {} : { maxBodyBytes: options.maxBodyBytes }),
    ...(resourceOf === undefined
      ? {}
      : { resourceOf: (request: AwsRequest) => resourceOf(request.query, request.action) }),
    async handle(request) {
      const { action } = request;
      const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
      if (operation === undefined) throw unknownOperation(name, action);
      const result = await operation(request.query, request);
      return {
        status: 200,
        headers: { 'content-type': 'text/xml' },
        body: document(`${action}Response`, namespace, {
          [`${action}Result`]: result,
          ResponseMetadata: { RequestId: request.requestId },
        }),
      };
    },
  };
}

/** `<ErrorResponse>` of the query protocol. */
export function renderQueryError(error: AwsError, requestId: string): AwsResponse {
  return {
    status: error.status,
    headers: { 'content-type': 'text/xml', ...error.headers },
    body: document('ErrorResponse', 'https://caudal.local/doc/', {
      Error: {
        Type: error.status < 500 ? 'Sender' : 'Receiver',
        Code: error.code,
        Message: error.message,
        ...(error.fields as Record<string, string>),
      },
      RequestId: requestId,
    }),
  };
}

/** The entries of a list `name.1`, `name.2`, … in order; each as the parameters below it (`''` for a plain value). */
export function members(parameters: URLSearchParams, name: string): Map<string, string>[] {
  const entries = new Map<number, Map<string, string>>();
  for (const [key, value] of parameters) {
    if (!key.startsWith(`${name}.`)) continue;
    const [index = '', ...rest] = key.slice(name.length + 1).split('.');
    const position = Number(index);
    const entry = entries.get(position) ?? new Map<string, string>();
    entry.set(rest.join('.'), value);
    entries.set(position, entry);
  }
  return [...entries].sort(([a], [b]) => a - b).map(([, entry]) => entry);
}

/** The parameters of `members` as parameters again, for a list inside an entry. */
export function nested(entry: Map<string, string>): URLSearchParams {
  return new URLSearchParams([...entry]);
}
