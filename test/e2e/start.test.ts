import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shareAssemblies } from '../support/cloud-process.ts';

const root = join(import.meta.dirname, '..', '..');
const directory = mkdtempSync(join(tmpdir(), 'caudal-start-'));
beforeAll(() => shareAssemblies(directory));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function start(...options: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const child = spawn(
    process.execPath,
    [
      ...['demo/main.ts', '--once', '--directory', directory],
      // A machine that runs other tests beside takes longer than Lambda.
      ...[
        '--timeout-factor',
        '4',
        '--port',
        '0',
        '--api-port',
        '0',
        '--token-port',
        '0',
        '--console-port',
        '0',
        ...options,
      ],
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      printed[name] += chunk;
    });
  }
  const [status] = (await once(child, 'close')) as [number];
  return { status, ...printed };
}

it('npm start -- --once shows what happened in one screen, and that it adds up', async () => {
  const { status, stdout, stderr } = await start();
  expect(`${stdout}${stderr}`).toContain('everything adds up');
  expect(status).toBe(0);
  expect(stdout).toMatch(/lines +55,138 = 557 rejected \+ 53,457 distinct \+ 1,124 repeated$/m);
  expect(stdout).toMatch(/SUCCEEDED/);
  expect(stdout).toMatch(/2026-05 +12 +3,962 +2,294 +1,439 +229/);
  const [, address = ''] =
    /^report +(file:\S+\/reports\/salon-bookings\/2026-05\/index\.html), .* each of 12 salons$/m.exec(
      stdout,
    ) ?? [];
  expect(readFileSync(new URL(address), 'utf8')).toContain('pages/7.html');
  expect(readFileSync(new URL('pages/7.html', address), 'utf8')).toContain('<svg');
  expect(stdout).toMatch(/2024-01 +1 +4 +12\.382 +11\.428 +13\.257 +0\.654/);
  expect(stdout).toMatch(/2024-01-23 +aquasense +high-deviation/);
  expect(stdout).toMatch(
    /curl -sH "authorization: Bearer \$TOKEN" 'http:\/\/127\.0\.0\.1:\d+\/prod\/temp\?year=2024&month=1'/,
  );
});

it('Ctrl-C in the middle of the demonstration ends it at once, with a word', async () => {
  const own = mkdtempSync(join(tmpdir(), 'caudal-interrupted-'));
  shareAssemblies(own);
  const child = spawn(
    process.execPath,
    [
      'demo/main.ts',
      '--directory',
      own,
      '--port',
      '0',
      '--api-port',
      '0',
      '--token-port',
      '0',
      '--console-port',
      '0',
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let printed = '';
  let isInterrupted = false;
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    printed += chunk;
    if (isInterrupted || !printed.includes('streaming')) continue;
    isInterrupted = true;
    child.kill('SIGINT');
  }
  if (child.exitCode === null) await once(child, 'exit');
  expect(printed).toMatch(/interrupted: the cloud closes; .* keeps what it acknowledged/);
  expect(printed).not.toContain('everything adds up');
  expect(child.exitCode).toBe(130);
  rmSync(own, { recursive: true, force: true });
});

it('tells what a wrong option takes', async () => {
  const { status, stderr } = await start('--port', '70000');
  expect(status).toBe(2);
  expect(stderr).toMatch(/--port takes a port from 0 to 65535, not "70000"/);
});
