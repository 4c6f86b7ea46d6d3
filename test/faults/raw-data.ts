import { gzipSync } from 'node:zlib';
import { shardOf } from '../../core/partition/partition.ts';
import { maxSeriesOnPage } from '../../core/statistics/pages.ts';
import gadgetTelemetry from '../../datasets/gadget-telemetry.ts';
import { bookingsOf, type Draft } from './bookings.ts';

/** Raw objects as they come in: lines for Firehose, or files that a person uploads. */
export type Delivery =
  | { kind: 'firehose'; name: string; lines: string[] }
  | { kind: 'landing'; name: string; files: LandingFile[] };

/** `uploadedAt` is the file's own, so that a run with faults ranks its readings as one without. */
interface LandingFile {
  key: string;
  body: Buffer;
  /** ISO 8601. */
  uploadedAt: string;
}

const hourMs = 3_600_000;
/** Where today begins in UTC. Of one process, so that runs with and without faults have the same data. */
const midnightMs = Date.now() - (Date.now() % (24 * hourMs));

/**
 * A few hundred readings of three datasets and events of a fourth over two months, two changes of the clock, yesterday and today, with what sensors and people do to them:
 * repeats, corrections, contested readings, files that are uploaded again with other values and with the same, withdrawn readings and
 * a series withdrawn as a whole, late days, a correction and a late reading that take alerts away, a sentinel, invalid lines of many kinds, a
 * broken file, an empty one, one that is not what its name says. `variant` changes every value; variant 1 has more series in a
 * partition than a page of statistics has, and they come in two files that overlap.
 */
export function rawData(variant: number): Delivery[] {
  const random = generator(variant + 1);
  const value = (mean: number, width: number) => Math.round((mean + (random() - 0.5) * width) * 1000) / 1000;
  const water = series(['costa-1', 'costa-2', 'rio:3'], {
    // Madrid's clocks go forward on the 29th.
    from: '2026-03-28T05:30:00.000Z',
    every: 4,
    count: 11,
    draft: () => ({ dataset: 'water-temperature', temperature: value(15, 6), deviation: value(0.3, 0.5) }),
  });
  const gadgets = series(['g-1', 'g-2', 'g-7'], {
    from: '2026-03-31T02:00:00.000Z',
    // Over the month's end.
    every: 5,
    count: 9,
    draft: () => ({
      dataset: 'gadget-telemetry',
      battery: value(30, 50),
      signal: value(-70, 40),
      firmware: `1.${Math.floor(random() * 3)}`,
    }),
  });
  const ticks = series(['AMZN', 'QXZ'], {
    // New York's clocks go back on November 1, which ends 25 hours later.
    from: '2026-10-31T22:15:00.000Z',
    every: 3,
    count: 10,
    draft: () => ({ dataset: 'stock-ticks', CHANGE: value(0, 3), PRICE: value(120, 20), SECTOR: 'RETAIL' }),
  }).map(({ sensorId, ...tick }) => ({ ...tick, TICKER_SYMBOL: sensorId as string }));

  // Yesterday, which months hold, and today, which they leave to its own page.
  const fresh = series(['costa-9', 'costa-10'], {
    ...{ from: new Date(midnightMs - 6 * hourMs).toISOString(), every: 2, count: 8 },
    draft: () => ({ dataset: 'water-temperature', temperature: value(15, 6), deviation: value(0.3, 0.5) }),
  });

  // Their states are projections of days, of a month's end, and of today.
  const bookings = bookingsOf(['2026-03-30T16:00:00.000Z', new Date(midnightMs).toISOString()], random);

  const all = [...water, ...gadgets, ...ticks, ...fresh, ...bookings];
  const late = all.filter((_, index) => index % 9 === 4);
  const onTime = all.filter((_, index) => index % 9 !== 4);
  const first = onTime.filter((_, index) => index % 2 === 0);
  const second = onTime.filter((_, index) => index % 2 === 1);

  // Every eleventh is corrected, twice; the higher revision comes first and has to stay.
  const corrected = all.filter((_, index) => index % 11 === 2);
  const correct = (draft: Draft, revision: number): Draft => ({
    ...draft,
    ...shifted(draft, revision),
    revision,
  });
  // Every seventh has another value at the same revision, some of them below a correction; every thirteenth is withdrawn.
  const contested = all.filter((_, index) => index % 7 === 3);
  const withdrawn = all.filter((_, index) => index % 13 === 6);
  const wrong = gadgets.slice(0, 6).map((draft): Draft => ({ ...draft, sensorId: 'wrong' }));
  // A weak signal for hours, until a late reading in between is strong; and one that has its last hours late.
  const weak = ['weak-1', 'weak-2'].flatMap((sensorId) =>
    series([sensorId], {
      ...{ from: '2026-03-30T06:00:00.000Z', every: 3, count: 3 },
      draft: () => ({ dataset: 'gadget-telemetry', battery: value(60, 20), signal: value(-110, 8) }),
    }),
  );
  const strong = { ...(weak[1] as Draft), timestamp: '2026-03-30T10:00:00.000Z', signal: -60 };
  const calm = { ...(water[3] as Draft), deviation: 0.9 };

  const many = variant === 1 ? manySeries(value) : [];

  return [
    ...many.map((readings, index): Delivery => {
      const key = `landing/gadget-telemetry/many-${index}.ndjson.gz`;
      const body = gzipSync(readings.map(line).join(''));
      return {
        kind: 'landing',
        name: `one reading each of ${readings.length} series of a partition`,
        files: [{ key, uploadedAt: `2026-04-0${6 + index}T08:00:00.000Z`, body }],
      };
    }),
    {
      kind: 'firehose',
      name: 'first half, with invalid lines',
      lines: [
        ...first.map(line),
        ...weak.slice(0, 5).map(line),
        ...invalidLines,
        ...first.slice(0, 9).map(line),
        line(calm),
      ],
    },
    {
      kind: 'firehose',
      name: 'second half, with repeats and second corrections',
      lines: [
        ...second.map(line),
        ...first.slice(5, 25).map(line),
        ...corrected.map((draft) => line(correct(draft, 2))),
      ],
    },
    {
      kind: 'firehose',
      name: 'late readings, with first corrections and one that calms an alert',
      lines: [
        ...late.map(line),
        ...[strong, ...weak.slice(5)].map(line),
        ...contested.map((draft) => line({ ...draft, ...shifted(draft, 3) })),
        ...withdrawn.map((draft) => line({ ...draft, revision: 9, withdrawn: true })),
        ...corrected.map((draft) => line(correct(draft, 1))),
        line({ ...calm, deviation: 0.1, revision: 4 }),
      ],
    },
    {
      kind: 'landing',
      name: 'a csv of days, and three files that hold none',
      files: [
        {
          key: 'landing/water-temperature/2026.csv',
          uploadedAt: '2026-04-02T08:00:00.000Z',
          body: csv(
            ...[28, 29].map((day) => `2026/3/${day},${value(15, 4)},${value(0.45, 0.4)}`),
            ...['2026/4/1,-999,0.1', '2026/13/1,12,0.1', '2026/4/1,14.5,0.6'],
          ),
        },
        {
          key: 'landing/stock-ticks/breaks-off.ndjson.gz',
          uploadedAt: '2026-11-02T08:00:00.000Z',
          body: gzipSync(ticks.slice(0, 8).map(line).join('')).subarray(0, -20),
        },
        {
          key: 'landing/stock-ticks/no-gzip.ndjson.gz',
          uploadedAt: '2026-11-02T08:00:00.000Z',
          body: Buffer.from(line(ticks[0] as Draft)),
        },
        {
          key: 'landing/water-temperature/costa-1/empty.csv',
          uploadedAt: '2026-11-02T08:00:00.000Z',
          body: Buffer.alloc(0),
        },
      ],
    },
    {
      kind: 'landing',
      name: 'the csv again: with other values, then the same bytes once more',
      files: ['2026-04-03T08:00:00.000Z', '2026-04-04T08:00:00.000Z'].map((uploadedAt) => ({
        ...{ key: 'landing/water-temperature/2026.csv', uploadedAt },
        body: csv('2026/3/28,11.25,0.1', '2026/3/29,11.5,0.9', '2026/4/1,14.5,0.6'),
      })),
    },
    {
      kind: 'landing',
      name: 'a series that never was: its readings, and their withdrawal',
      files: [
        {
          key: 'landing/gadget-telemetry/wrong.ndjson',
          uploadedAt: '2026-04-05T08:00:00.000Z',
          body: Buffer.from(wrong.map(line).join('')),
        },
        {
          key: 'landing/gadget-telemetry/wrong-withdrawn.ndjson',
          uploadedAt: '2026-04-05T08:00:00.001Z',
          body: Buffer.from(wrong.map((draft) => line({ ...draft, withdrawn: true })).join('')),
        },
      ],
    },
    {
      kind: 'landing',
      name: 'other versions of the same readings, gzipped, and messages of bookings, some of which say otherwise',
      files: [
        {
          key: 'landing/salon-bookings/messages.sqs.json',
          uploadedAt: '2026-04-02T10:00:00.000Z',
          body: messages([
            ...bookings.slice(0, 7),
            ...bookings.slice(2, 5).map((draft) => ({ ...draft, ...shifted(draft, 5) })),
          ]),
        },
        {
          key: 'landing/gadget-telemetry/again.ndjson.gz',
          uploadedAt: '2026-04-02T09:00:00.000Z',
          body: gzipSync(
            [
              ...gadgets,
              ...gadgets.filter((_, index) => index % 4 === 1).map((draft) => ({ ...draft, signal: -20 })),
            ]
              .map(line)
              .join(''),
          ),
        },
      ],
    },
  ];
}

/** Readings of series that are in one partition of gadgets: of the first 200, and of all from the 100th on. */
function manySeries(value: (mean: number, width: number) => number): Draft[][] {
  const { shards } = gadgetTelemetry;
  const ids = Array.from({ length: 400 * shards }, (_, index) => `m-${index}`)
    .filter((sensorId) => shardOf(sensorId, shards) === 0)
    .slice(0, maxSeriesOnPage + 100);
  const readings = ids.map((sensorId) => ({
    ...{ dataset: 'gadget-telemetry', sensorId, timestamp: '2026-03-31T06:00:00.000Z' },
    ...{ battery: value(60, 20), signal: value(-70, 40) },
  }));
  return [readings.slice(0, 200), readings.slice(100)];
}

const invalidLines = [
  '{"dataset":"water-temperature","sensorId":"costa-1","timestamp":"2026-03-28T05:30:00Z","temperature":-999,"deviation":0}\n',
  '{"dataset":"water-temperature","sensorId":"costa-1","timestamp":"2026-02-30T05:30:00Z","temperature":1,"deviation":0}\n',
  '{"dataset":"gadget-telemetry","sensorId":"g-1","timestamp":"2026-03-31T00:00:00Z","battery":900,"signal":-1}\n',
  '{"dataset":"gadget-telemetry","sensorId":"g 1","timestamp":"2026-03-31T00:00:00Z","battery":90,"signal":-1}\n',
  '{"dataset":"gadget-telemetry","timestamp":"2026-03-31T00:00:00Z","battery":90,"signal":-1}\n',
  '{"dataset":"no-such","sensorId":"x","timestamp":"2026-03-31T00:00:00Z"}\n',
  'not json at all\n',
  '[1,2,3]\n',
];

/** Readings of several sensors, one each `every` hours. */
function series(
  sensors: readonly string[],
  { from, every, count, draft }: { from: string; every: number; count: number; draft: () => Draft },
): Draft[] {
  return sensors.flatMap((sensorId) =>
    Array.from({ length: count }, (_, index) => ({
      ...draft(),
      sensorId,
      timestamp: new Date(Date.parse(from) + index * every * hourMs).toISOString(),
    })),
  );
}

/** The draft's first number a little higher. */
function shifted(draft: Draft, by: number): Record<string, number> {
  if (draft.dataset === 'salon-bookings') return { user_id: Number(draft.user_id) + by };
  const field = ['temperature', 'battery', 'PRICE'].find((name) => name in draft) ?? '';
  return { [field]: Math.round((Number(draft[field]) + by / 8) * 1000) / 1000 };
}

function csv(...rows: string[]): Buffer {
  return Buffer.from(['Fecha,Medida,Desviaciones', ...rows, ''].join('\r\n'));
}

/** As a queue hands them to a function. */
function messages(drafts: readonly Draft[]): Buffer {
  const records = drafts.map(({ dataset: _, ...booking }, index) => ({
    messageId: String(index),
    body: JSON.stringify(booking),
  }));
  return Buffer.from(JSON.stringify({ Records: records }));
}

function line(draft: Draft): string {
  return `${JSON.stringify(draft)}\n`;
}

/** Numbers in [0, 1) that follow from a seed (mulberry32). */
function generator(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
