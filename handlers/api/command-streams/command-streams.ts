import * as z from 'zod/mini';
import type { Stream, StreamKey } from '../../../core/streams/stream.ts';
import { type CommandPorts, createCommandHandler, type Handled } from '../../streams/handle-command.ts';
import { createPublisher, type RelayPorts } from '../../streams/run-relay.ts';
import { commitOf } from '../answers/commit.ts';
import type { AnswerOf, RoutesOf } from '../contract/routes.ts';
import { commands, streamNamed } from '../contract/streams/streams.ts';
import { issueWords } from '../http/issue-words.ts';
import { invalid, issuesOf, readJsonBody } from '../http/json-body.ts';
import type { HttpAnswer, HttpRequest } from '../http/messages.ts';
import { type Problem, problemOf } from '../http/problem.ts';
import { createRouter, type Outcome } from '../http/router.ts';

export interface CommandStreamsPorts extends CommandPorts, RelayPorts {
  readonly streams: readonly Stream[];
  readonly onFault: (fault: unknown, request: HttpRequest) => void;
  /** Told of what kept a commit from its log; the schedule brings it there. */
  readonly onUnpublished: (fault: unknown, of: StreamKey) => void;
}

/** How long an answer waits for the notification log: the commit is durable, and the schedule publishes it otherwise. */
const publishMs = 2_000;
/** Clocks of callers may be ahead of ours by so much. */
const aheadMs = 60_000;

/** The side of the streams that writes. */
export function createCommandStreams(
  ports: CommandStreamsPorts,
): (request: HttpRequest) => Promise<HttpAnswer> {
  const { clock, streams } = ports;
  const handle = createCommandHandler(ports);
  const publish = createPublisher(ports);

  async function handleCommand(
    key: StreamKey,
    request: HttpRequest,
  ): Promise<Outcome<AnswerOf<'handleCommand'>>> {
    const stream = streamNamed(streams, key.stream);
    if ('problem' in stream) return stream;
    const expected = expectedOf(request.headers['if-match']);
    if (typeof expected === 'object') return expected;
    const body = readJsonBody(request, commands.handleCommand.body);
    if ('problem' in body) return body;
    const { commandId, name, data, occurredAt } = body.value;
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
    if (occurredMs !== undefined && (occurredMs > clock.nowMs() + aheadMs || occurredMs < 0))
      return invalid([{ parameter: 'occurredAt', detail: 'accepted: a time from 1970 on that has come' }]);
    const handled = await handle(stream, key, { commandId, name, data: parsed.data, occurredMs }, expected);
    if (handled.kind !== 'committed') return problemOfHandled(handled, stream, expected);
    const { commit, isNew } = handled;
    // Also one that was committed before: whoever sends it again may do so because the first one was cut off.
    await published(key, commit.position);
    return {
      ...(isNew ? {} : { status: 200 }),
      value: commitOf(commit),
      headers: { etag: `"${commit.position}"` },
    };
  }

  async function published(key: StreamKey, position: number): Promise<void> {
    const late = new AbortController();
    const published = publish({ ...key, position }).catch((fault) => ports.onUnpublished(fault, key));
    await Promise.race([published, clock.pause(publishMs, late.signal)]);
    late.abort();
  }

  return createRouter<RoutesOf<'command-streams'>>({
    routes: commands,
    endpoints: {
      handleCommand: ({ stream, id }, request) => handleCommand({ stream, id }, request),
    },
    onFault: ports.onFault,
  });
}

/** The position in an `If-Match`, `"12"`; 0 is before the first commit. */
function expectedOf(header: string | undefined): number | undefined | Problem {
  if (header === undefined) return undefined;
  const [, position] = /^\s*"(0|[1-9]\d{0,11})"\s*$/.exec(header) ?? [];
  if (position !== undefined) return Number(position);
  return problemOf('invalid-parameter', {
    parameter: 'If-Match',
    found: `If-Match is ${JSON.stringify(header.slice(0, 80))}`,
    accepted: 'one position as an entity tag, such as "12"; "0" for a stream without commits',
  });
}

function problemOfHandled(
  handled: Exclude<Handled, { readonly kind: 'committed' }>,
  stream: Stream,
  expected: number | undefined,
): Problem {
  const { kind, position } = handled;
  if (kind === 'moved')
    return {
      problem: 'moved',
      detail: `the stream is at position ${position}, and not ${expected}; read it again, and decide again`,
      parameter: 'If-Match',
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
