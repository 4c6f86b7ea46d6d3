import type * as z from 'zod/mini';
import { corrections } from './corrections.ts';
import { datasets } from './datasets.ts';
import { executions, redriving } from './executions.ts';
import { gaps } from './gaps.ts';
import { jobs } from './jobs.ts';
import { installation } from './operations/installation.ts';
import { projections } from './projections/projections.ts';
import { readings } from './readings.ts';
import { rejects } from './rejects.ts';
import { results } from './results.ts';
import type { Route, Routes } from './route.ts';
import { service } from './service.ts';
import { storedReadings } from './stored-readings.ts';
import { commands, streamQueries } from './streams/streams.ts';
import { submission } from './submission.ts';
import { inspections, uploads } from './uploads.ts';
import { waterTemperature } from './water-temperature.ts';

/**
 * The whole API: which function, a folder under `handlers/api/`, answers which routes, in the order of the documentation.
 *
 * A function imports only the subjects that it answers, so that its bundle holds no schemas of the others. The compiler holds
 * what it imports against this table, by {@link RoutesOf}, and `infra/` by {@link ApiFunction}: a route that no function
 * answers, an endpoint or a function without a route do not compile.
 */
const contract = [
  { function: 'describe-api', routes: service },
  { function: 'query-api', routes: waterTemperature },
  { function: 'query-api', routes: datasets },
  { function: 'submit-readings', routes: readings },
  { function: 'query-api', routes: storedReadings },
  { function: 'query-api', routes: projections },
  { function: 'query-api', routes: gaps },
  { function: 'upload-files', routes: uploads },
  { function: 'inspect-file', routes: inspections },
  { function: 'query-api', routes: jobs },
  { function: 'submit-job', routes: submission },
  { function: 'query-jobs', routes: results },
  { function: 'command-streams', routes: commands },
  { function: 'query-streams', routes: streamQueries },
  { function: 'query-operations', routes: installation },
  { function: 'query-operations', routes: executions },
  { function: 'query-operations', routes: rejects },
  { function: 'operate', routes: redriving },
  { function: 'operate', routes: corrections },
] as const satisfies readonly { readonly function: string; readonly routes: Routes }[];

type Subject = (typeof contract)[number];

/** The functions that have routes, by their folders under `handlers/api/`. */
export type ApiFunction = Subject['function'];

/** The functions of the streams, which an installation may do without. */
export const streamFunctions = ['command-streams', 'query-streams'] as const satisfies ApiFunction[];
export type StreamFunction = (typeof streamFunctions)[number];

type KeyOf<Union> = Union extends unknown ? keyof Union : never;
type MemberOf<Union, Name extends PropertyKey> = Union extends { readonly [Key in Name]: infer Value }
  ? Value
  : never;

/** The operations of the API. */
export type Operation = KeyOf<Subject['routes']>;

/** The route of an operation, as it is declared. */
export type RouteOf<Name extends Operation> = MemberOf<Subject['routes'], Name>;

/** The routes that a function answers, all of them. */
export type RoutesOf<Name extends ApiFunction> = {
  readonly [Key in KeyOf<Extract<Subject, { readonly function: Name }>['routes']>]: MemberOf<
    Extract<Subject, { readonly function: Name }>['routes'],
    Key
  >;
};

/** What an operation answers with when it succeeds. */
export type AnswerOf<Name extends Operation> = z.core.output<MemberOf<Subject['routes'], Name>['answer']>;

export interface ListedRoute extends Route {
  /** The name that the route's answer, its schema and its OpenAPI operation share. */
  readonly operation: Operation;
  readonly function: ApiFunction;
}

/** What a path of the table takes, in the order of the alphabet; empty where there is no such path. */
export function methodsOf(path: string): readonly string[] {
  const listed = routes.filter((route) => route.path === path).map(({ method }): string => method);
  const also = listed.includes('GET') ? ['HEAD', 'OPTIONS'] : ['OPTIONS'];
  return listed.length === 0 ? [] : [...listed, ...also].sort();
}

/** Every route with its operation and function. */
export const routes: readonly ListedRoute[] = contract.flatMap((subject) =>
  Object.entries<Route>(subject.routes).map(([operation, route]) => ({
    ...route,
    operation: operation as Operation, // a key of the subject's routes
    function: subject.function,
  })),
);
