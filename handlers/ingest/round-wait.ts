/** A round begins after a twentieth of the time that the execution has taken. */
const shareOfAge = 1 / 20;

/**
 * Seconds to wait before the next round of a map, when others keep it from its work: functions that are throttled, merges that
 * somebody else makes. Rounds come soon at first, and ever later, so that the events of a day of them fit into the 25,000 of an execution's
 * history (`state-machines/ingest-asl.test.ts` adds them up).
 *
 * @param startedAt of the execution, ISO 8601; absent in one that began before there were rounds
 */
export function roundWaitSeconds(
  { startedAt, nowMs }: { startedAt: string | undefined; nowMs: number },
  { atLeast, atMost }: { atLeast: number; atMost: number },
): number {
  const ageSeconds = startedAt === undefined ? 0 : (nowMs - Date.parse(startedAt)) / 1000;
  return Math.min(Math.max(Math.ceil(ageSeconds * shareOfAge), atLeast), atMost);
}
