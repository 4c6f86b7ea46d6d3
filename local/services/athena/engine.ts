import { createWriteStream, mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type DuckDBConnection, DuckDBInstance, StatementType } from '@duckdb/node-api';
import type { S3 } from '../s3/service.ts';
import type { CatalogTable, FilesTable } from './catalog.ts';
import type { CallerRights } from './permissions.ts';

/** What a statement answered: each cell as Athena writes it, `null` where there is none. */
export interface StatementAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly scannedBytes: number;
}

/** Functions of Trino that DuckDB lacks. */
const macros = [
  'create macro approx_percentile(value, share) as quantile_cont(value, share)',
  'create macro with_timezone(value, zone) as timezone(zone, value)',
];
/** Hive's types in DuckDB's words. */
const types: Readonly<Record<string, string>> = {
  ...{ string: 'VARCHAR', timestamp: 'TIMESTAMP', double: 'DOUBLE', int: 'INTEGER' },
  ...{ bigint: 'BIGINT', boolean: 'BOOLEAN', date: 'DATE' },
};

/**
 * Runs one statement that reads, by DuckDB over copies of the files of the tables that it names.
 * @param directory for the copies, which are gone afterwards
 * @throws {Error} with DuckDB's words
 */
export async function runStatement(
  statement: string,
  of: {
    readonly s3: Pick<S3, 'listKeys' | 'getObject'>;
    readonly database: string;
    readonly tables: ReadonlyMap<string, CatalogTable>;
    readonly directory: string;
    /** Of who asks: what it may not read fails the statement. */
    readonly rights: CallerRights;
    /** Ends the statement, which then is a fault. */
    readonly signal: AbortSignal;
  },
): Promise<StatementAnswer> {
  mkdirSync(of.directory, { recursive: true });
  const directory = await mkdtemp(join(of.directory, 'statement-'));
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  const interrupt = () => connection.interrupt();
  of.signal.addEventListener('abort', interrupt);
  try {
    let scannedBytes = 0;
    const schema = quoted(of.database);
    const run = (sql: string) => connection.run(sql);
    for (const sql of [
      "set timezone = 'UTC'",
      ...macros,
      `create schema ${schema}`,
      `set search_path = ${literal(of.database)}`,
    ])
      await run(sql);
    // The files before the views over them.
    const needed = tablesIn(statement, of.tables);
    for (const table of needed) of.rights.readTable(of.database, table);
    for (const table of needed.filter(({ kind }) => kind === 'files') as FilesTable[]) {
      const copied = await copyFiles(of, table, join(directory, table.name));
      scannedBytes += copied.bytes;
      await run(`create view ${schema}.${quoted(table.name)} as ${selectOf(table, copied.glob)}`);
    }
    for (const table of needed)
      if (table.kind === 'view') await run(`create view ${schema}.${quoted(table.name)} as ${table.sql}`);
    await run(`set allowed_directories = [${literal(`${directory}/`)}]`);
    await run('set enable_external_access = false');
    await run('set lock_configuration = true');
    await requireReading(connection, statement);
    of.signal.throwIfAborted();
    const result = await connection.runAndReadAll(statement);
    const found = result.columnTypes().map(String);
    const columns = result.columnNames().map((name, at) => ({ name, type: athenaType(found[at] ?? '') }));
    const rows = result.getRows().map((row) => row.map((cell, at) => textOf(cell, columns[at]?.type ?? '')));
    return { columns, rows, scannedBytes };
  } finally {
    of.signal.removeEventListener('abort', interrupt);
    connection.closeSync();
    instance.closeSync();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The tables that a statement names, and those that the views among them name. */
function tablesIn(statement: string, tables: ReadonlyMap<string, CatalogTable>): CatalogTable[] {
  const found = new Set<CatalogTable>();
  const take = (sql: string): void => {
    for (const word of new Set(sql.toLowerCase().match(/\w+/g))) {
      const table = tables.get(word);
      if (table === undefined || found.has(table)) continue;
      found.add(table);
      if (table.kind === 'view') take(table.sql);
    }
  };
  take(statement);
  return [...found];
}

/** Folders of partitions stay as they are; DuckDB reads their names. */
async function copyFiles(
  { s3, rights }: { s3: Pick<S3, 'listKeys' | 'getObject'>; rights: CallerRights },
  { bucket, prefix }: FilesTable,
  directory: string,
): Promise<{ glob: string | undefined; bytes: number }> {
  let bytes = 0;
  let depth = 0;
  rights.listFiles(bucket, prefix);
  for (const { key } of s3.listKeys({ bucket, prefix })) {
    const parts = key.slice(prefix.length).split('/');
    if (parts.some((part) => part === '..')) continue;
    rights.readFile(bucket, key);
    const { body, size } = await s3.getObject({ bucket, key });
    const file = join(directory, ...parts);
    mkdirSync(join(file, '..'), { recursive: true });
    await pipeline(body, createWriteStream(file));
    bytes += size;
    depth = Math.max(depth, parts.length);
  }
  return { glob: depth === 0 ? undefined : join(directory, '**', '*.parquet'), bytes };
}

/** The declared columns: those that no file has are null, and names are found whatever their case. */
function selectOf({ columns, partitionKeys }: FilesTable, glob: string | undefined): string {
  const all = [...columns, ...partitionKeys].map(({ name, type }) => {
    const as = types[type];
    if (as === undefined)
      throw new Error(`the local cloud does not know columns of the type ${type}: ${name}`);
    return { name: quoted(name), as };
  });
  const nothing = `select ${all.map(({ name, as }) => `null::${as} as ${name}`).join(', ')} where false`;
  if (glob === undefined) return nothing;
  const folders = partitionKeys.map(({ name, type }) => `${literal(name)}: ${types[type]}`);
  const files = `select * from read_parquet(${literal(glob)}, union_by_name = true, hive_partitioning = true, hive_types = {${folders.join(', ')}})`;
  return `select ${all.map(({ name, as }) => `${name}::${as} as ${name}`).join(', ')} from (${nothing} union all by name ${files})`;
}

async function requireReading(connection: DuckDBConnection, statement: string): Promise<void> {
  const extracted = await connection.extractStatements(statement);
  if (extracted.count !== 1)
    throw new Error(`one statement is run at a time, and these are ${extracted.count}`);
  const prepared = await extracted.prepare(0);
  const { statementType } = prepared;
  prepared.destroySync();
  if (statementType !== StatementType.SELECT && statementType !== StatementType.EXPLAIN)
    throw new Error(`the local cloud runs statements that read, and this is ${StatementType[statementType]}`);
}

/** Athena's name of one of DuckDB's types. */
function athenaType(type: string): string {
  if (type.startsWith('TIMESTAMP')) return 'timestamp';
  if (type === 'HUGEINT') return 'bigint'; // DuckDB's sum of whole numbers, which is as long as they are in Trino
  return type.toLowerCase().replace(/^decimal\(.*$/, 'decimal');
}

/** As Athena writes a value. */
function textOf(cell: unknown, type: string): string | null {
  if (cell === null || cell === undefined) return null;
  if (type === 'timestamp') {
    const [whole = '', fraction = ''] = String(cell).replace(/\+00$/, '').split('.');
    return `${whole}.${fraction.slice(0, 3).padEnd(3, '0')}`;
  }
  return typeof cell === 'number' && /^(?:double|float)$/.test(type) ? javaText(cell) : String(cell);
}

/** A double as Java writes it, and with it Trino: `2.0`, `1.0E7`, `1.5E-4`. */
function javaText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const withPoint = (digits: string) => (digits.includes('.') ? digits : `${digits}.0`);
  if (Object.is(value, -0)) return '-0.0';
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  const isPlain = value === 0 || (Number(exponent) >= -3 && Number(exponent) < 7);
  return isPlain ? withPoint(String(value)) : `${withPoint(digits)}E${Number(exponent)}`;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
