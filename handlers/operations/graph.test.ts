import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Graph, graphOf } from './graph.ts';

const machines = ['ingest', 'job'].map((name) =>
  graphOf(readFileSync(`state-machines/${name}.asl.json`, 'utf8')),
);

const whole = (graph: Graph): readonly Graph[] => [
  graph,
  ...graph.states.flatMap(({ items }) => (items === undefined ? [] : whole(items))),
];

test('every transition of our machines leads to a state of the same graph, and every state is reached', () => {
  for (const { startAt, states } of machines.flatMap(whole)) {
    const names = states.map(({ name }) => name);
    const targets = states.flatMap(({ transitions }) => transitions.map(({ to }) => to));
    expect(targets.filter((to) => !names.includes(to))).toEqual([]);
    expect(names.filter((name) => name !== startAt && !targets.includes(name))).toEqual([]);
  }
});

test('a choice says when it is taken, and an error leads to one place once', () => {
  const [ingest] = machines;
  const of = (name: string) => ingest?.states.find((state) => state.name === name);
  expect(of('HasSegments')?.transitions).toEqual([
    { to: 'ValidateSegments', by: 'choice', when: '$.plan.segments NumericGreaterThan 0' },
    { to: 'NothingToIngest', by: 'default' },
  ]);
  expect(of('PlanIngest')?.transitions).toEqual([
    { to: 'HasSegments', by: 'next' },
    { to: 'MarkJobFailed', by: 'catch' },
  ]);
  expect(of('ValidateSegments')?.items?.startAt).toBe('ValidateSegment');
});
