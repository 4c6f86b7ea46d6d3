import { mergeParts as rightMerge } from '../../../handlers/ingest/merge-partition/merge-parts.ts';

/** Only the month of which this merge wrote a day: after a crash between the two, the next merge finds no day to write. */
export const mergeParts: typeof rightMerge = (ports, task) => {
  let wroteDay = false;
  const { statistics } = ports;
  const forgetful: typeof statistics = {
    read: (of, numbers) => statistics.read(of, numbers),
    daysOfMonth: (...month) => statistics.daysOfMonth(...month),
    async write(of, page) {
      if (of.period === task.unit.month && !wroteDay) return 'written';
      wroteDay = true;
      return statistics.write(of, page);
    },
  };
  return rightMerge({ ...ports, statistics: forgetful }, task);
};
