import { expect, test } from 'vitest';
import { parseBytes, setOf } from '../../test/support/parse-bytes.ts';
import { probes } from '../../test/support/probe-dataset.ts';
import { splitByPartition } from '../partition/partition.ts';
import { mergeStatistics, type PeriodStatistics, statisticsByDay } from '../statistics/statistics.ts';
import { endTimestampMs } from '../time/calendar.ts';
import { type Preview, previewSegment } from './preview-segment.ts';

const key = 'landing/probes/a.csv';

function preview(text: string, examples = 2): Promise<Preview> {
  async function* bytes() {
    yield Buffer.from(text);
  }
  const source = { key, arrivedMs: endTimestampMs };
  return previewSegment({ source, dataset: probes, bytes: bytes() }, { examples });
}

const header = 'timestamp,sensorId,temperature,humidity,revision\n';
const row = (day: number, id: string, rest: string) =>
  `2026-05-${String(day).padStart(2, '0')}T12:00:00Z,${id},${rest}\n`;

test('each line is accepted or rejected, with the first examples of each reason', async () => {
  const rows = [1, 2, 3].map((day) => row(day, 'a', '-999,1,')).join('');
  const { totals, rejected } = await preview(
    `${header}${rows}${row(4, 'a', '101,1,')}${row(5, 'a', '1,1,')}`,
  );
  expect(totals).toMatchObject({ lines: 5, valid: 1, rejected: { missing: 3, 'out-of-range': 1 } });
  expect(rejected.map(({ line, reason }) => [line, reason])).toEqual([
    [2, 'missing'],
    [3, 'missing'],
    [5, 'out-of-range'],
  ]);
  expect(rejected[0]).toMatchObject({ text: '2026-05-01T12:00:00Z,a,-999,1,' });
});

test('each dropped value is counted, with the first examples of each measure and reason', async () => {
  const rows = [1, 2, 3].map((day) => row(day, 'a', '1,NA,')).join('');
  const { totals, dropped } = await preview(`${header}${rows}${row(4, 'a', '1,101,')}`);
  expect(totals.dropped).toEqual({ probes: { humidity: { nothing: 3, 'out-of-range': 1 } } });
  expect(dropped).toEqual([
    { line: 2, measure: 'humidity', reason: 'nothing', value: 'NA' },
    { line: 3, measure: 'humidity', reason: 'nothing', value: 'NA' },
    { line: 5, measure: 'humidity', reason: 'out-of-range', value: 101 },
  ]);
});

test('readings that are there again, that lost to a revision, or that contradict another are told apart', async () => {
  const found = await preview(
    header +
      row(1, 'a', '1,1,') +
      row(1, 'a', '1,1,') +
      row(2, 'a', '1,1,') +
      row(2, 'a', '2,1,1') +
      row(3, 'b', '5,1,') +
      row(3, 'b', '4,1,') +
      row(4, 'b', '5,1,') +
      row(4, 'b', '6,1,') +
      row(5, 'b', '5,1,') +
      row(5, 'b', '6,1,'),
  );
  expect(found).toMatchObject({ readings: 5, repeated: 1, superseded: 1, contested: { count: 3 } });
  expect(
    found.contested.examples.map(({ kept, others }) => [kept.values, others.map(({ values }) => values)]),
  ).toEqual([
    [[5, 1], [[4, 1]]],
    [[6, 1], [[5, 1]]],
  ]); // biome-ignore format: values
  expect(found.sensors.map(({ sensorId, count, firstMs }) => [sensorId, count, firstMs])).toEqual([
    ['a', 2, Date.parse('2026-05-01T12:00:00Z')],
    ['b', 3, Date.parse('2026-05-03T12:00:00Z')],
  ]);
});

test('days and months are those that the merge would write', async () => {
  const all = Array.from({ length: 400 }, (_, at) => {
    const timestamp = new Date(Date.UTC(2026, 2, 25) + at * 3_600_000 * 0.7).toISOString();
    return `${timestamp},${at % 3 === 0 ? 'a' : 'b'},${(at * 7) % 90},${at % 100},\n`;
  });
  const text = header + all.join('');
  const found = await preview(text);
  const { outcomes } = await parseBytes(text, { key, known: [probes] });
  const set = setOf(
    probes,
    outcomes.flatMap(({ reading }) => reading ?? []),
  );
  const byDay = splitByPartition(probes, set).map(
    ({ id, columns }) => [id.day, statisticsByDay(probes, columns)] as const,
  );
  const merged = (isOf: (day: string) => boolean, sensor?: string) =>
    mergeStatistics(
      probes,
      byDay.flatMap(([day, series]): PeriodStatistics[] =>
        isOf(day)
          ? [...series].flatMap(([id, of]) => (sensor === undefined || id === sensor ? [of] : []))
          : [],
      ),
    );
  for (const { period, statistics } of [...found.days, ...found.months])
    expect(statistics).toEqual(merged((day) => day.startsWith(period)));
  for (const { sensorId, months } of found.sensors)
    for (const { period, statistics } of months)
      expect(statistics).toEqual(merged((day) => day.startsWith(period), sensorId));
  expect(found.days.map(({ period }) => period)).toEqual([...new Set(byDay.map(([day]) => day))].sort());
  expect(found.months.map(({ period, counts }) => [period, counts.length])).toEqual([
    ['2026-03', 2],
    ['2026-04', 2],
  ]);
});

test('of a refused file nothing is told but why', async () => {
  const found = await preview('time,temperature\n2026-05-01,1\n');
  expect(found.totals.refusal).toMatchObject({ reason: 'missing-column' });
  expect(found).toMatchObject({ rejected: [], dropped: [], readings: 0, days: [] });
  const mixed = await preview(`${header}${row(1, 'a', 'x,1,')}${row(2, 'a', 'x,1,')}${row(3, 'a', '1,NA,')}`);
  expect(mixed.totals.refusal).toMatchObject({ reason: 'unreadable-lines' });
  expect(mixed).toMatchObject({ rejected: [], dropped: [], readings: 0, days: [] });
});

test('a withdrawn reading is none', async () => {
  const rows = '2026-05-01T12:00:00Z,a,1,true\n2026-05-02T12:00:00Z,b,,true\n2026-05-02T12:00:00Z,c,2,\n';
  const found = await preview(`timestamp,sensorId,temperature,withdrawn\n${rows}`);
  expect(found.totals.valid).toBeGreaterThan(1);
  expect(found.sensors.map(({ sensorId }) => sensorId)).toEqual(['c']);
  expect(found.days.map(({ period }) => period)).toEqual(['2026-05-02']);
});
