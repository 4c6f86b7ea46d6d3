import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { region } from '../../engine/calls.ts';
import {
  errorPayload,
  type FunctionConfiguration,
  type FunctionLog,
  type InvocationResult,
  payloadLimitBytes,
} from './function.ts';

/**
 * Loading the handler is not part of the function's timeout, as on Lambda; there it may take 10 s, here three times
 * that, because a laptop that starts everything at once is slower than Lambda.
 */
const initTimeoutMs = 30_000;

/**
 * One thread collects garbage: a function has no second core to do it on. The young generation begins at its full size, so that
 * a cold start is not collected a dozen times: a tenth less CPU time where functions start often.
 */
const collector = ['--single-threaded-gc', '--min-semi-space-size=16'];

type Message =
  | { kind: 'ready' }
  | { kind: 'init-failed' | 'crashed'; payload: string }
  | { kind: 'succeeded' | 'failed'; requestId: string; payload: string };

/** A clock that runs `scale` times as fast from `sinceMs` (UTC ms) on. Tests that wait for locks and timeouts ask for it. */
export interface FunctionClock {
  sinceMs: number;
  scale: number;
}

export interface ProcessOptions {
  configuration: FunctionConfiguration;
  /** Where the functions' calls to AWS go. */
  endpointUrl: string;
  log: FunctionLog;
  /** Directory of V8's compile cache, shared by any number of processes; saves a sixth of a cold start's CPU time. */
  compileCache?: string | undefined;
  /** Puts local addresses into the values of the function's variables. */
  localText?: ((text: string) => string) | undefined;
  /** Default: the machine's. */
  clock?: FunctionClock | undefined;
}

/**
 * One execution environment of a function: a process that runs one invocation at a time. A process and no worker thread,
 * because a thread that exhausts its heap usually takes the whole of Node with it (docs/adr/local-function-processes.md).
 */
export class FunctionProcess {
  readonly configuration: FunctionConfiguration;
  /** Its session token: by it a call tells which environment it comes from. */
  readonly id = randomUUID();
  /** False once the process has ended or is ending: it takes no further invocation. */
  alive = true;
  /** UTC ms of the last invocation's end. */
  idleSince = Date.now();
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #log: FunctionLog;
  readonly #logStream: string;
  readonly #clock: FunctionClock;
  readonly #started = Promise.withResolvers<InvocationResult | 'ready'>();
  #settle: ((result: InvocationResult) => void) | undefined;
  #requestId = '';

  constructor({ configuration, endpointUrl, log, compileCache, localText, clock }: ProcessOptions) {
    this.configuration = configuration;
    this.#log = log;
    this.#clock = clock ?? { sinceMs: 0, scale: 1 };
    this.#logStream = logStreamName();
    const [file, exportName] = splitHandler(configuration.handler);
    this.#process = fork(new URL('./runtime.mjs', import.meta.url), {
      env: environmentOf(configuration, {
        endpointUrl,
        sessionToken: this.id,
        logStream: this.#logStream,
        compileCache,
        localText,
      }),
      // The host's own flags (a debugger, a test runner's loader) are no part of a function.
      execArgv: [`--max-old-space-size=${configuration.memoryMiB}`, ...collector],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced', // payloads are JSON already, of up to 6 MB: not to be escaped and parsed once more
    });
    const { stdout, stderr } = this.#process;
    for (const output of [stdout, stderr]) {
      output?.setEncoding('utf8').on('data', (text: string) => log(configuration, text, this.#logStream));
    }
    this.#process.on('message', (message: Message) => this.#onMessage(message));
    this.#process.on('error', (error) => this.#onEnd(`Runtime exited with error: ${error.message}`));
    this.#exited = new Promise((resolve) => {
      this.#process.once('exit', (code, signal) => {
        this.#onEnd(`Runtime exited with error: ${signal ? signalName(signal) : `exit status ${code}`}`);
        resolve();
      });
    });
    this.#send({
      moduleUrl: pathToFileURL(moduleFile(configuration.directory, file)).href,
      exportName,
      responseLimitBytes: payloadLimitBytes,
      clock,
    });
  }

  /**
   * Runs one invocation to its end, the timeout, or the end of the process; `begins` is called when the handler is. Never
   * rejects.
   */
  async invoke(event: string, begins?: () => void): Promise<InvocationResult> {
    const requestId = randomUUID();
    this.#requestId = requestId;
    this.#write(`START RequestId: ${requestId} Version: $LATEST\n`);
    const startedAt = Date.now();
    const result = await this.#invoke(requestId, event, begins);
    const durationMs = Date.now() - startedAt;
    const { memoryMiB } = this.configuration;
    this.#write(
      `END RequestId: ${requestId}\nREPORT RequestId: ${requestId}\tDuration: ${durationMs} ms\tMemory Size: ${memoryMiB} MB\n`,
    );
    this.idleSince = Date.now();
    return result;
  }

  /** Ends the process as one whose invocation has taken its whole time. */
  timeOut(): void {
    this.#timedOut((result) => this.#settle?.(result), this.configuration.timeoutMs);
  }

  /** Ends the process because nobody waits for its invocation any more. */
  abandon(): void {
    this.#write(`RequestId: ${this.#requestId} Nobody waits for this invocation any more: it is stopped.\n`);
    void this.terminate();
  }

  /** Ends the process, whatever it is doing. */
  async terminate(): Promise<void> {
    this.alive = false;
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  /** A process that is gone is noticed by its exit. */
  #send(message: object): void {
    this.#process.send(message, () => {});
  }

  async #invoke(requestId: string, event: string, begins?: () => void): Promise<InvocationResult> {
    const started = await this.#start();
    if (started !== 'ready') return started;
    const { timeoutMs } = this.configuration;
    const { sinceMs, scale } = this.#clock;
    const { promise, resolve } = Promise.withResolvers<InvocationResult>();
    this.#settle = resolve;
    begins?.();
    this.#send({
      requestId,
      event,
      deadlineMs: sinceMs + (Date.now() - sinceMs) * scale + timeoutMs,
      context: this.#context(),
      traceId: `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${requestId.replaceAll('-', '').slice(0, 24)};Sampled=0`,
    });
    const timer = setTimeout(() => this.timeOut(), timeoutMs / scale);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#settle = undefined;
    }
  }

  async #start(): Promise<InvocationResult | 'ready'> {
    const timer = setTimeout(
      () => this.#timedOut((failure) => this.#started.resolve(failure), initTimeoutMs),
      initTimeoutMs,
    );
    const started = await this.#started.promise;
    clearTimeout(timer);
    return started;
  }

  #timedOut(settle: (result: InvocationResult) => void, timeoutMs: number): void {
    const message = `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
    this.#write(`${new Date().toISOString()} ${this.#requestId} ${message}\n`);
    settle({
      kind: 'failed',
      payload: errorPayload('Sandbox.Timedout', `RequestId: ${this.#requestId} Error: ${message}`),
    });
    void this.terminate();
  }

  #onMessage(message: Message): void {
    if (message.kind === 'ready') {
      this.#started.resolve('ready');
    } else if (message.kind === 'succeeded' || message.kind === 'failed') {
      if (message.requestId === this.#requestId) this.#settle?.(message);
    } else {
      this.#fail(message.payload);
      if (message.kind === 'init-failed') void this.terminate();
    }
  }

  #onEnd(description: string): void {
    if (this.alive) this.#write(`RequestId: ${this.#requestId} Error: ${description}\nRuntime.ExitError\n`);
    this.#fail(errorPayload('Runtime.ExitError', `RequestId: ${this.#requestId} Error: ${description}`));
  }

  #fail(payload: string): void {
    this.alive = false;
    this.#started.resolve({ kind: 'failed', payload });
    this.#settle?.({ kind: 'failed', payload });
  }

  #write(text: string): void {
    this.#log(this.configuration, text, this.#logStream);
  }

  #context(): object {
    const { name, arn, memoryMiB, logGroup } = this.configuration;
    return {
      functionName: name,
      functionVersion: '$LATEST',
      invokedFunctionArn: arn,
      memoryLimitInMB: String(memoryMiB),
      logGroupName: logGroup,
      logStreamName: this.#logStream,
    };
  }
}

function splitHandler(handler: string): [string, string] {
  const dot = handler.lastIndexOf('.');
  return [handler.slice(0, dot), handler.slice(dot + 1)];
}

function moduleFile(directory: string, name: string): string {
  const extension = ['.mjs', '.js', '.cjs'].find((candidate) =>
    existsSync(join(directory, name + candidate)),
  );
  return join(directory, name + (extension ?? '.mjs'));
}

function logStreamName(): string {
  const today = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  return `${today}/[$LATEST]${randomUUID().replaceAll('-', '')}`;
}

/** As Lambda writes it. V8 aborts where its heap is exhausted; the kernel kills. */
function signalName(signal: NodeJS.Signals): string {
  const names: Partial<Record<NodeJS.Signals, string>> = {
    SIGABRT: 'aborted',
    SIGKILL: 'killed',
    SIGSEGV: 'segmentation fault',
    SIGTRAP: 'trace/breakpoint trap',
  };
  return `signal: ${names[signal] ?? signal}`;
}

/** The environment of the function and what Lambda adds: nothing of this process. */
function environmentOf(
  configuration: FunctionConfiguration,
  {
    endpointUrl,
    sessionToken,
    logStream,
    compileCache,
    localText = (text) => text,
  }: {
    endpointUrl: string;
    sessionToken: string;
    logStream: string;
    compileCache: string | undefined;
    localText: ((text: string) => string) | undefined;
  },
): Record<string, string> {
  const variables = Object.entries(configuration.environment);
  return {
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${configuration.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: configuration.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memoryMiB),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: configuration.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    LAMBDA_TASK_ROOT: configuration.directory,
    _HANDLER: configuration.handler,
    ...(compileCache === undefined ? {} : { NODE_COMPILE_CACHE: compileCache }),
    ...Object.fromEntries(variables.map(([name, value]) => [name, localText(value)])),
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_ACCESS_KEY_ID: configuration.accessKeyId,
    AWS_SECRET_ACCESS_KEY: configuration.secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    // A developer's own profile must not reach a function.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  };
}
