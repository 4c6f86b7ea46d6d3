import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesize } from '../../demo/synthesize.ts';
import { type FaultWorld, startFaultWorld } from '../faults/fault-world.ts';
import { scan } from '../faults/kept.ts';
import { settled } from '../faults/settled.ts';
import { root } from '../support/cloud-world.ts';

/** What Step Functions takes as an input, and so what a pipe may hand it. */
const stateBytes = 262_144;

let world: FaultWorld;
/** Executions that have been looked at. */
const done = new Set<string>();
beforeAll(async () => {
  world = await startFaultWorld(await synthesize(root));
});
afterAll(() => world.close());

const reading = (sensorId: string) =>
  `${JSON.stringify({ dataset: 'gadget-telemetry', sensorId, timestamp: '2026-05-05T12:00:00Z', battery: 50, signal: -70 })}\n`;
const upload = (Key: string, Body: string) =>
  world.s3.send(new PutObjectCommand({ Bucket: world.names.rawBucket, Key, Body }));
const ledgers = async () =>
  (await scan(world.cloud, world.names.jobsTable)).filter(({ sk }) => sk?.S === 'ledger');
const newExecutions = () => [...world.machine.executions.values()].filter(({ name }) => !done.has(name));

async function eventually<Value>(look: () => Value | undefined | false): Promise<Value> {
  for (const until = Date.now() + 20_000; Date.now() < until; await sleep(20)) {
    const found = look();
    if (found) return found;
  }
  throw new Error('it did not come to pass');
}

describe('a batch of the pipe', () => {
  it('may have 262,144 bytes, a little less for the first task; one more stays out and becomes a dead letter', async () => {
    const { sqs: queues } = world.cloud.services;
    const { queue, deadLetters } = world.names;
    /** Sends a message that is no event, and answers the execution that gets it. */
    const handed = async (bytes: number) => {
      queues.send(queue, 'x'.repeat(bytes));
      const ended = await eventually(() => newExecutions().find(({ status }) => status !== 'RUNNING'));
      done.add(ended.name);
      return { ...ended, bytes: Buffer.byteLength(JSON.stringify(world.machine.inputOf(ended.name))) };
    };
    const around = (await handed(1)).bytes - 1;

    // What PlanIngest is called with, beside the batch: the names and times of the execution and of the function.
    const taskBytes = 700;
    expect(await handed(stateBytes - around - taskBytes)).toMatchObject({
      bytes: stateBytes - taskBytes,
      status: 'SUCCEEDED',
    });
    expect(await handed(stateBytes - around)).toMatchObject({
      bytes: stateBytes,
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
    });

    queues.send(queue, 'x'.repeat(stateBytes - around + 1));
    await eventually(() => queues.counts(deadLetters).visible === 1);
    expect(newExecutions()).toEqual([]);
    const [letter] = await queues.receive(deadLetters);
    expect(letter?.body).toHaveLength(stateBytes - around + 1);
    queues.deleteMessage(deadLetters, letter?.receiptHandle ?? '');
  });

  it('takes 25 objects of the longest keys, each character of which grows in JSON', async () => {
    const before = (await ledgers()).length;
    const keys = Array.from({ length: 25 }, (_, index) => `raw/${index}/`.padEnd(1_024, '"'));
    await Promise.all(keys.map((key, index) => upload(key, reading(`key-${index}`))));
    await settled(world, done);
    expect((await ledgers()).length).toBe(before + 25);
    expect(world.cloud.services.sqs.counts(world.names.deadLetters).visible).toBe(0);
  });
});
