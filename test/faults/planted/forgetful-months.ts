import { settleMonths as rightMonths } from '../../../handlers/ingest/merge-partition/settle-months.ts';

/** Only the months of which this run wrote a day: after a crash between the two, the next run finds no day to write. */
export const settleMonths: typeof rightMonths = (statistics, dataset, months) =>
  rightMonths(
    statistics,
    dataset,
    months.filter(({ dayWritten }) => dayWritten),
  );
