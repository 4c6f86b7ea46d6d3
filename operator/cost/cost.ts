import { datasets } from '#datasets';
import { countOf, formatCount } from '../../cli/format.ts';
import { duration, flag, inGroup, wholeNumber } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { openInstallation } from '../shared/open-installation.ts';
import { jsonOption } from '../shared/options.ts';
import { billOf } from './bill.ts';
import { costPage, optionsPage, planText } from './cost-page.ts';
import { observed, type Usage } from './observed.ts';
import { optionPrices } from './option-prices.ts';
import { priceList } from './prices.ts';
import { quotasOf } from './quotas.ts';
import { lastDayOf } from './usage.ts';
import { longest, type Plan, planned, shardsFor, type Workload } from './workload.ts';

const planOptions = inGroup('A plan', {
  sensors: wholeNumber({
    help: 'sensors, of one dataset; the plan of nothing else',
    min: 1,
    max: 100_000_000,
  }),
  every: duration({ help: 'from a reading of a sensor to the next; 1m where it is not said' }),
  fresh: duration({
    help: 'how old statistics may be, up to 15m: what Firehose gathers for, and so what makes executions few; 5m where it is not said',
  }),
  measures: wholeNumber({ help: 'of a reading; 2 where it is not said', min: 1, max: 50 }),
  queries: wholeNumber({
    help: 'of the API in a day, each for the days of a sensor in this month; none where it is not said',
    min: 0,
    max: 1_000_000_000,
  }),
  people: wholeNumber({
    help: 'who sign in within a month and look at the console; none where it is not said',
    min: 0,
    max: 1_000_000,
  }),
  commands: wholeNumber({
    help: 'of streams in a day, such as reservations; none where it is not said',
    min: 0,
    max: 1_000_000_000,
  }),
  projections: wholeNumber({
    help: 'of the dataset, where it is one of events; none where it is not said',
    min: 0,
    max: 3,
  }),
  shards: wholeNumber({
    help: 'of the dataset; as many as keep partitions small where it is not said',
    min: 1,
    max: 10_000,
  }),
  linger: duration({
    help: 'for which a sender of all sensors fills a record, as the producer with --linger-ms; 1m where it is not said',
  }),
});

/** `caudal cost` */
export const cost = defineInstallationVerb({
  command: 'npm run caudal -- cost',
  summary:
    'prices a plan, or the last day of this installation, by service, with the quota that is met first',
  about: [
    'With --sensors: what so many sensors cost on AWS, a million readings and a month, by the requests that they make. Nothing is asked of AWS, and nothing has to be installed.',
    'With --options: what each option of the configuration adds to a month.',
    'Without options: what the last day of the installation would cost, and a month of such days, by its objects, lines, executions and series.',
  ],
  options: {
    ...planOptions,
    options: flag({ help: 'what each option of the configuration costs; of nothing else' }),
    ...jsonOption,
  },
  notes: ['What is counted and what is assumed: docs/cost.md.'],
  examples: ['npm run caudal -- cost --sensors 200 --every 1m --fresh 5m', 'npm run caudal -- cost'],
  async run({ json, options, ...typed }) {
    const given = Object.entries(typed).find(([, value]) => value !== undefined);
    if (options) {
      if (given !== undefined)
        throw new UsageError(`--options goes with --json alone, not with --${given[0]}.`);
      print(
        json
          ? JSON.stringify({ prices: priceList, options: optionPrices }, null, 2)
          : optionsPage(optionPrices),
      );
      return 0;
    }
    if (typed.sensors !== undefined) {
      const plan = planOf({ ...typed, sensors: typed.sensors });
      const { workload, settings } = planned(plan);
      show({ json, workload, head: planText(plan, { settings, workload }), of: { plan, settings } });
      return 0;
    }
    if (given !== undefined)
      throw new UsageError(
        `--${given[0]} is of a plan, which has --sensors too; without options the last day is priced.`,
      );
    const usage = await lastDayOf(await openInstallation(), datasets, Date.now());
    const workload = observed(usage);
    if (workload !== undefined) show({ json, workload, head: usageText(usage), of: { lastDay: usage } });
    else if (json)
      print(JSON.stringify({ lastDay: usage, perMonth: null, perMillionReadings: null }, null, 2));
    else print('Nothing was ingested in the last day. To price a plan: npm run caudal -- cost --sensors 200');
    return 0;
  },
});

interface Typed {
  readonly sensors: number;
  readonly every?: number | undefined;
  readonly fresh?: number | undefined;
  readonly measures?: number | undefined;
  readonly queries?: number | undefined;
  readonly people?: number | undefined;
  readonly commands?: number | undefined;
  readonly projections?: number | undefined;
  readonly shards?: number | undefined;
  readonly linger?: number | undefined;
}

/** @throws {UsageError} for a freshness that Firehose can't gather for, and more shards than sensors */
export function planOf(typed: Typed): Plan {
  const {
    sensors,
    every = 60_000,
    fresh = 300_000,
    measures = 2,
    queries = 0,
    people = 0,
    commands = 0,
    projections = 0,
    linger = 60_000,
  } = typed;
  const freshnessSeconds = fresh / 1_000;
  if (freshnessSeconds < 1 || freshnessSeconds > longest.bufferSeconds)
    throw new UsageError(`--fresh takes 1s to ${longest.bufferSeconds / 60}m: Firehose gathers no longer.`);
  const everySeconds = every / 1_000;
  const shards = typed.shards ?? shardsFor({ sensors, everySeconds });
  if (shards > sensors) throw new UsageError(`--shards ${shards} is more than there are sensors.`);
  return {
    ...{ sensors, everySeconds, freshnessSeconds, measures, shards },
    queriesADay: queries,
    ...{ people, commandsADay: commands, projections },
    lingerSeconds: linger / 1_000,
  };
}

function show(of: {
  json: boolean;
  workload: Workload;
  head: readonly string[];
  /** What the JSON names beside the bill. */
  of: Readonly<Record<string, unknown>>;
}): void {
  const bill = billOf(of.workload);
  const quotas = quotasOf(of.workload);
  print(
    of.json
      ? JSON.stringify({ ...of.of, prices: priceList, ...bill, quotas }, null, 2)
      : costPage(of.head, bill, quotas),
  );
}

/** What the last day had, in words. */
export function usageText({
  lines,
  objects,
  waiting,
  executions,
  series,
  sampled,
  streamedLines,
}: Usage): string[] {
  const sets = series.map((of) =>
    `${countOf(of.series, 'series')} of ${of.dataset}`.replace('seriess', 'series'),
  );
  const rest = waiting > 0 ? `, ${countOf(waiting, 'object')} not validated yet` : '';
  const seen =
    sampled === undefined
      ? 'none of them could be looked at'
      : `what they did by the newest ${formatCount(sampled.executions)} of them`;
  return [
    `The last day: ${countOf(lines, 'line')} in ${countOf(objects, 'object')} (${countOf(streamedLines, 'line')} through Firehose), ${sets.join(', ')}${rest}`,
    `${countOf(executions, 'execution')}, ${seen}. A month of such days, without queries:`,
  ];
}
