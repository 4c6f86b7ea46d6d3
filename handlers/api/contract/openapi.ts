import * as z from 'zod/mini';
import type { Dataset } from '../../../core/dataset/dataset.ts';
import { type ProblemKind, problemKinds, problemTypePrefix } from '../http/problem.ts';
import { about } from './fields.ts';
import { readingSchema } from './reading-schema.ts';
import { maxReadings } from './readings.ts';
import { gatewayProblems } from './refusals.ts';
import { type Route, tags } from './route.ts';
import { type ApiFunction, routes as allRoutes, type ListedRoute } from './routes.ts';
import { scopeName, scopes } from './scopes.ts';

type Json = Record<string, unknown>;

export interface OpenApiInput {
  readonly datasets: readonly Dataset[];
  readonly version: string;
  /** What the routes begin after, on the host that serves the document. */
  readonly basePath: string;
  /** Where tokens are issued. */
  readonly tokenUrl: string;
  /** Functions that this installation does without. */
  readonly without?: readonly ApiFunction[];
}

/** The OpenAPI 3.1 document, made from the routes and the schemas of the datasets' readings. */
export function openApiDocument(input: OpenApiInput): Json & { openapi: string } {
  const { without = [] } = input;
  const routes = allRoutes.filter((route) => !without.includes(route.function));
  const used = new Set<string>(routes.map(({ tag }) => tag));
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: describe(route),
    };
  }
  const answerSchemas = routes.map(({ operation, answer }) => [answerName(operation), jsonSchema(answer)]);
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
      description:
        'Each route that takes GET takes HEAD, with the same answer but for its body, and OPTIONS, which says in Allow what it takes; any other method is 405 (method-not-allowed). Answers of 1 KiB and more are compressed where Accept-Encoding asks for gzip or deflate.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: input.basePath === '' ? '/' : input.basePath }],
    tags: Object.entries(tags)
      .filter(([name]) => used.has(name))
      .map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: {
        ...Object.fromEntries([...answerSchemas, ...readingSchemas]),
        Reading: {
          anyOf: input.datasets.map((dataset) => ({ $ref: `#/components/schemas/${readingName(dataset)}` })),
        },
        Problem: jsonSchema(problemDocument),
      },
      securitySchemes: { accessToken: accessToken(input.tokenUrl) },
    },
  };
}

function describe(route: ListedRoute): Json {
  const { summary, description, tag, body } = route;
  const parameters = Object.entries(route.parameters.shape).map(([name, schema]) =>
    parameter(route, name, schema),
  );
  return {
    operationId: route.operation,
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [tag],
    security: route.scope === null ? [] : [{ accessToken: [scopeName(route.scope)] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: { ...success(route), ...failures(route) },
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

function requestBody({ schema, types }: NonNullable<Route['body']>): Json {
  const [json, ...ndjson] = types;
  if (schema !== 'readings') {
    return { required: true, content: { [json]: { schema: jsonSchema(schema, 'input') } } };
  }
  const list = { type: 'array', minItems: 1, maxItems: maxReadings, items: reference('Reading') };
  const wrapped = {
    type: 'object',
    properties: { readings: list },
    required: ['readings'],
    additionalProperties: false,
  };
  const lines = { type: 'string', description: 'one reading per line' };
  return {
    required: true,
    content: {
      [json]: { schema: { oneOf: [list, wrapped] } },
      ...Object.fromEntries(ndjson.map((type) => [type, { schema: lines }])),
    },
  };
}

function success({ operation, summary, media, tagged, repeatable, status }: ListedRoute): Json {
  const content = {
    'application/json': { schema: reference(answerName(operation)) },
    ...Object.fromEntries(
      (media ?? [])
        .filter((type) => type !== 'application/json')
        .map((type) => [
          type,
          { schema: type === 'application/geo+json' ? featureCollection : { type: 'string' } },
        ]),
    ),
  };
  const headers = tagged ? { headers: { ETag: { schema: { type: 'string' } } } } : {};
  return {
    [status]: { description: summary, content, ...headers },
    ...(repeatable ? { 200: { description: 'The result of the same request, sent before', content } } : {}),
    ...(tagged
      ? { 304: { description: 'Not modified: the entity tag is one of those in If-None-Match' } }
      : {}),
  };
}

/** RFC 7946; beside the features there is what the JSON has beside its rows. */
const featureCollection = {
  type: 'object',
  properties: {
    type: { const: 'FeatureCollection' },
    features: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          type: { const: 'Feature' },
          id: { type: 'string' },
          geometry: { type: ['object', 'null'] },
          properties: { type: 'object' },
        },
        required: ['type', 'geometry', 'properties'],
      },
    },
    cursor: { type: ['string', 'null'] },
  },
  required: ['type', 'features'],
};

function failures(route: Route): Json {
  const kinds = [
    ...new Set<ProblemKind>([
      'invalid-parameter',
      ...(route.body === undefined ? [] : bodyProblems),
      ...(route.media === undefined ? [] : (['not-acceptable'] as const)),
      ...route.problems,
      'internal-error',
      ...(route.scope === null ? [] : (['unavailable'] as const)),
      ...gatewayProblems(route.scope === null),
    ]),
  ];
  const responses: Json = {};
  for (const kind of kinds) {
    const { status } = problemKinds[kind];
    const titles = kinds.map((name) => problemKinds[name]).filter((other) => other.status === status);
    responses[status] = {
      description: [...new Set(titles.map(({ title }) => title))].join('; '),
      content: { 'application/problem+json': { schema: reference('Problem') } },
    };
  }
  return responses;
}

const bodyProblems = ['invalid-body', 'body-too-large', 'unsupported-media-type'] as const;

function accessToken(tokenUrl: string): Json {
  const named = Object.fromEntries(
    Object.entries(scopes).map(([name, description]) => [
      scopeName(name as keyof typeof scopes),
      description,
    ]), // its own keys
  );
  return {
    type: 'oauth2',
    description:
      'An access token: of a machine by client credentials, with the scope of the route; or of a person who has signed in, who must also be in the group viewer or operator where the scope is caudal/read, else in operator. ID tokens are refused.',
    flows: {
      clientCredentials: { tokenUrl, scopes: named },
      authorizationCode: { authorizationUrl: new URL('authorize', tokenUrl).href, tokenUrl, scopes: named },
    },
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

const kinds = Object.keys(problemKinds) as ProblemKind[]; // the keys of a record by ProblemKind

/** The problem document of {@link problemAnswer}, as `/openapi.json` describes it. A kind may add further members. */
export const problemDocument = z.looseObject({
  type: z
    .enum(kinds.map((kind) => `${problemTypePrefix}${kind}` as const))
    .check(about('the kind of problem')),
  title: z.string().check(about('the same for every problem of the kind')),
  status: z.int(),
  detail: z.string().check(about('what is wrong, and what would be accepted')),
  message: z.string().check(about('the same as `detail`')),
  instance: z.string().check(z.regex(/^urn:uuid:/), about('of this answer; the log has it too')),
  parameter: z.optional(z.string()).check(about('the first parameter, header or field that is wrong')),
  accepted: z
    .optional(z.union([z.string(), z.array(z.string()), z.int()]))
    .check(
      about(
        'what would be accepted; in problems of POST /datasets/{dataset}/readings the number of accepted readings',
      ),
    ),
  errors: z
    .optional(z.array(z.strictObject({ parameter: z.string(), detail: z.string(), accepted: z.string() })))
    .check(about('everything that is wrong')),
});
