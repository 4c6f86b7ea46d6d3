import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { literal } from '../../core/lake/duckdb.ts';
import type { ResultColumn } from '../sql/query-result.ts';
import { writeResult } from '../sql/write-result.ts';
import type { SectionRows } from './report-page.ts';

/** Types that both engines name alike; any other is written as text. */
const plain =
  /^(?:BIGINT|INTEGER|SMALLINT|TINYINT|DOUBLE|FLOAT|REAL|BOOLEAN|DATE|TIMESTAMP|DECIMAL\(\d+,\d+\))$/;
const parquetType = ({ type }: ResultColumn): string =>
  plain.test(type) ? type : type === 'HUGEINT' ? 'BIGINT' : 'VARCHAR';

/**
 * Writes what sections answered into a directory, each as `<name>.csv` and `<name>.parquet`, wherever it was asked. Equal rows, equal bytes.
 * @returns the names of the files
 */
export async function writeDataFiles(directory: string, sections: readonly SectionRows[]): Promise<string[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const written: string[] = [];
  try {
    for (const { section, columns, rows } of sections) {
      const csv = join(directory, `${section.name}.csv`);
      const pages = (async function* () {
        yield rows;
      })();
      await writeResult({ columns, pages }, { format: 'csv', out: csv, limit: rows.length });
      const types = columns.map((column) => `${literal(column.name)}: ${literal(parquetType(column))}`);
      await connection.run(
        `copy (select * from read_csv(${literal(csv)}, header = true, nullstr = '', allow_quoted_nulls = false, auto_detect = false, delim = ',', quote = '"', escape = '"', columns = {${types.join(', ')}})) to ${literal(join(directory, `${section.name}.parquet`))} (format parquet, compression zstd)`,
      );
      written.push(`${section.name}.csv`, `${section.name}.parquet`);
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return written;
}
