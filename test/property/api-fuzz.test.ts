import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shippedFormats } from '../../formats/index.ts';
import { shippedJsonFormats } from '../../formats/json/index.ts';
import { createCommandStreams } from '../../handlers/api/command-streams/command-streams.ts';
import { type Operation, routes } from '../../handlers/api/contract/routes.ts';
import { createDescribeApi } from '../../handlers/api/describe-api/describe-api.ts';
import type { HttpAnswer, HttpRequest } from '../../handlers/api/http/messages.ts';
import { createInspectFile } from '../../handlers/api/inspect-file/inspect-file.ts';
import { createSubmitReadings } from '../../handlers/api/submit-readings/submit-readings.ts';
import { createUploadFiles } from '../../handlers/api/upload-files/upload-files.ts';
import { streams } from '../../streams/registry.ts';
import { conformanceTo } from '../support/api-conformance.ts';
import { requestsTo, type Schema, targetsOf } from '../support/api-requests.ts';
import { body, createApiWorld, datasets, request } from '../support/api-world.ts';
import { MemoryObjects } from '../support/memory-objects.ts';
import { MemoryStreams, steppedClock } from '../support/memory-streams.ts';
import { OperationsWorld } from '../support/operations-world.ts';
import { probes } from '../support/probe-dataset.ts';
import { valuesOf } from '../support/schema-values.ts';

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

/** An upload of each kind: a file that is there, and one that is not yet. */
const uploadIds = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
const uploadsBucket = 'uploads';
const objects = new MemoryObjects();
for (const uploadId of uploadIds)
  objects.put(uploadsBucket, `records/${uploadId}.json`, JSON.stringify({ name: 'a.csv', bytes: 60 }));
objects.put(
  uploadsBucket,
  `uploads/${uploadIds[0]}/a.csv`,
  'Fecha,Medida,Desviaciones\n2024/1/23,12.5,0.9\n2024/1/24,many,0.1\n',
);
const clock = { nowMs: () => Date.parse('2024-06-15T12:00:00Z') };
const uploadFiles = createUploadFiles({
  ...{ datasets, objects, clock, uploadsBucket, rawBucket: 'raw', onFault },
  links: {
    writeLink: async () => ({
      url: 'https://uploads.invalid',
      headers: {},
      expiresAt: '2024-06-15T13:00:00.000Z',
    }),
  },
  ledgers: { ledger: async () => undefined, ledgers: async (segments) => segments.map(() => undefined) },
  jobs: { view: async () => undefined },
});
const inspectFile = createInspectFile({
  ...{ datasets, objects, clock, uploadsBucket, onFault },
  shipped: { text: shippedFormats, json: shippedJsonFormats },
});

/** What operators look at and correct: a file with rejected lines, a refused one, and readings. */
const operations = new OperationsWorld(datasets);
for (const [name, rows] of [
  ['a.csv', '2024/1/23,12.5,0.9\n2024/1/24,99,0.1'],
  ['b.csv', '2024/2/1,12.5,0.9\nx,1,1\ny,1,1'],
] as const)
  await operations.land(`landing/water-temperature/${name}`, `Fecha,Medida,Desviaciones\n${rows}\n`);

const store = new MemoryStreams();
const commandStreams = createCommandStreams({
  ...{ commits: store, snapshots: store, log: store, outbox: store, facts: store, streams },
  // A log is always written here, so that nobody waits for it in vain.
  clock: { ...steppedClock(Date.parse('2026-05-02T08:00:00Z')), pause: () => new Promise<void>(() => {}) },
  onFault,
  onUnpublished: onFault,
});

function answerTo(sent: HttpRequest): Promise<HttpAnswer> {
  if (sent.route.endsWith('/commands')) return commandStreams(sent);
  if (operational.some(({ path }) => path === sent.route)) return operations.answer(sent);
  if (/^\/uploads.*\/(inspect|preview)$/.test(sent.route)) return inspectFile(sent);
  if (sent.route.startsWith('/uploads')) return uploadFiles(sent);
  if (sent.method === 'POST') return submitReadings(sent);
  return sent.route === '/health' || sent.route === '/openapi.json' ? describeApi(sent) : world.answer(sent);
}

/** What is there, so that requests get past the first checks. */
const known = {
  uploadId: uploadIds,
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

/** Bodies of the routes of uploads, from the schemas that the document gives. */
const ofUploads = targets.filter(({ path }) => path.startsWith('/uploads'));
const own = {
  dataset: fc.constantFrom(...datasets.map((dataset) => dataset.name)),
  name: fc.constantFrom('a.csv', 'pier-1/a.csv', 'b.ndjson', 'x', 'É.csv.gz'),
  zone: fc.constantFrom('Europe/Madrid', '+01:00', 'nowhere'),
  timeZone: fc.constantFrom('Europe/Madrid', 'nowhere'),
  match: fc.constantFrom('*.csv', '{sensorId}_*.csv', '**'),
};
const uploading = ofUploads.map((target) =>
  requestsTo(target, { known, contentTypes: ['application/json'], bodyOf: () => bodyFrom(target, own) }),
);

/** A body from the schema that the document gives for the target, or seldom anything. */
function bodyFrom({ path }: { path: string }, members: Parameters<typeof valuesOf>[1]) {
  const schema: Schema | undefined =
    document.paths[path].post?.requestBody?.content['application/json']?.schema;
  const made =
    schema === undefined ? fc.constant('') : valuesOf(schema, members).map((value) => JSON.stringify(value));
  return fc.oneof({ arbitrary: made, weight: 8 }, { arbitrary: bodies, weight: 1 });
}

const keys = ['landing/water-temperature/a.csv', 'landing/water-temperature/b.csv'];
/** Members of the bodies of corrections. */
const corrected = {
  dataset: own.dataset,
  sensor: fc.constantFrom('aquasense', 'a'),
  key: fc.constantFrom(...keys, 'landing/x'),
  at: fc.constantFrom('2024-01-22T23:00:00Z', '2024-01-22T23:00:00.000Z'),
  from: fc.constantFrom('2024-01-01', '2024-02-30'),
  to: fc.constantFrom('2024-01-31', '2023-01-01'),
};

/** Routes of those who look after the installation. */
const operational = targets.filter(({ operationId }) =>
  routes.some(
    ({ function: by, operation }) =>
      operation === operationId && (by === 'query-operations' || by === 'operate'),
  ),
);
const operating = operational.map((target) =>
  requestsTo(target, {
    known: {
      ...known,
      ...{ from: ['2026-03-01'], to: ['2026-04-02'], key: keys, file: ['a.csv'], sensor: ['aquasense'] },
    },
    contentTypes: ['application/json'],
    bodyOf: () => bodyFrom(target, corrected),
  }),
);

const slot = (from: string, to: string) => ({
  ...{ reservationId: 'r-1', employeeId: 'e-1', userId: 'u-1' },
  ...{ slotStart: `2026-05-03T${from}:00Z`, slotEnd: `2026-05-03T${to}:00Z` },
});
/** Members of commands: few ids, so that they meet one another. */
const commanded = {
  id: fc.constantFrom('salon-1', 'salon-2', 'salon-3'),
  commandId: fc.constantFrom('c-1', 'c-2', 'c-3', 'c-4', 'c-5'),
  name: fc.constantFrom('create', 'create', 'cancel', 'complete', 'remove'),
  data: fc.oneof(
    fc.constantFrom(slot('10:00', '10:30'), slot('10:20', '10:40'), slot('12:00', '11:00')),
    fc.constantFrom({ reservationId: 'r-1' }, { reservationId: 'r-2' }),
  ),
  occurredAt: fc.constantFrom('2026-05-02T07:00:00Z', '2026-05-02T10:00:00+02:00', '2027-01-01T00:00:00Z'),
  expected: fc.integer({ min: 0, max: 3 }),
};
const commanding = targets
  .filter(({ path }) => path.endsWith('/commands'))
  .map((target) =>
    requestsTo(target, {
      known: { stream: ['reservations', 'firm-reservations'], id: ['salon-1', 'salon-2'] },
      contentTypes: ['application/json'],
      bodyOf: () => bodyFrom(target, commanded),
    }),
  );

const reading = targets.filter(({ operationId }) => operationId === 'submitReadings');
/** Operations that the functions answer which this test asks, but for those with bodies. */
const answered = new Set(
  routes.flatMap(({ function: by, operation }) =>
    by === 'query-api' || by === 'describe-api' ? [operation] : [],
  ),
);
const querying = targets.filter(({ operationId }) => answered.has(operationId as Operation));

const others = fc
  .oneof(fc.constantFrom(...querying), fc.constantFrom(...querying), fc.constantFrom(...reading))
  .chain((target) => requestsTo(target, { known, contentTypes, bodyOf: () => bodies }));
const requests = fc.oneof(
  { arbitrary: fc.oneof(...uploading), weight: 1 },
  { arbitrary: fc.oneof(...operating), weight: 1 },
  { arbitrary: fc.oneof(...commanding), weight: 1 },
  { arbitrary: others, weight: 4 },
);

test('no request is answered with a fault, a stack trace, or a status that the document does not tell', async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(requests, async (sent) => {
      const answer = await answerTo(sent);
      expect([...faults, ...operations.faults]).toEqual([]);
      conforms(sent, answer);
      seen.set(`${answer.status}`, (seen.get(`${answer.status}`) ?? 0) + 1);
    }),
    { numRuns: 2_500 },
  );
  // The requests reach past the first check: else the test would hold nothing.
  for (const status of ['200', '201', '202', '409', '304', '400', '404', '406', '415', '422'])
    expect(Object.fromEntries(seen)).toHaveProperty(status);
  expect([...store.streams.values()].flat().length).toBeGreaterThan(0);
});
