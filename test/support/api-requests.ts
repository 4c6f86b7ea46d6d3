import fc from 'fast-check';
import type { HttpRequest } from '../../handlers/api/http/messages.ts';
import { request } from './api-world.ts';

/** Requests made from the OpenAPI document that the API serves, for fuzzing. */

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: Schema;
  readonly example?: unknown;
}

/** What is read of a JSON Schema. */
export interface Schema {
  readonly type?: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | false;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

export interface Target<Operation extends string = string> {
  readonly path: string;
  readonly method: string;
  readonly operationId: Operation;
  readonly parameters?: readonly Parameter[];
}

/** The operations of a document. */
export function targetsOf<Operation extends string>(document: {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, Omit<Target<Operation>, 'path' | 'method'>>>>
  >;
}): Target<Operation>[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      ...operation,
    })),
  );
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

/** Values by the name of a parameter or member: what is there, so that requests get past the first checks. */
type Known = Readonly<Record<string, readonly string[]>>;

function valueFor({ name, schema, example }: Parameter, known: Known): fc.Arbitrary<string> {
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
  // Of two that no route answers with, so that some requests get as far as the negotiation in each run.
  accept: header([
    'application/json',
    'text/csv',
    '*/*',
    'text/*;q=0.3, application/json;q=x',
    'image/png',
    'audio/*',
  ]),
  'if-none-match': header(['*', '"x"', 'W/"x", "y"', ',,']),
});

export interface RequestOptions {
  readonly known: Known;
  /** Media types of bodies, which are taken more often than others. */
  readonly contentTypes: string[];
  /** The body of a request to a target that takes one. */
  readonly bodyOf: (target: Target) => fc.Arbitrary<string | Uint8Array>;
}

/** Requests to a target: parameters of the types and patterns that it tells, left out, repeated or replaced by nonsense. */
export function requestsTo(target: Target, options: RequestOptions): fc.Arbitrary<HttpRequest> {
  const { method, path, parameters = [] } = target;
  return fc
    .record({
      values: fc.tuple(...parameters.map((parameter) => valueFor(parameter, options.known))),
      leftOut: fc.tuple(
        ...parameters.map(({ required }) =>
          fc.integer({ min: 0, max: 9 }).map((n) => n < (required ? 1 : 5)),
        ),
      ),
      extra: seldom(fc.tuple(nonsense, nonsense)),
      repeated: seldom(fc.nat(20)),
      headers,
      contentType: header(options.contentTypes),
      body: method === 'POST' ? options.bodyOf(target) : fc.constant(''),
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
      const sent = { ...made.headers, 'content-type': made.contentType };
      return {
        ...request(method, '/'),
        route: path,
        path: `/prod${path}`,
        pathParameters,
        query,
        headers: Object.fromEntries(
          Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== undefined),
        ),
        body: Buffer.from(made.body as string),
      };
    });
}
