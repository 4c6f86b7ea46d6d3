import { counted } from '../counted.ts';

/** Why a gap is there, and the map of stations, in English. */
export const gap = {
  keys: 'Arrow keys go from day to day; Enter says why readings are missing.',
  toCome: 'to come',
  notDue: 'none, and none is known to be due',
  why: (sensor: string, day: string) => `${sensor} on ${day}`,
  close: 'Close',
  has: (readings: string) => `${counted(readings, 'reading is', 'readings are')} there.`,
  hasOf: (readings: string, expected: string) =>
    `${readings} of ${counted(expected, 'expected reading is', 'expected readings are')} there.`,
  soFar: (readings: string, expected: string) =>
    `${readings} of ${expected} that were expected until now are there.`,
  notExpected: 'This dataset does not say how often it expects readings, so what is missing is not known.',
  seldom: 'A reading is not due each day here: a day without one is no gap.',
  nothingMissing: 'Nothing is missing.',
  missing: 'Missing',
  reason: 'Why',
  howMany: 'Readings',
  whatToDo: 'What it means',
  reasons: {
    neverSent: 'never sent',
    rejected: 'rejected',
    withdrawn: 'withdrawn',
  },
  means: {
    neverSent: 'No line with the sensor and a time of this day has come.',
    atMost: 'At most so many: what waits, was refused or was not looked at may have some.',
    rejected: 'Lines came, and could not be taken.',
    withdrawn: 'They were taken, and somebody has withdrawn them since.',
  },
  lines: (lines: string) => `Rejected lines: ${lines}`,
  mended: (times: string) => `Of ${times} of their times there is a reading all the same.`,
  withoutValue: 'Readings without a value',
  dropped: 'Values that were left out in the files of this day',
  late: (objects: number, first: string, last: string) =>
    first === last
      ? `Late: one file with readings of these times came after the day, at ${first}.`
      : `Late: ${objects} files with readings of these times came after the day, from ${first} to ${last}.`,
  refused: 'Files of which nothing was taken, and which may hold some',
  waiting: (objects: string) =>
    `${counted(objects, 'file has arrived since and is', 'files have arrived since and are')} not read yet.`,
  looked: (objects: string) =>
    `Found by what has arrived since the day began: ${counted(objects, 'file', 'files')}.`,
  notAll: 'There is more than one answer looks at: npm run caudal -- explain follows a single reading.',
};
