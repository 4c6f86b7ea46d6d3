import type { Commit } from '../../../core/streams/stream.ts';
import type { AnswerOf } from '../contract/routes.ts';

/** A commit as the API shows it. */
export function commitOf(commit: Commit): AnswerOf<'handleCommand'> {
  const { position, commandId, occurredMs, recordedMs, events } = commit;
  return {
    position,
    commandId,
    occurredAt: new Date(occurredMs).toISOString(),
    recordedAt: new Date(recordedMs).toISOString(),
    events: events.map(({ name, data }) => ({ name, data: data as Record<string, unknown> })), // as their schemas have it
  };
}
