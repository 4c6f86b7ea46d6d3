import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { csvLine } from '../lake/csv-line.ts';
import type { Cell, ResultColumn } from '../lake/query-result.ts';
import { ReportRefused } from './report-file.ts';
import type { SectionRows } from './report-page.ts';

/** A file of a report. */
export interface ReportFile {
  /** In the folder of its report: `pages/7.html`. */
  readonly path: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** What sections answered, each as `<name>.csv` and `<name>.parquet`, wherever it was asked. Equal rows, equal bytes. */
export const dataFiles = (sections: readonly SectionRows[]): ReportFile[] =>
  sections.flatMap(({ section: { name }, columns, rows }) => [
    {
      path: `${name}.csv`,
      contentType: 'text/csv; charset=utf-8',
      bytes: Buffer.from(
        [columns.map((column) => column.name), ...rows].map((row) => `${csvLine(row)}\n`).join(''),
      ),
    },
    {
      path: `${name}.parquet`,
      contentType: 'application/vnd.apache.parquet',
      bytes: parquetOf(columns, rows),
    },
  ]);

type Schema = NonNullable<Parameters<typeof parquetWriteBuffer>[0]['schema']>[number];
/** How a type lies in Parquet, and a cell of it. */
interface Kind {
  readonly schema: Omit<Schema, 'name' | 'repetition_type'>;
  readonly written: (cell: string | number | boolean) => unknown;
}

const long: Kind = { schema: { type: 'INT64' }, written: (cell) => within64(BigInt(String(cell))) };
const float: Kind = { schema: { type: 'FLOAT' }, written: Number };
const kinds: Readonly<Record<string, Kind>> = {
  BIGINT: long,
  HUGEINT: long, // DuckDB's sum of whole numbers, which is as long as they are in Trino
  INTEGER: { schema: { type: 'INT32' }, written: Number },
  SMALLINT: { schema: { type: 'INT32', converted_type: 'INT_16' }, written: Number },
  TINYINT: { schema: { type: 'INT32', converted_type: 'INT_8' }, written: Number },
  DOUBLE: { schema: { type: 'DOUBLE' }, written: Number },
  FLOAT: float,
  REAL: float,
  BOOLEAN: { schema: { type: 'BOOLEAN' }, written: Boolean },
  DATE: {
    schema: { type: 'INT32', converted_type: 'DATE' },
    written: (cell) => new Date(utcMs(`${cell}T00:00:00`)),
  },
  TIMESTAMP: {
    schema: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' } },
    written: (cell) => microseconds(String(cell)),
  },
};
/** Any other type is written as text. */
const text: Kind = { schema: { type: 'BYTE_ARRAY', converted_type: 'UTF8' }, written: String };

function kindOf({ type }: ResultColumn): Kind {
  const [, precision, scale] = /^DECIMAL\((\d+),(\d+)\)$/.exec(type) ?? [];
  return precision === undefined ? (kinds[type] ?? text) : decimal(Number(precision), Number(scale));
}

/** Up to 18 digits in 64 bits, as DuckDB writes them, more in 128. */
const decimal = (precision: number, scale: number): Kind => ({
  schema: {
    ...(precision <= 18 ? { type: 'INT64' } : { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16 }),
    ...{ converted_type: 'DECIMAL', precision, scale },
  },
  written(cell) {
    const [whole = '', fraction = ''] = String(cell).split('.');
    return BigInt(whole + fraction.padEnd(scale, '0'));
  },
});

/** Of a time without a zone: `2026-05-01 10:00:00.123456`, of which the fraction may be shorter or missing. */
function microseconds(time: string): bigint {
  const [seconds = '', fraction = ''] = time.split('.');
  return BigInt(utcMs(seconds.replace(' ', 'T'))) * 1_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}

function utcMs(time: string): number {
  const ms = Date.parse(`${time}Z`);
  if (Number.isNaN(ms))
    throw new ReportRefused(`${time} is no time of the years 0 to 9999, as Parquet has it here`);
  return ms;
}

function within64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new ReportRefused(`${value} has more than 64 bits`);
  return value;
}

function parquetOf(columns: readonly ResultColumn[], rows: readonly (readonly Cell[])[]): Uint8Array {
  return new Uint8Array(
    parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: columns.length },
        ...columns.map((column) => ({
          ...kindOf(column).schema,
          name: column.name,
          repetition_type: 'OPTIONAL' as const,
        })),
      ],
      columnData: columns.map((column, at): ColumnSource => {
        const { written } = kindOf(column);
        return {
          name: column.name,
          data: rows.map((row) => {
            const cell = row[at];
            return cell === null || cell === undefined ? null : written(cell);
          }),
        };
      }),
    }),
  );
}
