import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineDataset } from '../../core/dataset/dataset.ts';
import type { Reading } from '../../core/dataset/reading.ts';
import { readingAt } from '../../core/set/columns.ts';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import {
  mean,
  mergeStatistics,
  type PeriodStatistics,
  standardDeviation,
  statisticsByDay,
} from '../../core/statistics/statistics.ts';
import { localDay } from '../../core/time/calendar.ts';
import { ExpectationBuilder, type ExpectedPeriod, localDays } from './expectation.ts';

const dataset = defineDataset({
  name: 'expected',
  timeZone: 'Europe/Madrid',
  shards: 1,
  measures: {
    level: { unit: 'm', min: -1e6, max: 1e6 },
    flow: { unit: 'l/s', min: 0, max: 1e15, optional: true },
  },
  attributes: { note: { maxLength: 5, optional: true } },
});

const readingOf = (fields: Partial<Reading> & { values?: readonly (number | null)[] }): Reading => ({
  sensorId: 'a',
  timestampMs: Date.UTC(2024, 0, 15),
  revision: 0,
  values: [1, null],
  attributes: [null],
  ...fields,
});

function expectedOf(readings: readonly Reading[]) {
  const builder = new ExpectationBuilder();
  for (const reading of readings) builder.reading(dataset, reading);
  const found = builder.build(true).datasets.expected;
  if (found === undefined) throw new Error('nothing expected');
  return found;
}

describe('what the pipeline must show', () => {
  it('is the textbook statistics, by local month and day', () => {
    // 23:30 UTC on 31 January is half past midnight on 1 February in Madrid.
    const times = ['2024-01-31T22:30:00.000Z', '2024-01-31T23:30:00.000Z', '2024-02-10T12:00:00.000Z'];
    const readings = times.map((time, index) =>
      readingOf({ timestampMs: Date.parse(time), values: [index + 1, index === 1 ? 8 : null] }),
    );
    const { months, days } = expectedOf(readings).sensors.a ?? { months: {}, days: {} };
    expect(Object.keys(months)).toEqual(['2024-01', '2024-02']);
    expect(Object.keys(days)).toEqual(['2024-01-31', '2024-02-01', '2024-02-10']);
    expect(months['2024-02']).toEqual({
      count: 2,
      measures: {
        level: {
          count: 2,
          mean: 2.5,
          min: 2,
          minAt: times[1],
          max: 3,
          maxAt: times[2],
          standardDeviation: 0.5,
        },
        flow: { count: 1, mean: 8, min: 8, minAt: times[1], max: 8, maxAt: times[1], standardDeviation: 0 },
      },
    });
  });

  it('counts each line once: rejected, distinct or repeated', () => {
    const builder = new ExpectationBuilder();
    for (const value of [1, 1, 2]) builder.reading(dataset, readingOf({ values: [value, null] }));
    builder.reading(dataset, readingOf({ sensorId: 'b' }));
    builder.invalid(dataset);
    expect(builder.build(true).datasets.expected?.totals).toEqual({
      lines: 5,
      rejected: 1,
      distinct: 2,
      repeated: 2,
    });
  });

  it('takes the highest revision, then the greater encoding, in whatever order they came', () => {
    const versions = [
      readingOf({ values: [9, null] }),
      readingOf({ values: [3, null], revision: 1 }),
      readingOf({ values: [20, null], revision: 1 }),
      readingOf({ values: [3, null], revision: 1, attributes: ['x'] }),
    ];
    // Of revision 1, `"level":3}` against `"level":3,"note"` and `"level":20`: 3 > 2, and `,` > nothing as `}` comes last.
    fc.assert(
      fc.property(fc.shuffledSubarray(versions, { minLength: 4 }), (readings) => {
        const expected = expectedOf(readings).sensors.a?.months['2024-01']?.measures.level;
        expect(expected).toMatchObject({ count: 1, mean: 3 });
      }),
    );
  });

  it('agrees with the statistics of core, which it shares no code with, for any readings', () => {
    const reading = fc.record({
      sensorId: fc.constantFrom('a', 'b', 'c'),
      timestampMs: fc
        .integer({ min: Date.UTC(2023, 9, 1), max: Date.UTC(2024, 3, 30) })
        .map((ms) => ms - (ms % 3_600_000)),
      revision: fc.integer({ min: 0, max: 2 }),
      values: fc.tuple(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0),
        fc.option(fc.double({ min: 0, max: 1e15, noNaN: true }).map((value) => value + 0)),
      ),
      attributes: fc.tuple(fc.option(fc.constantFrom('p', 'q'))),
    });
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1, maxLength: 300 }), (readings) => {
        const expected = expectedOf([...readings, ...readings.slice(0, 3)]);
        const columns = new ColumnsBuilder(dataset);
        for (const one of readings) columns.add(one);
        const set = columns.build();
        expect(expected.totals.distinct).toBe(set.length);
        for (const sensorId of set.sensors) {
          const days = new Map<string, ColumnsBuilder>();
          for (let row = 0; row < set.length; row += 1) {
            const reading = readingAt(set, row);
            if (reading.sensorId !== sensorId) continue;
            const day = localDay(dataset.timeZone, reading.timestampMs);
            const builder = days.get(day) ?? new ColumnsBuilder(dataset);
            builder.add(reading);
            days.set(day, builder);
          }
          const actual = [...days].flatMap(([day, builder]) => {
            const statistics = statisticsByDay(dataset, builder.build()).get(sensorId);
            return statistics === undefined ? [] : [{ day, statistics }];
          });
          const { days: expectedDays, months } = expected.sensors[sensorId] ?? { days: {}, months: {} };
          expect(actual.map(({ day }) => day)).toEqual(Object.keys(expectedDays));
          for (const { day, statistics } of actual) expectAgreement(expectedDays[day], statistics);
          for (const [month, period] of Object.entries(months)) {
            const ofMonth = actual
              .filter(({ day }) => day.startsWith(month))
              .map(({ statistics }) => statistics);
            expectAgreement(period, mergeStatistics(dataset, ofMonth));
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

function expectAgreement(expected: ExpectedPeriod | undefined, actual: PeriodStatistics): void {
  expect(actual.count).toBe(expected?.count);
  for (const [name, measure] of Object.entries(expected?.measures ?? {})) {
    const other = actual.measures[name];
    if (other === undefined) throw new Error(`core has no ${name}`);
    const { count, min, max, minAt, maxAt } = other;
    expect([count, min, max]).toEqual([measure.count, measure.min, measure.max]);
    expect([minAt, maxAt]).toEqual([Date.parse(measure.minAt), Date.parse(measure.maxAt)]);
    expect([mean(other), standardDeviation(other)]).toEqual([measure.mean, measure.standardDeviation]);
  }
}

describe('local days', () => {
  it.each([
    ['Europe/Madrid', '2024-03-31T00:59:59.999Z', '2024-03-31'],
    ['Europe/Madrid', '2024-10-26T22:00:00.000Z', '2024-10-27'],
    ['America/New_York', '2024-01-01T04:59:59.999Z', '2023-12-31'],
    ['Asia/Kathmandu', '2024-01-01T18:14:59.999Z', '2024-01-01'],
    ['Asia/Kathmandu', '2024-01-01T18:15:00.000Z', '2024-01-02'],
    ['Pacific/Apia', '2011-12-30T10:00:00.000Z', '2011-12-31'],
    // Its clock went back from 00:01 to 23:01 of the day before: one minute of the new day came first.
    ['America/Goose_Bay', '2010-11-07T02:30:00.000Z', '2010-11-06'],
    ['UTC', '1970-01-01T00:00:00.000Z', '1970-01-01'],
  ])('in %s at %s is %s', (timeZone, time, day) => {
    expect(localDays(timeZone)(Date.parse(time))).toBe(day);
  });

  it('do not depend on what was asked before', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Europe/Madrid', 'America/Goose_Bay', 'Asia/Kathmandu', 'America/Sao_Paulo'),
        fc.array(fc.integer({ min: Date.UTC(2009, 0, 1), max: Date.UTC(2012, 0, 1) }), { maxLength: 60 }),
        (timeZone, times) => {
          const remembering = localDays(timeZone);
          for (const time of times) expect(remembering(time)).toBe(localDays(timeZone)(time));
        },
      ),
    );
  });
});
