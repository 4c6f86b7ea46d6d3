import * as z from 'zod/mini';
import type { Dataset } from '../../../core/dataset/dataset.ts';
import { type ProblemKind, problemKinds } from '../http/problem.ts';
import { maxReadings, ndjsonTypes } from '../submit-readings/read-body.ts';
import { type Operation, operations, tags } from './operations.ts';
import { problemDocument } from './problem-document.ts';
import { readingSchema } from './reading-schema.ts';
import { type Route, routes } from './routes.ts';

type Json = Record<string, unknown>;

export interface OpenApiInput {
  readonly datasets: readonly Dataset[];
  readonly version: string;
  /** What the routes begin after, on the host that serves the document. */
  readonly basePath: string;
  /** Where tokens are issued. */
  readonly tokenUrl: string;
}

/** The OpenAPI 3.1 document: the route table, and for each operation the schemas that its function works by. */
export function openApiDocument(input: OpenApiInput): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: describe(route, operations[route.operation]),
    };
  }
  const answerSchemas = Object.entries(operations).map(([name, { answer }]) => [
    answerName(name),
    jsonSchema(answer),
  ]);
  const readingSchemas = input.datasets.map((dataset) => [
    readingName(dataset),
    nested(readingSchema(dataset)),
  ]);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Caudal',
      version: input.version,
      summary: 'Sensor readings in, exact statistics out',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: input.basePath === '' ? '/' : input.basePath }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: {
        ...Object.fromEntries([...answerSchemas, ...readingSchemas]),
        Reading: {
          anyOf: input.datasets.map((dataset) => ({ $ref: `#/components/schemas/${readingName(dataset)}` })),
        },
        Problem: jsonSchema(problemDocument),
        Refusal: refusal,
      },
      securitySchemes: { accessToken: accessToken(input.tokenUrl) },
    },
  };
}

function describe(route: Route, operation: Operation): Json {
  const { summary, description, tag, body } = operation;
  const parameters = Object.entries(operation.parameters.shape).map(([name, schema]) =>
    parameter(route, name, schema),
  );
  return {
    operationId: route.operation,
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [tag],
    security: route.scope === null ? [] : [{ accessToken: [`caudal/${route.scope}`] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: { ...success(route, operation), ...failures(route, operation) },
  };
}

function parameter(route: Route, name: string, schema: z.core.$ZodType): Json {
  const { description, examples, ...rest } = jsonSchema(schema);
  const inPath = route.path.includes(`{${name}}`);
  const [example] = (examples ?? []) as unknown[];
  return {
    name,
    in: inPath ? 'path' : 'query',
    required: inPath || !z.safeParse(schema, undefined).success,
    ...(description === undefined ? {} : { description }),
    schema: rest,
    ...(example === undefined ? {} : { example }),
  };
}

function requestBody(body: NonNullable<Operation['body']>): Json {
  if (body !== 'readings') {
    return { required: true, content: { 'application/json': { schema: jsonSchema(body, 'input') } } };
  }
  const list = { type: 'array', minItems: 1, maxItems: maxReadings, items: reference('Reading') };
  const wrapped = {
    type: 'object',
    properties: { readings: list },
    required: ['readings'],
    additionalProperties: false,
  };
  const lines = { type: 'string', description: 'one reading a line' };
  return {
    required: true,
    content: {
      'application/json': { schema: { oneOf: [list, wrapped] } },
      ...Object.fromEntries(ndjsonTypes.map((type) => [type, { schema: lines }])),
    },
  };
}

function success(route: Route, operation: Operation): Json {
  const { csv, tagged, repeatable, status } = operation;
  const content = {
    'application/json': { schema: reference(answerName(route.operation)) },
    ...(csv ? { 'text/csv': { schema: { type: 'string' } } } : {}),
  };
  const headers = tagged ? { headers: { ETag: { schema: { type: 'string' } } } } : {};
  return {
    [status]: { description: operation.summary, content, ...headers },
    ...(repeatable ? { 200: { description: 'What the same request came to before', content } } : {}),
    ...(tagged ? { 304: { description: 'What If-None-Match names is still so' } } : {}),
  };
}

function failures(route: Route, { problems }: Operation): Json {
  const kinds: ProblemKind[] = ['invalid-parameter', ...problems, 'internal-error'];
  if (route.scope !== null && !kinds.includes('unavailable')) kinds.push('unavailable');
  const responses: Json = {};
  for (const kind of kinds) {
    const { status } = problemKinds[kind];
    const titles = kinds.map((name) => problemKinds[name]).filter((other) => other.status === status);
    responses[status] = {
      description: [...new Set(titles.map(({ title }) => title))].join('; '),
      content: { 'application/problem+json': { schema: reference('Problem') } },
    };
  }
  const refused = (description: string) => ({
    description,
    content: { 'application/json': { schema: reference('Refusal') } },
  });
  if (route.scope === null) return { ...responses, 429: refused('Too many requests') };
  return {
    ...responses,
    401: refused('No access token, or one that is expired or not from here, or an ID token'),
    403: refused(`The token does not have the scope caudal/${route.scope}`),
    429: refused('Too many requests'),
  };
}

/** What API Gateway itself answers when it does not let a request through. */
const refusal = { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] };

function accessToken(tokenUrl: string): Json {
  const scopes = { 'caudal/read': 'queries', 'caudal/write': 'readings and jobs' };
  return {
    type: 'oauth2',
    description: 'An access token by client credentials. ID tokens are refused.',
    flows: { clientCredentials: { tokenUrl, scopes } },
  };
}

function jsonSchema(schema: z.core.$ZodType, io: 'input' | 'output' = 'output'): Json {
  return nested(z.toJSONSchema(schema, { io, unrepresentable: 'any' }));
}

/** A schema inside the document: the dialect is the document's. */
function nested(schema: object): Json {
  return Object.fromEntries(
    Object.entries(schema).filter(([name]) => name !== '$schema' && name !== '~standard'),
  );
}

const reference = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const pascal = (name: string): string =>
  name.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
const answerName = (operation: string): string => `${pascal(operation)}Answer`;
const readingName = (dataset: Dataset): string => `${pascal(dataset.name)}Reading`;
