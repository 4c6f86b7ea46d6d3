import { logPartitions } from '../../../core/streams/notification-log.ts';
import { CommitsPending } from '../../../ports/faults.ts';
import { type Relayed, type RelayPorts, relayPending } from '../run-relay.ts';

/** Time that a round may take: none is begun when less is left. */
const roundMs = 10_000;
/** A commit that has waited so long, and still waits, is somebody's to look at: the function fails, and its alarm sounds. */
const lateMs = 300_000;

/**
 * Publishes what is pending in all logs: commits whose own relay died, or was not fast enough. Run by a schedule, as often and as many at once
 * as may be.
 * @throws what kept it from a log, after all others
 */
export function createRelayCommits(ports: RelayPorts) {
  return async (remainingMs: () => number): Promise<Relayed> => {
    const faults: unknown[] = [];
    const all: Relayed[] = [];
    for (let partition = 0; partition < logPartitions; partition++) {
      try {
        all.push(await relayPending(ports, partition, () => remainingMs() < roundMs));
      } catch (fault) {
        faults.push(fault);
      }
    }
    const relayed = {
      entries: all.reduce((sum, { entries }) => sum + entries, 0),
      commits: all.reduce((sum, { commits }) => sum + commits, 0),
      oldestMs: Math.max(0, ...all.map(({ oldestMs }) => oldestMs)),
    };
    if (faults.length > 0) throw faults[0];
    if (relayed.entries === 0 && relayed.oldestMs > lateMs)
      throw new CommitsPending(`a commit has waited for ${Math.round(relayed.oldestMs / 1_000)} s`);
    return relayed;
  };
}
