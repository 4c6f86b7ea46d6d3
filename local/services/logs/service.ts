import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AwsError, arn, type Service } from '../../engine/calls.ts';
import { Journal } from '../../engine/journal.ts';
import { createJsonService, type JsonInput } from '../../engine/protocol/json.ts';

interface LogEvent {
  timestampMs: number;
  message: string;
}

/** CloudWatch Logs: one file of JSON lines a stream, `<group>/<stream>.jsonl` with both names percent-encoded. */
export interface Logs extends Service {
  /** Group and stream are made on first use. Default time: now. */
  append(event: { group: string; stream: string; message: string; timestampMs?: number }): void;
  createGroup(group: string): void;
  close(): void;
}

interface Stream {
  journal: Journal<LogEvent>;
  events: LogEvent[];
}

/** Events of a stream that stay in memory and can be read; older ones are only in the file. */
const maxReadableEvents = 20_000;
const maxPageEvents = 10_000;

export function createLogs({ directory }: { directory: string }): Logs {
  const groups = new Map<string, Map<string, Stream>>();
  mkdirSync(directory, { recursive: true });
  for (const folder of readdirSync(directory)) {
    const group = makeGroup(decodeURIComponent(folder));
    for (const file of readdirSync(join(directory, folder))) {
      if (file.endsWith('.jsonl'))
        makeStream(group, decodeURIComponent(folder), decodeURIComponent(file.slice(0, -6)));
    }
  }

  function makeGroup(name: string): Map<string, Stream> {
    const known = groups.get(name);
    if (known !== undefined) return known;
    const made = new Map<string, Stream>();
    mkdirSync(join(directory, encodeURIComponent(name)), { recursive: true });
    groups.set(name, made);
    return made;
  }

  function makeStream(group: Map<string, Stream>, groupName: string, name: string): Stream {
    const known = group.get(name);
    if (known !== undefined) return known;
    const journal = new Journal<LogEvent>(
      join(directory, encodeURIComponent(groupName), `${encodeURIComponent(name)}.jsonl`),
    );
    const made = { journal, events: journal.load().slice(-maxReadableEvents) };
    group.set(name, made);
    return made;
  }

  function write(stream: Stream, events: LogEvent[]): void {
    stream.journal.append(...events);
    stream.events.push(...events);
    if (stream.events.length > 2 * maxReadableEvents)
      stream.events.splice(0, stream.events.length - maxReadableEvents);
  }

  function findGroup({ logGroupName, logGroupIdentifier }: JsonInput): [Map<string, Stream>, string] {
    const name = String(logGroupName ?? logGroupIdentifier ?? '').replace(
      /^arn:.*:log-group:([^:]*).*$/,
      '$1',
    );
    const group = groups.get(name);
    if (group === undefined) throw notFound('The specified log group does not exist.');
    return [group, name];
  }

  function findStream(input: JsonInput): Stream {
    const stream = findGroup(input)[0].get(String(input.logStreamName));
    if (stream === undefined) throw notFound('The specified log stream does not exist.');
    return stream;
  }

  const groupRow = (name: string) => ({
    logGroupName: name,
    arn: `${arn('logs', `log-group:${name}`)}:*`,
    logGroupArn: arn('logs', `log-group:${name}`),
  });

  const service = createJsonService({
    name: 'logs',
    version: '1.1',
    targetPrefix: 'Logs_20140328',
    maxBodyBytes: 2 * 1024 * 1024,
    resourceOf: ({ logGroupName }) => (logGroupName ? arn('logs', `log-group:${logGroupName}`) : undefined),
    operations: {
      CreateLogStream(input) {
        const [group, name] = findGroup(input);
        if (group.has(String(input.logStreamName))) throw exists('The specified log stream already exists');
        makeStream(group, name, String(input.logStreamName));
        return {};
      },
      PutLogEvents(input) {
        const events = (input.logEvents ?? []) as { timestamp: number; message: string }[];
        write(
          findStream(input),
          events.map(({ timestamp, message }) => ({ timestampMs: timestamp, message })),
        );
        return { nextSequenceToken: String(Date.now()) };
      },
      DescribeLogGroups(input) {
        const prefix = String(input.logGroupNamePrefix ?? '');
        return {
          logGroups: [...groups.keys()]
            .filter((name) => name.startsWith(prefix))
            .sort()
            .map(groupRow),
        };
      },
      DescribeLogStreams(input) {
        const [group, name] = findGroup(input);
        const prefix = String(input.logStreamNamePrefix ?? '');
        const found = [...group].filter(([stream]) => stream.startsWith(prefix));
        return {
          logStreams: found.map(([stream, { events }]) => ({
            logStreamName: stream,
            arn: arn('logs', `log-group:${name}:log-stream:${stream}`),
            ...(events[0] === undefined ? {} : { firstEventTimestamp: events[0].timestampMs }),
            ...(events.length === 0 ? {} : { lastEventTimestamp: events.at(-1)?.timestampMs }),
          })),
        };
      },
      GetLogEvents(input) {
        const { events } = findStream(input);
        const limit = Math.min(Number(input.limit ?? maxPageEvents), maxPageEvents);
        const within = events.map((event, at) => ({ event, at })).filter(({ event }) => inTime(event, input));
        const token = /^[fb]\/(\d+)$/.exec(String(input.nextToken ?? ''));
        const forward =
          token === null ? input.startFromHead === true : String(input.nextToken).startsWith('f');
        const edge = Number(token?.[1] ?? (forward ? 0 : events.length));
        const page = forward
          ? within.filter(({ at }) => at >= edge).slice(0, limit)
          : within.filter(({ at }) => at < edge).slice(-limit);
        return {
          events: page.map(({ event }) => ({
            timestamp: event.timestampMs,
            ingestionTime: event.timestampMs,
            message: event.message,
          })),
          // The same token again says that there is no more, as CloudWatch does.
          nextForwardToken: `f/${page.length === 0 ? edge : (page.at(-1)?.at ?? 0) + 1}`,
          nextBackwardToken: `b/${page[0]?.at ?? edge}`,
        };
      },
      FilterLogEvents(input) {
        const [group] = findGroup(input);
        const matches = compileFilter(String(input.filterPattern ?? ''));
        const names = input.logStreamNames as string[] | undefined;
        const found = [...group]
          .filter(
            ([stream]) =>
              names?.includes(stream) ?? stream.startsWith(String(input.logStreamNamePrefix ?? '')),
          )
          .flatMap(([logStreamName, { events }]) => events.map((event) => ({ logStreamName, ...event })))
          .filter((event) => inTime(event, input) && matches(event.message))
          .sort((a, b) => a.timestampMs - b.timestampMs);
        const start = Number(input.nextToken ?? 0);
        const limit = Math.min(Number(input.limit ?? maxPageEvents), maxPageEvents);
        return {
          events: found.slice(start, start + limit).map((event, index) => ({
            logStreamName: event.logStreamName,
            timestamp: event.timestampMs,
            ingestionTime: event.timestampMs,
            message: event.message,
            eventId: String(start + index).padStart(20, '0'),
          })),
          searchedLogStreams: [],
          ...(start + limit < found.length ? { nextToken: String(start + limit) } : {}),
        };
      },
    },
  });

  return {
    ...service,
    append({ group, stream, message, timestampMs = Date.now() }) {
      write(makeStream(makeGroup(group), group, stream), [{ timestampMs, message }]);
    },
    createGroup(group) {
      makeGroup(group);
    },
    close() {
      for (const streams of groups.values()) for (const { journal } of streams.values()) journal.close();
    },
  };
}

function inTime({ timestampMs }: LogEvent, { startTime, endTime }: JsonInput): boolean {
  return timestampMs >= Number(startTime ?? 0) && timestampMs < Number(endTime ?? Number.POSITIVE_INFINITY);
}

function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message);
}

function exists(message: string): AwsError {
  return new AwsError('ResourceAlreadyExistsException', message);
}

/**
 * A filter pattern of plain terms: all must occur; `"a b"` is one term, `-x` must not occur, of `?a ?b` one must.
 * Patterns over JSON or columns are refused with InvalidParameterException.
 */
function compileFilter(pattern: string): (message: string) => boolean {
  const trimmed = pattern.trim();
  if (/^[{[]/.test(trimmed)) {
    throw new AwsError('InvalidParameterException', 'The local cloud filters logs by terms only.');
  }
  const terms = [...trimmed.matchAll(/([-?]?)(?:"([^"]*)"|(\S+))/g)].map(([, sign, quoted, plain]) => ({
    sign,
    text: quoted ?? plain ?? '',
  }));
  const optional = terms.filter(({ sign }) => sign === '?');
  return (message) =>
    terms.every(({ sign, text }) => sign === '?' || message.includes(text) !== (sign === '-')) &&
    (optional.length === 0 || optional.some(({ text }) => message.includes(text)));
}
