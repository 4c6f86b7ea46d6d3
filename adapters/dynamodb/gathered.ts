import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { StoreUnavailable } from '../../ports/faults.ts';
import { reaching } from '../store-faults.ts';
import { batchGet, putNew } from './calls.ts';
import type { Item, ItemKey } from './items.ts';
import { insertEach } from './statements.ts';

/* Calls for one item, of which those that are made in one turn of the event loop go together: of a batch of commands many are. */

interface Asked<Of, Answer> extends PromiseWithResolvers<Answer> {
  readonly of: Of;
}

/** @param answer settles each of them */
function gathered<Of, Answer>(
  answer: (asked: readonly Asked<Of, Answer>[]) => void,
): (of: Of) => Promise<Answer> {
  let waiting: Asked<Of, Answer>[] = [];
  const flush = (): void => {
    const asked = waiting;
    waiting = [];
    answer(asked);
  };
  return (of) => {
    const one = { ...Promise.withResolvers<Answer>(), of };
    if (waiting.push(one) === 1) setImmediate(flush);
    return one.promise;
  };
}

const nameOf = ({ pk, sk }: ItemKey): string => `${pk}\n${sk}`;

/** The first of each key, which a call may name, and the others. */
function byKey<Answer, Of extends ItemKey>(asked: readonly Asked<Of, Answer>[]) {
  const first = new Map<string, Asked<Of, Answer>>();
  const others: Asked<Of, Answer>[] = [];
  for (const one of asked)
    if (first.has(nameOf(one.of))) others.push(one);
    else first.set(nameOf(one.of), one);
  return { first: [...first.values()], others };
}

/**
 * Reads an item, consistently; `undefined` where there is none. The role needs `dynamodb:GetItem`, and `BatchGetItem` where several are read at once.
 * @throws {StoreUnavailable} a retry helps
 */
export function gatheredGets(
  documents: DynamoDBDocumentClient,
  table: string,
): (key: ItemKey) => Promise<Item | undefined> {
  async function itemAt({ pk, sk }: ItemKey): Promise<Item | undefined> {
    const get = new GetCommand({ TableName: table, Key: { pk, sk }, ConsistentRead: true });
    return (await reaching(documents.send(get))).Item;
  }
  return gathered<ItemKey, Item | undefined>((asked) => {
    const { first, others } = byKey(asked);
    const alone = first.length === 1 ? asked : others;
    for (const { of, resolve, reject } of alone) itemAt(of).then(resolve, reject);
    if (first.length === 1) return;
    const keys = first.map(({ of }) => of);
    batchGet(documents, table, keys).then(
      (items) => {
        for (const [index, { resolve }] of first.entries()) resolve(items[index]);
      },
      (fault) => {
        for (const { reject } of first) reject(fault);
      },
    );
  });
}

/**
 * Puts an item where there is none of its key, and answers nothing; else the text that the one which is there has. An item of its own
 * is one call, which answers that too; several go in calls of 25, and who was late reads. The role needs `dynamodb:PutItem`, and `PartiQLInsert`,
 * `GetItem` and `BatchGetItem` where several are put at once.
 * @param attribute which has the text
 * @throws {StoreUnavailable} a retry helps; other faults come out as the SDK names them
 */
export function gatheredPuts(
  documents: DynamoDBDocumentClient,
  table: string,
  attribute: string,
): (item: ItemKey & Item) => Promise<string | undefined> {
  const itemAt = gatheredGets(documents, table);

  async function textAt(key: ItemKey): Promise<string> {
    const found = await itemAt(key);
    if (found === undefined)
      throw new StoreUnavailable(`${key.pk} ${key.sk} of ${table} was there, and is not`);
    return String(found[attribute]);
  }

  return gathered<ItemKey & Item, string | undefined>((asked) => {
    const { first, others } = byKey(asked);
    const alone = first.length === 1 ? asked : others;
    for (const { of, resolve, reject } of alone)
      putNew(documents, table, of, attribute).then(resolve, reject);
    if (first.length === 1) return;
    const items = first.map(({ of }) => of);
    insertEach(documents, table, items).then(
      (isPut) => {
        for (const [index, { of, resolve, reject }] of first.entries())
          if (isPut[index]) resolve(undefined);
          else textAt(of).then(resolve, reject);
      },
      (fault) => {
        for (const { reject } of first) reject(fault);
      },
    );
  });
}
