import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { Schedule } from '../../local/testing/schedule.ts';
import { mapBounded } from '../../ports/concurrency.ts';
import { aimedWrites, isOfStreams } from './aimed-writes.ts';
import { type Decisions, giveCommands, publishPending } from './commands.ts';
import { withoutDecisions } from './decisions.ts';
import { differences, type Expectation, expectationOf } from './expectation.ts';
import type { FaultWorld } from './fault-world.ts';
import { type Kept, rawVersions, readKept, scan } from './kept.ts';
import { createMergeRival } from './merge-rival.ts';
import { type Delivery, rawData } from './raw-data.ts';
import { type Mended, nothingMended, settled } from './settled.ts';
import { storedStreams } from './stored-streams.ts';
import { createStreamRival } from './stream-rival.ts';

/** Data sets that seeds take turns with. */
const variants = 3;

/** The data set of a seed. */
export const variantOf = (seed: number): number => seed % variants;

/** What a seed came to. */
export interface SeedResult {
  seed: number;
  /** In words; empty: everything is as without faults. */
  differences: string[];
  /** What was done to the calls, in order. */
  faults: string[];
  mended: Mended;
  /** Publications beyond one for each alert: allowed, since delivery is at least once. */
  repeatedPublications: number;
}

const linesPerRecord = 7;

/** Runs seeds in one world, one after the other. What fault-free runs come to is found out once for each data set. */
export class SeedRunner {
  readonly #world: FaultWorld;
  readonly #expected = new Map<number, Expectation>();
  readonly #done = new Set<string>();

  /** @param expected what a cloud without planted bugs came to; default: found out in this world */
  constructor(world: FaultWorld, expected: ReadonlyMap<number, Expectation> = new Map()) {
    this.#world = world;
    for (const [variant, expectation] of expected) this.#expected.set(variant, expectation);
  }

  /** What runs of a variant have to come to. */
  async expectation(variant: number): Promise<Expectation> {
    const known = this.#expected.get(variant);
    if (known) return known;
    const deliveries = rawData(variant);
    const before = await this.#begin();
    for (const delivery of deliveries) {
      await this.#deliver(delivery);
      await settled(this.#world, this.#done);
    }
    const decisions: Decisions = { run: `without-${variant}`, given: [], answered: [] };
    await giveCommands(await this.#api(), decisions, () => 0);
    await this.#publishPending();
    await settled(this.#world, this.#done);
    const expectation = await expectationOf(await readKept(this.#world, before), deliveries, decisions);
    this.#expected.set(variant, expectation);
    return expectation;
  }

  /** Runs one seed and compares. */
  async run(seed: number): Promise<SeedResult> {
    const variant = variantOf(seed);
    const expectation = await this.expectation(variant);
    const before = await this.#begin();
    const schedule = new Schedule(seed);
    const { injector, cloud } = this.#world;
    const result: SeedResult = {
      seed,
      differences: [],
      faults: [],
      mended: nothingMended(),
      repeatedPublications: 0,
    };
    const decisions: Decisions = { run: `seed-${seed}`, given: [], answered: [] };
    // Of their own: the many calls of commands would take away what is meant for ingestion.
    const ofStreams = new Schedule(seed + 0.5);
    const api = await this.#api();
    let isLast = false;
    const told = { did: (what: string) => injector.log.push(what) };
    // Who wins which slot is not as in that run, so that no rival may bring its events.
    const { files } = withoutDecisions(expectation.kept);
    const ofMerge = createMergeRival(this.#world, files, {
      ...{ ...told, chance: () => schedule.chance('rival') },
    });
    const ofCommand = createStreamRival(this.#world, {
      ...{ ...told, decisions, chance: () => ofStreams.chance('rival') },
    });
    injector.arm(schedule, {
      async rival(...call) {
        await ofMerge(...call);
        await ofCommand(...call);
      },
      aim: aimedWrites(this.#world.names, () => isLast),
      scheduleOf: (caller) => (isOfStreams(caller) ? ofStreams : undefined),
    });
    cloud.services.firehose.setPartialFailure({ rate: schedule.chance('partial') < 0.3 ? 0.2 : 0, seed });
    try {
      // Both to their end, also when one fails: it must not go on in the next seed.
      const work = [
        () => giveCommands(api, decisions, (name) => ofStreams.chance(name)),
        () =>
          this.#deliverAll(rawData(variant), schedule, {
            mended: result.mended,
            beforeLast: () => {
              isLast = true;
            },
          }),
      ];
      await mapBounded(work, work.length, (begin) => begin());
      await this.#publishPending();
      await settled(this.#world, this.#done, result.mended);
      const kept = await readKept(this.#world, before);
      result.differences = await differences(expectation, kept, decisions);
      result.repeatedPublications = repeated(kept);
    } catch (error) {
      result.differences = [`${(error as Error).name}: ${(error as Error).message}`];
    }
    injector.disarm();
    result.faults = [...injector.log];
    return result;
  }

  /** With a token of its own for each run: many runs take longer than one lasts. */
  async #api() {
    return { apiUrl: this.#world.cloud.apiUrl, token: await this.#world.token() };
  }

  #publishPending(): Promise<void> {
    const { cloud, names } = this.#world;
    return publishPending(this.#world, async () => {
      const { commits } = storedStreams(await scan(cloud, names.streamsTable));
      return [...commits.values()].flat().some(({ isPending }) => isPending);
    });
  }

  /** Empties the world; answers how many messages the topic has published so far. */
  async #begin(): Promise<number> {
    await this.#world.reset();
    this.#world.cloud.services.firehose.setPartialFailure({ rate: 0 });
    for (const name of this.#world.machine.executions.keys()) this.#done.add(name);
    return this.#world.cloud.services.sns.published().length;
  }

  /** Everything in an order of the seed's, with rests between or none, and with other executions at the same objects. */
  async #deliverAll(
    deliveries: Delivery[],
    schedule: Schedule,
    { mended, beforeLast }: { mended: Mended; beforeLast: () => void },
  ): Promise<void> {
    const { machine, names } = this.#world;
    const order = deliveries
      .map((delivery) => ({ delivery, at: schedule.chance('order') }))
      .sort((a, b) => a.at - b.at);
    const restless = schedule.chance('restless');
    for (const [index, { delivery }] of order.entries()) {
      if (index === order.length - 1) beforeLast();
      await this.#deliver(delivery);
      if (schedule.chance('rest') > restless) await settled(this.#world, this.#done, mended);
      if (schedule.chance('two at once') < 0.1) {
        const segments = (await rawVersions(this.#world)).map((version) => ({
          bucket: names.rawBucket,
          ...version,
        }));
        for (let index = 0; index < 2 && segments.length > 0; index++) {
          machine.start(randomUUID(), JSON.stringify({ segments }));
        }
      }
      if (schedule.chance('stop') < 0.1) {
        await sleep(50 * schedule.chance('stop when'));
        const running = [...machine.executions.values()].find(({ status }) => status === 'RUNNING');
        if (running) await machine.stop(running.name, { error: 'Stopped', cause: 'by hand' });
      }
    }
    if (schedule.chance('replay') < 0.2) {
      machine.start(randomUUID(), JSON.stringify({ replay: { from: '2020-01-01', to: '2099-01-01' } }));
    }
  }

  /** Until it is acknowledged, as a producer or a person would. */
  async #deliver(delivery: Delivery): Promise<void> {
    const { producer, names, cloud } = this.#world;
    if (delivery.kind === 'landing') {
      for (const { key, body, uploadedAt } of delivery.files) {
        const metadata = { 'uploaded-at': uploadedAt };
        const object = { Bucket: names.rawBucket, Key: key, Body: body, Metadata: metadata };
        await insist(() => producer.s3.send(new PutObjectCommand(object)));
      }
      return;
    }
    let records: { Data: Buffer }[] = [];
    for (let at = 0; at < delivery.lines.length; at += linesPerRecord) {
      records.push({ Data: Buffer.from(delivery.lines.slice(at, at + linesPerRecord).join('')) });
    }
    while (records.length > 0) {
      const { RequestResponses = [] } = await insist(() =>
        producer.firehose.send(
          new PutRecordBatchCommand({ DeliveryStreamName: names.stream, Records: records }),
        ),
      );
      records = records.filter((_, index) => RequestResponses[index]?.ErrorCode !== undefined);
    }
    await cloud.services.firehose.flush();
  }
}

async function insist<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt === 40) throw error;
    }
  }
}

function repeated({ published }: Kept): number {
  return [...published.values()].reduce((sum, times) => sum + times - 1, 0);
}
