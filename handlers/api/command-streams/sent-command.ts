import * as z from 'zod/mini';
import type { Stream } from '../../../core/streams/stream.ts';
import type { Handled } from '../../streams/handle-command.ts';
import type { Asked } from '../../streams/handle-commands.ts';
import type { SentCommand } from '../contract/streams/streams.ts';
import { issueWords } from '../http/issue-words.ts';
import { invalid, issuesOf } from '../http/json-body.ts';
import type { Problem } from '../http/problem.ts';

/** A command as a request has it, alone or in a batch. */
export interface Sent extends SentCommand {
  /** Of its stream. */
  readonly id: string;
  readonly expected?: number | undefined;
  /** Where the request says the expected position. */
  readonly expectedBy: string;
}

/** Clocks of callers may be ahead of ours by so much. */
const aheadMs = 60_000;

/** A command by the schemas of its stream; `invalid-body` names what is wrong of it. */
export function askedOf(stream: Stream, sent: Sent, nowMs: number): Asked | Problem {
  const { id, commandId, name, data, occurredAt, expected } = sent;
  const schema = Object.hasOwn(stream.commands, name) ? stream.commands[name] : undefined;
  if (schema === undefined) {
    const accepted = Object.keys(stream.commands).join(', ');
    return invalid([{ parameter: 'name', detail: `no command of ${stream.name}; accepted: ${accepted}` }]);
  }
  const parsed = z.safeParse(schema, data, { error: issueWords });
  if (!parsed.success)
    return invalid(
      issuesOf(parsed.error).map(({ parameter, detail }) => ({
        parameter: parameter === 'body' ? 'data' : `data.${parameter}`,
        detail,
      })),
    );
  const occurredMs = occurredAt === undefined ? undefined : Date.parse(occurredAt);
  if (occurredMs !== undefined && (occurredMs > nowMs + aheadMs || occurredMs < 0))
    return invalid([{ parameter: 'occurredAt', detail: 'accepted: a time from 1970 on that has come' }]);
  return { id, command: { commandId, name, data: parsed.data, occurredMs }, expected };
}

export function problemOfHandled(
  handled: Exclude<Handled, { readonly kind: 'committed' }>,
  stream: Stream,
  { expected, expectedBy }: Sent,
): Problem {
  const { kind, position } = handled;
  if (kind === 'moved')
    return {
      problem: 'moved',
      detail: `the stream is at position ${position}, and not ${expected}; read it again, and decide again`,
      parameter: expectedBy,
      members: { position },
    };
  if (kind === 'reused')
    return {
      problem: 'command-reused',
      detail: `another command of this id was committed at position ${position}; accepted: a new id for a new command`,
      parameter: 'commandId',
      members: { position },
    };
  const { reason, detail } = handled;
  return {
    problem: 'command-refused',
    detail,
    members: { reason, meaning: stream.refusals[reason], position },
  };
}
