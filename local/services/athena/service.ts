import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { AwsError, type AwsRequest, type Service } from '../../engine/calls.ts';
import { createJsonService, type JsonInput } from '../../engine/protocol/json.ts';
import type { S3 } from '../s3/service.ts';
import type { CatalogTable } from './catalog.ts';
import type { StatementAnswer } from './engine.ts';
import type { CallerRights } from './permissions.ts';

/** Athena over Glue's catalog, with DuckDB in the place of Trino. */
export interface Athena extends Service {
  createDatabase(name: string): void;
  createTable(database: string, table: CatalogTable): void;
  /** @param outputLocation `s3://bucket/prefix/`, where it would keep answers; undefined where nothing says it */
  createWorkGroup(name: string, outputLocation?: string): void;
  close(): Promise<void>;
}

interface Execution {
  readonly id: string;
  readonly statement: string;
  readonly database: string;
  readonly workgroup: string;
  readonly submittedMs: number;
  state: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  reason?: string;
  endedMs?: number;
  answer?: StatementAnswer;
  readonly stop: AbortController;
  running: Promise<void>;
}

/** AWS's bounds. */
const maxStatementBytes = 262_144;
const maxPage = 1_000;
/** Answers that are kept: those of older statements are forgotten. */
const maxKept = 100;

export function createAthena({
  directory,
  s3,
  rightsOf,
}: {
  directory: string;
  s3: S3;
  rightsOf: (accessKeyId: string | undefined) => CallerRights;
}): Athena {
  const databases = new Map<string, Map<string, CatalogTable>>();
  const workgroups = new Map<string, { bucket: string; prefix: string } | undefined>();
  const executions = new Map<string, Execution>();
  /** By the caller's token: the same call again is the same statement. */
  const byToken = new Map<string, string>();

  function executionOf(
    { QueryExecutionId: id }: JsonInput,
    { action, accessKeyId }: Pick<AwsRequest, 'action' | 'accessKeyId'>,
  ): Execution {
    const found = executions.get(String(id));
    if (found === undefined) throw invalid(`QueryExecution ${id} was not found`);
    rightsOf(accessKeyId).ask(action, found.workgroup);
    return found;
  }

  /** Where an answer would lie. Here it stays in memory; who may write and read it there is asked all the same. */
  function answerPlace({
    id,
    workgroup,
  }: Pick<Execution, 'id' | 'workgroup'>): [bucket: string, key: string] | [] {
    const output = workgroups.get(workgroup);
    return output === undefined ? [] : [output.bucket, `${output.prefix}${id}.csv`];
  }

  async function run(
    execution: Execution,
    tables: ReadonlyMap<string, CatalogTable>,
    rights: CallerRights,
  ): Promise<void> {
    try {
      const { statement, database } = execution;
      const [bucket, key = ''] = answerPlace(execution);
      if (bucket !== undefined) rights.writeAnswer(bucket, key);
      const { runStatement } = await import('./engine.ts'); // 70 MB that most installations never ask for
      const answer = await runStatement(statement, {
        ...{ s3, database, tables, rights },
        directory: join(directory, 'athena'),
        signal: execution.stop.signal,
      });
      if (execution.state !== 'RUNNING') return; // it was cancelled
      execution.answer = answer;
      execution.state = 'SUCCEEDED';
    } catch (fault) {
      if (execution.state !== 'RUNNING') return;
      execution.state = 'FAILED';
      execution.reason = (fault as Error).message;
    } finally {
      execution.endedMs = Date.now();
    }
  }

  const service = createJsonService({
    name: 'athena',
    version: '1.1',
    targetPrefix: 'AmazonAthena',
    operations: {
      StartQueryExecution(input, { action, accessKeyId }) {
        const {
          QueryString: statement,
          QueryExecutionContext: context,
          WorkGroup: workgroup = 'primary',
        } = input;
        const rights = rightsOf(accessKeyId);
        rights.ask(action, String(workgroup));
        const token = input.ClientRequestToken === undefined ? undefined : String(input.ClientRequestToken);
        const before = token === undefined ? undefined : byToken.get(token);
        if (before !== undefined) return { QueryExecutionId: before };
        if (typeof statement !== 'string' || statement === '') throw invalid('QueryString is missing');
        if (Buffer.byteLength(statement) > maxStatementBytes)
          throw invalid(`QueryString is longer than ${maxStatementBytes} bytes`);
        if (!workgroups.has(workgroup)) throw invalid(`WorkGroup ${workgroup} is not found.`);
        const database = String(context?.Database ?? 'default');
        const execution: Execution = {
          ...{ id: randomUUID(), statement, database, workgroup, submittedMs: Date.now(), state: 'RUNNING' },
          ...{ stop: new AbortController(), running: Promise.resolve() },
        };
        executions.set(execution.id, execution);
        if (token !== undefined) byToken.set(token, execution.id);
        for (const oldest of executions.keys()) if (executions.size > maxKept) executions.delete(oldest);
        execution.running = run(execution, databases.get(database) ?? new Map(), rights);
        return { QueryExecutionId: execution.id };
      },
      GetQueryExecution(input, request) {
        const { id, statement, database, workgroup, submittedMs, endedMs, state, reason, answer } =
          executionOf(input, request);
        return {
          QueryExecution: {
            ...{ QueryExecutionId: id, Query: statement, WorkGroup: workgroup, StatementType: 'DML' },
            QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: database },
            Status: {
              ...{ State: state, SubmissionDateTime: submittedMs / 1_000 },
              ...(reason === undefined ? {} : { StateChangeReason: reason }),
              ...(endedMs === undefined ? {} : { CompletionDateTime: endedMs / 1_000 }),
            },
            Statistics: {
              DataScannedInBytes: answer?.scannedBytes ?? 0,
              EngineExecutionTimeInMillis: (endedMs ?? Date.now()) - submittedMs,
            },
          },
        };
      },
      GetQueryResults(input, request) {
        const execution = executionOf(input, request);
        const { state, answer } = execution;
        const [bucket, key = ''] = answerPlace(execution);
        if (bucket !== undefined) rightsOf(request.accessKeyId).readAnswer(bucket, key);
        if (answer === undefined) throw invalid(`Query has not yet finished. Current state: ${state}`);
        const { columns, rows } = answer;
        // The names of the columns are the first row.
        const all = [columns.map(({ name }) => name), ...rows];
        const from = Number(input.NextToken ?? 0);
        const to = from + Math.min(maxPage, Number(input.MaxResults ?? maxPage));
        const cellOf = (cell: string | null) => (cell === null ? {} : { VarCharValue: cell });
        return {
          ResultSet: {
            Rows: all.slice(from, to).map((row) => ({ Data: row.map(cellOf) })),
            ResultSetMetadata: {
              ColumnInfo: columns.map(({ name, type }) => ({ Name: name, Label: name, Type: type })),
            },
          },
          ...(to < all.length ? { NextToken: String(to) } : {}),
        };
      },
      StopQueryExecution(input, request) {
        const execution = executionOf(input, request);
        if (execution.state === 'RUNNING') execution.state = 'CANCELLED';
        execution.stop.abort();
        return {};
      },
    },
  });

  return {
    ...service,
    createDatabase(name) {
      if (!databases.has(name)) databases.set(name, new Map());
    },
    createTable(database, table) {
      const tables = databases.get(database);
      if (tables === undefined)
        throw new Error(`there is no database ${database} for the table ${table.name}`);
      tables.set(table.name, table);
    },
    createWorkGroup(name, outputLocation = '') {
      const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(outputLocation) ?? [];
      workgroups.set(name, bucket === undefined ? undefined : { bucket, prefix });
    },
    async close() {
      for (const { stop } of executions.values()) stop.abort();
      await Promise.all([...executions.values()].map(({ running }) => running));
    },
  };
}

const invalid = (message: string): AwsError => new AwsError('InvalidRequestException', message);
