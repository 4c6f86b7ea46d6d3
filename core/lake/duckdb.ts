import { entityColumn, type FileColumn, type LakeColumn, type LakeView } from './lake-views.ts';

/** DuckDB's names of the types of a view's columns. */
const fileTypes: Readonly<Record<FileColumn['type'], string>> = {
  text: 'VARCHAR',
  instant: 'TIMESTAMP WITH TIME ZONE',
  number: 'DOUBLE',
  whole: 'INTEGER',
  long: 'BIGINT',
  flag: 'BOOLEAN',
};

/**
 * Functions of Athena that DuckDB lacks, so that one statement runs on both. The percentile is exact here: NumPy's linear definition.
 */
export const duckdbMacros: readonly string[] = [
  'create macro approx_percentile(value, share) as quantile_cont(value, share)',
];

/**
 * The statements that make the two relations of a dataset in DuckDB, with comments.
 * @param glob the dataset's partition files; undefined where there is none: the relations are then empty
 */
export function duckdbRelations(view: LakeView, glob: string | undefined): string[] {
  const { name, files, dataset, comment } = view;
  const typed = view.fileColumns.map(({ name: of, type }) => `null::${fileTypes[type]} as ${quoted(of)}`);
  // Measures that were added later are in newer files only, or in none yet: by name, each file's columns go where they belong.
  const nothing = `select ${typed.join(', ')}, null::DATE as "date" where false`;
  const all =
    glob === undefined
      ? ''
      : ` union all by name select * exclude (dataset) from read_parquet(${literal(glob)}, union_by_name = true, hive_partitioning = true)`;
  return [
    `create view ${quoted(files)} as ${nothing}${all}`,
    `create view ${quoted(name)} as select ${view.columns.map((column) => selected(view, column)).join(', ')} from ${quoted(files)} where not coalesce(withdrawn, false)`,
    ...commentStatements(view),
    `comment on view ${quoted(files)} is ${literal(`the partition files of ${dataset.name} as they lie, with withdrawn readings`)}`,
    `comment on view ${quoted(name)} is ${literal(comment)}`,
  ];
}

/** The same relations for a dataset that a statement doesn't name: their files were not fetched, and asking them is a fault, not an empty answer. */
export function duckdbUnnamed(view: LakeView): string[] {
  const why = literal(
    `Name ${view.name} or ${view.files} itself in the statement: only then its files are read.`,
  );
  const [files = '', ...others] = duckdbRelations(view, undefined);
  return [files.replace(/where false$/, `where error(${why}) is null`), ...others];
}

const commentStatements = ({ name, columns }: LakeView): string[] =>
  columns.map(
    (column) => `comment on column ${quoted(name)}.${quoted(column.name)} is ${literal(column.comment)}`,
  );

function selected({ dataset, fieldOf, columns }: LakeView, { name, type }: LakeColumn): string {
  const field = fieldOf.get(name);
  if (field !== undefined)
    return type === 'time'
      ? `(${quoted(field)} at time zone 'UTC') as ${quoted(name)}`
      : `${quoted(field)} as ${quoted(name)}`;
  if (name === entityColumn({ columns })) return `"sensorId" as ${quoted(name)}`;
  switch (name) {
    case 'time_utc':
      return `("timestamp" at time zone 'UTC') as time_utc`;
    case 'local_time':
      return `("timestamp" at time zone ${literal(dataset.timeZone)}) as local_time`;
    case 'local_date':
      return '"date" as local_date';
    case 'uploaded_at':
      return `coalesce("uploadedAt" at time zone 'UTC', timestamp '1970-01-01') as uploaded_at`; // files of the first writers have none
    default:
      return `coalesce(${quoted(name)}, ${type === 'flag' ? 'false' : '0'}) as ${quoted(name)}`;
  }
}

/** An identifier as SQL takes any. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text as SQL takes any. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
