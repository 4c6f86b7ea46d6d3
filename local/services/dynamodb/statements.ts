import { AwsError } from '../../engine/calls.ts';
import type { JsonInput } from '../../engine/protocol/json.ts';

/*
 * Of PartiQL, the updates of one item by its key, with values as parameters, as programs write them:
 * `UPDATE "table" SET "a" = ? SET "b" = ? WHERE "key" = ? AND "other" = ?`. Anything else is refused by name.
 */

/** DynamoDB's own bounds. */
const maxStatements = 25;
const maxStatementLength = 8_192;

const statementPattern =
  /^UPDATE "([\w.-]{3,255})"((?: SET "[^"]+" = \?)+) WHERE ("[^"]+" = \?(?: AND "[^"]+" = \?)*)$/;
const accepted = 'accepted here: UPDATE "table" SET "attribute" = ? … WHERE "attribute" = ? AND …';

interface Statement {
  readonly table: string;
  /** Names of attributes, in the order of the parameters. */
  readonly set: readonly string[];
  readonly where: readonly string[];
}

/** @throws {AwsError} ValidationException for a statement of another form */
function parsed(text: unknown): Statement {
  const isShort = typeof text === 'string' && text.length <= maxStatementLength;
  const [, table, set = '', where = ''] = (isShort && statementPattern.exec(text)) || [];
  if (table === undefined)
    throw new AwsError(
      'ValidationException',
      `Statement wasn't well formed, can't be processed; ${accepted}`,
    );
  const names = (clause: string) => Array.from(clause.matchAll(/"([^"]+)"/g), ([, name = '']) => name);
  return { table, set: names(set), where: names(where) };
}

/** The tables that the statements of a call change; those that can't be read are of none. */
export function tablesOf({ Statements }: JsonInput): string[] {
  const statements = Array.isArray(Statements) ? Statements.slice(0, maxStatements) : [];
  const found = statements.flatMap((statement: JsonInput) => {
    try {
      return [parsed(statement?.Statement).table];
    } catch {
      return [];
    }
  });
  return [...new Set(found)];
}

/**
 * Runs the statements of a call, each by itself, as updates of items that have to be there.
 * @param call of this service's other operations
 */
export async function executeStatements(
  { Statements }: JsonInput,
  call: (action: string, input: object) => Promise<object>,
): Promise<object> {
  if (!Array.isArray(Statements) || Statements.length === 0 || Statements.length > maxStatements)
    throw new AwsError('ValidationException', `Statements: accepted are 1 to ${maxStatements}`);
  const updates = Statements.map((statement: JsonInput) => ({
    ...parsed(statement?.Statement),
    values: Array.isArray(statement.Parameters) ? statement.Parameters : [],
  }));
  const keys = new Map<string, Promise<string[]>>();
  for (const { table } of updates) if (!keys.has(table)) keys.set(table, keysOf(table, call));
  const Responses = await Promise.all(
    updates.map(async (update) => {
      try {
        await call('UpdateItem', updateItem(update, (await keys.get(update.table)) ?? []));
        return { TableName: update.table };
      } catch (fault) {
        if (!(fault instanceof AwsError)) throw fault;
        return { TableName: update.table, Error: { Code: codeOf(fault), Message: fault.message } };
      }
    }),
  );
  return { Responses };
}

/** As the codes of a statement's error are named, beside the names of exceptions. */
const codeOf = ({ code }: AwsError): string =>
  code === 'ValidationException' ? 'ValidationError' : code.replace(/Exception$/, '');

async function keysOf(
  TableName: string,
  call: (action: string, input: object) => Promise<object>,
): Promise<string[]> {
  const { Table } = (await call('DescribeTable', { TableName })) as {
    Table: { KeySchema: { AttributeName: string }[] };
  };
  return Table.KeySchema.map(({ AttributeName }) => AttributeName);
}

function updateItem(
  { table, set, where, values }: Statement & { values: readonly object[] },
  keys: readonly string[],
): object {
  const names = [...set, ...where];
  if (values.length !== names.length)
    throw new AwsError('ValidationException', 'Number of parameters in request and statement do not match');
  const missing = keys.find((key) => !where.includes(key));
  if (missing !== undefined)
    throw new AwsError(
      'ValidationException',
      `Where clause does not contain a mandatory equality on all key attributes: ${missing}`,
    );
  const parameter = (position: number) => values[position] as object; // there are as many
  const demanded = where.flatMap((name, position) =>
    keys.includes(name) ? [] : [[name, set.length + position] as const],
  );
  const exists = keys.map((_, index) => `attribute_exists(#k${index})`);
  return {
    TableName: table,
    Key: Object.fromEntries(keys.map((key) => [key, parameter(set.length + where.indexOf(key))])),
    UpdateExpression: `SET ${set.map((_, index) => `#s${index} = :v${index}`).join(', ')}`,
    ConditionExpression: [...exists, ...demanded.map(([, at]) => `#c${at} = :v${at}`)].join(' AND '),
    ExpressionAttributeNames: Object.fromEntries([
      ...keys.map((key, index) => [`#k${index}`, key]),
      ...set.map((name, index) => [`#s${index}`, name]),
      ...demanded.map(([name, at]) => [`#c${at}`, name]),
    ]),
    ExpressionAttributeValues: Object.fromEntries([
      ...set.map((_, index) => [`:v${index}`, parameter(index)]),
      ...demanded.map(([, at]) => [`:v${at}`, parameter(at)]),
    ]),
  };
}
