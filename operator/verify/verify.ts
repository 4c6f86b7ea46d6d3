import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { accessHelp, accessOptions, apiAccess } from '../../cli/api-access.ts';
import { type ApiGet, createApiGet } from '../../cli/api-client.ts';
import { OptionError, parseLength } from '../../cli/numbers.ts';
import { formatCount } from '../../cli/table.ts';
import { UsageError, type Verb } from '../../cli/verb.ts';
import type { Expectation, ExpectedPeriod } from '../../producer/proof/expectation.ts';
import { periodDifferences, type ShownPeriod } from './expected-difference.ts';

/** Series that are asked for at once. */
const inFlight = 8;
/** Between two looks of `--wait`. */
const lookIntervalMs = 2_000;
/** Differences that are printed; all are counted. */
const printed = 20;

/** `caudal verify --expect FILE [--period month|day] [--wait LENGTH] [--json]` */
export const verify: Verb = {
  name: 'verify',
  summary: "compares what the API shows with what the producer's --expect says that it must",
  help: [
    'Usage: npm run caudal -- verify --expect FILE [options]',
    '',
    '  --expect FILE  what `npm run producer -- … --expect FILE` wrote: an exact computation of its own',
    '  --period P     month (default) or day',
    '  --wait LENGTH  looks again for so long while there are differences (2m): readings take a minute to arrive',
    '  --json         for machines',
    accessHelp,
    '',
    'Counts, extremes and their times must be equal, mean and standard deviation within 1e-9 of themselves. A series that',
    'also has readings of another run differs: use a fresh installation, or sensors of its own.',
    '',
    'Example: npm run caudal -- verify --expect expected.json --wait 5m',
  ].join('\n'),

  async run(argv) {
    const { values } = parseArgs({
      args: argv,
      options: {
        ...accessOptions,
        expect: { type: 'string' },
        period: { type: 'string', default: 'month' },
        wait: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const { period } = values;
    if (values.expect === undefined)
      throw new UsageError('--expect FILE is missing: what the producer wrote.');
    if (period !== 'month' && period !== 'day')
      throw new UsageError(`--period takes month or day, not "${period}".`);
    const deadline = performance.now() + waitMs(values.wait);
    const expectation = await readExpectation(values.expect);
    const get = createApiGet(await apiAccess(values));
    let result = await compare(expectation, period, get);
    while (result.differences.length > 0 && performance.now() < deadline) {
      await sleep(lookIntervalMs);
      result = await compare(expectation, period, get);
    }
    console.log(values.json ? JSON.stringify(result) : render(result, period));
    return result.differences.length === 0 ? 0 : 1;
  },
};

/** What a comparison looked at and found. */
interface Comparison {
  readonly series: number;
  readonly periods: number;
  readonly readings: number;
  /** Dataset, series and period with what differs. */
  readonly differences: readonly string[];
}

function waitMs(text: string | undefined): number {
  try {
    return text === undefined ? 0 : parseLength('wait', text);
  } catch (error) {
    throw error instanceof OptionError ? new UsageError(error.message) : error;
  }
}

async function readExpectation(path: string): Promise<Expectation> {
  const expectation = JSON.parse(await readFile(path, 'utf8')) as Partial<Expectation>;
  const { format, complete, datasets } = expectation;
  if (format !== 'caudal-expectation/1' || datasets === undefined) {
    throw new UsageError(`${path} is not a file of the producer's --expect.`);
  }
  if (complete !== true)
    console.error(`${path} is of a run that was stopped: differences may be readings it did not send.`);
  return { format, complete: complete === true, datasets };
}

async function compare(expectation: Expectation, period: 'month' | 'day', get: ApiGet): Promise<Comparison> {
  const series = Object.entries(expectation.datasets).flatMap(([dataset, { sensors }]) =>
    Object.entries(sensors).map(([sensor, { months, days }]) => ({
      dataset,
      sensor,
      expected: period === 'month' ? months : days,
    })),
  );
  const differences: string[] = [];
  let [periods, readings] = [0, 0];
  const queue = series.values();
  const worker = async () => {
    for (const { dataset, sensor, expected } of queue) {
      const shown = await shownPeriods(get, { dataset, sensor, period, expected });
      for (const name of [...new Set([...Object.keys(expected), ...shown.keys()])].sort()) {
        periods += 1;
        readings += shown.get(name)?.count ?? 0;
        const found = periodDifferences(expected[name], shown.get(name));
        differences.push(...found.map((text) => `${dataset} ${sensor} ${name}: ${text}`));
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return { series: series.length, periods, readings, differences: differences.sort() };
}

/** All periods of a series from the first to the last expected one. */
async function shownPeriods(
  get: ApiGet,
  query: {
    dataset: string;
    sensor: string;
    period: string;
    expected: Readonly<Record<string, ExpectedPeriod>>;
  },
): Promise<Map<string, ShownPeriod>> {
  const shown = new Map<string, ShownPeriod>();
  for (const [from, to] of spans(Object.keys(query.expected).sort())) {
    const { dataset, sensor, period } = query;
    const parameters = new URLSearchParams({ period, from, to, sensor, limit: '1000' });
    for (let cursor: string | null = ''; cursor !== null; ) {
      if (cursor !== '') parameters.set('cursor', cursor);
      const page: { statistics: ShownPeriod[]; cursor: string | null } | undefined = await get(
        `/datasets/${dataset}/statistics?${parameters}`,
      );
      for (const row of page?.statistics ?? []) shown.set(row.period, row);
      cursor = page?.cursor ?? null;
    }
  }
  return shown;
}

/** Spans that cover sorted periods, each within five years: the API takes ten years of days at once. */
export function spans(periods: readonly string[]): [from: string, to: string][] {
  const found: [string, string][] = [];
  for (const period of periods) {
    const last = found.at(-1);
    if (last !== undefined && Number(period.slice(0, 4)) - Number(last[0].slice(0, 4)) < 5) last[1] = period;
    else found.push([period, period]);
  }
  return found;
}

function render({ series, periods, readings, differences }: Comparison, period: string): string {
  const looked = `${formatCount(readings)} readings in ${formatCount(periods)} ${period}s of ${formatCount(series)} series`;
  if (differences.length === 0) return `All as expected: ${looked}.`;
  const more = differences.length - printed;
  return [
    `${formatCount(differences.length)} differences; the API shows ${looked}.`,
    ...differences.slice(0, printed).map((text) => `  ${text}`),
    ...(more > 0 ? [`  and ${formatCount(more)} more (--json lists all)`] : []),
  ].join('\n');
}
