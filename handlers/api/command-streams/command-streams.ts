import type { Commit, Stream, StreamKey } from '../../../core/streams/stream.ts';
import type { StoreUnavailable } from '../../../ports/faults.ts';
import type { CommandPorts } from '../../streams/handle-command.ts';
import { type Asked, createCommandsHandler } from '../../streams/handle-commands.ts';
import { createPublisher, type RelayPorts } from '../../streams/run-relay.ts';
import { commitOf } from '../answers/commit.ts';
import type { AnswerOf, RoutesOf } from '../contract/routes.ts';
import { commands, streamNamed } from '../contract/streams/streams.ts';
import { readJsonBody } from '../http/json-body.ts';
import type { HttpAnswer, HttpRequest } from '../http/messages.ts';
import { type Problem, problemDocumentOf, problemKinds, problemOf } from '../http/problem.ts';
import { createRouter, type Outcome } from '../http/router.ts';
import { askedOf, problemOfHandled, type Sent } from './sent-command.ts';

export interface CommandStreamsPorts extends CommandPorts, RelayPorts {
  readonly streams: readonly Stream[];
  readonly onFault: (fault: unknown, request: HttpRequest) => void;
  /** Told of what kept commits from their log, once each, with the first stream of them; the schedule brings them there. */
  readonly onUnpublished: (fault: unknown, of: StreamKey) => void;
}

/** How long an answer waits for the notification log: the commits are durable, and the schedule publishes them otherwise. */
const publishMs = 2_000;
/** API Gateway waits 29 s. After 20 s no command of a batch is begun: the last one may take its attempts, and the log its 2 s. */
const batchMs = 20_000;

/** What became of a command: a commit, a problem, or nobody knows yet. */
type Settled =
  | { readonly kind: 'committed'; readonly commit: Commit; readonly isNew: boolean }
  | { readonly kind: 'undecided'; readonly fault: StoreUnavailable }
  | Problem;

/** The side of the streams that writes. */
export function createCommandStreams(
  ports: CommandStreamsPorts,
): (request: HttpRequest) => Promise<HttpAnswer> {
  const { clock, streams } = ports;
  const handle = createCommandsHandler(ports);
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
    const sent = { ...body.value, id: key.id, expected, expectedBy: 'If-Match' };
    const [settled] = (await settle(stream, [sent], () => false)) as [Settled]; // one of each
    if ('problem' in settled) return settled;
    if (settled.kind === 'undecided') throw settled.fault;
    const { commit, isNew } = settled;
    return {
      ...(isNew ? {} : { status: 200 }),
      value: commitOf(commit),
      headers: { etag: `"${commit.position}"` },
    };
  }

  async function handleCommands(
    name: string,
    request: HttpRequest,
  ): Promise<Outcome<AnswerOf<'handleCommands'>>> {
    const stream = streamNamed(streams, name);
    if ('problem' in stream) return stream;
    const body = readJsonBody(request, commands.handleCommands.body);
    if ('problem' in body) return body;
    const sent = body.value.commands.map((each) => ({ ...each, expectedBy: 'expected' }));
    const endMs = clock.nowMs() + batchMs;
    const settled = await settle(stream, sent, () => clock.nowMs() > endMs);
    const answers = settled.map((each, index) => {
      const { id, commandId } = sent[index] as Sent; // as many
      return { id, commandId, ...answerTo(each, request) };
    });
    const count = (wanted: (status: number) => boolean) =>
      answers.filter(({ status }) => wanted(status)).length;
    const value = {
      committed: count((status) => status === 201),
      repeated: count((status) => status === 200),
      refused: count((status) => status >= 400 && status < 500),
      answers,
    };
    const undecided = settled.find((each) => 'kind' in each && each.kind === 'undecided');
    if (undecided === undefined) return { value };
    if ('fault' in undecided) ports.onFault(undecided.fault, request);
    return {
      problem: 'unavailable',
      detail: `${count((status) => status >= 500)} of ${answers.length} commands were not decided; send the same batch again: what is committed already is answered with its position`,
      members: value,
      headers: { 'retry-after': '2' },
    };
  }

  /** Handles commands, and waits a while for what is committed to be in its log. */
  async function settle(stream: Stream, sent: readonly Sent[], isOver: () => boolean): Promise<Settled[]> {
    const nowMs = clock.nowMs();
    const asked = sent.map((each) => askedOf(stream, each, nowMs));
    const valid = asked.filter((each): each is Asked => !('problem' in each));
    const outcomes = await handle(stream, valid, isOver);
    // Also what was committed before: whoever sends it again may do so because the first time was cut off.
    await published(
      outcomes.flatMap((outcome, index) => {
        if (outcome.kind !== 'committed') return [];
        const { id } = valid[index] as Asked; // as many
        return [{ stream: stream.name, id, position: outcome.commit.position }];
      }),
    );
    const left = outcomes.values();
    return asked.map((each, index) => {
      if ('problem' in each) return each;
      const outcome = left.next().value;
      if (outcome === undefined) throw new RangeError('a command has no outcome');
      if (outcome.kind === 'committed' || outcome.kind === 'undecided') return outcome;
      return problemOfHandled(outcome, stream, sent[index] as Sent); // as many
    });
  }

  async function published(commits: readonly (StreamKey & { readonly position: number })[]): Promise<void> {
    if (commits.length === 0) return;
    const late = new AbortController();
    const told = new Set<unknown>();
    const all = commits.map((ref) =>
      publish(ref).catch((fault) => {
        if (!told.has(fault)) ports.onUnpublished(fault, ref);
        told.add(fault);
      }),
    );
    await Promise.race([Promise.all(all), clock.pause(publishMs, late.signal)]);
    late.abort();
  }

  return createRouter<RoutesOf<'command-streams'>>({
    routes: commands,
    endpoints: {
      handleCommand: ({ stream, id }, request) => handleCommand({ stream, id }, request),
      handleCommands: ({ stream }, request) => handleCommands(stream, request),
    },
    onFault: ports.onFault,
  });
}

/** The answer to one command of a batch: what it would be alone, but for the events of a commit, of which an answer has no room for 500. */
function answerTo(settled: Settled, { requestId }: HttpRequest) {
  if ('problem' in settled)
    return {
      status: problemKinds[settled.problem].status,
      problem: problemDocumentOf(settled, requestId),
    };
  if (settled.kind === 'undecided') {
    const detail = 'not decided: a data store is busy or unavailable, or the time of the request is over';
    return {
      status: problemKinds.unavailable.status,
      problem: problemDocumentOf({ problem: 'unavailable', detail }, requestId),
    };
  }
  const { commit, isNew } = settled;
  const { position, recordedMs } = commit;
  return { status: isNew ? 201 : 200, position, recordedAt: new Date(recordedMs).toISOString() };
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
