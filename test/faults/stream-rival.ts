import {
  createCommitOutbox,
  createCommitStore,
  createNotificationLog,
  createSnapshotStore,
} from '../../adapters/dynamodb/streams-table.ts';
import { createReadingStream } from '../../adapters/firehose.ts';
import { systemClock } from '../../adapters/system-clock.ts';
import type { StreamKey } from '../../core/streams/stream.ts';
import { createFactSink } from '../../handlers/streams/deliver-facts.ts';
import { createCommandHandler } from '../../handlers/streams/handle-command.ts';
import { createPublisher, relayPending } from '../../handlers/streams/run-relay.ts';
import type { Rival } from '../../local/testing/injector.ts';
import { streams } from '../../streams/registry.ts';
import { dyingAfter, intercepted, RivalDied } from '../support/intercepted.ts';
import { bookedAlone, type Decisions } from './commands.ts';
import type { FaultWorld } from './fault-world.ts';

/** After which of its writes it dies, as ports call them; some live. */
const deaths = ['append', 'deliver', undefined] as const;
const writes: ReadonlySet<string> = new Set(['append', 'deliver', 'mark']);

/**
 * Another writer of streams, right before a conditional write of one: before a commit a command of its own, which takes the position, and
 * which it publishes; before an entry of a log another relay of that log. Two of three times it dies on the way. `did` is told of what it
 * wrote, `rival:append,append,deliver,mark` for a commit, its entry, its facts and its mark.
 */
export function createStreamRival(
  { names, documents, firehose }: FaultWorld,
  { decisions, chance, did }: { decisions: Decisions; chance: () => number; did: (what: string) => void },
): Rival {
  const { streamsTable: table } = names;
  return async (_, { input }) => {
    const pk = keyOf(table, input);
    if (pk === undefined) return;
    const [kind, name = '', id = ''] = pk.split('#');
    const wrote: string[] = [];
    const around = dyingAfter(deaths[Math.floor(chance() * deaths.length)], (call) => {
      if (writes.has(call)) wrote.push(call);
    });
    const relay = {
      log: intercepted(createNotificationLog(documents, table), around),
      outbox: intercepted(createCommitOutbox(documents, table), around),
      facts: intercepted(createFactSink(streams, createReadingStream(firehose, names.stream)), around),
      clock: systemClock,
    };
    try {
      if (kind === 'log') await relayPending(relay, Number(name), () => false);
      else await bookAndPublish({ stream: name, id });
    } catch (error) {
      if (!(error instanceof RivalDied)) throw error;
    } finally {
      did(`rival:${wrote.join() || 'nothing'}`);
    }

    async function bookAndPublish(key: StreamKey): Promise<void> {
      const stream = streams.find((each) => each.name === key.stream);
      if (stream === undefined) return;
      const command = bookedAlone(key, decisions.given.length);
      decisions.given.push({ key, command });
      const commits = intercepted(createCommitStore(documents, table), around);
      const snapshots = createSnapshotStore(documents, table);
      const handled = await createCommandHandler({ commits, snapshots, clock: systemClock })(
        stream,
        key,
        command,
      );
      if (handled.kind !== 'committed') throw new Error(`a rival was answered ${JSON.stringify(handled)}`);
      const { position } = handled.commit;
      decisions.answered.push({ key, command, position });
      await createPublisher(relay)({ ...key, position });
    }
  };
}

/** The `pk` of what is put into the table: alone, or as the first of several statements, whose first parameter it is. */
function keyOf(table: string, input: object): string | undefined {
  const { TableName, Item, Statements } = input as {
    TableName?: string;
    Item?: Record<string, { S?: string }>;
    Statements?: { Statement: string; Parameters: { S?: string }[] }[];
  };
  if (TableName === table) return Item?.pk?.S;
  const [first] = Statements ?? [];
  return first?.Statement.startsWith(`INSERT INTO "${table}" VALUE {'pk': ?`)
    ? first.Parameters[0]?.S
    : undefined;
}
