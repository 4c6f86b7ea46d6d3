import type { Answer } from '../../api/operations.ts';

/** What the API has of a sensor's day. */
export type DayRow = Answer<'queryStatistics'>['statistics'][number];

interface DaySeen {
  readonly row: Pick<DayRow, 'completeness'> | undefined;
  /** Local days, `2024-01-31`. */
  readonly day: string;
  readonly today: string;
  /** How often the dataset expects readings; `undefined` where it does not say. */
  readonly everySeconds: number | undefined;
}

/** How a day looks: a class of the style sheet. A day that is to come is no gap, nor one on which no reading is due, or of which nobody said that one is. */
export function lookOf({
  row,
  day,
  today,
  everySeconds,
}: DaySeen): `level-${number}` | 'to-come' | 'not-due' {
  if (row !== undefined) return `level-${Math.max(1, Math.ceil((row.completeness ?? 1) * 4))}`;
  if (day > today) return 'to-come';
  return everySeconds === undefined || everySeconds > 86_400 ? 'not-due' : 'level-0';
}
