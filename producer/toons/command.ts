import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accessOptions, apiAccess } from '../../cli/api-access.ts';
import type { TokenSource } from '../../cli/api-client.ts';
import { flag, text, wholeNumber } from '../../cli/options.ts';
import { print, printError } from '../../cli/print.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { tokenSource } from '../../cli/token.ts';
import type { Values } from '../../cli/verb.ts';
import { jobIdPattern, maxToons } from '../../core/toons/toon.ts';
import { followJob, renderOutcomes } from './follow.ts';
import { compose, generateToons, type SyntheticToon } from './generate.ts';
import { JobClient, type ToonOutcome } from './job-client.ts';
import { submitToons } from './submit.ts';

/** `npm run producer -- toons`: the exit code is 0 when the job completed, whatever became of single toons. */
export const toons = defineInstallationVerb({
  command: 'npm run producer -- toons',
  summary: 'makes toons and submits them as a job',
  about: [
    'Makes toons (images, telemetry, messages, binary fragments, audio), and submits them as one job. A third are images, the other types have equal parts; of 50 or more, at least 20 are images, and 10 each telemetry, messages and binary fragments.',
  ],
  options: {
    count: wholeNumber({ help: 'how many', min: 1, max: maxToons, default: 60 }),
    seed: wholeNumber({ help: 'the same seed gives the same bytes', min: 0, max: 2 ** 31, default: 1 }),
    out: text({ valueName: 'DIR', help: 'writes the files there' }),
    submit: flag({ help: 'submits them as one job, shows its progress, then a table' }),
    'job-id': text({
      valueName: 'ID',
      help: 'name of the job (default: toons-<seed>-<count>-<time>); the same name and toons again are the same job',
      pattern: jobIdPattern,
      accepted: '1 to 64 letters, digits, - and _, the first one a letter or digit',
    }),
    token: text({
      valueName: 'TOKEN',
      help: 'an access token with both scopes (default: one is fetched and kept, as npm run caudal -- token does)',
    }),
    ...accessOptions,
  },
  notes: [
    'The exit code is 0 when the job completed, whatever became of single toons; 1 when it failed; 2 for a call that was not understood.',
  ],
  examples: [
    'npm run producer -- toons --count 50 --seed 1 --submit',
    'npm run producer -- toons --count 200 --out /tmp/toons',
  ],
  async run({ count, seed, out, submit, jobId, token, ...given }) {
    const made: SyntheticToon[] = [];
    for await (const toon of generateToons({ count, seed })) made.push(toon);
    if (out !== undefined) await writeToons(out, made);
    print(summary(made));
    if (!submit) return 0;
    const client = new JobClient(await jobAccess(token, given));
    return submitAndFollow(client, jobId ?? `toons-${seed}-${count}-${Date.now().toString(36)}`, made);
  },
});

/** With a token nothing but the API's address is needed. */
async function jobAccess(
  token: string | undefined,
  given: Values<typeof accessOptions>,
): Promise<{ apiUrl: string; token: TokenSource }> {
  if (token === undefined) {
    const access = await apiAccess(given, { client: 'writer' });
    const { read, write } = access.scopes;
    return { apiUrl: access.apiUrl, token: tokenSource(access, `${read} ${write}`) };
  }
  const apiUrl = given.apiUrl ?? process.env.CAUDAL_API_URL ?? (await apiAccess({}, { env: {} })).apiUrl;
  return { apiUrl, token: async () => token };
}

/** Submits the toons, follows the job to its end and tells what became of them. @returns the exit code */
async function submitAndFollow(
  client: JobClient,
  jobId: string,
  toons: readonly SyntheticToon[],
): Promise<number> {
  const startedMs = performance.now();
  const { way, job } = await submitToons(client, { jobId, toons });
  print(`job ${job.jobId}, sent ${ways[way]}`);
  const ended = await followJob(client, jobId);
  const outcomes: ToonOutcome[] = [];
  for await (const outcome of client.results(jobId)) outcomes.push(outcome);
  print(renderOutcomes(outcomes));
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  print(`\n${ended.state}: ${ended.processed} of ${ended.total} toons, ${ended.failed} failed, ${seconds} s`);
  if (ended.error !== undefined) printError(`${ended.error}: ${ended.cause ?? ''}`);
  return ended.state === 'Completed' ? 0 : 1;
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
  const parts = Object.entries(compose(toons.length)).map(([type, number]) => `${type} ${number}`);
  const bytes = toons.reduce((sum, toon) => sum + toon.bytes.length, 0);
  return `${toons.length} toons (${parts.join(', ')}), ${Math.round(bytes / 1024)} KiB`;
}
