import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDescribeApi } from '../../handlers/describe-api/describe-api.ts';
import { operations } from '../../handlers/describe-api/operations.ts';
import type { HttpAnswer, HttpRequest } from '../../handlers/http.ts';
import { problemDocument } from '../../handlers/problem-document.ts';
import { createSubmitReadings } from '../../handlers/submit-readings/submit-readings.ts';
import { body, createApiWorld, datasets, request } from '../support/api-world.ts';
import { probes } from '../support/probe-dataset.ts';

/**
 * Requests made from the OpenAPI document that the API serves: parameters of the types and patterns that it tells, left
 * out, repeated or replaced by nonsense; bodies of its media types. Whatever comes, no answer is a fault.
 */

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: Schema;
  readonly example?: unknown;
}
interface Schema {
  readonly type?: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
}

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
const targets = Object.entries<
  Record<string, { operationId: keyof typeof operations; parameters?: Parameter[] }>
>(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    path,
    method: method.toUpperCase(),
    ...operation,
  })),
);

function answerTo(sent: HttpRequest): Promise<HttpAnswer> {
  if (sent.method === 'POST') return submitReadings(sent);
  return sent.route === '/health' || sent.route === '/openapi.json' ? describeApi(sent) : world.answer(sent);
}

const seldom = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 12 }, { arbitrary, weight: 1 });

const nonsense = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.constantFrom(
    '',
    '0',
    '-1',
    '1e999',
    'null',
    '__proto__',
    'constructor',
    '../..',
    '%00',
    '2024-02-30',
    '9'.repeat(400),
  ),
);

/** What is there, so that requests get past the first checks. */
const known: Record<string, string[]> = {
  dataset: datasets.map((dataset) => dataset.name),
  sensor: ['a', 'b'],
  from: ['2024-01', '2024-01-01'],
  to: ['2024-03', '2024-03-01'],
};

function valueFor({ name, schema, example }: Parameter): fc.Arbitrary<string> {
  const { minimum = 0, maximum = 0 } = schema;
  const good = [
    ...(known[name] ?? []),
    ...(schema.enum ?? []),
    ...(example === undefined ? [] : [String(example)]),
  ];
  const told: fc.Arbitrary<string>[] = [];
  if (schema.pattern) told.push(fc.stringMatching(new RegExp(schema.pattern)));
  if (schema.type === 'integer') told.push(fc.integer({ min: minimum - 1, max: maximum + 1 }).map(String));
  return fc.oneof(
    { arbitrary: fc.constantFrom(...good, ...(good.length === 0 ? ['AAAA'] : [])), weight: 12 },
    ...told.map((arbitrary) => ({ arbitrary, weight: 3 })),
    { arbitrary: nonsense, weight: 1 },
  );
}

const header = (values: string[]) =>
  fc.oneof(
    { arbitrary: fc.constantFrom(...values), weight: 12 },
    { arbitrary: fc.constant(undefined), weight: 4 },
    { arbitrary: nonsense, weight: 1 },
  );
const headers = fc.record({
  accept: header(['application/json', 'text/csv', '*/*', 'text/*;q=0.3, application/json;q=x', 'image/png']),
  'if-none-match': header(['*', '"x"', 'W/"x", "y"', ',,']),
  'content-type': header([
    'application/json',
    'application/json',
    'application/x-ndjson',
    'application/jsonl; charset=utf-8',
  ]),
});

function memberOf({ const: fixed, type, minimum = 0, maximum = 0, pattern }: Schema): fc.Arbitrary<unknown> {
  if (fixed !== undefined) return fc.constant(fixed);
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
  .chain(({ method, path, parameters = [] }) =>
    fc
      .record({
        values: fc.tuple(...parameters.map((parameter) => valueFor(parameter))),
        leftOut: fc.tuple(
          ...parameters.map(({ required }) =>
            fc.integer({ min: 0, max: 9 }).map((n) => n < (required ? 1 : 5)),
          ),
        ),
        extra: seldom(fc.tuple(nonsense, nonsense)),
        repeated: seldom(fc.nat(20)),
        headers,
        body: method === 'POST' ? bodies : fc.constant(''),
      })
      .map((made): HttpRequest => {
        const pathParameters: Record<string, string> = {};
        const query: Record<string, string[]> = {};
        parameters.forEach((parameter, index) => {
          const value = made.values[index] ?? '';
          if (parameter.in === 'path') pathParameters[parameter.name] = value;
          else if (!made.leftOut[index])
            query[parameter.name] = made.repeated === index ? [value, value] : [value];
        });
        if (made.extra) query[made.extra[0]] = [made.extra[1]];
        return {
          ...request(method, '/'),
          route: path,
          path: `/prod${path}`,
          pathParameters,
          query,
          headers: Object.fromEntries(
            Object.entries(made.headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
          ),
          body: Buffer.from(made.body as string),
        };
      }),
  );

const operationOf = new Map(
  targets.map(({ method, path, operationId }) => [`${method} ${path}`, operationId]),
);

test('no request is answered with a fault, a stack trace, or a status that the document does not tell', async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(requests, async (sent) => {
      const answer = await answerTo(sent);
      expect(faults).toEqual([]);
      expect(answer.status).toBeLessThan(500);
      expect(answer.body).not.toMatch(/\n\s+at |\.[cm]?[jt]s:\d+|node:internal/);
      const operation = operationOf.get(`${sent.method} ${sent.route}`);
      const told = document.paths[sent.route][sent.method.toLowerCase()].responses;
      expect(Object.keys(told)).toContain(String(answer.status));
      if (answer.status >= 400) problemDocument.parse(body(answer));
      else if (operation && answer.headers['content-type'] === 'application/json') {
        const { answer: schema } = operations[operation];
        expect(() => (schema as typeof problemDocument).parse(body(answer))).not.toThrow();
      }
      seen.set(`${answer.status}`, (seen.get(`${answer.status}`) ?? 0) + 1);
    }),
    { numRuns: 2_000 },
  );
  // The requests reach past the first check: else the test would hold nothing.
  for (const status of ['200', '202', '304', '400', '404', '406', '415', '422'])
    expect(Object.fromEntries(seen)).toHaveProperty(status);
});
