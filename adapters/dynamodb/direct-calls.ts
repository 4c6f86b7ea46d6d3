import type { IncomingMessage } from 'node:http';
import {
  type DynamoDBDocumentClient,
  PutCommand,
  type PutCommandInput,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { reaching } from '../store-faults.ts';
import { type AttributeMap, fromAttributeMap, toAttributeMap } from './attribute-values.ts';
import { ifHeld } from './calls.ts';
import type { Item } from './items.ts';

/*
 * Calls of DynamoDB by the hundreds: those of a merge. Through the SDK's middleware a call takes 0.66 ms of CPU, on a Lambda of
 * one CPU too: 600 calls are 0.4 s, more than the readings of two million rows. Here the first attempt of a call takes 0.2 ms:
 * directly, with the SDK's sockets, credentials, endpoint and signer, and nothing else of it. Whatever is answered other than
 * success or a condition that did not hold is left to the SDK, as if nothing had been tried: it repeats, waits, corrects for a
 * clock that is off, and names the fault. So each call is made once more than the SDK would at the most.
 * `docs/adr/direct-dynamodb-calls.md`.
 */

/**
 * Puts an item if its condition holds, and answers whether it held. A write that had its effect but lost its answer is made
 * again, as the SDK does: its condition no longer holds then.
 * @throws {StoreUnavailable} it may have been written all the same; a retry helps
 */
export async function putIf(documents: DynamoDBDocumentClient, input: PutCommandInput): Promise<boolean> {
  const { kind } = await directCalls(documents)('PutItem', toRequest(input));
  if (kind !== 'failed') return kind === 'done';
  return (await ifHeld(documents.send(new PutCommand(input)))) !== undefined;
}

/**
 * Updates an item if its condition holds, and answers whether it held. Repeated like {@link putIf}.
 * @throws {StoreUnavailable} it may have been updated all the same; a retry helps
 */
export async function updateIf(
  documents: DynamoDBDocumentClient,
  input: UpdateCommandInput,
): Promise<boolean> {
  const { kind } = await directCalls(documents)('UpdateItem', toRequest(input));
  if (kind !== 'failed') return kind === 'done';
  return (await ifHeld(documents.send(new UpdateCommand(input)))) !== undefined;
}

/**
 * All items that a query finds, in its order, in memory. Not through the SDK's paginator: each page is asked for directly first.
 * @throws {StoreUnavailable} a retry helps
 */
export async function queryAll(
  documents: DynamoDBDocumentClient,
  input: Omit<QueryCommandInput, 'ExclusiveStartKey'>,
): Promise<Item[]> {
  const items: Item[] = [];
  let from: Item | undefined;
  do {
    const page = await queryPage(documents, { ...input, ExclusiveStartKey: from });
    for (const item of page.items) items.push(item);
    from = page.next;
  } while (from !== undefined);
  return items;
}

async function queryPage(
  documents: DynamoDBDocumentClient,
  input: QueryCommandInput,
): Promise<{ items: Item[]; next: Item | undefined }> {
  const answer = await directCalls(documents)('Query', toRequest(input));
  if (answer.kind === 'done') {
    const { Items = [], LastEvaluatedKey } = answer.output as {
      Items?: AttributeMap[];
      LastEvaluatedKey?: AttributeMap;
    };
    return {
      items: Items.map(fromAttributeMap),
      next: LastEvaluatedKey && fromAttributeMap(LastEvaluatedKey),
    };
  }
  const { Items = [], LastEvaluatedKey } = await reaching(documents.send(new QueryCommand(input)));
  return { items: Items, next: LastEvaluatedKey };
}

/** The members of an input that hold items or values of items. */
const itemMembers = ['Item', 'Key', 'ExpressionAttributeValues', 'ExclusiveStartKey'] as const;

function toRequest(input: PutCommandInput | QueryCommandInput | UpdateCommandInput): object {
  const request: Record<string, unknown> = { ...input };
  for (const member of itemMembers) {
    const held = request[member];
    if (typeof held === 'object' && held !== null) request[member] = toAttributeMap(held);
  }
  return request;
}

type DirectAnswer =
  | { kind: 'done'; output: object }
  | { kind: 'condition-failed' }
  /** Unknown whether it had an effect. */
  | { kind: 'failed' };

type DirectCall = (operation: 'PutItem' | 'Query' | 'UpdateItem', request: object) => Promise<DirectAnswer>;

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

const known = new WeakMap<DynamoDBDocumentClient, DirectCall>();

/**
 * The direct calls of a client. Endpoint and headers are those of the client's last call through the SDK, which resolves them from
 * its options and the environment; until there was one, calls are answered `failed`.
 */
function directCalls(documents: DynamoDBDocumentClient): DirectCall {
  const made = known.get(documents);
  if (made) return made;
  const call = createDirectCalls(documents);
  known.set(documents, call);
  return call;
}

function createDirectCalls({ config, middlewareStack }: DynamoDBDocumentClient): DirectCall {
  let address: Address | undefined;
  let signer: Promise<Signer> | undefined;
  middlewareStack.add(
    (next) => (args) => {
      address = addressOf(args.request as Address); // at this step it is what goes to the request handler
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low', name: 'rememberAddress', override: true },
  );

  return async (operation, request) => {
    if (address === undefined) return { kind: 'failed' };
    signer ??= config.signer();
    const body = JSON.stringify(request);
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
