import { gzipSync } from 'node:zlib';
import { DisableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caudal } from '../../test/support/caudal.ts';
import { type CloudWorld, startCloudWorld } from '../../test/support/cloud-world.ts';
import {
  type CountedRequests,
  countRequests,
  expectUnitsWithinAFifth,
} from '../../test/support/counted-requests.ts';
import { accessToken, clientSettings, output } from '../../test/support/job-world.ts';
import { commandRequests, idleRelay } from './commands.ts';
import { type ExecutionShape, requestsOf, usualTransitions } from './execution.ts';
import type { Usage } from './observed.ts';
import { cutOf, cutOfStates, pageBytes, statesPageBytes } from './pages.ts';

/** The model's requests of events beside those that a local cloud counted: an execution with projections, a command, a call of the relay. */

const salons = 40;
/** As `salon-bookings` is declared. */
const shards = 2;
const perDay = 6;
const days = ['2026-03-03', '2026-03-04', '2026-03-05'];

let world: CloudWorld;
let counted: () => CountedRequests;
let lines = 0;
beforeAll(async () => {
  world = await startCloudWorld({ timeScale: 100 });
  counted = countRequests(world.cloud);
  // What the schedule asks for would be counted with what is looked at.
  const Name = output(world.cloud, 'CaudalApi', 'RelayRule');
  await new EventBridgeClient(clientSettings(world.cloud.endpointUrl)).send(new DisableRuleCommand({ Name }));
});
afterAll(() => world.close());

/** An object as Firehose writes it: bookings that begin on some days, by day and salon. */
async function flush(of: readonly string[], fromBooking: number): Promise<void> {
  const texts = of.flatMap((day) =>
    Array.from({ length: salons * perDay }, (_, at) =>
      JSON.stringify({
        ...{ dataset: 'salon-bookings', booking_id: fromBooking + at, status: 'created', user_id: at % 97 },
        booking_date: new Date(Date.parse(`${day}T08:00:00Z`) + (fromBooking + at) * 1_000).toISOString(),
        salon_id: (at % salons) + 1,
      }),
    ),
  );
  lines += texts.length;
  const hour = new Date().toISOString().slice(0, 13).replace(/[-T]/g, '/');
  await world.upload(`raw/${hour}/${fromBooking}.gz`, gzipSync(`${texts.join('\n')}\n`));
  await world.settled(lines);
}

describe('an execution of events with a projection', () => {
  let found: CountedRequests;
  let shape: ExecutionShape;
  beforeAll(async () => {
    await flush(days, 0);
    counted();
    await flush(days.slice(-1), 1_000);
    found = counted();
    const cut = cutOf(salons / shards, 0);
    const states = cutOfStates(salons / shards, { events: 2 * perDay, isMonth: false });
    const ofDay = (readings: number) => pageBytes(cut, { measures: 0, readings, foldedFrom: 0 });
    const ofStates = (events: number, isMonth: boolean) =>
      statesPageBytes(states, { events, isMonth, foldedFrom: isMonth ? days.length : 0 });
    const pages = { dayPages: shards, monthPages: shards, foldedMonths: shards, closedMonths: 0, depth: 0 };
    shape = {
      ...{ objects: 1, datasets: 1, units: shards, partitions: shards, children: 1 },
      ...{ ...pages, transitions: usualTransitions, ruledPartitions: 0, otherDays: days.length - 1 },
      ...{ dayPageBytes: ofDay(2 * perDay), otherDayPageBytes: ofDay(perDay) },
      monthPageBytes: pageBytes(cut, { measures: 0, readings: 4 * perDay, foldedFrom: days.length }),
      projections: {
        ...{
          ...pages,
          dayPageBytes: ofStates(2 * perDay, false),
          otherDayPageBytes: ofStates(perDay, false),
        },
        monthPageBytes: ofStates(4 * perDay, true),
      },
    };
  });

  it('makes the calls that the model has, action by action', () => {
    const { calls } = requestsOf(shape);
    const modelled = Object.entries(calls).filter(([action]) => /^dynamodb:|^lambda:/.test(action));
    const ofFound = Object.entries(found.calls).filter(([action]) => /^dynamodb:|^lambda:/.test(action));
    expect(Object.fromEntries(ofFound)).toEqual(Object.fromEntries(modelled));
    expect(found.calls['s3:PutObject']).toBe((calls['s3:PutObject'] ?? 0) - 1); // Firehose's own is the test's here
  });

  it('takes the units of DynamoDB that the model computes from sizes, within a fifth', () => {
    expectUnitsWithinAFifth(requestsOf(shape), found);
  });
});

describe('a command', () => {
  const many = 8;
  const ofDynamo = ({ calls }: CountedRequests) =>
    Object.fromEntries(Object.entries(calls).filter(([action]) => action.startsWith('dynamodb:')));

  it('asks for what the model has, in the calls and units of DynamoDB', async () => {
    const token = await accessToken(world.cloud);
    const create = async (n: number): Promise<void> => {
      const [slotStart, slotEnd] = [n, n + 1].map((hour) =>
        new Date(Date.now() + (hour + 2) * 3_600_000).toISOString(),
      );
      const data = { reservationId: `r-${n}`, employeeId: 'e-1', userId: 'u-1', slotStart, slotEnd };
      const answer = await fetch(`${world.cloud.apiUrl}/streams/reservations/salon-1/commands`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ commandId: `c-${n}`, name: 'create', data }),
      });
      expect(answer.status).toBe(201);
    };
    // The first ones read what the process does not know yet.
    for (let n = 0; n < 3; n++) await create(n);
    counted();
    for (let n = 3; n < 3 + many; n++) await create(n);
    const found = counted();
    const modelled = Object.entries(commandRequests.calls)
      .filter(([action]) => action.startsWith('dynamodb:'))
      .map(([action, calls]) => [action, calls * many]);
    expect(ofDynamo(found)).toEqual(Object.fromEntries(modelled));
    expect(found.writeUnits).toBe(commandRequests.writeUnits.table * many);
    expect(found.readUnits).toBe(commandRequests.readUnits * many);
  });

  it('leaves the relay nothing to do, whose call asks for what the model has', async () => {
    const relay = world.cloud.resources.find(
      ({ type, logicalId }) => type === 'AWS::Lambda::Function' && logicalId.includes('RelayCommits'),
    );
    counted();
    const client = new LambdaClient(clientSettings(world.cloud.endpointUrl));
    await client.send(new InvokeCommand({ FunctionName: relay?.ref, Payload: '{}' }));
    const found = counted();
    expect(ofDynamo(found)).toEqual(idleRelay.calls);
    expect(found.readUnits).toBe(idleRelay.readUnits);
  });

  it('is counted in the last day by the facts that came of it', async () => {
    lines += 3 + many;
    await world.settled(lines);
    const ran = await caudal(world.cloud.endpointUrl, 'cost', '--json');
    const { lastDay, charges } = ran.json<{
      lastDay: Usage;
      charges: { service: string; requests: Record<string, number> }[];
    }>();
    expect(lastDay).toMatchObject({ commands: 3 + many, lines });
    expect(lastDay.series.map(({ dataset, projections }) => [dataset, projections])).toEqual([
      ['salon-bookings', 1],
      ['reservations', 1],
    ]);
    expect(charges.find(({ service }) => service === 'streams')?.requests.commands).toBe((3 + many) * 30);
  });
});
