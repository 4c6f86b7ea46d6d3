import { BatchExecuteStatementCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { passes, reaching } from '../store-faults.ts';
import { sendAll } from './calls.ts';
import type { Item, ItemKey } from './items.ts';

/** DynamoDB's own bound. */
const statementsPerCall = 25;

/** New values of an item's attributes, where the item is there and has these in `where`, which is not empty. */
export interface ConditionalUpdate {
  readonly key: ItemKey;
  readonly set: Item;
  readonly where: Item;
}

/**
 * Updates any number of different items, each by itself: statements of PartiQL are the only conditional writes that DynamoDB takes many of in
 * one call without making a transaction of them, which would cost twice as much. What it had no room for is sent again. After a fault
 * some may be updated. The role needs `dynamodb:PartiQLUpdate`.
 * @returns for each, in their order, whether its condition held
 * @throws {StoreUnavailable} also when statements stay undone; a retry helps
 */
export async function updateEach(
  documents: DynamoDBDocumentClient,
  table: string,
  updates: readonly ConditionalUpdate[],
): Promise<boolean[]> {
  const held = new Map<ConditionalUpdate, boolean>();
  await sendAll(updates, { table, perCall: statementsPerCall, left: 'updates stay undone' }, async (left) => {
    const Statements = left.map((update) => statementOf(table, update));
    const { Responses = [] } = await reaching(
      documents.send(new BatchExecuteStatementCommand({ Statements })),
    );
    return left.filter((update, index) => {
      const error = Responses[index]?.Error;
      if (error !== undefined && error.Code !== 'ConditionalCheckFailed') {
        const fault = Object.assign(new Error(error.Message), { name: error.Code });
        if (!passes(fault)) throw fault;
        return true;
      }
      held.set(update, error === undefined);
      return false;
    });
  });
  return updates.map((update) => held.get(update) === true);
}

function statementOf(table: string, { key, set, where }: ConditionalUpdate) {
  const conditions = { ...key, ...where };
  const assigned = Object.keys(set).map((name) => ` SET "${name}" = ?`);
  const demanded = Object.keys(conditions).map((name) => `"${name}" = ?`);
  return {
    Statement: `UPDATE "${table}"${assigned.join('')} WHERE ${demanded.join(' AND ')}`,
    Parameters: [...Object.values(set), ...Object.values(conditions)],
  };
}
