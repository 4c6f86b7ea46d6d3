import * as z from 'zod/mini';
import { executionStatuses } from '../../../core/execution-status.ts';
import { about, described, limit } from './fields.ts';
import type { Routes } from './route.ts';

const machine = z.enum(['ingest', 'jobs']);
const status = z.enum(executionStatuses);
const moment = z.iso.datetime({ precision: 3 });

const name = z
  .string()
  .check(
    z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/),
    described(
      'name of an execution: 1 to 80 letters, digits, dots, underscores and hyphens',
      'replay-20261101T000000Z',
    ),
  );

const ofMachine = z
  .optional(machine)
  .check(described('ingest or jobs; without it both, of one execution the first that has it', 'ingest'));

const summary = {
  name: z.string(),
  machine,
  status,
  startedAt: moment,
  endedAt: z.nullable(moment).check(about('null while it runs')),
  redrives: z.int().check(about('how often it was continued')),
};

const transition = z.strictObject({
  to: z.string(),
  by: z
    .enum(['next', 'choice', 'default', 'catch'])
    .check(about('choice: where a condition holds; default: where none does; catch: by an error')),
  when: z.optional(z.string()).check(about('of a choice with one comparison')),
});

const state = {
  name: z.string(),
  type: z.string().check(about('as Amazon States Language names it: Task, Map, Choice, …')),
  transitions: z.array(transition),
};

const itemCounts = z.strictObject({
  total: z.int(),
  pending: z.int(),
  running: z.int(),
  succeeded: z.int(),
  failed: z.int(),
  timedOut: z.int(),
  aborted: z.int(),
});

const fault = { error: z.string(), cause: z.string() };

const execution = z.strictObject({
  ...summary,
  error: z.optional(z.string()).check(about('with `cause`: only of one that failed')),
  cause: z.optional(z.string()),
  redrive: z
    .strictObject({
      way: z
        .enum(['continue', 'again', 'none'])
        .check(
          about(
            'continue: on from the state in which it stopped; again: its input as a new execution; none: it runs, has succeeded, or nothing can be done',
          ),
        ),
      why: z.string(),
    })
    .check(about('what POST /executions/{name}/redrive does')),
  visits: z
    .array(
      z.strictObject({
        state: z.string(),
        type: z.string(),
        enteredAt: moment,
        leftAt: z.nullable(moment).check(about('null while it runs, and where the execution ended in it')),
        outcome: z
          .enum(['done', 'failed', 'running', 'left'])
          .check(about('left: the execution ended in it by an error that nothing caught, or was stopped')),
        faultCount: z.int().check(about('attempts that failed, those that were retried included')),
        faults: z.array(z.strictObject(fault)).check(about('the last 5 of them')),
        items: z.optional(itemCounts).check(about('of a map: its items by what became of them')),
      }),
    )
    .check(about('visits of states, the oldest first; of more than 200 the newest')),
  earlierVisits: z.int().check(about('visits that are not shown')),
  isWhole: z
    .boolean()
    .check(about('false: the history has more than 5,000 events, and the later ones were not read')),
  counts: z.record(z.string(), z.number()).check(about('numbers in what its states answered')),
  failedItems: z.strictObject({
    count: z.int(),
    first: z.array(
      z.strictObject({
        map: z.string(),
        ...fault,
        input: z.string().check(about('the item as JSON, its first 500 characters')),
      }),
    ),
  }),
  failedSegments: z
    .array(z.strictObject({ key: z.string(), versionId: z.string(), ...fault }))
    .check(about('of an ingestion: the first 20 raw objects that were not validated')),
  graph: z
    .strictObject({
      startAt: z.string(),
      states: z.array(
        z.strictObject({
          ...state,
          items: z
            .optional(z.strictObject({ startAt: z.string(), states: z.array(z.strictObject(state)) }))
            .check(about('of a map: the states that each item goes through')),
        }),
      ),
    })
    .check(about('the states of its machine, as the machine is now')),
});

/** Two tokens of Step Functions, of up to 1,024 characters each. */
const cursor = z
  .optional(z.string().check(z.regex(/^[A-Za-z0-9_-]{1,4096}$/)))
  .check(about('the cursor of the previous page, unchanged, with the same other parameters'));

const common = { tag: 'operations' } as const;

export const executions = {
  listExecutions: {
    ...common,
    method: 'GET',
    path: '/executions',
    scope: 'read',
    summary: 'Executions of the state machines, the newest first',
    description:
      'Step Functions keeps them for 90 days. A page may have fewer executions than `limit`, or none, and still a `cursor`, which holds for a day.',
    parameters: z.strictObject({
      status: z
        .optional(status)
        .check(described(`${executionStatuses.join(', ')}; without it all`, 'FAILED')),
      machine: ofMachine,
      limit,
      cursor,
    }),
    status: 200,
    tagged: true,
    answer: z.strictObject({
      executions: z.array(z.strictObject(summary)),
      cursor: z
        .nullable(z.string())
        .check(about('for the next page: the same request with this `cursor`; null on the last page')),
    }),
    problems: [],
  },
  getExecution: {
    ...common,
    method: 'GET',
    path: '/executions/{name}',
    scope: 'read',
    summary: 'One execution: its states with times, faults and the progress of maps, what failed, its graph',
    parameters: z.strictObject({ name, machine: ofMachine }),
    status: 200,
    tagged: true,
    answer: execution,
    problems: ['not-found'],
  },
} as const satisfies Routes;

export const redriving = {
  redriveExecution: {
    ...common,
    method: 'POST',
    path: '/executions/{name}/redrive',
    scope: 'operate',
    summary: 'Runs a failed execution on from where it stopped, or its input again',
    description:
      'As `caudal redrive` does. Nothing is done twice: what was done before is a union with itself, and a second request finds the run of the first one.',
    parameters: z.strictObject({ name, machine: ofMachine }),
    status: 202,
    answer: z.strictObject({
      execution: z.string().check(about('the name of the execution that runs now')),
      machine,
      way: z.enum(['continue', 'again']),
      why: z.string(),
    }),
    problems: ['not-found', 'not-redrivable'],
  },
} as const satisfies Routes;
