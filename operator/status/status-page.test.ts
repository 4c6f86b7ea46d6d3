import { describe, expect, test } from 'vitest';
import type { DatasetLines } from '../../handlers/operations/recent-lines.ts';
import type { DataReport, StatusReport } from '../../handlers/operations/status/status-report.ts';
import { statusChecks } from './status-page.ts';

const at = '2026-03-01T12:00:00.000Z';
const well: StatusReport = {
  ...{ at, undeliverable: 0, failedJobs: [] },
  data: { newest: [], contested: [], silent: [], projections: [] },
  relay: undefined,
  stream: { name: 's', status: 'ACTIVE', bufferSeconds: 300 },
  objects: {
    ...{
      waiting: 0,
      oldestWaiting: undefined,
      newestMs: undefined,
      lines: [],
      withoutText: 0,
      dropped: [],
      refused: [],
      unlooked: undefined,
    },
    lastHour: { objects: 0, lines: 0, bytes: 0 },
  },
  queue: { visible: 0, inFlight: 0 },
  pipe: { name: 'p', state: 'RUNNING', reason: undefined, windowSeconds: 10 },
  deadLetters: { ingest: 0, jobs: 0, events: 0 },
  executions: { running: 0, failed: 0, open: [], failedObjects: [], goneObjects: [] },
  alerts: { count: 0 },
};
const bounds = { maxRejected: 0.2, maxDropped: 0.2, maxContested: 0.05, maxAheadMs: 300_000 };
const check = (report: StatusReport, name: string) =>
  statusChecks(report, bounds).find((each) => each.name === name);
const withData = (data: Partial<DataReport>): StatusReport => ({
  ...well,
  data: { newest: [], contested: [], silent: [], projections: [], ...data },
});
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

test('an object that waits for longer than buffer, window and an execution take is a fault', () => {
  const waiting = (minutes: number, bufferSeconds: number) => {
    const arrivedMs = Date.parse(at) - minutes * 60_000;
    const objects = { ...well.objects, waiting: 3, oldestWaiting: { key: 'raw/x.gz', arrivedMs } };
    return check({ ...well, objects, stream: { ...well.stream, bufferSeconds } }, 'queue');
  };
  expect(waiting(6, 300)).toMatchObject({ state: 'ok' });
  expect(waiting(7, 300)).toMatchObject({ state: 'fail' });
  expect(waiting(7, 300)?.fix).toContain('npm run caudal -- replay --from 2026-03-01 --to 2026-03-01');
  expect(waiting(2, 60)).toMatchObject({ state: 'ok' });
  expect(waiting(3, 60)).toMatchObject({
    state: 'fail',
    text: '0 messages waiting, 0 in flight; 3 objects not ingested yet, the oldest for 3 min 00 s, 2 min 10 s may pass: raw/x.gz',
  });
});

test('an object that was deleted before it was ingested is named, and is no fault that somebody could redrive', () => {
  const gone = { key: 'landing/air/x.csv', error: 'SegmentMissing', cause: '', execution: 'e' };
  const report = { ...well, executions: { ...well.executions, failed: 1, goneObjects: [gone] } };
  expect(check(report, 'gone')).toMatchObject({
    state: 'warn',
    text: expect.stringContaining('landing/air/x.csv'),
  });
  expect(check(report, 'executions')).toMatchObject({ state: 'ok' });
});

test('where there are too many uploaded files to look at, it is said after which one nothing was', () => {
  const report = { ...well, objects: { ...well.objects, unlooked: 'landing/air/m.csv' } };
  expect(check(report, 'refused')).toMatchObject({
    state: 'warn',
    text: expect.stringContaining('none after landing/air/m.csv was'),
    fix: expect.stringContaining('npm run caudal -- rejects --from 2026-03-01'),
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
    const found = check(withLines([many, { dataset: 'water', lastHour: bad, lastDay: bad }]), 'rejected');
    expect(found).toMatchObject({ state: 'fail' });
    expect(found?.text).toContain('water: last hour 3 of 10 lines (30%)');
    expect(found?.fix).toContain('above 20%');
  });

  test('that name no dataset are seen, by their share of all lines', () => {
    const of = (count: number) => {
      const unnamed = { lines: count, rejected: count };
      const sound = { dataset: 'air', lastHour: none, lastDay: { lines: 1_000 - count, rejected: 0 } };
      const lines = [sound, { dataset: undefined, lastHour: unnamed, lastDay: unnamed }];
      return check(withLines(lines), 'rejected');
    };
    const some = check(
      withLines([
        { dataset: 'air', lastHour: { lines: 9, rejected: 0 }, lastDay: { lines: 999, rejected: 0 } },
        { dataset: undefined, lastHour: { lines: 1, rejected: 1 }, lastDay: { lines: 1, rejected: 1 } },
      ]),
      'rejected',
    );
    expect(some?.state).toBe('warn');
    expect(some?.text).toContain(
      'that name no dataset, of all lines: last hour 1 of 10 lines (10%), last day 1 of 1,000 lines (0.1%)',
    );
    expect(some?.fix).toMatch(/^some name no dataset: npm run caudal -- rejects/);
    expect(of(0)?.state).toBe('ok');
    expect(of(201)?.state).toBe('fail');
  });
});

describe('dropped values', () => {
  const of = (dropped: number): StatusReport => {
    const values = {
      ...{ dataset: 'air', measure: 'humidity', lastHour: { readings: 0, dropped: 0 } },
      lastDay: { readings: 100, dropped },
      most: { key: 'landing/air/x.csv', reasons: { nothing: dropped } },
    };
    return { ...well, objects: { ...well.objects, dropped: [values] } };
  };

  test('are shown by measure with their share, and the object that has most of them', () => {
    expect(check(of(20), 'dropped')).toMatchObject({ state: 'ok' });
    expect(check(of(20), 'dropped')?.text).toContain(
      'air humidity: last hour no readings, last day 20 of 100 readings (20%); most in landing/air/x.csv: nothing 20',
    );
  });

  test('are a fault where a measure loses more than its share', () => {
    expect(check(of(21), 'dropped')).toMatchObject({ state: 'fail' });
  });
});

describe('contested readings', () => {
  const contestedIn = (contested: number): StatusReport =>
    withData({
      contested: [
        {
          ...{ dataset: 'air', lastHour: { readings: 0, contested: 0 }, seriesCount: 12 },
          lastDay: { readings: 10_000, contested },
          series: [{ sensorId: 'Upper Mill', readings: 100, contested, firstMs: Date.parse(at) }],
        },
      ],
    });

  test('are shown with the command that tells who says what', () => {
    const found = check(contestedIn(5), 'contested');
    expect(found?.state).toBe('warn');
    expect(found?.text).toContain('air: last hour no readings, last day 5 of 10,000 readings (0.1%)');
    expect(found?.text).toContain('  Upper Mill: 5 of 100 readings (5%)\n  … and 11 more series');
    expect(found?.fix).toContain(`npm run caudal -- explain air 'Upper Mill' ${at};`);
  });

  test('are a fault where they are many of one series, however few of the dataset', () => {
    expect(check(contestedIn(6), 'contested')).toMatchObject({ state: 'fail' });
    expect(check(contestedIn(0), 'contested')).toMatchObject({ state: 'ok' });
  });
});

test('readings ahead of now are a fault beyond what a clock may be off', () => {
  const of = (byMs: number) => {
    const timestampMs = Date.parse(at) + byMs;
    const series = { sensorId: 's', timestampMs };
    return withData({ newest: [{ dataset: 'air', ...series, ahead: byMs > 0 ? [series] : [] }] });
  };
  expect(check(of(-1), 'ahead')).toMatchObject({ state: 'ok', text: 'no reading is ahead of now' });
  expect(check(of(300_000), 'ahead')).toMatchObject({ state: 'ok' });
  const found = check(of(3_600_000), 'ahead');
  expect(found?.state).toBe('fail');
  expect(found?.text).toContain('air s: 2026-03-01T13:00:00.000Z, in 1 h 00 min');
  expect(found?.fix).toContain('npm run caudal -- explain air s 2026-03-01T13:00:00.000Z');
});

test('series that fell silent are shown, ten of them', () => {
  const sensors = Array.from({ length: 12 }, (_, index) => ({
    sensorId: `s${index}`,
    lastDay: '2026-02-25',
  }));
  const found = check(withData({ silent: [{ dataset: 'air', sensors }] }), 'silent');
  expect(found?.state).toBe('warn');
  expect(found?.text.split('\n')).toHaveLength(12);
  expect(found?.text).toContain('air s0, last on 2026-02-25');
  expect(check(withData({ silent: [{ dataset: 'air', sensors: [] }] }), 'silent')?.state).toBe('ok');
});
