import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { StoreUnavailable } from '../../ports/faults.ts';
import { reaching } from '../store-faults.ts';
import { putNew } from './calls.ts';
import type { Item, ItemKey } from './items.ts';
import { insertEach } from './statements.ts';

/**
 * Puts an item where there is none of its key, and answers nothing; else the text that the one which is there has. An item of its own
 * is one call, which answers that too; those of one turn of the event loop go in calls of 25, and who was late reads. The role needs
 * `dynamodb:GetItem`, `PartiQLInsert` and `PutItem`.
 * @param attribute which has the text
 */
export function gatheredPuts(
  documents: DynamoDBDocumentClient,
  table: string,
  attribute: string,
): (item: ItemKey & Item) => Promise<string | undefined> {
  type Waiting = PromiseWithResolvers<string | undefined> & { readonly item: ItemKey & Item };
  let gathered: Waiting[] = [];

  async function textAt({ pk, sk }: ItemKey): Promise<string> {
    const get = new GetCommand({ TableName: table, Key: { pk, sk }, ConsistentRead: true });
    const { Item: found } = await reaching(documents.send(get));
    if (found === undefined) throw new StoreUnavailable(`${pk} ${sk} of ${table} was there, and is not`);
    return String(found[attribute]);
  }

  async function putTogether(puts: readonly Waiting[]): Promise<void> {
    try {
      const items = puts.map(({ item }) => item);
      const isPut = await insertEach(documents, table, items);
      for (const [index, { item, resolve, reject }] of puts.entries())
        if (isPut[index]) resolve(undefined);
        else textAt(item).then(resolve, reject);
    } catch (fault) {
      for (const { reject } of puts) reject(fault);
    }
  }

  function flush(): void {
    const together = new Map<string, Waiting>();
    const alone: Waiting[] = [];
    for (const put of gathered) {
      const name = `${put.item.pk}\n${put.item.sk}`;
      if (together.has(name))
        alone.push(put); // a call names a key once
      else together.set(name, put);
    }
    gathered = [];
    if (together.size > 1) void putTogether([...together.values()]);
    else alone.push(...together.values());
    for (const { item, resolve, reject } of alone)
      putNew(documents, table, item, attribute).then(resolve, reject);
  }

  return (item) => {
    const put = { ...Promise.withResolvers<string | undefined>(), item };
    if (gathered.push(put) === 1) setImmediate(flush);
    return put.promise;
  };
}
