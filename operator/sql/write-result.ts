import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { formatCount } from '../../cli/format.ts';
import { printData } from '../../cli/print.ts';
import { renderTable } from '../../cli/table.ts';
import { csvLine } from '../../core/lake/csv-line.ts';
import { type Cell, isNumeric, type QueryResult } from '../../core/lake/query-result.ts';

/** Formats of text. */
export type TextFormat = 'table' | 'csv' | 'json';

/**
 * Writes a result to standard output, or to a file: there with control characters as they are, here without.
 * @param options.limit rows of a table at most; of other formats all are written
 * @returns rows that were written, and whether there are more
 */
export async function writeResult(
  result: QueryResult,
  { format, out, limit }: { format: TextFormat; out: string | undefined; limit: number },
): Promise<{ rows: number; isCut: boolean }> {
  const { write, end } = out === undefined ? standardOutput() : fileOutput(out);
  try {
    if (format === 'table') {
      const { text, ...counted } = await tableOf(result, limit);
      await write(text);
      return counted;
    }
    let rows = 0;
    if (format === 'csv') await write(csvLine(result.columns.map(({ name }) => name)));
    for await (const page of result.pages) {
      if (page.length === 0) continue;
      const line = format === 'csv' ? csvLine : (row: readonly Cell[]) => jsonLine(result, row);
      await write(page.map(line).join('\n'));
      rows += page.length;
    }
    return { rows, isCut: false };
  } finally {
    await end();
  }
}

/**
 * The first rows of a result as a table.
 * @param limit rows at most
 */
export async function tableOf(
  { columns, pages }: QueryResult,
  limit: number,
): Promise<{ text: string; rows: number; isCut: boolean }> {
  const shown: string[][] = [];
  let isCut = false;
  for await (const page of pages) {
    const room = limit - shown.length;
    for (const row of page.slice(0, room)) shown.push(row.map(shownCell));
    isCut = page.length > room;
    if (isCut) break;
  }
  const titles = columns.map((column) => ({
    title: column.name,
    align: isNumeric(column) ? ('right' as const) : ('left' as const),
  }));
  return { text: renderTable(titles, shown), rows: shown.length, isCut };
}

/** One line a row: a line end in a text would look like the next row. */
const shownCell = (cell: Cell): string => {
  if (cell === null) return '';
  if (typeof cell === 'number' && Number.isInteger(cell) && Math.abs(cell) >= 100_000)
    return formatCount(cell);
  return String(cell).replaceAll('\t', '\\t').replaceAll('\n', '\\n');
};

const jsonLine = ({ columns }: QueryResult, row: readonly Cell[]): string =>
  JSON.stringify(Object.fromEntries(columns.map(({ name }, at) => [name, row[at]])));

interface Output {
  /** Whole lines, without the last one's end. */
  write(text: string): Promise<void>;
  end(): Promise<void>;
}

const standardOutput = (): Output => ({ write: async (text) => printData(text), end: async () => {} });

function fileOutput(path: string): Output {
  const stream = createWriteStream(path, { flags: 'wx' });
  return {
    async write(text) {
      if (!stream.write(`${text}\n`)) await once(stream, 'drain');
    },
    async end() {
      stream.end();
      await finished(stream);
    },
  };
}
