import { gzipSync } from 'node:zlib';
import { ListExecutionsCommand, paginateGetExecutionHistory } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localDay, monthOf } from '../../core/time/calendar.ts';
import { Random } from '../../producer/synthetic/random.ts';
import { caudal } from '../../test/support/caudal.ts';
import { type CloudWorld, startCloudWorld } from '../../test/support/cloud-world.ts';
import {
  type CountedRequests,
  countRequests,
  expectUnitsWithinAFifth,
} from '../../test/support/counted-requests.ts';
import { type ExecutionShape, requestsOf, usualTransitions } from './execution.ts';
import type { Usage } from './observed.ts';
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

/** A local day, `YYYY-MM-DD`. */
type Day = string;
const today = localDay('Europe/Madrid', Date.now());

/** An object as Firehose writes it: some minutes of days, of sensors that report once a minute. Nothing in it is rejected or alerts. */
async function flush(of: { sensors: number; days: readonly Day[]; fromMinute: number }): Promise<void> {
  const texts: string[] = [];
  for (const day of of.days) {
    for (let sensor = 0; sensor < of.sensors; sensor++) {
      for (let minute = 0; minute < minutes; minute++) {
        const at = Date.parse(`${day}T03:00:00Z`) + (of.fromMinute + minute) * 60_000 + (sensor % 60) * 1_000;
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
  }
  lines += texts.length;
  const hour = new Date().toISOString().slice(0, 13).replace(/[-T]/g, '/');
  const key = `raw/${hour}/${of.sensors}-${of.fromMinute}.gz`;
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

it('prices nothing where nothing was ingested, and says what else it can price', async () => {
  const { status, stdout } = await caudal(world.cloud.endpointUrl, 'cost');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Nothing was ingested in the last day\. To price a plan: .*cost --sensors 200$/m);
  const ran = await caudal(world.cloud.endpointUrl, 'cost', '--json');
  expect(ran.json()).toMatchObject({ perMonth: null, perMillionReadings: null });
});

const monthOfDays = (month: string): Day[] =>
  Array.from({ length: earlierDays + 1 }, (_, day) => `${month}-0${day + 1}`);

describe.each([
  { what: 'a flush of 200 sensors', sensors: 200, before: monthOfDays('2026-02'), flushed: ['2026-02-03'] },
  { what: 'a flush of 600 sensors', sensors: 600, before: monthOfDays('2026-05'), flushed: ['2026-05-03'] },
  { what: 'a flush of today', sensors: 20, before: [today], flushed: [today] },
  ...[[...monthOfDays('2026-08'), ...monthOfDays('2026-09')]].map((days) => {
    return { what: 'a file of days of two months', sensors: 20, before: days, flushed: days };
  }),
])('an execution of $what', ({ sensors, before, flushed }) => {
  let found: CountedRequests & { transitions: number; accesses: string[] };
  let shape: ExecutionShape;
  beforeAll(async () => {
    await flush({ sensors, days: before, fromMinute: 0 });
    counted();
    accesses = [];
    await flush({ sensors, days: flushed, fromMinute: minutes });
    found = { ...counted(), transitions: await transitionsOfNewest(), accesses };
    const cut = cutOf(sensors, measures);
    const ofDay = (readings: number) => pageBytes(cut, { measures, readings, foldedFrom: 0 });
    const units = new Set(flushed.map(monthOf)).size;
    const isOpen = flushed.includes(today);
    const partitions = flushed.length;
    shape = {
      ...{
        objects: 1,
        datasets: 1,
        units,
        partitions,
        ruledPartitions: partitions,
        children: 1,
        transitions: usualTransitions,
      },
      ...{ dayPages: partitions * cut.pages, monthPages: units * cut.pages },
      ...{ foldedMonths: isOpen ? 0 : units * cut.pages, closedMonths: 0 },
      ...{ depth: cut.depth, otherDays: isOpen ? 0 : earlierDays },
      dayPageBytes: ofDay(2 * minutes),
      monthPageBytes: isOpen
        ? pageBytes({ seriesOnPage: 0 }, { measures, readings: 0, foldedFrom: 0 })
        : pageBytes(cut, { measures, readings: 4 * minutes, foldedFrom: earlierDays + 1 }),
      otherDayPageBytes: ofDay(minutes),
    };
  });

  it('makes the calls that the model has, action by action', () => {
    const { calls } = requestsOf(shape);
    const modelled = Object.entries(calls).filter(([action]) =>
      /^(s3|dynamodb|lambda):|^events:PutEvents|^sqs:GetQueueAttributes/.test(action),
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
    expectUnitsWithinAFifth(requestsOf(shape), found);
  });
});

it('prices the last day by what it had', async () => {
  const { status, stdout } = await caudal(world.cloud.endpointUrl, 'cost');
  expect(status).toBe(0);
  const text = `${lines.toLocaleString('en')} lines`;
  expect(stdout).toContain(`The last day: ${text} in 8 objects (${text} through Firehose)`);
  expect(stdout).toMatch(/^8 executions, what they did by the newest 8 of them\./m);

  const ran = await caudal(world.cloud.endpointUrl, 'cost', '--json');
  const { lastDay, charges, perMonth, perMillionReadings, quotas } = ran.json<{
    lastDay: Usage;
    charges: { service: string; perMonth: number; requests: Record<string, number> }[];
    perMonth: number;
    perMillionReadings: number;
    quotas: unknown[];
  }>();
  expect(lastDay).toMatchObject({ objects: 8, waiting: 0, lines, valid: lines, executions: 8 });
  expect(lastDay.series).toEqual([
    { dataset: 'water-temperature', day: today, series: 20, measures, shards: 1, projections: 0 },
  ]);
  const partitions = 3 + 1 + 3 + 1 + 1 + 1 + 6 + 6;
  expect(lastDay.sampled).toEqual({
    ...{ executions: 8, transitions: 9, objects: 1, children: 1, units: 10 / 8, partitions: partitions / 8 },
  });
  const transitions = charges.find(({ service }) => service === 'Step Functions')?.requests.transitions;
  expect(transitions).toBe(8 * 9 * 30);
  expect(perMonth).toBeCloseTo((perMillionReadings * lines * 30) / 1e6, 9);
  expect(quotas.length).toBeGreaterThan(5);
});
