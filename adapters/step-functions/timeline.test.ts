import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { timeline } from './timeline.ts';

const at = (second: number) => new Date(Date.UTC(2026, 2, 1, 12, 0, second));

const events: HistoryEvent[] = [
  { id: 1, timestamp: at(0), type: 'ExecutionStarted' },
  { id: 2, timestamp: at(1), type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'PlanIngest' } },
  {
    id: 3,
    timestamp: at(2),
    type: 'TaskFailed',
    taskFailedEventDetails: {
      resource: 'invoke',
      resourceType: 'lambda',
      error: 'StoreUnavailable',
      cause: 'slow down',
    },
  },
  {
    id: 4,
    timestamp: at(5),
    type: 'TaskStateExited',
    stateExitedEventDetails: { name: 'PlanIngest', output: '{"jobId":"a","segments":3}' },
  },
  {
    id: 5,
    timestamp: at(5),
    type: 'MapStateEntered',
    stateEnteredEventDetails: { name: 'ValidateSegments' },
  },
];

describe('the timeline of an execution', () => {
  it('gives each visit its time, its output and the faults inside it', () => {
    const [plan, map] = timeline(events);
    expect(plan).toEqual({
      name: 'PlanIngest',
      type: 'Task',
      enteredAt: at(1),
      exitedAt: at(5),
      output: { jobId: 'a', segments: 3 },
      faults: [{ error: 'StoreUnavailable', cause: 'slow down' }],
    });
    expect(map).toEqual({ name: 'ValidateSegments', type: 'Map', enteredAt: at(5), faults: [] });
  });

  it('keeps two visits of one state apart', () => {
    const again = timeline([
      ...events,
      { id: 6, timestamp: at(6), type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'PlanIngest' } },
      { id: 7, timestamp: at(9), type: 'TaskStateExited', stateExitedEventDetails: { name: 'PlanIngest' } },
    ]);
    expect(again.map((visit) => [visit.name, visit.exitedAt])).toEqual([
      ['PlanIngest', at(5)],
      ['ValidateSegments', undefined],
      ['PlanIngest', at(9)],
    ]);
  });

  it('shows a visit whose output was cut, without it', () => {
    const [visit] = timeline([
      { id: 1, timestamp: at(0), type: 'PassStateEntered', stateEnteredEventDetails: { name: 'Pass' } },
      {
        id: 2,
        timestamp: at(1),
        type: 'PassStateExited',
        stateExitedEventDetails: { name: 'Pass', output: '{"a":' },
      },
    ]);
    expect(visit?.output).toBeUndefined();
    expect(visit?.exitedAt).toEqual(at(1));
  });
});
