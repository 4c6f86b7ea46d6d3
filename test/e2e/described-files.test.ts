import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProducer } from '../support/producer-process.ts';
import { fixture, type RealFiles, startRealFiles } from '../support/real-files.ts';

/**
 * Each file of `test/fixtures/real-files/` that gives readings, by the dataset that describes it, both ways: into `landing/` and through the producer, to
 * the API's month. The right values are worked out by hand.
 */

let files: RealFiles;
beforeAll(async () => {
  files = await startRealFiles();
});
afterAll(() => files?.close());

interface Described {
  readonly file: string;
  readonly dataset: string;
  /** The sensor of the file's rows; `undefined` where its name says it. */
  readonly sensor?: string;
  readonly month: string;
  readonly count: number;
  readonly measures: object;
}

const one = { temp: { count: 1, mean: 10.5 }, hum: { mean: 50 }, wind: { mean: 1 } };
const mast = {
  AirTC_Avg: { count: 4, mean: 11.9, min: 11.5, max: 12.3 },
  RH: { count: 3, mean: 79.2 },
  Rain_mm_Tot: { count: 5, mean: expect.closeTo(0.06, 12), max: 0.2 },
};
const buoy = { temperature: { count: 4, mean: 15.6875 }, light: { count: 4, mean: 7108.5 } };
const gadget = { battery: { mean: 80 }, signal: { mean: -70 } };

const described: readonly Described[] = [
  ...[
    { file: 'decimal-comma/estacion.csv', month: '2026-05', count: 4, measures: buoy },
    { file: 'windows-1252/estacion1252.csv', month: '2026-05', count: 4, measures: buoy },
    {
      ...{ file: 'us-dates/us.csv', month: '2025-05', count: 31 },
      measures: { temperature: { mean: 11.6, min: 10.1, max: 13.1 }, light: { count: 31 } },
    },
    {
      ...{ file: 'delimiter-tie/notas.csv', month: '2026-05', count: 1 },
      measures: { temperature: { mean: 14.5 }, light: { mean: 1234 } },
    },
    {
      ...{ file: 'split-date-time/split.csv', month: '2026-05', count: 1 },
      measures: { temperature: { mean: 14.5 } },
    },
    {
      ...{ file: 'excel/daily-ok.csv', month: '2026-08', count: 3 },
      measures: { temperature: { mean: 20.25, min: 19.5, max: 21 } },
    },
  ].map((each) => ({ ...each, dataset: 'described-buoys' })),
  ...['toa5/met10.dat', 'toa5/met10.csv', 'toa5/met10-stripped.csv'].map((file) => ({
    ...{ file, dataset: 'described-masts', month: '2026-05', count: 5, measures: mast },
  })),
  ...[
    { file: 'excel/sep-line.csv', sensor: 'XL1', count: 1, measures: one },
    { file: 'excel/pipe.csv', sensor: 'PIPE1', count: 1, measures: one },
    { file: 'excel/units-row.csv', sensor: 'UNITS1', count: 2, measures: { temp: { count: 2, mean: 11 } } },
  ].map((each) => ({ ...each, dataset: 'described-stations', month: '2026-08' })),
  {
    ...{ file: 'excel/quoted.csv', dataset: 'described-sheets', sensor: 'Q1', month: '2026-08', count: 3 },
    measures: { temp: { count: 3, mean: 418.5, max: 1234.5 }, hum: { count: 3, mean: 50 } },
  },
  ...[
    { file: 'hour-24/day.csv', sensor: 'DEXX001', month: '2026-05', count: 24, measures: { pm10: { mean: 21.5 } } },
    { file: 'dst-overlap/oct.csv', sensor: 'DEXX002', month: '2026-10', count: 6, measures: { pm10: { mean: 9.833333333333334 } } },
  ].map((each) => ({ ...each, dataset: 'air-hourly' })), // biome-ignore format: a table
  ...[
    {
      ...{ file: 'one-bad-sensor/multi.csv', sensor: 'W1', month: '2026-05', count: 10 },
      measures: { temp: { count: 10, mean: 12.6 }, hum: { count: 3 }, wind: { count: 9, mean: 5.166666666666667 } },
    },
    { file: 'cr-only/cr-only.csv', sensor: 'CRONLY', month: '2026-05', count: 2, measures: { temp: { min: 10.5, max: 11.5 } } },
    { file: 'ragged/spaces-in-station.csv', sensor: 'Río-2', month: '2026-05', count: 1, measures: { temp: { mean: 10 } } },
    { file: 'reupload/v1.csv', sensor: 'W2', month: '2026-06', count: 5, measures: { temp: { mean: 27.26, max: 55.5 } } },
    { file: 'delete-file/good-station.csv', sensor: 'DELB', month: '2025-02', count: 2, measures: { temp: { mean: 2 } } },
  ].map((each) => ({ ...each, dataset: 'weather-multi' })), // biome-ignore format: a table
  ...[
    { file: 'json-shapes/array-one-line.json', sensor: 'arr-1', count: 3 },
    { file: 'json-shapes/python-isoformat.ndjson', sensor: 'py-1', count: 2 },
  ].map((each) => ({ ...each, dataset: 'gadget-telemetry', month: '2026-05', measures: gadget })),
];

/** The file under a name or with a sensor that tells which way it went. */
function goingBy(way: 'landed' | 'sent', { file, sensor }: Described) {
  const base = file.split('/').at(-1) as string; // a split has a last part
  if (sensor === undefined) {
    const named = `${file.replaceAll(/[/.]/g, '-')}-${way}`;
    return { sensor: named, name: `${named}_${base}`, bytes: fixture(file) };
  }
  const bytes = fixture(file).toString().replaceAll(sensor, `${sensor} ${way}`);
  return { sensor: `${sensor} ${way}`, name: base.replace('.', `-${way}.`), bytes };
}

test.each(['landed', 'sent'] as const)('each file that is described gives its readings, %s', async (way) => {
  let readings = 0;
  const extra = (file: string) => (file === 'ragged/spaces-in-station.csv' ? 2 : 0); // the other two stations
  for (const each of described) {
    const { name, bytes } = goingBy(way, each);
    const count = each.count + extra(each.file);
    if (way === 'landed') await files.world.upload(`landing/${each.dataset}/${name}`, bytes);
    else {
      const path = join(files.folder, name);
      writeFileSync(path, bytes);
      const sent = await runProducer(['--file', path, '--dataset', each.dataset], files.producing());
      expect([each.file, sent.code, sent.report.acknowledged]).toEqual([each.file, 0, count]);
    }
    readings += count;
  }
  await files.settled(readings);
  for (const each of described) {
    const { sensor } = goingBy(way, each);
    const month = await files.monthOf(each.dataset, sensor, each.month);
    expect(month, each.file).toMatchObject({ count: each.count, measures: each.measures });
  }
});
