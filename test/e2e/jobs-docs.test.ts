import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type JobWorld, startJobWorld } from '../support/job-world.ts';

let world: JobWorld;
beforeAll(async () => {
  world = await startJobWorld();
}, 240_000);
afterAll(() => world.close());

test('the commands of docs/jobs.md do what it says', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/jobs.md'), 'utf8');
  const commands = [...page.matchAll(/```bash\n(.*?)```/gs)].map(([, block]) => block);
  expect(commands.length).toBeGreaterThan(4);
  // Each answer on a line of its own; a command that fails ends the script.
  const script = ['set -e', ...commands.map((block) => `${block}\necho`)].join('\n');
  const { stdout } = await promisify(execFile)('bash', ['-c', script], {
    env: { ...process.env, API: world.cloud.apiUrl, TOKEN: world.token },
  });
  const answers = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  const [submitted, asked, results, manifest] = answers;
  expect(answers).toHaveLength(4);
  expect(submitted).toMatchObject({ jobId: 'JOB001', kind: 'toons', total: 3 });
  expect(asked).toMatchObject({ jobId: 'JOB001', total: 3 });
  expect(results).toMatchObject({
    state: 'Completed',
    results: [
      { toonId: 'bytes', result: { detectedType: 'application/octet-stream' } },
      { toonId: 'note', result: { format: 'json' } },
      { toonId: 'readings', result: { readings: 1, measures: { temperature: { min: 12.5, max: 12.5 } } } },
    ],
    cursor: null,
  });
  expect(manifest).toMatchObject({ jobId: 'JOB002', total: 1 });
}, 240_000);

test('the first command of docs/jobs.md works as printed: it fetches a token with the scopes that it needs', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/jobs.md'), 'utf8');
  const [, command = ''] = /```sh\n(npm run producer -- toons .*)\n```/.exec(page) ?? [];
  const { stdout } = await promisify(execFile)('bash', ['-c', command], {
    env: { ...process.env, AWS_ENDPOINT_URL: world.cloud.endpointUrl, AWS_REGION: 'us-east-1' },
  });
  expect(stdout).toContain('50 toons (');
  expect(stdout).toMatch(/^Completed: 50 of 50 toons/m);
}, 240_000);

test('npm run producer -- toons submits a job, follows it to its end and prints a table', async () => {
  const program = join(import.meta.dirname, '../../producer/main.ts');
  const run = (...options: string[]) =>
    promisify(execFile)(process.execPath, [program, 'toons', '--count', '12', '--submit', ...options], {
      env: { ...process.env, AWS_ENDPOINT_URL: world.cloud.endpointUrl, AWS_REGION: 'us-east-1' },
    });
  const { stdout } = await run('--token', world.token, '--job-id', 'TWELVE');
  expect(stdout).toContain('12 toons (');
  expect(stdout).toContain('job TWELVE, sent in the request');
  expect(stdout).toMatch(/^type +toons +failed +KiB/m);
  expect(stdout).toMatch(/^Completed: 12 of 12 toons, 0 failed/m);
  await expect(run('--token', 'nonsense')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('401'),
  });
  await expect(run('--count', '0')).rejects.toMatchObject({ code: 2 });
});
