import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { AwsError, arn, region, type Service, unknownOperation } from '../../engine/calls.ts';
import { createJsonService, type JsonInput } from '../../engine/protocol/json.ts';
import { type ExpressionParser, rememberParsed } from './parsed-expressions.ts';
import { type LevelDb, quicken } from './quick-store.ts';
import { executeStatements } from './statements.ts';

/** The parts of dynalite that its own HTTP server calls; the package has no types. */
interface Store {
  db: LevelDb;
  tableDb: { awsRegion: string; put(name: string, table: JsonInput, done: (error: unknown) => void): void };
  getTable(name: string, checkStatus: boolean, done: (error: unknown, table: JsonInput) => void): void;
  lifecycleManager: { gracefulClose(done: (error?: Error) => void): void };
}
type Action = (store: Store, input: JsonInput, done: (error: unknown, output: object) => void) => void;
interface Validation {
  types: object;
  custom?: unknown;
}
interface Validations {
  checkTypes(input: JsonInput, types: object): JsonInput;
  checkValidations(input: JsonInput, types: object, custom: unknown, store: Store): void;
}

const require = createRequire(import.meta.url);
const { create } = require('dynalite/db') as { create(options: object): Store };
const validations = require('dynalite/validations') as Validations;
for (const parser of ['conditionParser', 'updateParser']) {
  rememberParsed(require(`dynalite/db/${parser}`) as ExpressionParser);
}

const actions = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
] as const;
const maxBodyBytes = 16 * 1024 * 1024;

/** Properties of AWS::DynamoDB::Table; what dynalite lacks (recovery, encryption, TTL, tags) is left out. */
type TableProperties = Record<string, unknown>;

/** DynamoDB: dynalite, in process, over LevelDB. */
export interface DynamoDb extends Service {
  /** Makes the table or keeps the one that is there. Throws when that one has other keys or indexes. */
  createTable(properties: TableProperties, name: string): Promise<{ arn: string }>;
  /** An operation without HTTP, for direct service integrations. Throws AwsError. */
  call(action: string, input: object): Promise<object>;
  close(): Promise<void>;
}

export function createDynamoDb({ directory }: { directory: string }): DynamoDb {
  mkdirSync(directory, { recursive: true });
  const store = create({
    path: join(directory, 'leveldb'),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  store.tableDb.awsRegion = region;
  quicken(store.db);
  const timesToLive = new Map<string, string>();

  const operations = Object.fromEntries(
    actions.map((action) => {
      const file = action[0]?.toLowerCase() + action.slice(1);
      const run = require(`dynalite/actions/${file}`) as Action;
      const { types, custom } = require(`dynalite/validations/${file}`) as Validation;
      return [action, (input: JsonInput) => execute(run, input, types, custom)] as const;
    }),
  );

  function execute(run: Action, input: JsonInput, types: object, custom: unknown): Promise<object> {
    // Fields that the caller reads after dynalite has changed the input.
    const { TableName, Key, Item, ReturnValuesOnConditionCheckFailure } = input;
    return new Promise<object>((resolve, reject) => {
      const checked = validations.checkTypes(input, types);
      validations.checkValidations(checked, types, custom, store);
      run(store, checked, (error, output) => (error ? reject(error) : resolve(output)));
    }).catch(async (error: unknown) => {
      const failure = asAwsError(error);
      if (
        failure.code !== 'ConditionalCheckFailedException' ||
        ReturnValuesOnConditionCheckFailure !== 'ALL_OLD'
      ) {
        throw failure;
      }
      const current = await currentItem(String(TableName), (Key ?? Item) as Record<string, unknown>);
      throw new AwsError(failure.code, failure.message, { fields: current });
    });
  }

  /** `{ Item }`, which dynalite does not return with a failed condition. */
  async function currentItem(
    TableName: string,
    item: Record<string, unknown>,
  ): Promise<Record<string, unknown>> {
    const { Table } = (await call('DescribeTable', { TableName })) as { Table: { KeySchema: Key[] } };
    const Key = Object.fromEntries(
      Table.KeySchema.map(({ AttributeName }) => [AttributeName, item[AttributeName]]),
    );
    return (await call('GetItem', { TableName, Key, ConsistentRead: true })) as Record<string, unknown>;
  }

  async function call(action: string, input: object): Promise<object> {
    if (action === 'DescribeTimeToLive') return describeTimeToLive(input as JsonInput);
    const operation = operations[action];
    if (operation === undefined) throw unknownOperation('dynamodb', action);
    return operation(structuredClone(input));
  }

  async function describeTimeToLive({ TableName }: JsonInput): Promise<object> {
    await call('DescribeTable', { TableName });
    const attribute = timesToLive.get(String(TableName));
    return {
      TimeToLiveDescription:
        attribute === undefined
          ? { TimeToLiveStatus: 'DISABLED' }
          : { TimeToLiveStatus: 'ENABLED', AttributeName: attribute },
    };
  }

  const service = createJsonService({
    name: 'dynamodb',
    version: '1.0',
    targetPrefix: 'DynamoDB_20120810',
    maxBodyBytes,
    resourceOf: ({ TableName }) => (TableName ? arn('dynamodb', `table/${TableName}`) : undefined),
    operations: {
      ...operations,
      BatchExecuteStatement: (input) => executeStatements(input, call),
      DescribeTimeToLive: describeTimeToLive,
    },
  });

  return {
    ...service,
    call,
    async createTable(properties, name) {
      await opened(store, directory);
      const wanted = tableOf(properties, name);
      const ttl = properties.TimeToLiveSpecification as
        | { AttributeName?: string; Enabled?: unknown }
        | undefined;
      if (ttl?.AttributeName !== undefined && String(ttl.Enabled) === 'true')
        timesToLive.set(name, ttl.AttributeName);
      const there = await describeTable(name);
      if (there === undefined) {
        await call('CreateTable', wanted);
      } else if (shape(there) !== shape(wanted)) {
        if (shape(withIndexesOf(wanted, there)) !== shape(wanted))
          throw new Error(`Table ${name} is on disk with other keys or indexes: start with --fresh.`);
        await dropIndexes(store, name, wanted);
      }
      while ((await describeTable(name))?.TableStatus !== 'ACTIVE') await new Promise(setImmediate);
      return { arn: arn('dynamodb', `table/${name}`) };
    },
    close: () =>
      new Promise((resolve, reject) => {
        store.lifecycleManager.gracefulClose((error) => (error ? reject(error) : resolve()));
      }),
  };

  async function describeTable(TableName: string): Promise<JsonInput | undefined> {
    try {
      return ((await call('DescribeTable', { TableName })) as { Table: JsonInput }).Table;
    } catch (error) {
      if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  }
}

/** The table without the global indexes that are no longer wanted: an update of a stack drops these, and nothing else. */
function withIndexesOf(wanted: JsonInput, there: JsonInput): JsonInput {
  const names = new Set((wanted.GlobalSecondaryIndexes ?? []).map((index: JsonInput) => index.IndexName));
  const kept = (there.GlobalSecondaryIndexes ?? []).filter((index: JsonInput) => names.has(index.IndexName));
  return { ...there, GlobalSecondaryIndexes: kept };
}

/** dynalite has no operation for it: its description of the table is changed, and the entries of the index stay behind unread. */
async function dropIndexes(store: Store, name: string, wanted: JsonInput): Promise<void> {
  const table = await new Promise<JsonInput>((resolve, reject) => {
    store.getTable(name, false, (error, found) => (error ? reject(error) : resolve(found)));
  });
  const { GlobalSecondaryIndexes, ...rest } = withIndexesOf(wanted, table);
  const kept = GlobalSecondaryIndexes.length > 0 ? { GlobalSecondaryIndexes } : {};
  const changed = { ...rest, ...kept, AttributeDefinitions: wanted.AttributeDefinitions };
  await new Promise<void>((resolve, reject) => {
    store.tableDb.put(name, changed, (error) => (error ? reject(error) : resolve()));
  });
}

interface Key {
  AttributeName: string;
}

/** LevelDB opens by itself and hides why it could not: most often another process has it. */
async function opened(store: Store, directory: string): Promise<void> {
  try {
    await store.db.open();
  } catch (cause) {
    throw new Error(`Cannot open the tables in ${directory}: is another local cloud using them?`, { cause });
  }
}

function tableOf(properties: TableProperties, name: string): JsonInput {
  const index = ({ IndexName, KeySchema, Projection }: JsonInput) => ({ IndexName, KeySchema, Projection });
  const global = properties.GlobalSecondaryIndexes as JsonInput[] | undefined;
  const local = properties.LocalSecondaryIndexes as JsonInput[] | undefined;
  return {
    TableName: name,
    AttributeDefinitions: properties.AttributeDefinitions,
    KeySchema: properties.KeySchema,
    // Capacity is not simulated, so every table is on demand.
    BillingMode: 'PAY_PER_REQUEST',
    ...(global?.length ? { GlobalSecondaryIndexes: global.map(index) } : {}),
    ...(local?.length ? { LocalSecondaryIndexes: local.map(index) } : {}),
  };
}

/** Keys and indexes as text that can be compared. */
function shape({ KeySchema, GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] }: JsonInput): string {
  const keys = (schema: JsonInput[]) => schema.map(({ AttributeName, KeyType }) => [AttributeName, KeyType]);
  const indexes = [...GlobalSecondaryIndexes, ...LocalSecondaryIndexes].map((index: JsonInput) => [
    index.IndexName,
    keys(index.KeySchema),
    index.Projection.ProjectionType,
    [...(index.Projection.NonKeyAttributes ?? [])].sort(),
  ]);
  return JSON.stringify([keys(KeySchema), indexes.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))]);
}

function asAwsError(error: unknown): AwsError {
  const { body, statusCode } = (error ?? {}) as { body?: Record<string, string>; statusCode?: number };
  if (body === undefined) {
    return new AwsError('InternalServerError', error instanceof Error ? error.message : String(error), {
      status: 500,
    });
  }
  const { __type = '', message, Message, ...fields } = body;
  return new AwsError(__type.split('#').at(-1) ?? '', message ?? Message ?? '', {
    status: statusCode ?? 400,
    fields,
  });
}
