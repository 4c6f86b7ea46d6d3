import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AthenaClient,
  GetQueryExecutionCommand,
  type GetQueryResultsOutput,
  paginateGetQueryResults,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import {
  type Cell,
  type QueryResult,
  type ResultColumn,
  StatementRefused,
} from '../core/lake/query-result.ts';

/** Where a statement runs. */
export interface AthenaPlace {
  readonly client: AthenaClient;
  readonly database: string;
  readonly workgroup: string;
}

/** Athena does not support that a file is replaced while a statement reads it; a merge does so. It fails then, and never answers wrong. */
const replacedFile = /HIVE_FILESYSTEM_ERROR|HIVE_CANNOT_OPEN_SPLIT|Incorrect fileSize/;
/** What only reads, behind remarks; EXPLAIN ANALYZE runs what it explains. */
const reading =
  /^(?:\s|--.*(?:\n|$)|\/\*[\s\S]*?\*\/)*(?:\(\s*)*(?:(?:select|with|values|show|describe)\b|explain\b(?!\s+analyze\b))/i;
const pollsMs = { first: 250, most: 2_000 };

/**
 * Runs a statement in Athena and waits for it: once more where a file was replaced under it.
 * @param told what it has scanned so far, at each look
 * @throws {StatementRefused} before it is sent, where it is none that reads; with Athena's reason otherwise
 */
export async function runInAthena(
  place: AthenaPlace,
  statement: string,
  {
    told,
    signal,
    pollMs = pollsMs.first,
  }: { told?: (scannedBytes: number) => void; signal?: AbortSignal; pollMs?: number } = {},
): Promise<{ result: QueryResult; scannedBytes: number }> {
  if (!reading.test(statement))
    throw new StatementRefused(
      'Only reading statements are run, such as SELECT, WITH, SHOW, DESCRIBE and EXPLAIN.',
    );
  for (let attempt = 1; ; attempt++) {
    const ended = await runOnce(place, statement, { told, signal, pollMs });
    const { State: state, StateChangeReason: reason = '' } = ended.Status ?? {};
    const scannedBytes = ended.Statistics?.DataScannedInBytes ?? 0;
    if (state === 'SUCCEEDED')
      return { result: await resultOf(place, ended.QueryExecutionId ?? ''), scannedBytes };
    if (attempt === 1 && replacedFile.test(reason)) continue;
    throw new StatementRefused(reason === '' ? `Athena ended it as ${state}.` : reason);
  }
}

async function runOnce(
  { client, database, workgroup }: AthenaPlace,
  statement: string,
  {
    told,
    signal,
    pollMs,
  }: { told: ((scannedBytes: number) => void) | undefined; signal: AbortSignal | undefined; pollMs: number },
): Promise<QueryExecution> {
  const { QueryExecutionId: id = '' } = await client.send(
    new StartQueryExecutionCommand({
      QueryString: statement,
      QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: database },
      WorkGroup: workgroup,
    }),
  );
  for (let waitMs = pollMs; ; waitMs = Math.min(pollsMs.most, waitMs * 1.5)) {
    const { QueryExecution: found = {} } = await client.send(
      new GetQueryExecutionCommand({ QueryExecutionId: id }),
    );
    told?.(found.Statistics?.DataScannedInBytes ?? 0);
    const state = found.Status?.State;
    if (state !== 'QUEUED' && state !== 'RUNNING') return { ...found, QueryExecutionId: id };
    if (signal?.aborted) {
      await client.send(new StopQueryExecutionCommand({ QueryExecutionId: id })); // else it scans on, and costs
      throw new StatementRefused('It was interrupted, and stopped in Athena.');
    }
    await sleep(waitMs);
  }
}

/** The first page tells the columns, and its first row repeats their names: of a SELECT, not of SHOW or DESCRIBE. */
async function resultOf({ client }: AthenaPlace, id: string): Promise<QueryResult> {
  const each = paginateGetQueryResults({ client, pageSize: 1_000 }, { QueryExecutionId: id });
  const first = await each.next();
  const columns = columnsOf(first.value);
  return {
    columns,
    pages: (async function* () {
      const rows = cellsOf(first.value, columns);
      const isHeader = first.value?.ResultSet?.Rows?.[0]?.Data?.every(
        ({ VarCharValue }, at) => VarCharValue === columns[at]?.name,
      );
      yield isHeader ? rows.slice(1) : rows;
      for await (const page of each) yield cellsOf(page, columns);
    })(),
  };
}

/** Athena's names of types are DuckDB's in lower case, as far as numbers go. */
const columnsOf = (page: GetQueryResultsOutput | undefined): ResultColumn[] =>
  (page?.ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(({ Name: name = '', Type: type = '' }) => ({
    name,
    type: type.toUpperCase(),
  }));

const cellsOf = (page: GetQueryResultsOutput | undefined, columns: readonly ResultColumn[]): Cell[][] =>
  (page?.ResultSet?.Rows ?? []).map(({ Data: data = [] }) =>
    columns.map(({ type }, at) => cellOf(type, data[at]?.VarCharValue)),
  );

function cellOf(type: string, text: string | undefined): Cell {
  if (text === undefined) return null;
  if (type === 'BOOLEAN') return text === 'true';
  if (!/^(?:TINYINT|SMALLINT|INTEGER|BIGINT|DOUBLE|FLOAT|REAL)$/.test(type)) return text;
  const number = Number(text);
  return Number.isFinite(number) && (type !== 'BIGINT' || Number.isSafeInteger(number)) ? number : text;
}
