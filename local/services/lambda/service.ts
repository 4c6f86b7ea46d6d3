import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AwsError,
  type AwsRequest,
  type AwsResponse,
  arn,
  type Service,
  unknownOperation,
} from '../../engine/calls.ts';
import {
  type FunctionConfiguration,
  type FunctionLog,
  type FunctionPlaces,
  type InvocationResult,
  type InvocationWaiter,
  invocationTagHeader,
  payloadLimitBytes,
} from './function.ts';
import type { FunctionClock } from './function-process.ts';
import type { FunctionUrl } from './function-url.ts';
import { FunctionPool } from './pool.ts';

export interface LambdaOptions {
  endpointUrl: () => string;
  log: FunctionLog;
  compileCache?: string;
  localText?: ((text: string) => string) | undefined;
  /** Divides the waits between the attempts of an asynchronous invocation. */
  timeScale: number;
  /**
   * Invocations that run at a time. Default: twice the cores, at least 4, since functions mostly wait for the endpoint,
   * which runs in this process.
   */
  concurrency?: number | undefined;
  /** Environments that may wait for work. */
  warm?: number | undefined;
  /** Of the functions; default: the machine's. */
  clock?: FunctionClock | undefined;
  /** Told of each invocation that has ended. */
  observe?(name: string, ended: { failed: boolean; durationMs: number }): void;
  /** Told of an asynchronous event that has failed three times, with what the function said at last. */
  onGivenUp?(configuration: FunctionConfiguration, letter: { event: string; error: string }): void;
}

/** The functions of the cloud and the Lambda API over them. */
export interface Lambda extends Service {
  createFunction(configuration: FunctionConfiguration): void;
  createUrl(url: FunctionUrl): void;
  /** Undefined when no function has a URL of the id. */
  urlOf(id: string): FunctionUrl | undefined;
  /** By name, ARN or `name:alias`. Throws ResourceNotFoundException. */
  find(name: string): FunctionConfiguration;
  readonly places: FunctionPlaces;
  /** Synchronous: resolves with the function's failure too. */
  invoke(name: string, event: string, waiter?: InvocationWaiter): Promise<InvocationResult>;
  /** As `InvocationType: Event`: answers at once, attempts three times, then gives the event up with a log line. */
  invokeLater(name: string, event: string): void;
  /** Kills one environment, known by the session token of its calls; false when there is none. */
  kill(sessionToken: string): boolean;
  /** Ends one environment as the timeout of its invocation would; false when there is none. */
  timeOut(sessionToken: string): boolean;
  close(): Promise<void>;
}

/** An asynchronous event is tried again after one minute, then after two. */
const laterDelaysMs = [60_000, 120_000];

/** Of Lambda's first API, beside the functions'. */
const accountRoute = '/2016-08-19/account-settings';
const route = /^\/2015-03-31\/functions(?:\/([^/]+))?(?:\/(invocations))?\/?$/;

/** Lambda: invocation by the SDKs, and enough of the rest to see what there is. */
export function createLambda(options: LambdaOptions): Lambda {
  const configurations = new Map<string, FunctionConfiguration>();
  const urls = new Map<string, FunctionUrl>();
  /** By the tag of the invocation. */
  const begins = new Map<string, () => void>();
  const concurrency = options.concurrency ?? Math.max(4, 2 * availableParallelism());
  let pool: FunctionPool | undefined;

  // The endpoint's port is only known once it listens.
  const running = (): FunctionPool => {
    pool ??= new FunctionPool({ ...options, concurrency, endpointUrl: options.endpointUrl() });
    return pool;
  };

  function find(name: string): FunctionConfiguration {
    const plain = name.replace(/^arn:aws:lambda:[^:]+:[^:]+:function:/, '').replace(/:[^:]*$/, '');
    const configuration = configurations.get(plain);
    if (configuration) return configuration;
    throw new AwsError(
      'ResourceNotFoundException',
      `Function not found: ${arn('lambda', `function:${plain}`)}`,
      {
        status: 404,
      },
    );
  }

  async function run(
    configuration: FunctionConfiguration,
    event: string,
    waiter?: InvocationWaiter,
  ): Promise<InvocationResult> {
    const beganMs = performance.now();
    const result = await running().invoke(configuration, event, waiter);
    const durationMs = performance.now() - beganMs;
    // That its caller hung up is no fault of the function.
    const failed = result.kind === 'failed' && waiter?.signal?.aborted !== true;
    options.observe?.(configuration.name, { failed, durationMs });
    return result;
  }

  const invoke = (name: string, event: string, waiter?: InvocationWaiter) => run(find(name), event, waiter);

  async function attemptLater(configuration: FunctionConfiguration, event: string): Promise<void> {
    let payload = '';
    for (const delayMs of [...laterDelaysMs, undefined]) {
      const result = await run(configuration, event);
      if (result.kind === 'succeeded') return;
      payload = result.payload;
      if (delayMs === undefined) break;
      await sleep(delayMs / options.timeScale, undefined, { ref: false });
    }
    options.log(configuration, 'The event failed three times and is given up.\n', 'asynchronous');
    const { errorMessage = '' } = JSON.parse(payload) as { errorMessage?: string };
    options.onGivenUp?.(configuration, { event, error: errorMessage });
  }

  const invokeLater = (name: string, event: string): void => void attemptLater(find(name), event);

  async function invocation(name: string, request: AwsRequest): Promise<AwsResponse> {
    const configuration = find(name);
    if (request.body.length > payloadLimitBytes) {
      const message = `Request must be smaller than ${payloadLimitBytes} bytes for the InvokeFunction operation`;
      throw new AwsError('RequestTooLargeException', message, { status: 413 });
    }
    const event = request.body.length === 0 ? '{}' : request.body.toString('utf8');
    const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
    assertJson(event);
    if (type === 'DryRun') return { status: 204 };
    if (type === 'Event') {
      invokeLater(name, event);
      return { status: 202 };
    }
    const tag = request.headers[invocationTagHeader];
    const result = await run(configuration, event, {
      signal: request.signal,
      begins: tag === undefined ? undefined : begins.get(tag),
    });
    return {
      status: 200,
      headers: {
        'content-type': 'application/json',
        'x-amz-executed-version': '$LATEST',
        ...(result.kind === 'failed' ? { 'x-amz-function-error': 'Unhandled' } : {}),
      },
      body: result.payload,
    };
  }

  return {
    name: 'lambda',
    protocol: 'rest-json',
    // A little more than the limit, so that it is Lambda's own error that refuses.
    maxBodyBytes: payloadLimitBytes + 1024 * 1024,
    actionOf({ path, method }) {
      const [, name, part] = route.exec(path) ?? [];
      if (part === 'invocations' && method === 'POST') return 'Invoke';
      if (method !== 'GET') return '';
      if (path.replace(/\/$/, '') === accountRoute) return 'GetAccountSettings';
      if (!name) return route.test(path) ? 'ListFunctions' : '';
      return part === undefined ? 'GetFunction' : '';
    },
    resourceOf({ path }) {
      const name = route.exec(path)?.[1];
      return name && configurations.get(decodeURIComponent(name))?.arn;
    },
    async handle(request) {
      const name = decodeURIComponent(route.exec(request.path)?.[1] ?? '');
      switch (request.action) {
        case 'Invoke':
          return invocation(name, request);
        case 'GetFunction':
          return json({ Configuration: describe(find(name)), Tags: {} });
        case 'GetAccountSettings':
          return json(accountSettings(configurations.size));
        case 'ListFunctions':
          return json({ Functions: [...configurations.values()].map(describe) });
        default:
          throw unknownOperation('lambda', `${request.method} ${request.path}`);
      }
    },
    createFunction: (configuration) => void configurations.set(configuration.name, configuration),
    createUrl: (url) => void urls.set(url.id, url),
    urlOf: (id) => urls.get(id),
    find,
    places: {
      count: concurrency,
      onBegin(tag, callback) {
        begins.set(tag, callback);
        return () => void begins.delete(tag);
      },
    },
    invoke,
    invokeLater,
    kill: (sessionToken) => pool?.kill(sessionToken) ?? false,
    timeOut: (sessionToken) => pool?.timeOut(sessionToken) ?? false,
    close: async () => pool?.close(),
  };
}

function assertJson(event: string): void {
  try {
    JSON.parse(event);
  } catch (error) {
    throw new AwsError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${(error as Error).message}`,
    );
  }
}

/** Functions take turns here, and nothing is throttled: the quota is that of an account of some age. */
function accountSettings(functions: number): object {
  const concurrency = 1_000;
  return {
    AccountLimit: { ConcurrentExecutions: concurrency, UnreservedConcurrentExecutions: concurrency },
    AccountUsage: { FunctionCount: functions },
  };
}

function describe(configuration: FunctionConfiguration): object {
  return {
    FunctionName: configuration.name,
    FunctionArn: configuration.arn,
    Role: configuration.role,
    Runtime: configuration.runtime,
    Handler: configuration.handler,
    MemorySize: configuration.memoryMiB,
    Timeout: configuration.timeoutMs / 1000,
    Environment: { Variables: configuration.environment },
    LoggingConfig: { LogGroup: configuration.logGroup },
    State: 'Active',
    Version: '$LATEST',
  };
}

function json(body: object): AwsResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
