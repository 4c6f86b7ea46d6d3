import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultWorld } from './fault-world.ts';
import { rawVersions, scan } from './kept.ts';

/** Faults stop after so many rounds of mending: what then is not mended by starting it again never is. */
const roundsWithFaults = 4;
const maxRounds = 8;
/** Without an execution that starts or ends. Far above every buffer, lock and timeout at the scales of the world. */
const patienceMs = 150_000;
const pollMs = 10;

/** Something did not come to rest, or not to a good end. */
class Unsettled extends Error {
  override readonly name = 'Unsettled';
}

export interface Mended {
  startedAgain: number;
  redriven: number;
  deadLetters: number;
}

export const nothingMended = (): Mended => ({
  startedAgain: 0,
  redriven: 0,
  deadLetters: 0,
});

/**
 * Waits until nothing moves, and does what an operator does with what failed: redrives what was stopped, starts what failed
 * again with the same input, empties the dead letters back. Until every raw object is validated and no job is left failed.
 * `isDone` are executions of earlier seeds; what was done is added to `mended`.
 * @throws {Unsettled}
 */
export async function settled(
  world: FaultWorld,
  isDone: Set<string>,
  mended = nothingMended(),
): Promise<void> {
  for (let round = 0; ; round++) {
    await quiet(world, isDone);
    if (round === roundsWithFaults) world.injector.disarm();
    if (!(await mend(world, isDone, mended))) return;
    if (round === maxRounds) throw new Unsettled(`still failing after ${maxRounds} rounds`);
  }
}

/** Resolves when nothing moves, and either there is something to mend or every raw object has an account. */
async function quiet(world: FaultWorld, isDone: ReadonlySet<string>): Promise<void> {
  const { sqs: queues, eventbridge: events } = world.cloud.services;
  let moved = { at: Date.now(), steps: stepsOf(world) };
  for (let calm = 0, without = 0; ; ) {
    const steps = stepsOf(world);
    // A busy machine is slow, and nothing is wrong as long as it gets on.
    if (steps !== moved.steps) moved = { at: Date.now(), steps };
    if (Date.now() - moved.at > patienceMs) {
      throw new Unsettled(
        `nothing began or ended for ${patienceMs / 1000} s, ${without} objects without a completed ledger`,
      );
    }
    await sleep(pollMs);
    await events.idle();
    // Several times in a row: between a queue and an execution a message is in neither.
    calm = moves(world) ? 0 : calm + 1;
    if (calm < 3) continue;
    if (queues.counts(world.names.deadLetters).visible > 0 || unfinished(world, isDone).length > 0) return;
    without = await withoutLedger(world);
    if (without === 0) return;
    // S3 owes an event, which it publishes again later.
    calm = 0;
  }
}

function moves({ cloud, injector, machine, names }: FaultWorld): boolean {
  const { visible, inFlight, delayed } = cloud.services.sqs.counts(names.queue);
  const running = [...machine.executions.values()].some(({ status }) => status === 'RUNNING');
  return running || injector.underWay + visible + inFlight + delayed > 0;
}

/** Executions that began and that ended. */
function stepsOf({ machine }: FaultWorld): number {
  const executions = [...machine.executions.values()];
  return executions.length + executions.filter(({ status }) => status !== 'RUNNING').length;
}

/** Executions that ended without success and that nothing was done about. */
function unfinished({ machine }: FaultWorld, isDone: ReadonlySet<string>) {
  return [...machine.executions.values()].filter(
    ({ name, status }) => status !== 'SUCCEEDED' && !isDone.has(name),
  );
}

async function withoutLedger(world: FaultWorld): Promise<number> {
  const objects = await rawVersions(world);
  const items = await scan(world.cloud, world.names.jobsTable);
  const ledgers = items.filter(({ sk, state }) => sk?.S === 'ledger' && state?.S === 'Completed');
  return objects.length - ledgers.length;
}

/** Whether there was anything to mend. */
async function mend(world: FaultWorld, isDone: Set<string>, mended: Mended): Promise<boolean> {
  const { machine, names } = world;
  const { sqs: queues } = world.cloud.services;
  let did = false;
  for (const { name, status } of unfinished(world, isDone)) {
    did = true;
    if (status !== 'FAILED') {
      machine.redrive(name);
      mended.redriven += 1;
      continue;
    }
    // What ended in a Fail state would be redriven into that state.
    isDone.add(name);
    machine.start(randomUUID(), JSON.stringify(machine.inputOf(name)));
    mended.startedAgain += 1;
  }
  for (const { body, receiptHandle } of await queues.receive(names.deadLetters, { max: 100 })) {
    queues.send(names.queue, body);
    queues.deleteMessage(names.deadLetters, receiptHandle);
    mended.deadLetters += 1;
    did = true;
  }
  return did;
}
