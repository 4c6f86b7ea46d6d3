import { parseArgs } from 'node:util';
import { renderTable } from '../cli/table.ts';
import { price, transitions } from './prices.ts';

/**
 * `node bench/scaling.ts [--sensors 1000000] [--every 60] [--shards 200]`: what many sensors take and cost, by arithmetic. Nothing is
 * measured here; what was measured elsewhere is named below. docs/scaling.md carries what it prints.
 */
const { values: flags } = parseArgs({
  options: {
    sensors: { type: 'string', default: '1000000' },
    every: { type: 'string', default: '60' },
    shards: { type: 'string', default: '200' },
  },
});
const sensors = positive('sensors');
const everySeconds = positive('every');
const shards = positive('shards');

const monthSeconds = 30 * 86_400;
const mib = 2 ** 20;

/** Measured: `bench/end-to-end.ts`, `bench/main.ts`, `bench/growth.ts`. A vCPU of Lambda is taken to be as fast as the machine there. */
const measured = {
  bytesAReading: 135,
  gzipRatio: 11,
  validateUsAReading: 0.5,
  /** Of each reading that a partition holds already or gets: read, union, statistics, write. */
  mergeUsAReading: 0.3,
  /** Of a partition's set in memory, while it is united. */
  bytesAReadingHeld: 100,
  /** CPU of one call of DynamoDB, with what it carries. */
  callMs: 0.3,
  /** A day or month item of two measures; it is billed as 1 KiB. */
  itemBytes: 600,
} as const;

/** A day item and its copy in the index; a month item and its copy. */
const writesASeries = 4;
/** The day item, the alert that may be there, and the days of the month: 31 of 0.6 KiB, half of them on average, in units of 4 KiB. */
const readsASeries = 1 + 1 + 2.5;
/** Calls that a series takes: a day item, the days of the month, a month item. */
const callsASeries = 3;
const functionGib = 1769 / 1024;

/** Quotas of a new or usual account that this meets, by default. */
const quota = {
  firehoseMiB: 5,
  firehoseRecords: 5_000,
  tableWrites: 40_000,
  /** Of one partition of a table or an index: physical, it can't be raised. */
  partitionWrites: 1_000,
  lambdaConcurrency: 1_000,
  functionSeconds: 40,
} as const;

/** Units that are merged at a time: `caudal:maxConcurrency` as shipped. */
const functionsAtOnce = 8;
/** While a function writes day items and nothing else, by its CPU: an item and its copy each call. */
const putsASecond = 1_000 / measured.callMs;

const readingsASecond = sensors / everySeconds;
const mibASecond = (readingsASecond * measured.bytesAReading) / mib;

const number = (value: number, digits = 0) => value.toLocaleString('en', { maximumFractionDigits: digits });
const dollars = (value: number) => (value < 100 ? `$${value.toFixed(2)}` : `$${number(value)}`);

interface Way {
  readonly name: string;
  /** Between executions: the longest of the buffer's time, the time that its size takes to fill, and the pipe's window. */
  readonly everySeconds: number;
  readonly objects: number;
}

/** Seconds after which a buffer of so many MiB is full. */
const filledAfter = (bufferMiB: number) => bufferMiB / mibASecond;

function way(name: string, bufferSeconds: number, bufferMiB: number, windowSeconds: number): Way {
  const objectSeconds = Math.max(1, Math.min(bufferSeconds, filledAfter(bufferMiB)));
  const seconds = Math.max(objectSeconds, windowSeconds);
  return { name, everySeconds: seconds, objects: Math.max(1, Math.round(seconds / objectSeconds)) };
}

const ways: readonly Way[] = [
  way('as shipped: 300 s or 64 MiB, window 10 s', 300, 64, 10),
  way('128 MiB, window 300 s (the longest)', 900, 128, 300),
  { name: 'hourly', everySeconds: 3_600, objects: Math.ceil(3_600 / filledAfter(128)) },
  { name: 'daily', everySeconds: 86_400, objects: Math.ceil(86_400 / filledAfter(128)) },
];

/** What one execution takes, and a month of them. */
function load({ everySeconds: interval, objects }: Way) {
  const perMonth = monthSeconds / interval;
  const readings = readingsASecond * interval;
  const series = Math.min(sensors, readings);
  const readingsADay = readingsASecond * 86_400;
  // A partition grows through its day: half of it is there on average.
  const mergeSeconds = ((readingsADay / 2 + readings) * measured.mergeUsAReading) / 1e6;
  const callSeconds = (series * callsASeries * measured.callMs) / 1e3;
  const lambdaSeconds = (readings * measured.validateUsAReading) / 1e6 + mergeSeconds + callSeconds;
  const writes = series * writesASeries;
  const cost = {
    firehose: ((mibASecond * monthSeconds) / 1024) * price.firehoseGib,
    dynamodb: perMonth * (writes * price.dynamoWrite + series * readsASeries * price.dynamoRead),
    lambda:
      perMonth * (lambdaSeconds * functionGib * price.lambdaGbSecond + 2 * shards * price.lambdaRequest),
    's3, step functions, queue':
      perMonth *
      (objects * (8 * price.s3Put + 8 * price.s3Get + 4 * price.sqsRequest + price.expressRequest) +
        shards * (price.s3Put + (objects + 3) * price.s3Get + price.expressRequest) +
        transitions * price.standardTransition +
        price.pipeRequest),
  };
  return { perMonth, readings, series, lambdaSeconds, callSeconds, mergeSeconds, writes, cost };
}

const left = (title: string) => ({ title, align: 'left' as const });
const right = (title: string) => ({ title, align: 'right' as const });

console.log(
  `${number(sensors)} sensors, a reading each ${everySeconds} s: ${number(readingsASecond)} readings/s, ` +
    `${number(mibASecond, 2)} MiB/s of lines, ${number((mibASecond * 86_400) / 1024)} GiB a day ` +
    `(${number((mibASecond * 86_400) / 1024 / measured.gzipRatio)} gzip)\n`,
);

console.log('An execution, by what gathers readings before it\n');
console.log(
  renderTable(
    [
      left('gathered'),
      ...['every s', 'objects', 'readings', 'series', 'CPU s', 'of it calls', 'writes', 'writes/s'].map(
        right,
      ),
    ],
    ways.map((each) => {
      const { readings, series, lambdaSeconds, callSeconds, writes } = load(each);
      return [
        each.name,
        number(each.everySeconds),
        number(each.objects),
        number(readings),
        number(series),
        number(lambdaSeconds),
        number(callSeconds),
        number(writes),
        number(writes / each.everySeconds),
      ];
    }),
  ),
);

const names = Object.keys(load(ways[0] as Way).cost); // there is a first way
console.log('\nA month, in dollars\n');
console.log(
  renderTable(
    [left('gathered'), ...names.map(right), right('total')],
    ways.map((each) => {
      const costs = Object.values(load(each).cost);
      return [each.name, ...costs.map(dollars), dollars(costs.reduce((sum, cost) => sum + cost, 0))];
    }),
  ),
);

const readingsAPartition = (readingsASecond * 86_400) / shards;
const seriesAShard = sensors / shards;
const shardSeconds = (seriesAShard * callsASeries * measured.callMs) / 1e3;
const limits: [name: string, is: string, limit: string, verdict: boolean][] = [
  ['Firehose, MiB/s', number(mibASecond, 2), number(quota.firehoseMiB), mibASecond <= quota.firehoseMiB],
  [
    'Firehose, records/s: packed in 100 KiB',
    number((mibASecond * 1024) / 100),
    number(quota.firehoseRecords),
    (mibASecond * 1024) / 100 <= quota.firehoseRecords,
  ],
  [
    'Firehose, records/s: one reading a record',
    number(readingsASecond),
    number(quota.firehoseRecords),
    readingsASecond <= quota.firehoseRecords,
  ],
  ...ways.map((each): (typeof limits)[number] => {
    const { writes } = load(each);
    const rate = writes / each.everySeconds;
    return [
      `DynamoDB, writes/s of the table: ${each.name}`,
      number(rate),
      number(quota.tableWrites),
      rate <= quota.tableWrites,
    ];
  }),
  ...ways.map((each): (typeof limits)[number] => {
    const rate = load(each).series / shards / each.everySeconds;
    return [
      `DynamoDB, writes/s of an index key: ${each.name}`,
      number(rate, 1),
      number(quota.partitionWrites),
      rate <= quota.partitionWrites,
    ];
  }),
  [
    `DynamoDB, writes/s of the table: while ${functionsAtOnce} functions write days`,
    number(functionsAtOnce * putsASecond * 2),
    number(quota.tableWrites),
    functionsAtOnce * putsASecond * 2 <= quota.tableWrites,
  ],
  [
    "DynamoDB, writes/s of an index key: while a function writes its shard's days",
    number(putsASecond),
    number(quota.partitionWrites),
    putsASecond <= quota.partitionWrites,
  ],
  [
    'series of a partition: seconds of calls',
    `${number(seriesAShard)}: ${number(shardSeconds)}`,
    number(quota.functionSeconds),
    shardSeconds <= quota.functionSeconds / 2,
  ],
  [
    "readings of a partition at its day's end: MiB held",
    `${number(readingsAPartition)}: ${number((readingsAPartition * measured.bytesAReadingHeld) / mib)}`,
    '1,769',
    (readingsAPartition * measured.bytesAReadingHeld) / mib <= 1_400,
  ],
  [
    "readings of a partition at its day's end: seconds of merging",
    number((readingsAPartition * measured.mergeUsAReading) / 1e6, 1),
    number(quota.functionSeconds),
    (readingsAPartition * measured.mergeUsAReading) / 1e6 <= quota.functionSeconds / 2,
  ],
  ...ways.map((each): (typeof limits)[number] => {
    const busy = load(each).lambdaSeconds / each.everySeconds;
    return [
      `Lambda, functions busy on average: ${each.name}`,
      number(busy, 1),
      number(quota.lambdaConcurrency),
      busy <= quota.lambdaConcurrency,
    ];
  }),
];
console.log(`\nLimits, with ${number(shards)} shards\n`);
console.log(
  renderTable(
    [left('what'), right('is'), right('limit'), left('')],
    limits.map(([name, is, limit, holds]) => [name, is, limit, holds ? '' : 'over']),
  ),
);

const rawGib = ((mibASecond * 86_400) / 1024 / measured.gzipRatio) * 30;
const itemsGib = (sensors * 31 * measured.itemBytes * 2) / 2 ** 30;
console.log(
  `\nStored by a month: ${number(rawGib)} GiB raw (${dollars(rawGib * price.s3Storage)} a month from then on), ` +
    `${number(itemsGib)} GiB of day and month items with their index (${dollars(itemsGib * price.dynamoStorage)} a month from then on)`,
);

function positive(name: keyof typeof flags): number {
  const value = Number(flags[name]);
  if (value > 0) return value;
  throw new Error(`--${name} takes a number above 0, not "${flags[name]}"`);
}
