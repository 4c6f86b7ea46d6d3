/** A value as it is shown: whole numbers beyond 2^53, decimals, dates and times as text. */
export type Cell = string | number | boolean | null;

export interface ResultColumn {
  readonly name: string;
  /** DuckDB's name of its type. */
  readonly type: string;
}

/** What a statement answers, page by page. */
export interface QueryResult {
  readonly columns: readonly ResultColumn[];
  /** To be read once. */
  readonly pages: AsyncIterable<readonly (readonly Cell[])[]>;
}

/** Whether a column's values are numbers, which stand at the right of a table. */
export const isNumeric = ({ type }: ResultColumn): boolean =>
  /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|DOUBLE|FLOAT|DECIMAL)/.test(type);

/** What is wrong with a statement, in the engine's words and with the way out where it is known. A retry doesn't help. */
export class StatementRefused extends Error {
  override readonly name = 'StatementRefused';
}
