/** What is known of the readings that a sensor should have of a day. */
export interface DaySeen {
  /** `undefined` where the dataset expects nothing. */
  readonly expected: number | undefined;
  /** Times of readings that count, UTC ms. */
  readonly present: ReadonlySet<number>;
  /** Times of readings that are withdrawn. */
  readonly withdrawn: ReadonlySet<number>;
  /** Of each rejected line the times of the day that it may be of, of which there is one or more. */
  readonly rejected: readonly (readonly number[])[];
}

export interface WhyMissing {
  /** `undefined` where the dataset expects nothing; `count = rejected + withdrawn + neverSent`. */
  readonly missing:
    | {
        readonly count: number;
        readonly rejected: number;
        readonly withdrawn: number;
        readonly neverSent: number;
      }
    | undefined;
  /** Times of rejected lines of which there is a reading all the same. */
  readonly mended: number;
}

/**
 * Why readings are missing. An identity is counted once, however often a line of it was rejected; one that was rejected and is there was mended
 * since. A line whose time may be either of two is of the first that nothing else is of. What came explains no more than is missing: a sensor
 * may send more than is expected.
 */
export function whyMissing({ expected, present, withdrawn, rejected }: DaySeen): WhyMissing {
  const lost = new Set<number>();
  const mended = new Set<number>();
  for (const times of rejected) {
    const there = times.find((time) => present.has(time) || withdrawn.has(time));
    if (there !== undefined) mended.add(there);
    else if (times[0] !== undefined) lost.add(times.find((time) => !lost.has(time)) ?? times[0]);
  }
  if (expected === undefined) return { missing: undefined, mended: mended.size };
  const count = Math.max(0, expected - present.size);
  const ofWithdrawn = Math.min(count, withdrawn.size);
  const ofRejected = Math.min(count - ofWithdrawn, lost.size);
  return {
    missing: {
      count,
      rejected: ofRejected,
      withdrawn: ofWithdrawn,
      neverSent: count - ofWithdrawn - ofRejected,
    },
    mended: mended.size,
  };
}

/**
 * Readings that are expected of a sensor in a day: one in each whole interval, of a day that is not over until now. 0 where one is not due each
 * day: then a day without one is no gap.
 */
export function expectedOf(
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  { everyMs, nowMs }: { readonly everyMs: number | undefined; readonly nowMs: number },
): number | undefined {
  if (everyMs === undefined) return undefined;
  return Math.max(0, Math.floor((Math.min(endMs, nowMs) - startMs) / everyMs));
}
