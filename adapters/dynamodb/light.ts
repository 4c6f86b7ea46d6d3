import type { IncomingMessage } from 'node:http';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/**
 * Calls of DynamoDB by the hundreds. Through the SDK's middleware a call takes 0.66 ms of CPU, on a Lambda of one CPU too: 600
 * calls are 0.4 s, more than the readings of two million rows. Here the first attempt of a call takes 0.2 ms: the
 * SDK's sockets, credentials, endpoint and signer, and nothing else of it. Whatever is answered other than success or
 * a condition that did not hold is left to the SDK, as if nothing had been tried: it repeats, waits, mends the clock, and names
 * the fault. So each call is made once more than the SDK would at the most.
 */
export type LightAnswer =
  | { kind: 'done'; output: object }
  | { kind: 'condition-failed' }
  /** Unknown whether it had an effect. */
  | { kind: 'failed' };

export type LightCall = (
  operation: 'PutItem' | 'Query' | 'UpdateItem',
  input: object,
) => Promise<LightAnswer>;

/** What of a request is the same in all of a client's. */
interface Address {
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  method: string;
  headers: Record<string, string>;
}

type Signer = Awaited<ReturnType<DynamoDBDocumentClient['config']['signer']>>;

/** DynamoDB writes the service's namespace before it. */
const conditionFailed = /(?:^|#)ConditionalCheckFailedException$/;

const known = new WeakMap<DynamoDBDocumentClient, LightCall>();

/**
 * The light calls of a client. Endpoint and headers are those of the client's last call through the SDK, which resolves them from
 * its options and the environment; until there was one, calls are answered `failed`.
 */
export function lightCalls(documents: DynamoDBDocumentClient): LightCall {
  const made = known.get(documents);
  if (made) return made;
  const call = createLightCalls(documents);
  known.set(documents, call);
  return call;
}

function createLightCalls({ config, middlewareStack }: DynamoDBDocumentClient): LightCall {
  let address: Address | undefined;
  let signer: Promise<Signer> | undefined;
  middlewareStack.add(
    (next) => (args) => {
      address = addressOf(args.request as Address); // at this step it is what goes to the request handler
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low', name: 'rememberAddress', override: true },
  );

  return async (operation, input) => {
    if (address === undefined) return { kind: 'failed' };
    signer ??= config.signer();
    const body = JSON.stringify(input);
    const headers = {
      ...address.headers,
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'content-length': String(Buffer.byteLength(body)),
    };
    try {
      const signed = await (await signer).sign({ ...address, headers, body });
      const { response } = await config.requestHandler.handle(
        signed as Parameters<typeof config.requestHandler.handle>[0], // what it reads of a request is there
      );
      const text = await textOf(response.body);
      if (response.statusCode === 200) return { kind: 'done', output: JSON.parse(text) };
      const { __type = '' } = JSON.parse(text) as { __type?: string };
      return { kind: conditionFailed.test(__type) ? 'condition-failed' : 'failed' };
    } catch {
      return { kind: 'failed' };
    }
  };
}

function addressOf({ protocol, hostname, port, path, method, headers }: Address): Address {
  const kept = ['host', 'content-type', 'user-agent'].flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    protocol,
    hostname,
    ...(port === undefined ? {} : { port }),
    path,
    method,
    headers: Object.fromEntries(kept),
  };
}

function textOf(body: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    body.on('data', (chunk: Buffer) => chunks.push(chunk));
    body.on('end', () => resolve(Buffer.concat(chunks).toString()));
    body.on('error', reject);
  });
}
