import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { OptionError, parseCount } from '../../cli/numbers.ts';
import { jobIdPattern, maxToons } from '../../core/toons/toon.ts';
import { jobAccess } from './access.ts';
import { followJob, renderOutcomes } from './follow.ts';
import { compose, generateToons, type SyntheticToon } from './generate.ts';
import { ApiRefusal, JobClient, type ToonOutcome } from './job-client.ts';
import { submitToons } from './submit.ts';

/** What `--help` prints. */
export const help = `Makes toons (images, telemetry, messages, binary fragments, audio) and submits them as a job.

Usage: npm run producer -- toons [options]

  --count N       how many (default 60, at most 10000): from 50 on at least 20 images and 10 each of telemetry,
                  messages and binary fragments, then audio
  --seed N        the same seed gives the same bytes (default 1)
  --out DIR       writes the files there
  --submit        submits them as one job, shows its progress, then a table
  --job-id ID     id of the job (default: toons-<seed>-<count>-<time>); the same id and toons again are the same job
  --api URL       the API with its stage (default: the local cloud when it is up, else the stack's)
  --token TOKEN   an access token with both scopes (default: as npm run caudal -- token gets one)

The exit code is 0 when the job completed, whatever became of single toons; 1 when it failed; 2 for a wrong call.

Examples:
  npm run producer -- toons --count 50 --seed 1 --submit
  npm run producer -- toons --count 200 --out /tmp/toons`;

/** `npm run producer -- toons …`. @returns the exit code. Throws `OptionError` for a value that can't be used. */
export async function run(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      count: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
      submit: { type: 'boolean', default: false },
      'job-id': { type: 'string' },
      api: { type: 'string' },
      token: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const count = parseCount('count', values.count, { min: 1, max: maxToons });
  const seed = parseCount('seed', values.seed, { min: 0, max: 2 ** 31 });
  const jobId = values['job-id'] ?? `toons-${seed}-${count}-${Date.now().toString(36)}`;
  if (!jobIdPattern.test(jobId))
    throw new OptionError(`--job-id must match ${jobIdPattern.source}, not "${jobId}"`);

  const toons: SyntheticToon[] = [];
  for await (const toon of generateToons({ count, seed })) toons.push(toon);
  if (values.out !== undefined) await writeToons(values.out, toons);
  console.log(summary(toons));
  if (!values.submit) return 0;

  try {
    return await submit(jobId, toons, { api: values.api, token: values.token });
  } catch (error) {
    console.error(explain(error));
    return 1;
  }
}

/** Submits the toons, follows the job to its end and tells what became of them. @returns the exit code */
async function submit(
  jobId: string,
  toons: readonly SyntheticToon[],
  given: { readonly api: string | undefined; readonly token: string | undefined },
): Promise<number> {
  const client = new JobClient(await jobAccess(given));
  const startedMs = performance.now();
  const { way, job } = await submitToons(client, { jobId, toons });
  console.log(`job ${job.jobId}, sent ${ways[way]}`);
  const ended = await followJob(client, jobId);
  const outcomes: ToonOutcome[] = [];
  for await (const outcome of client.results(jobId)) outcomes.push(outcome);
  console.log(renderOutcomes(outcomes));
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(
    `\n${ended.state}: ${ended.processed} of ${ended.total} toons, ${ended.failed} failed, ${seconds} s`,
  );
  if (ended.error !== undefined) console.error(`${ended.error}: ${ended.cause ?? ''}`);
  return ended.state === 'Completed' ? 0 : 1;
}

/** A refusal or a server that is not there in a line; anything else is a fault and thrown on. */
function explain(error: unknown): string {
  if (error instanceof ApiRefusal) return error.message;
  const { cause, code } = error as { cause?: { code?: string; message?: string }; code?: string };
  if (code === 'ECONNREFUSED' || cause?.code === 'ECONNREFUSED') {
    return 'Nothing answers there. Is the local cloud up? Start it with: npm start';
  }
  throw error;
}

const ways = {
  request: 'in the request',
  manifest: 'as one manifest',
  files: 'as files and a manifest',
} as const;

async function writeToons(directory: string, toons: readonly SyntheticToon[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const { name, bytes } of toons) await writeFile(join(directory, name), bytes);
}

function summary(toons: readonly SyntheticToon[]): string {
  const parts = Object.entries(compose(toons.length)).map(([type, number]) => `${number} ${type}`);
  const bytes = toons.reduce((sum, toon) => sum + toon.bytes.length, 0);
  return `${toons.length} toons (${parts.join(', ')}), ${Math.round(bytes / 1024)} KiB`;
}
