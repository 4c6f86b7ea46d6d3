/** A column in Hive's words. */
interface CatalogColumn {
  readonly name: string;
  readonly type: string;
}

/** Parquet files under a prefix, in folders named by the partition keys: `date=2026-05-01/`. */
export interface FilesTable {
  readonly kind: 'files';
  readonly name: string;
  readonly bucket: string;
  /** With a slash at its end. */
  readonly prefix: string;
  readonly columns: readonly CatalogColumn[];
  readonly partitionKeys: readonly CatalogColumn[];
}

/** A view as Athena keeps it: SQL of Trino. */
interface ViewTable {
  readonly kind: 'view';
  readonly name: string;
  readonly sql: string;
}

export type CatalogTable = FilesTable | ViewTable;

const presto = /^\/\* Presto View: ([A-Za-z0-9+/=]+) \*\/$/;

/**
 * A table of Glue's catalog as its template has it.
 * @throws {Error} naming what it is, for one that is neither Parquet files nor a view of Athena
 */
// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's TableInput, of which only these members are read
export function tableOf(input: any): CatalogTable {
  const name = String(input.Name);
  if (input.TableType === 'VIRTUAL_VIEW') {
    const [, text] = presto.exec(String(input.ViewOriginalText)) ?? [];
    if (text === undefined) throw new Error(`the view ${name} has no SQL of Athena`);
    const { originalSql } = JSON.parse(Buffer.from(text, 'base64').toString()) as { originalSql: string };
    return { kind: 'view', name, sql: originalSql };
  }
  const {
    Location: location = '',
    Columns: columns = [],
    InputFormat: format = '',
  } = input.StorageDescriptor;
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.*\/)$/.exec(location) ?? [];
  if (bucket === '' || !String(format).includes('parquet'))
    throw new Error(`the table ${name} is not of Parquet files in S3: ${format} at ${location}`);
  return {
    ...{ kind: 'files', name, bucket, prefix, columns: columns.map(columnOf) },
    partitionKeys: (input.PartitionKeys ?? []).map(columnOf),
  };
}

const columnOf = ({ Name, Type }: { Name: string; Type: string }): CatalogColumn => ({
  name: Name,
  type: Type,
});
