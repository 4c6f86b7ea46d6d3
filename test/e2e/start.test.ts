import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const directory = mkdtempSync(join(tmpdir(), 'caudal-start-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const start = (...options: string[]) =>
  spawnSync(
    process.execPath,
    [
      ...['local/start.ts', '--once', '--directory', directory],
      // A machine that runs other tests beside takes longer than Lambda.
      ...['--timeout-factor', '4', '--port', '0', '--api-port', '0', '--token-port', '0', ...options],
    ],
    { cwd: root, encoding: 'utf8' },
  );

it('npm start -- --once shows what happened in one screen, and that it adds up', { timeout: 180_000 }, () => {
  const { status, stdout, stderr } = start();
  expect(`${stdout}${stderr}`).toContain('everything adds up');
  expect(status).toBe(0);
  expect(stdout).toMatch(/lines +51,058 = 519 rejected \+ 49,495 distinct \+ 1,044 repeated/);
  expect(stdout).toMatch(/SUCCEEDED/);
  expect(stdout).toMatch(/2024-01 +1 +4 +12\.382 +11\.428 +13\.257 +0\.654/);
  expect(stdout).toMatch(/2024-01-23 +aquasense +high-deviation/);
  expect(stdout).toMatch(
    /curl -sH "authorization: Bearer \$TOKEN" 'http:\/\/127\.0\.0\.1:\d+\/prod\/temp\?year=2024&month=1'/,
  );
});

it('tells what a wrong option takes', () => {
  const { status, stderr } = start('--port', '70000');
  expect(status).toBe(1);
  expect(stderr).toMatch(/--port takes a port from 0 to 65535, not "70000"/);
});
