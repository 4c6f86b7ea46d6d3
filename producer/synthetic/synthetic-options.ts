import type { Dataset } from '../../core/dataset/dataset.ts';

export interface SyntheticOptions {
  readonly dataset: Dataset;
  readonly seed: number;
  /** Number of series. */
  readonly sensors: number;
  /** Event time of the first reading and the distance of a series' readings, in ms. */
  readonly startMs: number;
  readonly everyMs: number;
}
