import type { QueryResult } from '../core/lake/query-result.ts';

/** Answers SQL over the lake. */
export interface StatementRunner {
  /**
   * What one statement that reads answers; its pages are to be read once.
   * @throws {StatementRefused} with the engine's reason: a retry of the same statement seldom helps
   */
  run(statement: string): Promise<QueryResult>;
}
