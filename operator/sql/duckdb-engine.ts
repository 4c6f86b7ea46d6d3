import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue, StatementType } from '@duckdb/node-api';
import { duckdbMacros, duckdbRelations, duckdbUnnamed, literal } from '../../core/lake/duckdb.ts';
import { type LakeView, viewsNamedIn } from '../../core/lake/lake-views.ts';
import { type Cell, type QueryResult, StatementRefused } from '../../core/lake/query-result.ts';

/** How a Parquet file is written. `compatible` is for readers that know only plain values and Snappy. */
export type ParquetStyle = 'small' | 'compatible';

/** A DuckDB that sees the partition files of one directory, and can neither write nor reach anything else. */
export interface DuckdbEngine {
  /**
   * Runs a statement once and keeps what it answers, as a relation of this name for later statements.
   * @param name lower case letters, digits and `_` @throws {StatementRefused}
   */
  keep(name: string, statement: string): Promise<void>;
  /** @throws {StatementRefused} */
  query(statement: string): Promise<QueryResult>;
  /**
   * Writes what a statement answers to a Parquet file inside the directory.
   * @returns rows @throws {StatementRefused}
   */
  writeParquet(statement: string, options: { file: string; style: ParquetStyle }): Promise<number>;
  /** 0 to 100, while a statement runs; -1 while that is not known. */
  progress(): number;
  close(): void;
}

/** The views that statements name, of which the files are needed. @throws {StatementRefused} where one is no single reading statement */
export async function namedViews(
  statements: readonly string[],
  views: readonly LakeView[],
): Promise<LakeView[]> {
  const instance = await DuckDBInstance.create(':memory:', alone);
  const connection = await instance.connect();
  try {
    for (const sql of [...duckdbMacros, ...views.flatMap(duckdbUnnamed)]) await connection.run(sql);
    for (const statement of statements) await checkStatement(connection, statement);
    // One in a remark costs a fetch, and what is not found here refuses to be read.
    return viewsNamedIn(statements.join('\n'), views);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Extensions come with the library: nothing is fetched from elsewhere. */
const alone = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' };

/**
 * Opens it over a directory that holds `curated/…`.
 * @param options.named the views whose files are there; others refuse to be read
 */
export async function openDuckdb(
  directory: string,
  { views, named }: { readonly views: readonly LakeView[]; readonly named: readonly LakeView[] },
): Promise<DuckdbEngine> {
  const instance = await DuckDBInstance.create(':memory:', alone);
  const connection = await instance.connect();
  const folderOf = ({ dataset }: LakeView) => join(directory, 'curated', `dataset=${dataset.storageName}`);
  const relations = views.flatMap((view) => {
    if (!named.includes(view)) return duckdbUnnamed(view);
    const folder = folderOf(view);
    return duckdbRelations(view, existsSync(folder) ? join(folder, '*', '*.parquet') : undefined);
  });
  for (const sql of [
    "set timezone = 'UTC'",
    // Else no statement has a progress.
    'set enable_progress_bar = true',
    'set enable_progress_bar_print = false',
    // Nobody changes the files of the directory: what their footers say is read once for all statements.
    'set parquet_metadata_cache = true',
    ...duckdbMacros,
    ...relations,
    `set temp_directory = ${literal(join(directory, 'spill'))}`,
    `set allowed_directories = [${literal(`${directory}/`)}]`,
    'set enable_external_access = false',
    'set lock_configuration = true',
  ])
    await connection.run(sql);
  return {
    async keep(name, statement) {
      await checkStatement(connection, statement);
      await refusing(connection.run(`create temp table "${name}" as (${withoutEnd(statement)}\n)`));
    },
    query: (statement) => queryOf(connection, statement),
    async writeParquet(statement, { file, style }) {
      await checkStatement(connection, statement);
      const result = await refusing(
        connection.run(`copy (${withoutEnd(statement)}\n) to ${literal(file)} (${parquetStyles[style]})`),
      );
      return Number((await result.getRows())[0]?.[0] ?? 0);
    },
    progress: () => connection.progress.percentage,
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Version 1 of the pages, Snappy and values one after the other are what every reader takes. */
const parquetStyles: Readonly<Record<ParquetStyle, string>> = {
  small: 'format parquet, compression zstd',
  compatible: 'format parquet, parquet_version v1, compression snappy, dictionary_size_limit 0',
};

async function queryOf(connection: DuckDBConnection, statement: string): Promise<QueryResult> {
  await checkStatement(connection, statement);
  const result = await refusing(connection.stream(statement));
  const types = result.columnTypes();
  return {
    columns: result.columnNames().map((name, at) => ({ name, type: String(types[at]) })),
    pages: pagesOf(result.yieldRows()),
  };
}

async function* pagesOf(pages: AsyncIterable<DuckDBValue[][]>): AsyncGenerator<Cell[][]> {
  const each = pages[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await refusing(each.next());
    if (done) return;
    yield value.map((row) => row.map(cellOf));
  }
}

function cellOf(value: DuckDBValue): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint')
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
      ? Number(value)
      : String(value);
  return String(value);
}

/** One statement that only reads. @throws {StatementRefused} */
async function checkStatement(connection: DuckDBConnection, statement: string): Promise<void> {
  const extracted = await refusing(connection.extractStatements(statement));
  if (extracted.count !== 1)
    throw new StatementRefused(`One statement is run at a time, and these are ${extracted.count}.`);
  const prepared = await refusing(extracted.prepare(0));
  const { statementType } = prepared;
  prepared.destroySync();
  if (statementType !== StatementType.SELECT && statementType !== StatementType.EXPLAIN)
    throw new StatementRefused(
      `This is a statement of the kind ${StatementType[statementType]}: only reading ones are run, such as SELECT, WITH, DESCRIBE and EXPLAIN. A result is written by --out.`,
    );
}

/** A statement as it can stand in parentheses. */
const withoutEnd = (statement: string): string => statement.replace(/[\s;]+$/, '');

/** What DuckDB says of a statement becomes a refusal. */
async function refusing<Value>(asked: Promise<Value>): Promise<Value> {
  try {
    return await asked;
  } catch (fault) {
    throw new StatementRefused(hinted((fault as Error).message));
  }
}

function hinted(message: string): string {
  if (/file system operations are disabled|Permission Error/.test(message))
    return `${message}\nA statement reads the views of the datasets alone: no files, and no network.`;
  if (/^Catalog Error: Table with name/.test(message))
    return `${message}\nnpm run caudal -- sql shows the views and their columns.`;
  return message;
}
