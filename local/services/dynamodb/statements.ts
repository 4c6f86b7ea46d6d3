import { AwsError } from '../../engine/calls.ts';
import type { JsonInput } from '../../engine/protocol/json.ts';

/*
 * Of PartiQL, the updates of one item by its key, and the insertion of an item, with values as parameters, as programs write them:
 * `UPDATE "table" SET "a" = ? SET "b" = ? WHERE "key" = ? AND "other" = ?` and `INSERT INTO "table" VALUE {'key': ?, 'a': ?}`.
 * Anything else is refused by name.
 */

/** DynamoDB's own bounds. */
const maxStatements = 25;
const maxStatementLength = 8_192;

const updatePattern =
  /^UPDATE "([\w.-]{3,255})"((?: SET "[^"]+" = \?)+) WHERE ("[^"]+" = \?(?: AND "[^"]+" = \?)*)$/;
const insertPattern = /^INSERT INTO "([\w.-]{3,255})" VALUE \{('[^']+': \?(?:, '[^']+': \?)*)\}$/;
const accepted =
  'accepted here: UPDATE "table" SET "attribute" = ? … WHERE "attribute" = ? AND … and INSERT INTO "table" VALUE {\'attribute\': ?, …}';

/** Names of attributes are in the order of the parameters. */
type Statement =
  | {
      readonly kind: 'update';
      readonly table: string;
      readonly set: readonly string[];
      readonly where: readonly string[];
    }
  | { readonly kind: 'insert'; readonly table: string; readonly names: readonly string[] };
type Update = Extract<Statement, { readonly kind: 'update' }>;
type Insert = Extract<Statement, { readonly kind: 'insert' }>;
type With<Of> = Of & { readonly values: readonly object[] };

/** Parsed ones by their texts: programs write few, and each of them often. */
const known = new Map<string, Statement>();
const maxKnown = 200;

/** @throws {AwsError} ValidationException for a statement of another form */
function parsed(text: unknown): Statement {
  if (typeof text === 'string' && text.length <= maxStatementLength) {
    const found = known.get(text) ?? read(text);
    if (found !== undefined) {
      if (known.size < maxKnown) known.set(text, found);
      return found;
    }
  }
  throw new AwsError('ValidationException', `Statement wasn't well formed, can't be processed; ${accepted}`);
}

function read(text: string): Statement | undefined {
  const names = (clause: string, quote: RegExp) =>
    Array.from(clause.matchAll(quote), ([, name = '']) => name);
  const [, into, members = ''] = insertPattern.exec(text) ?? [];
  if (into !== undefined) return { kind: 'insert', table: into, names: names(members, /'([^']+)'/g) };
  const [, table, set = '', where = ''] = updatePattern.exec(text) ?? [];
  if (table === undefined) return undefined;
  return { kind: 'update', table, set: names(set, /"([^"]+)"/g), where: names(where, /"([^"]+)"/g) };
}

/** What the statements of a call do to which tables, each once; those that can't be read do nothing. */
export function writesOf({
  Statements,
}: JsonInput): { readonly kind: Statement['kind']; readonly table: string }[] {
  const statements = Array.isArray(Statements) ? Statements.slice(0, maxStatements) : [];
  const found = statements.flatMap((statement: JsonInput) => {
    try {
      const { kind, table } = parsed(statement?.Statement);
      return [[`${kind} ${table}`, { kind, table }] as const];
    } catch {
      return [];
    }
  });
  return [...new Map(found).values()];
}

/**
 * Runs the statements of a call, each by itself: updates of items that have to be there, and insertions of items that must not.
 * @param call of this service's other operations
 */
export async function executeStatements(
  { Statements }: JsonInput,
  call: (action: string, input: object) => Promise<object>,
): Promise<object> {
  if (!Array.isArray(Statements) || Statements.length === 0 || Statements.length > maxStatements)
    throw new AwsError('ValidationException', `Statements: accepted are 1 to ${maxStatements}`);
  const statements = Statements.map((statement: JsonInput) => ({
    ...parsed(statement?.Statement),
    values: Array.isArray(statement.Parameters) ? statement.Parameters : [],
  }));
  const keys = new Map<string, Promise<string[]>>();
  for (const { table } of statements) if (!keys.has(table)) keys.set(table, keysOf(table, call));
  const Responses = await Promise.all(
    statements.map(async (statement) => {
      const { table, kind } = statement;
      try {
        const ofTable = (await keys.get(table)) ?? [];
        if (kind === 'insert') await call('PutItem', putItem(statement, ofTable));
        else await call('UpdateItem', updateItem(statement, ofTable));
        return { TableName: table };
      } catch (fault) {
        if (!(fault instanceof AwsError)) throw fault;
        return { TableName: table, Error: { Code: codeOf(fault, kind), Message: fault.message } };
      }
    }),
  );
  return { Responses };
}

/** As the codes of a statement's error are named, beside the names of exceptions. */
function codeOf({ code }: AwsError, kind: Statement['kind']): string {
  if (code === 'ValidationException') return 'ValidationError';
  if (kind === 'insert' && code === 'ConditionalCheckFailedException') return 'DuplicateItem';
  return code.replace(/Exception$/, '');
}

async function keysOf(
  TableName: string,
  call: (action: string, input: object) => Promise<object>,
): Promise<string[]> {
  const { Table } = (await call('DescribeTable', { TableName })) as {
    Table: { KeySchema: { AttributeName: string }[] };
  };
  return Table.KeySchema.map(({ AttributeName }) => AttributeName);
}

function checkCount(values: readonly object[], names: readonly string[]): void {
  if (values.length !== names.length)
    throw new AwsError('ValidationException', 'Number of parameters in request and statement do not match');
}

function putItem({ table, names, values }: With<Insert>, [hash = '']: readonly string[]): object {
  checkCount(values, names);
  return {
    TableName: table,
    Item: Object.fromEntries(names.map((name, index) => [name, values[index]])),
    ConditionExpression: 'attribute_not_exists(#k)',
    ExpressionAttributeNames: { '#k': hash },
  };
}

function updateItem({ table, set, where, values }: With<Update>, keys: readonly string[]): object {
  checkCount(values, [...set, ...where]);
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
