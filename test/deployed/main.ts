import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { accessOptions, apiAccess } from '../../cli/api-access.ts';
import { type ApiClient, createApiClient } from '../../cli/api-client.ts';
import { runVerb } from '../../cli/command-line.ts';
import { duration } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { tokenSource } from '../../cli/token.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Readings of the stream: a reading every 15 minutes from the end of January into March, so that months and days end within them. */
const readings = 3_000;
/** Readings over the API. */
const submitted = 20;

const deployed = defineInstallationVerb({
  command: 'npm run test:deployed --',
  summary: 'tests an installation where it is deployed',
  about: [
    'Tests an installation where it is deployed: refusals of the API, readings by the delivery stream and over the API, and whether the API shows of them what another computation says that it must. It leaves two series, named by the time of the run, in the dataset water-temperature.',
  ],
  options: {
    wait: duration({ help: 'for the readings to arrive, each way', default: '20m' }),
    ...accessOptions,
  },
  examples: ['npm run test:deployed -- --stage pre-production'],
  async run({ wait = 0, ...given }) {
    const access = await apiAccess(given, { client: 'writer' });
    const directory = mkdtempSync(join(tmpdir(), 'caudal-deployed-'));
    const series = `deployed-${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}`;
    try {
      await refusals(access.apiUrl, tokenSource(access, access.scopes.read));
      const { read, write } = access.scopes;
      const api = createApiClient({ ...access, token: tokenSource(access, `${read} ${write}`) });
      await submit(api, `${series}-api`);
      await byTheStream(series, { directory, wait });
      await overTheApi(api, `${series}-api`, wait);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
    print(`✓ the installation at ${access.apiUrl} does what it must`);
    return 0;
  },
});

/** @throws Error that says what was expected */
function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

async function refusals(apiUrl: string, readToken: ReturnType<typeof tokenSource>): Promise<void> {
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(apiUrl + path, init);
    await answer.arrayBuffer();
    return answer.status;
  };
  const authorization = `Bearer ${await readToken({ fresh: false })}`;
  const [reading] = readingsOf('refused', 1);
  const cases: readonly [what: string, expected: number, status: Promise<number>][] = [
    ['GET /health', 200, ask('/health')],
    ['GET /openapi.json', 200, ask('/openapi.json')],
    ['GET /datasets without a token', 401, ask('/datasets')],
    ['GET /datasets with a token', 200, ask('/datasets', { headers: { authorization } })],
    [
      'POST of a reading with a token of the scope read',
      401,
      ask('/datasets/water-temperature/readings', {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify([reading]),
      }),
    ],
  ];
  for (const [what, expected, answered] of cases) {
    const status = await answered;
    check(status === expected, `${what} answered ${status}, not ${expected}`);
  }
  print(`✓ ${cases.length} requests are answered or refused as they must`);
}

/** Readings with values that only depend on their place. */
function readingsOf(sensorId: string, count: number): object[] {
  return Array.from({ length: count }, (_, index) => ({
    sensorId,
    timestamp: new Date(Date.UTC(2024, 0, 30) + index * 900_000).toISOString(),
    temperature: Number((12 + 3 * Math.sin(index / 40)).toFixed(3)),
    deviation: Number((0.1 + (index % 7) / 50).toFixed(2)),
  }));
}

/** By the producer with the faults that a network makes, and compared by `verify`: in every bit, months and days. */
async function byTheStream(
  series: string,
  { directory, wait }: { directory: string; wait: number },
): Promise<void> {
  const [file, expectation] = [join(directory, 'readings.ndjson'), join(directory, 'expected.json')];
  writeFileSync(
    file,
    readingsOf(series, readings)
      .map((reading) => JSON.stringify(reading))
      .join('\n'),
  );
  await run('producer/main.ts', [
    ...['--file', file, '--dataset', 'water-temperature', '--expect', expectation, '--quiet'],
    ...['--duplicates', '5%', '--shuffle'],
  ]);
  const waiting = `${Math.ceil(wait / 1_000)}s`;
  await run('operator/main.ts', ['verify', '--expect', expectation, '--wait', waiting]);
  await run('operator/main.ts', ['verify', '--expect', expectation, '--period', 'day']);
  print(`✓ ${readings} readings by the delivery stream are in the statistics, once each`);
}

async function submit(api: ApiClient, series: string): Promise<void> {
  const path = '/datasets/water-temperature/readings';
  const { accepted } = await api.post<{ accepted: number }>(path, readingsOf(series, submitted));
  check(accepted === submitted, `${submitted} readings were posted, ${accepted} accepted`);
}

async function overTheApi(api: ApiClient, series: string, wait: number): Promise<void> {
  const deadline = performance.now() + wait;
  const path = `/datasets/water-temperature/statistics?period=month&from=2024-01&to=2024-03&sensor=${series}`;
  for (;;) {
    const found = await api.find<{ statistics: readonly { count: number }[] }>(path);
    const count = (found?.statistics ?? []).reduce((sum, month) => sum + month.count, 0);
    if (count === submitted) break;
    check(performance.now() < deadline, `${submitted} readings were posted, the statistics count ${count}`);
    await sleep(5_000);
  }
  print(`✓ ${submitted} readings over the API are in the statistics, once each`);
}

/** Runs a command line of this project to its end, its output beside this one's. @throws Error where it ends with another code than 0 */
async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = (await once(child, 'close')) as [number | null];
  check(code === 0, `${program} ${args[0] ?? ''} ended with code ${code}`);
}

process.exitCode = await runVerb(deployed, process.argv.slice(2));
