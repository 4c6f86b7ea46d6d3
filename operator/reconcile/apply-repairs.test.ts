import { expect, test } from 'vitest';
import type { Difference, Repair } from '../shared/differences.ts';
import { planRepairs } from './apply-repairs.ts';

const difference = (repairs: readonly Repair[] | undefined): Difference => ({
  ...{ kind: 'partition', name: 'n', what: 'w', fix: 'f' },
  ...(repairs === undefined ? {} : { repairs }),
});
const readings = (from: string, to: string, dataset = 'air'): Repair => ({
  ...{ kind: 'replay-readings', dataset, from, to },
});
const arrived = (from: string, to: string): Repair => ({ kind: 'replay-arrived', from, to });

test('each step is done once: removals first, then replays, days that touch as one', () => {
  const object: Repair = { kind: 'remove-object', bucket: 'b', key: 'k' };
  const plan = planRepairs([
    difference([object, readings('2025-01-31', '2025-01-31')]),
    difference([object, readings('2025-02-01', '2025-02-02')]),
    difference([readings('2025-02-04', '2025-02-04'), arrived('2025-02-02', '2025-02-02')]),
    difference([readings('2025-01-01', '2025-12-31', 'water'), arrived('2025-02-01', '2025-02-09')]),
    difference([readings('2025-05-01', '2025-05-31', 'water')]),
  ]);
  expect(plan.removals).toEqual([object]);
  expect(plan.replays).toEqual([
    readings('2025-01-31', '2025-02-02'),
    readings('2025-02-04', '2025-02-04'),
    arrived('2025-02-01', '2025-02-09'),
    readings('2025-01-01', '2025-12-31', 'water'),
  ]);
});

test('what only a person can decide is left', () => {
  const undecided = difference(undefined);
  expect(planRepairs([undecided])).toEqual({ removals: [], replays: [], undecided: [undecided] });
});
