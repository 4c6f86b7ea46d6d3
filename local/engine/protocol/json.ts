import {
  type AwsError,
  type AwsRequest,
  type AwsResponse,
  type Service,
  unknownOperation,
} from '../calls.ts';

// biome-ignore lint/suspicious/noExplicitAny: an operation's input is whatever JSON the caller sent; each operation checks what it reads
export type JsonInput = Record<string, any>;

export type JsonOperation = (input: JsonInput, request: AwsRequest) => Promise<object> | object;

export interface JsonServiceOptions {
  name: string;
  version: '1.0' | '1.1';
  targetPrefix: string;
  maxBodyBytes?: number;
  /** By action. What an operation returns is the answer's body. */
  operations: Record<string, JsonOperation>;
  resourceOf?: (input: JsonInput, action: string) => string | undefined;
}

/** A service that speaks AWS JSON: POST /, X-Amz-Target, JSON in and out. */
export function createJsonService(options: JsonServiceOptions): Service {
  const { name, version, operations, resourceOf } = options;
  const contentType = `application/x-amz-json-${version}`;
  return {
    name,
    protocol: `json${version}`,
    targetPrefix: options.targetPrefix,
    ...(options.maxBodyBytes === undefined ? {} : { maxBodyBytes: options.maxBodyBytes }),
    ...(resourceOf === undefined
      ? {}
      : { resourceOf: (request: AwsRequest) => resourceOf(request.input, request.action) }),
    async handle(request) {
      const operation = Object.hasOwn(operations, request.action) ? operations[request.action] : undefined;
      if (operation === undefined) throw unknownOperation(name, request.action);
      const output = await operation(request.input, request);
      return { status: 200, headers: { 'content-type': contentType }, body: JSON.stringify(output) };
    },
  };
}

/** `__type` and `message`, as the JSON protocols write errors; REST JSON names the error in a header too. */
export function renderJsonError(error: AwsError, protocol: string): AwsResponse {
  const version = protocol === 'json1.0' ? '1.0' : '1.1';
  return {
    status: error.status,
    headers: {
      'content-type': protocol === 'rest-json' ? 'application/json' : `application/x-amz-json-${version}`,
      'x-amzn-errortype': error.code,
      ...error.headers,
    },
    body: JSON.stringify({ __type: error.code, message: error.message, ...error.fields }),
  };
}
