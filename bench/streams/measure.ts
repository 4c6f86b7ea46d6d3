import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FirehoseClient } from '@aws-sdk/client-firehose';
import { openDocuments } from '../../adapters/dynamodb/documents.ts';
import {
  createCommitOutbox,
  createCommitStore,
  createNotificationLog,
  createSnapshotStore,
} from '../../adapters/dynamodb/streams-table.ts';
import { createReadingStream } from '../../adapters/firehose.ts';
import { systemClock } from '../../adapters/system-clock.ts';
import { logPartitions } from '../../core/streams/notification-log.ts';
import { createCommandStreams } from '../../handlers/api/command-streams/command-streams.ts';
import { createFactSink } from '../../handlers/streams/deliver-facts.ts';
import { relayPending } from '../../handlers/streams/run-relay.ts';
import { mapBounded } from '../../ports/concurrency.ts';
import { streams } from '../../streams/registry.ts';
import { startTablesProcess, type Used } from './tables.ts';

/**
 * `node bench/streams/measure.ts [--commands 10000] [--streams 100] [--in-flight 128] [--batch 500] [--batches-in-flight 2]`: commands a second of the
 * function that decides them, called without HTTP, over a local DynamoDB and Firehose in a process of their own, each commit published to its log and
 * sent on as facts before it is answered: one a request, then in batches; then eight such functions that race for one stream. See bench/README.md.
 */
async function main(argv: string[]): Promise<void> {
  const options = {
    ...{ commands: '10000', streams: '100', 'in-flight': '128', racing: '400' },
    ...{ batch: '500', 'batches-in-flight': '2' },
  };
  const { values } = parseArgs({
    args: argv,
    options: Object.fromEntries(
      Object.entries(options).map(([name, value]) => [name, { type: 'string' as const, default: value }]),
    ),
  });
  const count = (name: keyof typeof options): number => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new Error(`--${name} takes a number above 0, not "${values[name]}"`);
    return value;
  };
  const directory = mkdtempSync(join(tmpdir(), 'caudal-bench-'));
  const tables = await startTablesProcess(directory);
  try {
    console.log(`${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`);
    const [commands, calendars, inFlight] = [count('commands'), count('streams'), count('in-flight')];
    const handle = createFunction(tables);
    await run(1_000, (n) => handle.create(`warm-${n % 10}`, n), inFlight);
    const measured = async (of: string, given: number, work: () => Promise<number>): Promise<void> => {
      const before = { own: process.cpuUsage(), tables: await tables.used() };
      const seconds = await work();
      const { user, system } = process.cpuUsage(before.own);
      console.log(`${given} commands ${of}: ${Math.round(given / seconds)} a second`);
      const ownSeconds = (user + system) / 1e6;
      tell({ commands: given, ownSeconds, before: before.tables, now: await tables.used() });
    };
    await measured(`over ${calendars} streams, one a request`, commands, () =>
      run(commands, (n) => handle.create(`salon-${n % calendars}`, n), inFlight),
    );
    const size = count('batch');
    const batches = Math.ceil(commands / size);
    await measured(`over ${calendars} streams, in batches of ${size}`, batches * size, () =>
      run(batches, (n) => handle.createAll(n * size, size, calendars), count('batches-in-flight')),
    );
    const racing = count('racing');
    const racers = Array.from({ length: 8 }, () => createFunction(tables));
    await measured('of 8 racing writers on one stream', racing, () =>
      run(racing, (n) => racers[n % 8]?.create('one', n) ?? Promise.resolve(), 8),
    );
    await check(handle, commands + batches * size + racing + 1_000);
  } finally {
    await tables.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** CPU and calls of a command. */
function tell({
  commands,
  ownSeconds,
  before,
  now,
}: {
  commands: number;
  ownSeconds: number;
  before: Used;
  now: Used;
}): void {
  const ms = (seconds: number) => ((1_000 * seconds) / commands).toFixed(2);
  const calls = Object.entries(now.calls).flatMap(([name, count]) => {
    const times = count - (before.calls[name] ?? 0);
    return times === 0 ? [] : [`${name.replace(/^.*:/, '')} ${(times / commands).toFixed(2)}`];
  });
  console.log(
    `  of each: CPU ${ms(ownSeconds)} ms of the function, ${ms(now.seconds - before.seconds)} ms of the local cloud; calls ${calls.join(', ')}`,
  );
}

/** Seconds that it takes to do something so many times. */
async function run(times: number, work: (n: number) => Promise<void>, inFlight: number): Promise<number> {
  const startedAt = performance.now();
  const all = Array.from({ length: times }, (_, n) => n);
  await mapBounded(all, inFlight, work);
  return (performance.now() - startedAt) / 1_000;
}

function createFunction({ endpoint, table, stream }: { endpoint: string; table: string; stream: string }) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const documents = openDocuments({ endpoint, region: 'us-east-1', credentials });
  const firehose = new FirehoseClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  const ports = {
    commits: createCommitStore(documents, table),
    snapshots: createSnapshotStore(documents, table),
    log: createNotificationLog(documents, table),
    outbox: createCommitOutbox(documents, table),
    facts: createFactSink(streams, createReadingStream(firehose, stream)),
    clock: systemClock,
  };
  const fail = (fault: unknown): never => {
    throw fault;
  };
  const answer = createCommandStreams({ ...ports, streams, onFault: fail, onUnpublished: fail });
  const startMs = Date.now() + 86_400_000;
  const minute = (n: number): string => new Date(startMs + n * 60_000).toISOString();
  const command = (n: number) => ({
    ...{ commandId: `c-${n}`, name: 'create' },
    data: {
      ...{ reservationId: `r-${n}`, employeeId: `e-${n % 7}`, userId: `u-${n}` },
      ...{ slotStart: minute(n), slotEnd: minute(n + 1) },
    },
  });
  async function post(route: string, id: object, expected: number, content: object): Promise<string> {
    const { status, body } = await answer({
      ...{ method: 'POST', route, pathParameters: { stream: 'reservations', ...id } },
      ...{ query: {}, headers: {}, body: Buffer.from(JSON.stringify(content)) },
      ...{ path: '/', basePath: '', clientId: 'bench', user: undefined, scopes: [], requestId: '' },
    });
    if (status !== expected) throw new Error(`answered ${status}: ${body}`);
    return body;
  }
  return {
    ports,
    async create(id: string, n: number): Promise<void> {
      await post('/streams/{stream}/{id}/commands', { id }, 201, command(n));
    },
    /** So many from a number on, in one request, over streams that no request for one command is of. */
    async createAll(first: number, size: number, calendars: number): Promise<void> {
      const commands = Array.from({ length: size }, (_, place) => ({
        id: `batch-${(first + place) % calendars}`,
        ...command(first + place),
      }));
      const { committed } = JSON.parse(await post('/streams/{stream}/commands', {}, 200, { commands }));
      if (committed !== size) throw new Error(`of a batch of ${size} commands ${committed} were committed`);
    },
  };
}

/** What was committed is in the logs once each. */
async function check({ ports }: ReturnType<typeof createFunction>, committed: number): Promise<void> {
  let [told, entries] = [0, 0];
  const names = new Set<string>();
  for (let partition = 0; partition < logPartitions; partition++) {
    await relayPending(ports, partition, () => false);
    for (const { commits } of await ports.log.from(partition, 1, 100_000)) {
      entries++;
      told += commits.length;
      for (const { stream, id, position } of commits) names.add(`${stream}/${id}/${position}`);
    }
  }
  console.log(`${committed} commits, ${told} told, ${names.size} different, in ${entries} entries`);
  if (told !== committed || names.size !== committed)
    throw new Error('The logs lack commits, or have some twice.');
}

await main(process.argv.slice(2));
