import { gzipSync } from 'node:zlib';
import { ListExecutionsCommand, paginateGetExecutionHistory } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../producer/synthetic/random.ts';
import { type CloudWorld, startCloudWorld } from '../../test/support/cloud-world.ts';
import { type CountedRequests, countRequests } from '../../test/support/counted-requests.ts';
import { type ExecutionShape, requestsOf, usualTransitions } from './execution.ts';
import { cutOf, pageBytes } from './pages.ts';

/** The model's requests of an execution beside those that a local cloud counted: a flush of a stream onto a day that has readings. */

const measures = 2;
const minutes = 5;
const earlierDays = 2;
const random = new Random('cost');

let world: CloudWorld;
let counted: () => CountedRequests;
/** What services do for themselves, such as the rule and the pipe. */
let accesses: string[] = [];
let lines = 0;

beforeAll(async () => {
  world = await startCloudWorld({
    timeScale: 100,
    observeAccess: ({ action }) => {
      accesses.push(action);
    },
  });
  counted = countRequests(world.cloud);
});
afterAll(() => world.close());

/** An object as Firehose writes it: some minutes of sensors that report once a minute. Nothing in it is rejected or alerts. */
async function flush(of: { sensors: number; month: number; day: number; fromMinute: number }): Promise<void> {
  const texts: string[] = [];
  for (let sensor = 0; sensor < of.sensors; sensor++) {
    for (let minute = 0; minute < minutes; minute++) {
      const at = Date.UTC(2026, of.month - 1, of.day, 3, of.fromMinute + minute, sensor % 60);
      texts.push(
        JSON.stringify({
          ...{ dataset: 'water-temperature', sensorId: `sensor-${sensor}` },
          timestamp: new Date(at).toISOString(),
          temperature: Math.round(1_700 + 80 * random.normal()) / 100,
          deviation: Math.min(0.5, Math.abs(Math.round(25 + 5.5 * random.normal()) / 100)),
        }),
      );
    }
  }
  lines += texts.length;
  const key = `raw/2026/0${of.month}/0${of.day}/03/${of.sensors}-${of.fromMinute}.gz`;
  await world.upload(key, gzipSync(`${texts.join('\n')}\n`));
  await world.settled(lines);
}

async function transitionsOfNewest(): Promise<number> {
  const { stepFunctions: client, target } = world;
  const { executions = [] } = await client.send(
    new ListExecutionsCommand({ stateMachineArn: target.machineArn }),
  );
  let entered = 0;
  const of = { executionArn: executions[0]?.executionArn };
  for await (const { events = [] } of paginateGetExecutionHistory({ client }, of))
    entered += events.filter(({ stateEnteredEventDetails: details }) => details !== undefined).length;
  return entered;
}

/** Firehose's own PUT is the test's here. */
const putsOfFirehose = 1;

describe.each([
  { sensors: 200, month: 2 },
  { sensors: 600, month: 5 },
])('an execution of $sensors sensors', ({ sensors, month }) => {
  let found: CountedRequests & { transitions: number; accesses: string[] };
  let shape: ExecutionShape;
  beforeAll(async () => {
    for (let day = 1; day <= earlierDays + 1; day++) await flush({ sensors, month, day, fromMinute: 0 });
    counted();
    accesses = [];
    await flush({ sensors, month, day: earlierDays + 1, fromMinute: minutes });
    found = { ...counted(), transitions: await transitionsOfNewest(), accesses };
    const cut = cutOf(sensors, measures);
    const ofDay = (readings: number) => pageBytes(cut, { measures, readings, foldedFrom: 0 });
    shape = {
      ...{ objects: 1, datasets: 1, units: 1, partitions: 1, children: 1, transitions: usualTransitions },
      ...{ pages: cut.pages, depth: cut.depth, otherDays: earlierDays },
      dayPageBytes: ofDay(2 * minutes),
      monthPageBytes: pageBytes(cut, { measures, readings: 4 * minutes, foldedFrom: earlierDays + 1 }),
      otherDayPageBytes: ofDay(minutes),
    };
  });

  it('makes the calls that the model has, action by action', () => {
    const { calls } = requestsOf(shape);
    const modelled = Object.entries(calls).filter(([action]) =>
      /^(s3|dynamodb|lambda):|^events:PutEvents/.test(action),
    );
    const expected: Record<string, number> = Object.fromEntries(modelled);
    expected['s3:PutObject'] = (expected['s3:PutObject'] ?? 0) - putsOfFirehose;
    expect(found.calls).toEqual(expected);
  });

  it('enters as many states, and is asked for by as many messages', () => {
    const { calls } = requestsOf(shape);
    expect(found.transitions).toBe(calls['states:Transition']);
    const accessed = (action: string) => found.accesses.filter((one) => one === action).length;
    expect(accessed('sqs:SendMessage')).toBe(calls['sqs:SendMessage']);
    expect(accessed('sqs:DeleteMessage')).toBe(calls['sqs:DeleteMessage']);
    expect(accessed('states:StartExecution')).toBe(
      (calls['pipes:Request'] ?? 0) + (calls['states:ExpressExecution'] ?? 0),
    );
  });

  it('takes the units of DynamoDB that the model computes from sizes, within a fifth', () => {
    const { writeUnits, readUnits } = requestsOf(shape);
    expect(writeUnits / found.writeUnits).toBeGreaterThan(0.8);
    expect(writeUnits / found.writeUnits).toBeLessThan(1.2);
    expect(readUnits / found.readUnits).toBeGreaterThan(0.8);
    expect(readUnits / found.readUnits).toBeLessThan(1.2);
  });
});
