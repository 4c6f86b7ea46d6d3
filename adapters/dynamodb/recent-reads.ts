/** What was read last of some things, for as long and as much as is bounded. */
export interface RecentReads<Value> {
  /** What was kept under the name not long ago. */
  find(name: string): Value | undefined;
  /** @param bytes that the value takes; what is kept longest makes room for it */
  keep(name: string, value: Value, bytes: number): void;
}

/** @param bounds `nowMs` is a clock that the times are by */
export function createRecentReads<Value>({
  maxBytes,
  maxAgeMs,
  nowMs,
}: {
  maxBytes: number;
  maxAgeMs: number;
  nowMs: () => number;
}): RecentReads<Value> {
  const kept = new Map<string, { value: Value; bytes: number; untilMs: number }>();
  let total = 0;
  const forget = (name: string): void => {
    total -= kept.get(name)?.bytes ?? 0;
    kept.delete(name);
  };
  return {
    find(name) {
      const found = kept.get(name);
      if (found === undefined) return undefined;
      if (nowMs() < found.untilMs) return found.value;
      forget(name);
      return undefined;
    },
    keep(name, value, bytes) {
      forget(name);
      if (bytes > maxBytes) return;
      kept.set(name, { value, bytes, untilMs: nowMs() + maxAgeMs });
      total += bytes;
      // In the order in which they were kept.
      for (const oldest of kept.keys()) {
        if (total <= maxBytes) return;
        forget(oldest);
      }
    },
  };
}
