import type { Dataset } from '../dataset/dataset.ts';
import type { PageSeries } from '../statistics/page-bytes.ts';
import type { PeriodStatistics } from '../statistics/statistics.ts';
import {
  mergeReadStates,
  mergeStates,
  type ReadStates,
  readStates,
  type States,
  writeReadStates,
} from './states.ts';

/*
 * A month's states are folded from those of its days, and a fold may be cut anywhere: what the first days come to stays what it is until one of them
 * changes, and is read from texts once.
 */

/** Of one entity. */
interface FoldedDays {
  readonly count: number;
  /** Days that have it: at least 1. */
  readonly days: number;
  /** Of the first of them, as its page has them. */
  readonly texts: States | undefined;
  readonly states: ReadStates;
}

/** Days that follow each other, folded: by entity. Nobody changes it. */
export type Fold = ReadonlyMap<string, FoldedDays>;

export const emptyFold: Fold = new Map();

/**
 * Folds further days onto those before them. Of entities that have none in these days nothing is copied.
 * @param days pages of a dataset's projections, in the order of the days
 */
export function foldFurther(dataset: Dataset, before: Fold, days: readonly PageSeries[]): Fold {
  const further = new Map<string, PeriodStatistics[]>();
  for (const day of days)
    for (const [entity, statistics] of day) {
      const known = further.get(entity);
      if (known) known.push(statistics);
      else further.set(entity, [statistics]);
    }
  const folded = new Map(before);
  for (const [entity, parts] of further) {
    const known = before.get(entity);
    const read = parts.map(({ states }) => readStates(dataset, states));
    const [first, ...others] = known === undefined ? read : [known.states, ...read];
    if (first === undefined) continue; // there is a day at least
    folded.set(entity, {
      count: parts.reduce((sum, { count }) => sum + count, known?.count ?? 0),
      days: parts.length + (known?.days ?? 0),
      texts: known === undefined ? parts[0]?.states : known.texts,
      states: others.length === 0 ? first : mergeReadStates(dataset, [first, ...others]),
    });
  }
  return folded;
}

/** As a page has it, to the byte what {@link mergeStates} makes of the days. */
export const pageOfFold = (dataset: Dataset, fold: Fold): Map<string, PeriodStatistics> =>
  new Map(
    Array.from(fold, ([entity, { count, days, texts, states }]) => {
      // Of one day they are as they were, whatever version they are of.
      const written = days === 1 ? mergeStates(dataset, [texts]) : writeReadStates(dataset, states);
      return [entity, { count, contested: 0, measures: {}, alerts: {}, states: written }] as const;
    }),
  );
