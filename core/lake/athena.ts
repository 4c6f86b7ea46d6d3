import { ofStage } from '../stage.ts';
import { literal } from './duckdb.ts';
import { entityColumn, type FileColumn, type LakeColumn, type LakeView } from './lake-views.ts';

/** A column as Glue's catalog has it: its type in Hive's words. */
export interface CatalogColumn {
  readonly name: string;
  readonly type: string;
  readonly comment?: string;
}

/** Glue's database of an installation. Its names have no hyphens. */
export const lakeDatabase = (stage: string | undefined): string =>
  ofStage('caudal', stage).replaceAll('-', '_');

/** Athena's workgroup of an installation. */
export const lakeWorkgroup = (stage: string | undefined): string => ofStage('caudal-sql', stage);

const fileTypes: Readonly<Record<FileColumn['type'], string>> = {
  text: 'string',
  instant: 'timestamp',
  number: 'double',
  whole: 'int',
  long: 'bigint',
  flag: 'boolean',
};

/** Types of a view's columns: Hive's, and Trino's, which is Athena's engine. */
const viewTypes: Readonly<Record<LakeColumn['type'], readonly [hive: string, trino: string]>> = {
  text: ['string', 'varchar'],
  time: ['timestamp', 'timestamp(3)'],
  day: ['date', 'date'],
  number: ['double', 'double'],
  whole: ['int', 'integer'],
  long: ['bigint', 'bigint'],
  flag: ['boolean', 'boolean'],
};

/** The columns of a dataset's files. Names in the catalog are in lower case; Athena finds the file's own by them. */
export const athenaFileColumns = ({ fileColumns }: LakeView): CatalogColumn[] =>
  fileColumns.map(({ name, type }) => ({ name: name.toLowerCase(), type: fileTypes[type] }));

/**
 * How Athena finds the files without a catalog of partitions: a folder for each date from 2000 on, or from the first day that the dataset takes,
 * to the last one that readings can be ahead of.
 */
export function partitionProjection({ dataset }: LakeView): Record<string, string> {
  const first = dataset.earliest > '2000-01-01' ? dataset.earliest : '2000-01-01';
  const daysAhead = Math.ceil(dataset.maxAheadMs / 86_400_000) + 1; // a local day begins up to a day before UTC's
  return {
    'projection.enabled': 'true',
    'projection.date.type': 'date',
    'projection.date.format': 'yyyy-MM-dd',
    'projection.date.range': `${first},NOW+${daysAhead}DAYS`,
    'projection.date.interval': '1',
    'projection.date.interval.unit': 'DAYS',
  };
}

/** The view of a dataset as Glue's catalog has it for Athena. @param database where the files' table is */
export function athenaView(view: LakeView, database: string): { columns: CatalogColumn[]; text: string } {
  const sql = `SELECT ${view.columns.map((column) => selected(view, column)).join(', ')} FROM "${database}"."${view.files}" WHERE NOT coalesce("withdrawn", false)`;
  const meaning = {
    originalSql: sql,
    catalog: 'awsdatacatalog',
    schema: database,
    columns: view.columns.map(({ name, type }) => ({ name, type: viewTypes[type][1] })),
  };
  return {
    columns: view.columns.map(({ name, type, comment }) => ({ name, type: viewTypes[type][0], comment })),
    text: `/* Presto View: ${Buffer.from(JSON.stringify(meaning)).toString('base64')} */`,
  };
}

function selected({ dataset, fieldOf, columns }: LakeView, { name, type }: LakeColumn): string {
  const field = fieldOf.get(name);
  if (field !== undefined)
    return type === 'time'
      ? `CAST("${field.toLowerCase()}" AS timestamp(3)) AS "${name}"`
      : `"${field.toLowerCase()}" AS "${name}"`;
  if (name === entityColumn({ columns })) return `"sensorid" AS "${name}"`;
  const utc = 'CAST("timestamp" AS timestamp(3))';
  switch (name) {
    case 'time_utc':
      return `${utc} AS "time_utc"`;
    case 'local_time':
      return `CAST(with_timezone(${utc}, 'UTC') AT TIME ZONE ${literal(dataset.timeZone)} AS timestamp(3)) AS "local_time"`;
    case 'local_date':
      // The projected partition is a text: Athena's own examples have it so.
      return 'CAST("date" AS date) AS "local_date"';
    case 'uploaded_at':
      return `coalesce(CAST("uploadedat" AS timestamp(3)), TIMESTAMP '1970-01-01 00:00:00.000') AS "uploaded_at"`;
    default:
      return `coalesce("${name}", ${type === 'flag' ? 'false' : '0'}) AS "${name}"`;
  }
}
