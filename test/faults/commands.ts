import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamKey } from '../../core/streams/stream.ts';
import type { GivenCommand } from '../../handlers/streams/handle-command.ts';
import { mapBounded } from '../../ports/concurrency.ts';
import type { FaultWorld } from './fault-world.ts';

/** A command, and to which stream. */
interface Given {
  readonly key: StreamKey;
  readonly command: GivenCommand;
}

/** A command, and what somebody was answered to it. */
interface Answered extends Given {
  /** The stream's: of the commit, or at which it was refused. */
  readonly position: number;
  /** Why it was refused; absent where it was committed. */
  readonly reason?: string;
}

/** The commands of a run. */
export interface Decisions {
  /** A part of the ids of its streams. */
  readonly run: string;
  /** Whether they were answered or not. */
  readonly given: Given[];
  readonly answered: Answered[];
}

/** Where commands are given, and by whom. */
interface Api {
  readonly apiUrl: string;
  readonly token: string;
}

/** At a time, of which each gives all commands of both calendars. */
const clients = 3;
/** Far above what faults take away: bursts end, and so does the budget of the others. */
const maxAttempts = 200;
const longestPauseMs = 80;

const dayMs = 86_400_000;
/** When the slots begin: in the days to come of the process, however long a function's quick clock has run. */
const slotsMs = Date.now() - (Date.now() % dayMs) + 20 * dayMs;

/** The calendars of a run: one of each rule. `run` is part of their ids, since the store is never emptied. */
export const calendarsOf = (run: string): StreamKey[] => [
  { stream: 'reservations', id: `${run}-a` },
  { stream: 'firm-reservations', id: `${run}-b` },
];

/**
 * Commands of a calendar, of two employees: two want one slot, and overlap with a third; some are completed, some of these canceled, which one of the two rules
 * refuses, and the slot wanted again. They occurred in two months.
 */
function commandsOf({ id }: StreamKey): GivenCommand[] {
  const command = (n: number, name: string, data: object) => commandOf(id, n, name, data);
  const create = (n: number, employee: number, hour: number) =>
    command(n, 'create', reservation(n, employee, hour));
  return [
    ...[create(1, 1, 9), create(2, 1, 9), create(3, 1, 10), create(4, 2, 9), create(5, 2, 14)],
    ...[command(6, 'complete', { reservationId: 'r-4' }), command(7, 'cancel', { reservationId: 'r-4' })],
    ...[command(8, 'cancel', { reservationId: 'r-1' }), create(9, 1, 9), create(10, 2, 9)],
  ];
}

/** A command that is never refused: of an employee whom no other has. */
export const bookedAlone = ({ id }: StreamKey, n: number): GivenCommand =>
  commandOf(id, 1_000 + n, 'create', reservation(1_000 + n, 1_000 + n, 9));

const commandOf = (id: string, n: number, name: string, data: object): GivenCommand => ({
  ...{ commandId: `${id}-${n}`, name, data },
  occurredMs: Date.parse(n % 3 === 0 ? '2026-04-01T10:00:00.000Z' : '2026-03-31T10:00:00.000Z') + n * 1_000,
});

const reservation = (n: number, employee: number, hour: number) => ({
  ...{ reservationId: `r-${n}`, employeeId: `e-${employee}`, userId: `u-${n}` },
  slotStart: new Date(slotsMs + hour * 3_600_000).toISOString(),
  slotEnd: new Date(slotsMs + (hour + 2) * 3_600_000).toISOString(),
});

/**
 * Gives all commands by the API, from several clients at once, each in an order of its own and until it is answered; one of them gives batches. Adds to what was given and answered.
 * @throws when one is answered with anything but a commit or a refusal, or never
 */
export async function giveCommands(
  { apiUrl, token }: Api,
  { run, given, answered }: Decisions,
  chance: (name: string) => number,
): Promise<void> {
  const all = calendarsOf(run).flatMap((key) => commandsOf(key).map((command) => ({ key, command })));
  given.push(...all);
  const give = async (client: number): Promise<void> => {
    // From elsewhere each, so that they race, and repeat one another.
    const from = Math.floor(chance(`client ${client}`) * all.length);
    const rotated = [...all.slice(from), ...all.slice(0, from)];
    if (client === 0) {
      const api = { apiUrl, token };
      for (const batch of batchesOf(rotated)) answered.push(...(await batchUntilDecided(api, batch)));
      return;
    }
    for (const { key, command } of rotated)
      answered.push(await untilAnswered({ apiUrl, token }, { key, command }));
  };
  await mapBounded([...Array(clients).keys()], clients, give);
}

/** A command as a request has it. */
const sentOf = ({ occurredMs, ...given }: GivenCommand) => ({
  ...given,
  occurredAt: new Date(occurredMs ?? 0).toISOString(),
});

async function post({ apiUrl, token }: Api, path: string, body: object) {
  const answer = await fetch(apiUrl + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

/** Commands of a kind of streams that one client gives together: of fewer than a calendar has, so that others come in between. */
const batchCommands = 4;

function batchesOf(all: readonly Given[]): Given[][] {
  const byKind = Map.groupBy(all, ({ key }) => key.stream);
  return [...byKind.values()].flatMap((given) =>
    Array.from({ length: Math.ceil(given.length / batchCommands) }, (_, n) =>
      given.slice(n * batchCommands, (n + 1) * batchCommands),
    ),
  );
}

interface BatchAnswer {
  readonly status: number;
  readonly position?: number;
  readonly problem?: { readonly position?: number; readonly reason?: string };
}

/** Gives a batch until all of it is decided. What is decided of one that is not is answered too: a commit must not be lost. */
async function batchUntilDecided(api: Api, batch: readonly Given[]): Promise<Answered[]> {
  const path = `/streams/${batch[0]?.key.stream}/commands`;
  const commands = batch.map(({ key, command }) => ({ id: key.id, ...sentOf(command) }));
  const answered: Answered[] = [];
  let last = '';
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    if (attempt > 0) await sleep(Math.min(longestPauseMs, 5 * attempt));
    const { status, text } = await post(api, path, { commands });
    last = `${status} ${text}`;
    if (status !== 200 && status !== 429 && status < 500) break;
    const { answers = [] } = answersIn(text);
    for (const [index, each] of answers.entries()) {
      const given = batch[index] as Given; // as many, in the same order
      const { position = each.problem?.position, problem } = each;
      if (each.status >= 500) continue;
      const reason = problem?.reason;
      if (position === undefined || each.status < 300 !== (reason === undefined))
        throw new Error(`${given.command.commandId} of a batch was answered ${JSON.stringify(each)}`);
      answered.push({ ...given, position, ...(reason === undefined ? {} : { reason }) });
    }
    if (status === 200) return answered;
  }
  throw new Error(`a batch of ${path} was answered ${last}`);
}

/** Of what comes from a gateway or a function that was killed none. */
function answersIn(text: string): { readonly answers?: readonly BatchAnswer[] } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

async function untilAnswered(api: Api, { key, command }: Given): Promise<Answered> {
  let last = '';
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    if (attempt > 0) await sleep(Math.min(longestPauseMs, 5 * attempt));
    const path = `/streams/${key.stream}/${key.id}/commands`;
    const { status, text } = await post(api, path, sentOf(command));
    last = `${status} ${text}`;
    if (status === 429 || status >= 500) continue;
    const { position, reason } = JSON.parse(text) as { position?: number; reason?: string };
    if (position === undefined || (status < 300 ? reason !== undefined : reason === undefined)) break;
    return { key, command, position, ...(reason === undefined ? {} : { reason }) };
  }
  throw new Error(`${command.commandId} on ${key.stream}/${key.id} was answered ${last}`);
}

/** Has everything published that commands left, as the schedule would, minute after minute. @throws when it never is */
export async function publishPending(world: FaultWorld, isPending: () => Promise<boolean>): Promise<void> {
  for (let call = 0; await isPending(); call++) {
    if (call === maxAttempts) throw new Error(`commits are pending after ${call} calls of the relay`);
    if (call > 0) await sleep(longestPauseMs);
    await world.cloud.services.lambda.invoke(world.relayFunction, '{}');
  }
  await world.cloud.services.firehose.flush();
}
