import { describe, expect, test } from 'vitest';
import type { DatasetLines } from '../shared/recent-objects.ts';
import { statusChecks } from './status-page.ts';
import type { StatusReport } from './status-report.ts';

const at = '2026-03-01T12:00:00.000Z';
const well: StatusReport = {
  ...{ at, where: 'here', undeliverable: 0, failedJobs: [], newest: [], silent: [] },
  stream: { name: 's', status: 'ACTIVE' },
  objects: {
    ...{ waiting: 0, oldestWaiting: undefined, newestMs: undefined, lines: [], refused: [] },
    lastHour: { objects: 0, lines: 0, bytes: 0 },
  },
  queue: { arn: 'q', visible: 0, inFlight: 0, deadLetterArn: undefined },
  pipe: { name: 'p', state: 'RUNNING', reason: undefined, target: 't' },
  deadLetters: { ingest: 0, jobs: 0 },
  executions: { running: 0, failed: 0, open: [], failedObjects: [] },
  alerts: { count: 0 },
};
const bounds = { maxRejected: 0.2 };
const check = (report: StatusReport, name: string) =>
  statusChecks(report, bounds).find((each) => each.name === name);
const withLines = (lines: readonly DatasetLines[]): StatusReport => ({
  ...well,
  objects: { ...well.objects, lines },
});

test('an installation that is well has nothing but marks of it', () => {
  expect(new Set(statusChecks(well, bounds).map(({ state }) => state))).toEqual(new Set(['ok']));
});

test('pending alerts are a fault once they are late', () => {
  const pending = (oldest: string) => check({ ...well, alerts: { count: 2, oldest } }, 'alerts');
  expect(pending('2026-03-01T11:45:00.000Z')).toMatchObject({ state: 'ok' });
  expect(pending('2026-03-01T11:30:00.000Z')).toMatchObject({
    state: 'fail',
    text: '2 pending, the oldest for 30 min 00 s',
  });
});

describe('rejected lines', () => {
  const none = { lines: 0, rejected: 0 };

  test('are shown by dataset with their share of the last hour and day', () => {
    const found = check(
      withLines([
        { dataset: 'air', lastHour: { lines: 10, rejected: 1 }, lastDay: { lines: 4_000, rejected: 1 } },
        { dataset: 'water', lastHour: none, lastDay: { lines: 1_000, rejected: 200 } },
        { dataset: 'wind', lastHour: none, lastDay: { lines: 1, rejected: 0 } },
        { dataset: undefined, lastHour: none, lastDay: none },
      ]),
      'rejected',
    );
    expect(found).toMatchObject({
      state: 'ok',
      text: [
        'last hour 1 of 10 lines (10%), last day 201 of 5,001 lines (4%)',
        'air: last hour 1 of 10 lines (10%), last day 1 of 4,000 lines (below 0.1%)',
        'water: last hour no lines, last day 200 of 1,000 lines (20%)',
      ].join('\n'),
    });
  });

  test('are a fault where their share is above the bound, whatever the other datasets have', () => {
    const many = { dataset: 'air', lastHour: none, lastDay: { lines: 1_000_000, rejected: 0 } };
    const bad = { lines: 10, rejected: 3 };
    const found = check(withLines([many, { dataset: undefined, lastHour: bad, lastDay: bad }]), 'rejected');
    expect(found).toMatchObject({ state: 'fail' });
    expect(found?.text).toContain('no dataset named: last hour 3 of 10 lines (30%)');
    expect(found?.fix).toContain('above 20%');
  });
});

test('series that fell silent are shown, ten of them', () => {
  const sensors = Array.from({ length: 12 }, (_, index) => ({
    sensorId: `s${index}`,
    lastDay: '2026-02-25',
  }));
  const found = check({ ...well, silent: [{ dataset: 'air', sensors }] }, 'silent');
  expect(found?.state).toBe('warn');
  expect(found?.text.split('\n')).toHaveLength(12);
  expect(found?.text).toContain('air s0, last on 2026-02-25');
  expect(check({ ...well, silent: [{ dataset: 'air', sensors: [] }] }, 'silent')?.state).toBe('ok');
});
