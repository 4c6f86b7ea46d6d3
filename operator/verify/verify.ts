import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { accessOptions, apiAccess } from '../../cli/api-access.ts';
import { type ApiClient, createApiClient } from '../../cli/api-client.ts';
import { formatCount } from '../../cli/format.ts';
import { choice, duration, text } from '../../cli/options.ts';
import { print, printError } from '../../cli/print.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { tokenSource } from '../../cli/token.ts';
import { UsageError } from '../../cli/usage-error.ts';
import type { Expectation, ExpectedPeriod } from '../../producer/proof/expectation.ts';
import { jsonOption } from '../shared/options.ts';
import { periodDifferences, type ShownPeriod } from './expected-difference.ts';

/** Series that are asked for at once. */
const inFlight = 8;
/** Between two looks of `--wait`. */
const lookIntervalMs = 2_000;
/** Differences that are printed; all are counted. */
const printed = 20;

/** `caudal verify` */
export const verify = defineInstallationVerb({
  command: 'npm run caudal -- verify',
  summary: "compares what the API shows with what the producer's --expect says that it must",
  options: {
    expect: text({
      valueName: 'FILE',
      help: 'what `npm run producer -- … --expect FILE` wrote: a separate, exact computation',
      required: true,
    }),
    period: choice(['month', 'day'], { help: 'what is compared', default: 'month' }),
    wait: duration({
      help: 'looks again for so long while there are differences (2m): readings take a minute to arrive',
    }),
    ...jsonOption,
    ...accessOptions,
  },
  notes: [
    'Counts, extremes and their times, mean and standard deviation must be equal in every bit. A series that also has readings of another run differs: use a fresh installation, or sensors that no other run uses.',
  ],
  examples: ['npm run caudal -- verify --expect expected.json --wait 5m'],
  async run({ expect, period, wait = 0, json, ...given }) {
    const deadline = performance.now() + wait;
    const expectation = await readExpectation(expect);
    const access = await apiAccess(given);
    const api = createApiClient({ ...access, token: tokenSource(access, access.scopes.read) });
    let result = await compare(expectation, period, api);
    while (result.differences.length > 0 && performance.now() < deadline) {
      await sleep(lookIntervalMs);
      result = await compare(expectation, period, api);
    }
    print(json ? JSON.stringify(result) : render(result, period));
    return result.differences.length === 0 ? 0 : 1;
  },
});

/** What a comparison looked at and found. */
interface Comparison {
  readonly series: number;
  readonly periods: number;
  readonly readings: number;
  /** Dataset, series and period with what differs. */
  readonly differences: readonly string[];
}

async function readExpectation(path: string): Promise<Expectation> {
  const expectation = JSON.parse(await readFile(path, 'utf8')) as Partial<Expectation>;
  const { format, complete, datasets } = expectation;
  if (format !== 'caudal-expectation/1' || datasets === undefined) {
    throw new UsageError(`${path} is not a file of the producer's --expect.`);
  }
  if (complete !== true)
    printError(`${path} is of a run that was stopped: differences may be readings it did not send.`);
  return { format, complete: complete === true, datasets };
}

async function compare(
  expectation: Expectation,
  period: 'month' | 'day',
  api: ApiClient,
): Promise<Comparison> {
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
      const shown = await shownPeriods(api, { dataset, sensor, period, expected });
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
  api: ApiClient,
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
      const page: { statistics: ShownPeriod[]; cursor: string | null } | undefined = await api.find(
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
