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
  const statements = updates.map((update) => statementOf(table, update));
  return executeEach(documents, statements, { table, unlessHeld: 'ConditionalCheckFailed' });
}

/**
 * Puts any number of items of different keys, each by itself where there is none of its key: as {@link updateEach}. The role needs
 * `dynamodb:PartiQLInsert`.
 * @returns for each, in their order, whether it was put; after an answer that was lost also false for one that this call has put
 * @throws {StoreUnavailable} also when statements stay undone; a retry helps
 */
export async function insertEach(
  documents: DynamoDBDocumentClient,
  table: string,
  items: readonly Item[],
): Promise<boolean[]> {
  const statements = items.map((item) => ({
    Statement: `INSERT INTO "${table}" VALUE {${Object.keys(item)
      .map((name) => `'${name}': ?`)
      .join(', ')}}`,
    Parameters: Object.values(item),
  }));
  return executeEach(documents, statements, { table, unlessHeld: 'DuplicateItem' });
}

interface Statement {
  readonly Statement: string;
  readonly Parameters: unknown[];
}

/** @param of.unlessHeld code of a statement whose condition did not hold */
async function executeEach(
  documents: DynamoDBDocumentClient,
  statements: readonly Statement[],
  { table, unlessHeld }: { readonly table: string; readonly unlessHeld: string },
): Promise<boolean[]> {
  const held = new Map<Statement, boolean>();
  const calls = { table, perCall: statementsPerCall, left: 'statements stay undone' };
  await sendAll(statements, calls, async (left) => {
    const { Responses = [] } = await reaching(
      documents.send(new BatchExecuteStatementCommand({ Statements: left })),
    );
    return left.filter((statement, index) => {
      const error = Responses[index]?.Error;
      if (error !== undefined && error.Code !== unlessHeld) {
        const fault = Object.assign(new Error(error.Message), { name: error.Code });
        if (!passes(fault)) throw fault;
        return true;
      }
      held.set(statement, error === undefined);
      return false;
    });
  });
  return statements.map((statement) => held.get(statement) === true);
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
