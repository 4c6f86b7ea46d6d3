// @ts-check
// What runs in a function's process: loads the handler, then answers one invocation at a time.
// Plain JavaScript, because stripping types makes each cold start 20 ms longer.
import { flushCompileCache } from 'node:module';

/** @param {object} message */
const send = (message) => process.send?.(message);

/** @type {{ moduleUrl: string, exportName: string, responseLimitBytes: number, clock?: { sinceMs: number, scale: number } }} */
const { moduleUrl, exportName, responseLimitBytes, clock } = await new Promise((resolve) =>
  process.once('message', resolve),
);
// The local cloud is gone, killed perhaps: nothing would ever end this process.
process.once('disconnect', () => process.exit(0));
// Ctrl-C reaches every process of the terminal; the local cloud ends its functions itself, after it has let go of them.
process.on('SIGINT', () => {});

/** @type {string | undefined} the invocation that is running */
let current;

/** As Lambda's Node runtime writes an error. @param {unknown} error */
function serialise(error) {
  if (error instanceof Error) {
    return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

/** An error outside of the handler's promise ends the runtime, as on Lambda. @param {string} type @param {unknown} error */
function crash(type, error) {
  const { errorMessage, trace } = serialise(error);
  const shown = error instanceof Error ? `${error.name}: ${errorMessage}` : errorMessage;
  const payload = JSON.stringify({ errorType: type, errorMessage: shown, trace });
  process.stderr.write(`${new Date().toISOString()}\t${current ?? ''}\tERROR\tUncaught\t${payload}\n`);
  if (process.send) process.send({ kind: 'crashed', payload }, () => process.exit(129));
  else process.exit(129);
}
process.on('uncaughtException', (error) => crash('Runtime.UnhandledException', error));
process.on('unhandledRejection', (error) => crash('Runtime.UnhandledPromiseRejection', error));

if (clock) (await import('../../testing/fast-clock.mjs')).speedUp(clock);

/** @type {(event: unknown, context: object) => unknown} */
let handler;
try {
  const module = await import(moduleUrl);
  const found = module[exportName] ?? module.default?.[exportName];
  if (typeof found !== 'function') {
    throw Object.assign(new Error(`${exportName} is not a function of ${moduleUrl}`), {
      name: 'Runtime.HandlerNotFound',
    });
  }
  if (found.length >= 3) {
    throw Object.assign(new Error('Node.js 24 has no callback handlers: return a promise.'), {
      name: 'Runtime.CallbackHandlerDeprecated',
    });
  }
  handler = found;
  send({ kind: 'ready' });
  process.on('message', (message) => void run(/** @type {never} */ (message)));
} catch (error) {
  const payload = JSON.stringify(serialise(error));
  process.stderr.write(`${new Date().toISOString()}\tundefined\tERROR\tInit Error\t${payload}\n`);
  send({ kind: 'init-failed', payload });
}

/** @param {{ requestId: string, event: string, deadlineMs: number, context: object, traceId: string }} message */
async function run({ requestId, event, deadlineMs, context, traceId }) {
  current = requestId;
  process.env._X_AMZN_TRACE_ID = traceId;
  const fullContext = {
    ...context,
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
  try {
    const result = await handler(JSON.parse(event), fullContext);
    const payload = JSON.stringify(result === undefined ? null : result) ?? 'null';
    const size = Buffer.byteLength(payload);
    if (size > responseLimitBytes) {
      throw Object.assign(
        new Error(
          `Response payload size exceeded maximum allowed payload size (${responseLimitBytes} bytes).`,
        ),
        { name: 'Function.ResponseSizeTooLarge' },
      );
    }
    send({ kind: 'succeeded', requestId, payload });
  } catch (error) {
    const payload = JSON.stringify(serialise(error));
    process.stderr.write(`${new Date().toISOString()}\t${requestId}\tERROR\tInvoke Error\t${payload}\n`);
    send({ kind: 'failed', requestId, payload });
  } finally {
    current = undefined;
    keepCompiled();
  }
}

let kept = false;

/**
 * Node writes its compile cache when it exits, and this process is killed. After the first answer most of what a call needs
 * is compiled; what came from the cache unchanged is not written again.
 */
function keepCompiled() {
  if (!kept) setImmediate(flushCompileCache);
  kept = true;
}
