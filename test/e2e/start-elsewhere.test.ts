import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../support/cloud-world.ts';
import { copyProject, type ProjectCopy } from '../support/project-copy.ts';

/** `npm start` on other ports and in another directory, in a project that has nothing built. */

const fixtures = join(root, 'test', 'fixtures', 'real-files');
const place = mkdtempSync(join(tmpdir(), 'caudal-elsewhere-'));
const home = join(place, 'home');
const env = {
  ...process.env,
  HOME: home,
  NO_COLOR: '1',
  AWS_ENDPOINT_URL: undefined,
  NODE_COMPILE_CACHE: undefined,
};
let project: ProjectCopy;
let cloud: ChildProcess;
let printed = '';

beforeAll(async () => {
  mkdirSync(home);
  project = copyProject();
  const ports = ['--port', '0', '--api-port', '0', '--token-port', '0', '--console-port', '0'];
  const directory = ['--directory', join(place, 'cloud')];
  cloud = spawn(
    process.execPath,
    ['demo/main.ts', '--no-demo', '--timeout-factor', '4', ...ports, ...directory],
    {
      cwd: project.root,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await new Promise<void>((resolve, reject) => {
    cloud.on('exit', (code) => reject(new Error(`npm start ended with code ${code}:\n${printed}`)));
    cloud.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
      if (printed.includes('stays up')) resolve();
    });
  });
});
afterAll(async () => {
  cloud.kill('SIGINT');
  if (cloud.exitCode === null) await once(cloud, 'exit');
  project.remove();
  rmSync(place, { recursive: true, force: true });
});

/** Runs a line in a shell, in the project. */
async function shell(line: string): Promise<{ status: number; output: string }> {
  const child = spawn('sh', ['-c', line], { cwd: project.root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const [status] = (await once(child, 'close')) as [number];
  return { status, output };
}

const command = (title: string): string => new RegExp(`^${title}: +(.+)$`, 'm').exec(printed)?.[1] ?? '';

test('the directory holds everything that the cloud writes', () => {
  expect(readdirSync(home)).toEqual([]);
  expect(existsSync(join(project.root, '.caudal'))).toBe(false);
  expect(readdirSync(join(place, 'cloud'))).toEqual(
    expect.arrayContaining(['assemblies', 'bundles', 'cloud.json', 'logs', 'state']),
  );
});

test('a printed command works as printed', async () => {
  for (const title of ['What ran', 'More readings']) {
    expect(command(title)).toContain('npm run');
    const { status, output } = await shell(command(title));
    expect([status, output]).toEqual([0, expect.not.stringContaining('Nothing answers')]);
  }
});

test('a dataset that is added is taken in while the cloud is up, and a broken one is told', async () => {
  project.addDataset(join(fixtures, 'datasets', 'weather-multi.ts'));
  await expect.poll(() => printed, { timeout: 120_000 }).toMatch(/datasets now: .*weather-multi/);
  const endpoint = /AWS_ENDPOINT_URL=\S+/.exec(command('What ran'))?.[0];
  const file = join(fixtures, 'cr-only', 'cr-only.csv');
  const uploaded = await shell(
    `${endpoint} npm run -s caudal -- upload ${file} --dataset weather-multi --json`,
  );
  expect([uploaded.status, uploaded.output]).toEqual([0, expect.stringMatching(/"valid": 2|"accepted": 2/)]);

  writeFileSync(join(project.root, 'datasets', 'broken.ts'), 'export default {');
  await expect
    .poll(() => printed, { timeout: 120_000 })
    .toContain('is not taken in, and the cloud goes on without');
});
