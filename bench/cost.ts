import { formatCount } from '../cli/format.ts';
import { renderTable } from '../cli/table.ts';
import { price, transitions } from './prices.ts';

/**
 * What a million readings cost, by arithmetic: `node bench/cost.ts`. Prices are us-east-1's of late 2026, in dollars; sizes and
 * times are what this project's benchmarks and tests show. Storage and the API are not in it.
 */
const readings = 1_000_000;
const bytesPerReading = 130;
const memoryGb = 1.769;
/** A day item and its copy in the index, each below 1 KB; the same for a month. */
const writesPerItem = 2;
/** A consistent query of a month's day items: up to 31 of 0.6 KB, in units of 4 KB. */
const readsPerMonth = 5;

interface Way {
  readonly name: string;
  /** Executions, each with one raw object. */
  readonly executions: number;
  /** Day items that an execution touches: series times days in a batch. */
  readonly days: number;
  /** Month items that an execution touches. */
  readonly months: number;
  readonly throughFirehose: boolean;
}

const sensors = 200;
/** 200 sensors at a reading a minute give a million readings in 5,000 minutes, 3.5 days. */
const minutes = readings / sensors;

const ways: readonly Way[] = [
  { name: 'as 4 files', executions: 4, days: sensors, months: sensors, throughFirehose: false },
  ...[15, 5, 1].map((buffer) => ({
    name: `live, buffer of ${buffer} min`,
    executions: Math.ceil(minutes / buffer),
    days: sensors,
    months: sensors,
    throughFirehose: true,
  })),
];

function costs({ executions, days, months, throughFirehose }: Way): Record<string, number> {
  const perExecution = {
    // Parts, result files of two maps, manifests and units, the partition itself.
    s3: 10 * price.s3Put + 14 * price.s3Get,
    'step functions': transitions * price.standardTransition + 2 * price.expressRequest,
    'queue and pipe': 4 * price.sqsRequest + price.pipeRequest,
    lambda:
      5 * price.lambdaRequest +
      // Seconds of: plan, validate, plan the merge, merge (a write of DynamoDB takes about 5 ms, 32 at a time), finish.
      price.lambdaGbSecond *
        (0.5 * (0.3 + 1.5) + memoryGb * (0.4 + 0.3 + 0.3 + ((days + months) / 32) * 0.005)),
    dynamodb:
      (days + months) * writesPerItem * price.dynamoWrite +
      (days + months * readsPerMonth) * price.dynamoRead +
      8 * price.dynamoWrite,
  };
  const whole = Object.fromEntries(
    Object.entries(perExecution).map(([name, cost]) => [name, cost * executions]),
  );
  const gib = (readings * bytesPerReading) / 2 ** 30;
  return { firehose: throughFirehose ? gib * price.firehoseGib : 0, ...whole };
}

const dollars = (value: number) => `$${value.toFixed(value < 0.095 ? 3 : 2)}`;
const rows = ways.map((way) => {
  const parts = costs(way);
  const total = Object.values(parts).reduce((sum, cost) => sum + cost, 0);
  return [way.name, formatCount(way.executions), ...Object.values(parts).map(dollars), dollars(total)];
});
const names = Object.keys(costs(ways[0] as Way)); // there is a first way
console.log(`A million readings: ${sensors} sensors, one a minute, ${(minutes / 1_440).toFixed(1)} days\n`);
console.log(
  renderTable(
    ['how', 'executions', ...names, 'total'].map((title, index) => ({
      title,
      align: index === 0 ? 'left' : 'right',
    })),
    rows,
  ),
);
