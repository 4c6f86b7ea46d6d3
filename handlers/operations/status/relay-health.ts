import { type CommitRef, logPartitions } from '../../../core/streams/notification-log.ts';
import type { RuleState } from '../../../ports/flow.ts';
import type { CommitOutbox } from '../../../ports/streams.ts';

/** Of what publishes the commits of streams. */
export interface RelayPorts {
  readonly outbox: Pick<CommitOutbox, 'pending'>;
  /** The rule that calls the relay each minute; `undefined` when there is none. */
  rule(): Promise<RuleState | undefined>;
}

/** Commits that are in no notification log yet. */
export interface RelayHealth {
  /** How many there are; of each log at most {@link maxCounted} are counted. */
  readonly pending: number;
  /** That which has waited longest; `undefined` without one. */
  readonly oldest: (CommitRef & { readonly sinceMs: number }) | undefined;
  readonly rule: RuleState | undefined;
}

const maxCounted = 100;

/** A query of each log; the index that it reads lags by less than a second as a rule. @throws {StoreUnavailable} a retry helps */
export async function relayHealth({ outbox, rule }: RelayPorts): Promise<RelayHealth> {
  const logs = Array.from({ length: logPartitions }, (_, partition) => partition);
  const [state, ...pending] = await Promise.all([
    rule(),
    ...logs.map((partition) => outbox.pending(partition, maxCounted)),
  ]);
  const all = pending.flat().sort((a, b) => a.sinceMs - b.sinceMs);
  return { pending: all.length, oldest: all[0], rule: state };
}
