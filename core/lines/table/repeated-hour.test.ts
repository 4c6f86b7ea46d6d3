import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBytes } from '../../../test/support/parse-bytes.ts';
import { type Dataset, defineDataset } from '../../dataset/dataset.ts';
import { timeZoneNamed } from '../../time/time-zone.ts';

const hourly = (timeZone: string): Dataset =>
  defineDataset({
    name: 'air',
    timeZone,
    shards: 1,
    measures: { pm10: { unit: 'µg/m³', min: 0, max: 1_000 } },
    csv: { timestamp: ['time', 'yyyy-MM-dd HH:mm'], sensorId: 'station' },
  });

/** In each of them the clock goes back within these days. */
const zones = [
  ['Europe/Berlin', Date.UTC(2026, 9, 25)],
  ['America/New_York', Date.UTC(2026, 10, 1)],
  ['Australia/Lord_Howe', Date.UTC(2026, 3, 4, 12)],
] as const;

const row = (zone: string, station: string, ms: number): string => {
  const local = new Date(ms + timeZoneNamed(zone).offsetMs(ms)).toISOString();
  return `${station},${local.slice(0, 10)} ${local.slice(11, 16)},${ms % 97}`;
};

async function read(zone: string, rows: readonly string[]) {
  const body = ['station,time,pm10', ...rows, ''].join('\n');
  const { outcomes } = await parseBytes(body, { key: 'landing/air/x.csv', known: [hourly(zone)] });
  return {
    instants: outcomes.flatMap(({ reading }) =>
      reading ? [{ station: reading.sensorId, ms: reading.timestampMs, value: reading.values[0] }] : [],
    ),
    reasons: outcomes.flatMap(({ reason }) => reason ?? []),
    lines: outcomes.map(({ line }) => line).toSorted((a, b) => a - b),
  };
}

describe('the hour that is repeated when summer time ends', () => {
  test('is read right from a file in order', async () => {
    const file = new URL('../../../test/fixtures/real-files/dst-overlap/oct.csv', import.meta.url);
    const { instants, reasons } = await read(
      'Europe/Berlin',
      readFileSync(file, 'utf8').trim().split('\n').slice(1),
    );
    expect(reasons).toEqual([]);
    expect(instants.map(({ ms }) => new Date(ms).toISOString().slice(11, 16)).toSorted()).toEqual([
      ...['00:00', '00:30', '01:00', '01:30', '02:00', '23:30'],
    ]);
  });

  const stepMinutes = fc.constantFrom(5, 10, 15, 30);
  const place = fc.constantFrom(...zones);

  test('comes back for every series of a file, forward or backward, one after the other or in turns', async () => {
    await fc.assert(
      fc.asyncProperty(
        place,
        stepMinutes,
        fc.boolean(),
        fc.boolean(),
        async ([zone, day], step, back, turns) => {
          const times = Array.from({ length: 1_560 / step }, (_, at) => day + at * step * 60_000);
          if (back) times.reverse();
          const stations = ['a', 'b', 'c'];
          const wanted = turns
            ? times.flatMap((ms) => stations.map((station) => ({ station, ms })))
            : stations.flatMap((station) => times.map((ms) => ({ station, ms })));
          const { instants, reasons, lines } = await read(
            zone,
            wanted.map(({ station, ms }) => row(zone, station, ms)),
          );
          expect(reasons).toEqual([]);
          const key = ({ station, ms }: { station: string; ms: number }) => `${station} ${ms}`;
          expect(instants.map(key).toSorted()).toEqual(wanted.map(key).toSorted());
          for (const { ms, value } of instants) expect(value).toBe(ms % 97);
          expect(lines).toEqual(wanted.map((_, at) => at + 2));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('is never an hour wrong in silence: whatever rows of a file in order are missing, a row is right or rejected', async () => {
    await fc.assert(
      fc.asyncProperty(
        place,
        stepMinutes,
        fc.boolean(),
        fc.array(fc.nat(), { maxLength: 260 }),
        async ([zone, day], step, back, missing) => {
          const times = Array.from({ length: 1_560 / step }, (_, at) => day + at * step * 60_000);
          for (const at of missing) times.splice(at % times.length, 1);
          if (back) times.reverse();
          const { instants, reasons } = await read(
            zone,
            times.map((ms) => row(zone, 'a', ms)),
          );
          for (const { ms } of instants) expect(times).toContain(ms);
          expect(new Set(reasons).size).toBeLessThanOrEqual(1);
          expect(instants.length + reasons.length).toBe(times.length);
          for (const reason of reasons) expect(reason).toBe('ambiguous-timestamp');
        },
      ),
      { numRuns: 300 },
    );
  });

  test('is read right from rows an hour apart, although they look as if they were written twice', async () => {
    const times = ['00:00', '01:00', '02:00', '02:00', '03:00', '04:00'];
    for (const rows of [times, times.toReversed()]) {
      const { instants } = await read(
        'Europe/Berlin',
        rows.map((time) => `a,2026-10-25 ${time},1`),
      );
      expect(new Set(instants.map(({ ms }) => ms)).size).toBe(6);
    }
  });

  test.each([
    ['of one pass only', ['01:30', '02:00', '02:30', '03:00']],
    ['of a file that begins in it', ['02:00', '02:30', '03:00']],
    ['that have no others beside them', ['02:30', '02:00']],
    ['of one pass, of which one is there twice', ['01:50', '02:00', '02:10', '02:10', '02:20', '03:00']],
    [
      'of one pass, of which two changed places',
      ['01:50', '02:00', '02:20', '02:10', '02:30', '02:40', '02:50', '03:00'],
    ],
    [
      'of one pass, newest first, of which one is there twice',
      ['03:00', '02:20', '02:10', '02:10', '02:00', '01:50'],
    ],
    ['of a file in which each is there twice', ['01:00', '01:00', '02:00', '02:00', '03:00', '03:00']],
    ['of a file in which each is there twice, and ends with them', ['01:00', '01:00', '02:00', '02:00']],
    [
      'that go on backward behind rows that went forward, as of another file',
      ['01:00', '01:30', '03:00', '02:00', '02:30'],
    ],
    ['that are two, behind which another file begins', ['02:00', '02:30', '01:30']],
    ['out of order', ['01:30', '02:30', '02:00', '02:30', '02:00', '03:00']],
  ])('rejects rows %s', async (_, times) => {
    const { instants, reasons } = await read(
      'Europe/Berlin',
      times.map((time) => `a,2026-10-25 ${time},1`),
    );
    const certain = times.filter((time) => !time.startsWith('02'));
    expect(instants).toHaveLength(certain.length);
    expect(reasons).toEqual(times.filter((time) => time.startsWith('02')).map(() => 'ambiguous-timestamp'));
  });
});
