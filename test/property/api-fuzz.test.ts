import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDescribeApi } from '../../handlers/api/describe-api/describe-api.ts';
import type { HttpAnswer, HttpRequest } from '../../handlers/api/http/messages.ts';
import { createSubmitReadings } from '../../handlers/api/submit-readings/submit-readings.ts';
import { conformanceTo } from '../support/api-conformance.ts';
import { requestsTo, type Schema, targetsOf } from '../support/api-requests.ts';
import { body, createApiWorld, datasets, request } from '../support/api-world.ts';
import { probes } from '../support/probe-dataset.ts';

/**
 * Queries and readings made from the OpenAPI document that the API serves: parameters as it tells them, or not; bodies of its
 * media types. Whatever comes, no answer is a fault. The routes of the jobs have a test of their own.
 */

const world = createApiWorld();
world.store(
  probes,
  ['2024-01-05', '2024-02-06', '2024-05-07'].flatMap((day) =>
    ['a', 'b', 'aquasense'].map((sensorId) => ({
      sensorId,
      timestampMs: Date.parse(day),
      revision: 0,
      values: [35, null],
      attributes: [null],
    })),
  ),
);
const faults: unknown[] = world.faults;
const onFault = (fault: unknown) => faults.push(fault);
const describeApi = createDescribeApi({
  datasets,
  version: '1.0.0',
  tokenUrl: 'https://tokens.invalid/t',
  onFault,
});
const submitReadings = createSubmitReadings({
  datasets,
  stream: { put: async () => ({ failed: [], code: '' }) },
  clock: { nowMs: () => 0, pause: async () => {}, random: () => 0.5 },
  onFault,
});
const document = body(await describeApi(request('GET', '/openapi.json')));
const targets = targetsOf<string>(document);
const conforms = conformanceTo(document);

function answerTo(sent: HttpRequest): Promise<HttpAnswer> {
  if (sent.method === 'POST') return submitReadings(sent);
  return sent.route === '/health' || sent.route === '/openapi.json' ? describeApi(sent) : world.answer(sent);
}

/** What is there, so that requests get past the first checks. */
const known = {
  dataset: datasets.map((dataset) => dataset.name),
  sensor: ['a', 'b'],
  from: ['2024-01', '2024-01-01'],
  to: ['2024-03', '2024-03-01'],
};

const contentTypes = [
  'application/json',
  'application/json',
  'application/x-ndjson',
  'application/jsonl; charset=utf-8',
];

function memberOf({ const: fixed, type, minimum = 0, maximum = 0, pattern }: Schema): fc.Arbitrary<unknown> {
  if (fixed !== undefined) return fc.constant(fixed);
  if (type === 'boolean') return fc.boolean();
  if (type === 'integer') return fc.integer({ min: minimum, max: maximum });
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  if (maximum > minimum) return fc.double({ min: minimum, max: maximum, noNaN: true });
  const dates = { noInvalidDate: true, min: new Date(0), max: new Date('2105-01-01') };
  return fc.date(dates).map((date) => date.toISOString());
}

/** A reading from the schema that the document gives, whole, or with members spoilt or dropped. */
function readingOf(schema: Schema): fc.Arbitrary<unknown> {
  const members = Object.entries(schema.properties ?? {}).map(([name, of]) => {
    const spoilt = { arbitrary: fc.jsonValue(), weight: 1 };
    return [name, fc.oneof({ arbitrary: memberOf(of), weight: 20 }, spoilt)] as const;
  });
  const record = Object.fromEntries(members);
  return fc.oneof(fc.record(record), fc.record(record, { requiredKeys: [] }));
}

const schemas: Record<string, Schema> = document.components.schemas;
const readings = fc.oneof(
  ...Object.keys(schemas)
    .filter((name) => name.endsWith('Reading') && schemas[name]?.properties)
    .map((name) => readingOf(schemas[name] ?? {})),
);
const bodies = fc.oneof(
  fc.array(readings, { maxLength: 6 }).map((list) => JSON.stringify(list)),
  fc.array(readings, { maxLength: 6 }).map((list) => JSON.stringify({ readings: list })),
  fc.array(readings, { maxLength: 6 }).map((list) => list.map((one) => JSON.stringify(one)).join('\n')),
  fc.json(),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 60 }),
);

const reading = targets.filter(({ operationId }) => operationId === 'submitReadings');
const querying = targets.filter(({ method, path }) => method === 'GET' && !path.includes('results'));

const requests = fc
  .oneof(fc.constantFrom(...querying), fc.constantFrom(...querying), fc.constantFrom(...reading))
  .chain((target) => requestsTo(target, { known, contentTypes, bodyOf: () => bodies }));

test('no request is answered with a fault, a stack trace, or a status that the document does not tell', async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(requests, async (sent) => {
      const answer = await answerTo(sent);
      expect(faults).toEqual([]);
      conforms(sent, answer);
      seen.set(`${answer.status}`, (seen.get(`${answer.status}`) ?? 0) + 1);
    }),
    { numRuns: 2_000 },
  );
  // The requests reach past the first check: else the test would hold nothing.
  for (const status of ['200', '202', '304', '400', '404', '406', '415', '422'])
    expect(Object.fromEntries(seen)).toHaveProperty(status);
});
