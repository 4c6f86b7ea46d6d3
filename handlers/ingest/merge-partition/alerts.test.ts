import { describe, expect, test } from 'vitest';
import { defineDataset } from '../../../core/dataset/dataset.ts';
import type { AlertContent, StoredAlert } from '../../../ports/records.ts';
import { alertChanges } from './alerts.ts';

const dataset = defineDataset({
  name: 'levels',
  timeZone: 'UTC',
  shards: 1,
  measures: { level: { unit: 'm', min: 0, max: 100 } },
  alerts: { flood: { measure: 'level', above: 8, since: '2024-03-01' } },
});

const day = (name: string) => ({ dataset: 'levels', shard: 0, day: name });
const worst = { count: 1, worst: 9, worstAt: 5 };
const series = (alerts: Record<string, typeof worst>) =>
  new Map([['weir', { count: 1, contested: 0, measures: {}, alerts }]]);
const stored = (name: string, changes: Partial<AlertContent> = {}) => {
  const content: AlertContent = { measure: 'level', threshold: 8, ...worst, withdrawn: false, ...changes };
  const alert: StoredAlert = { content, version: 1, state: 'sent', sentAt: '2024-01-01T00:00:00.000Z' };
  return [{ key: { ...day(name), sensorId: 'weir', rule: 'flood' }, alert }];
};

describe('a rule with a first day', () => {
  test('raises no alert of an earlier one, and of that day on each', () => {
    const kinds = ['2014-07-01', '2024-02-29', '2024-03-01', '2024-03-02'].map((name) =>
      alertChanges(dataset, day(name), series({ flood: worst }), []).map(({ kind }) => kind),
    );
    expect(kinds).toEqual([[], [], ['create'], ['create']]);
  });

  test('keeps true what was raised before it had one', () => {
    const of = day('2024-02-01');
    expect(alertChanges(dataset, of, series({ flood: worst }), stored('2024-02-01'))).toEqual([]);
    expect(alertChanges(dataset, of, series({}), stored('2024-02-01'))).toMatchObject([
      { kind: 'revise', content: { withdrawn: true }, reopen: false },
    ]);
  });
});
