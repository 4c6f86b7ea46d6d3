import type { JsonFormat } from '../../formats/json-format.ts';
import type { Finding, Question } from '../finding.ts';
import type { MeasureFound, UnreadColumn } from '../measures.ts';

/** What JSON is, for a dataset. */
export interface JsonFound {
  readonly format: Omit<JsonFormat, 'kind' | 'match' | 'encoding'>;
  /** Lines have no time: the dataset's is that of arrival. */
  readonly isTimeless: boolean;
  readonly timeZone: string;
  readonly expectedEvery: string | undefined;
  readonly measures: readonly MeasureFound[];
  readonly unread: readonly UnreadColumn[];
  readonly findings: readonly Finding[];
  readonly questions: readonly Question[];
}
