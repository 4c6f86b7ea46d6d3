import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import type { Cell } from '../lake/query-result.ts';
import { dataFiles } from './data-files.ts';
import type { SectionRows } from './report-page.ts';

const sectionOf = (types: Record<string, string>, rows: Cell[][]): SectionRows => ({
  section: { kind: 'table', name: 'table', title: 'Table', statement: '', own: '' },
  columns: Object.entries(types).map(([name, type]) => ({ name, type })),
  rows,
});

/** What DuckDB reads in the Parquet file. */
async function read(section: SectionRows) {
  const folder = mkdtempSync(join(tmpdir(), 'caudal-report-'));
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const path = join(folder, 'table.parquet');
    writeFileSync(path, dataFiles([section])[1]?.bytes ?? '');
    const connection = await instance.connect();
    const found = await connection.runAndReadAll(`select * from '${path}'`);
    connection.closeSync();
    return { types: found.columnTypes().map(String), rows: found.getRowsJson() };
  } finally {
    instance.closeSync();
    rmSync(folder, { recursive: true });
  }
}

const types = {
  salon_id: 'VARCHAR',
  note: 'VARCHAR',
  sum: 'HUGEINT',
  count: 'BIGINT',
  seats: 'INTEGER',
  small: 'SMALLINT',
  share: 'DOUBLE',
  coarse: 'FLOAT',
  is: 'BOOLEAN',
  day: 'DATE',
  at: 'TIMESTAMP',
  price: 'DECIMAL(9,2)',
  exact: 'DECIMAL(38,3)',
  other: 'UUID',
};
const full: Cell[] = [
  ...['a', 'x,"y"\n', 1, '9223372036854775807', -7, 300, 1.5, 0.25, true, '2026-05-01'],
  ...['2026-05-01 10:00:00.123456', '-12.5', '12345678901234567890.125', 'text'],
];
const empty: Cell[] = ['b', '', ...Array<Cell>(12).fill(null)];
const section = sectionOf(types, [
  full,
  empty,
  [
    'c',
    null,
    9007199254740992,
    0,
    0,
    0,
    -0.1,
    0,
    false,
    '1969-12-31',
    '2026-05-31 00:00:00',
    '0.01',
    '0',
    '',
  ],
]);

test('Parquet keeps types, empty texts and nothing apart', async () => {
  expect(await read(section)).toEqual({
    types: [
      ...['VARCHAR', 'VARCHAR', 'BIGINT', 'BIGINT', 'INTEGER', 'SMALLINT', 'DOUBLE', 'FLOAT', 'BOOLEAN'],
      ...['DATE', 'TIMESTAMP', 'DECIMAL(9,2)', 'DECIMAL(38,3)', 'VARCHAR'],
    ],
    rows: [
      [
        ...['a', 'x,"y"\n', '1', '9223372036854775807', -7, 300, 1.5, 0.25, true, '2026-05-01'],
        ...['2026-05-01 10:00:00.123456', '-12.50', '12345678901234567890.125', 'text'],
      ],
      empty,
      [
        ...['c', null, '9007199254740992', '0', 0, 0, -0.1, 0, false, '1969-12-31', '2026-05-31 00:00:00'],
        ...['0.01', '0.000', ''],
      ],
    ],
  });
});

test('CSV has the names first, and nothing where there is nothing', () => {
  const [csv] = dataFiles([
    sectionOf({ a: 'VARCHAR', b: 'BIGINT' }, [
      ['x,"y"\n', 1],
      ['', null],
    ]),
  ]);
  expect(Buffer.from(csv?.bytes ?? '').toString()).toBe('a,b\n"x,""y""\n",1\n"",\n');
});

test('no rows are a file too, and the same rows the same bytes', async () => {
  expect((await read(sectionOf({ a: 'BIGINT', b: 'DATE' }, []))).rows).toEqual([]);
  expect(dataFiles([section])).toEqual(dataFiles([section]));
});

test.each([
  ['HUGEINT', '9223372036854775808', 'more than 64 bits'],
  ['DATE', '12026-05-01', 'is no time'],
  ['TIMESTAMP', 'infinity', 'is no time'],
])('%s %s is refused, rather than written as another', (type, cell, why) => {
  expect(() => dataFiles([sectionOf({ a: type }, [[cell]])])).toThrow(why);
});
