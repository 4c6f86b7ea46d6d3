import type { DaySpan } from '../shared/options.ts';

/** An execution as the list of executions has it. */
export interface ListedExecution {
  readonly name: string;
  readonly status: string;
  readonly startedMs: number;
}

/** A replay that succeeded, with the UTC days that it took. */
export interface SucceededReplay extends Required<DaySpan> {
  readonly startedMs: number;
}

/** The name without what `redrive` adds to it. */
const baseOf = (name: string): string => name.replace(/-again-\d{8}T\d{6}Z$/, '').slice(0, 57);

/**
 * The failed executions that nothing has mended since: no run of the same input (by the name that `redrive` gives) has
 * succeeded, and no replay of the day on which they started.
 */
export function openFailures<Failed extends ListedExecution>(
  failed: readonly Failed[],
  { succeeded, replays }: { succeeded: readonly ListedExecution[]; replays: readonly SucceededReplay[] },
): Failed[] {
  return failed.filter(({ name, startedMs }) => {
    // Of an input that failed again and again, the newest failure stands for all.
    const newer = failed.some((other) => baseOf(other.name) === baseOf(name) && other.startedMs > startedMs);
    if (newer) return false;
    const again = succeeded.some(
      (other) =>
        other.name.includes('-again-') && baseOf(other.name) === baseOf(name) && other.startedMs > startedMs,
    );
    const day = new Date(startedMs).toISOString().slice(0, 10);
    const replayed = replays.some(
      ({ from, to, startedMs: atMs }) =>
        atMs > startedMs &&
        from !== undefined &&
        to !== undefined &&
        from.slice(0, 10) <= day &&
        day <= to.slice(0, 10),
    );
    return !again && !replayed;
  });
}
