import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError, type AwsRequest } from '../engine/calls.ts';
import type { Faults, FaultTarget } from './faults.ts';
import { faultyService } from './faulty-service.ts';
import type { FaultKind, Schedule } from './schedule.ts';

/** The access key id of who looks and clears up: nothing ever happens to these calls. */
export const untouchedKey = 'operator';

/** Another writer: called right before a conditional write, with its request. */
export type Rival = (service: string, request: AwsRequest) => Promise<void>;

/** What a call is about, in a word, where faults are aimed at it: its name has it in the end, `service:Action/subject`. */
export type Aim = (caller: string, service: string, request: AwsRequest) => string | undefined;

/** A message that a pipe could not hand on is visible again after this time. */
const pipeVisibilitySeconds = 0.2;

/**
 * The faults of a cloud, by the schedule that is armed; without one everything goes its way. `log` tells what happened, in
 * order, since it was armed.
 */
export class FaultInjector {
  readonly log: string[] = [];
  #schedule: Schedule | undefined;
  #scheduleOf: (caller: string) => Schedule | undefined = () => undefined;
  #rival: Rival | undefined;
  #aim: Aim | undefined;
  #target: FaultTarget | undefined;
  #underWay = 0;

  /**
   * `rival` is what a lost race is lost to; the calls that `aim` has a word for meet aimed faults beside the others. Callers for whom
   * `scheduleOf` has a schedule have the faults of that one, and its budget.
   */
  arm(
    schedule: Schedule,
    {
      rival,
      aim,
      scheduleOf = () => undefined,
    }: { rival?: Rival; aim?: Aim; scheduleOf?: (caller: string) => Schedule | undefined } = {},
  ): void {
    this.log.length = 0;
    this.#schedule = schedule;
    this.#scheduleOf = scheduleOf;
    this.#rival = rival;
    this.#aim = aim;
  }

  disarm(): void {
    this.#schedule = undefined;
    this.#rival = undefined;
    this.#aim = undefined;
  }

  /** Events and messages that are held back just now. */
  get underWay(): number {
    return this.#underWay;
  }

  /** For `CloudOptions.faults`. */
  readonly attach = (target: FaultTarget): Faults => {
    this.#target = target;
    return {
      service: (service) =>
        faultyService(service, {
          draw: ({ service: name, request, allowed }) => this.#draw(name, request, allowed),
          kill: (request) => void target.kill(sessionOf(request)),
          timeOut: (request) => void target.timeOut(sessionOf(request)),
          race: async (name, request) => this.#rival?.(name, request),
        }),
      publish: (publish) => async (event) => {
        await this.#pass('s3:event', () => publish(event));
      },
      deliver: (deliver) => async (arn, event) => {
        const late = arn.includes(':sqs:') && this.#happens('sqs:late', 0.1);
        await this.#pass('events:deliver', () =>
          late ? this.#sendLate(arn, JSON.stringify(event)) : deliver(arn, event),
        );
      },
      firehoseBucket: (s3) => ({
        ...s3,
        putObject: async (object) => {
          if (this.#happens('firehose:refused', 0.08))
            throw new AwsError('SlowDown', 'injected', { status: 503 });
          const stored = await s3.putObject(object);
          // The answer is lost, and Firehose writes what it holds again, under a name of its own.
          if (this.#happens('firehose:twice', 0.12)) {
            await s3.putObject({ ...object, key: object.key.replace(/[0-9a-f-]{36}(?=\.|$)/, randomUUID()) });
          }
          return stored;
        },
      }),
      pipeQueues: (queues) => ({
        ...queues,
        receive: (queue, options) =>
          queues.receive(queue, { ...options, visibilityTimeoutSeconds: pipeVisibilitySeconds }),
      }),
      pipeStart: (start) => (machineArn, input) => {
        if (this.#happens('pipe:refused', 0.08)) throw new AwsError('ThrottlingException', 'injected');
        const execution = start(machineArn, input);
        if (this.#happens('pipe:twice', 0.12)) start(machineArn, input);
        // The messages are not deleted and come again.
        if (this.#happens('pipe:not-deleted', 0.06))
          throw new AwsError('InternalFailure', 'injected', { status: 500 });
        return execution;
      },
    };
  };

  /** Draws whether something beside the calls happens. Counts against the budget. */
  #happens(name: string, probability: number): boolean {
    const schedule = this.#schedule;
    if (schedule === undefined || schedule.chance(name) >= probability || schedule.budget <= 0) return false;
    schedule.budget -= 1;
    this.log.push(name);
    return true;
  }

  #draw(service: string, request: AwsRequest, allowed: readonly FaultKind[]) {
    if (this.#schedule === undefined || request.accessKeyId === untouchedKey) return undefined;
    const caller = callerOf(request);
    const subject = this.#aim?.(caller, service, request);
    const isAimed = subject !== undefined;
    const name = `${caller} ${service}:${request.action}${isAimed ? `/${subject}` : ''}`;
    const schedule = this.#scheduleOf(caller) ?? this.#schedule;
    const fault = schedule.next(name, allowed, isAimed);
    if (fault === undefined) return undefined;
    this.log.push(`${name} ${Object.values(fault).join(' ')}`);
    return { fault, chance: schedule.chance(`${name} which`) };
  }

  /** An event on its way: lost and sent again, held back, or doubled. */
  async #pass(name: string, send: () => Promise<void>): Promise<void> {
    if (this.#happens(`${name} refused`, 0.06))
      throw new AwsError('InternalException', 'injected', { status: 500 });
    if (this.#happens(`${name} held`, 0.1)) await this.#hold(100);
    await send();
    if (this.#happens(`${name} twice`, 0.1)) void this.#hold(150).then(send);
    if (this.#happens(`${name} answer lost`, 0.06))
      throw new AwsError('InternalException', 'injected', { status: 500 });
  }

  async #sendLate(queueArn: string, body: string): Promise<void> {
    this.#target?.send(queueArn, body, { delaySeconds: 0.15 });
  }

  async #hold(ms: number): Promise<void> {
    this.#underWay += 1;
    await sleep(ms);
    this.#underWay -= 1;
  }
}

function sessionOf({ headers }: AwsRequest): string {
  return headers['x-amz-security-token'] ?? '';
}

/** The logical id of the role that calls, without what the synthesis adds to it; `client` for anybody else. */
function callerOf({ accessKeyId = '' }: AwsRequest): string {
  return accessKeyId.startsWith('LKIA') ? accessKeyId.slice(4).replace(/[0-9A-F]{8}$/, '') : 'client';
}
