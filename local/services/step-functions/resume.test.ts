import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetExecutionHistoryCommand, ListMapRunsCommand } from '@aws-sdk/client-sfn';
import { expect, it } from 'vitest';
import { interruptedCloud } from '../../../test/support/local/interrupted.ts';

it('an execution goes on after kill -9 where it was, and repeats only what had not ended', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'caudal-killed-'));
  const log = join(directory, 'calls.log');
  const calls = (name: string) =>
    existsSync(log)
      ? readFileSync(log, 'utf8')
          .split('\n')
          .filter((line) => line.startsWith(`${name} `))
      : [];
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../../../test/support/local/interrupted.ts'), directory],
    {
      stdio: 'inherit',
    },
  );
  await expect.poll(() => calls('child').length, { interval: 5 }).toBeGreaterThan(8);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
  expect(calls('child').length).toBeLessThan(40);

  const { cloud, arn } = await interruptedCloud(directory);
  const executionArn = `${arn.replace(':stateMachine:', ':execution:')}:killed`;
  cloud.machines.resume();
  const ended = await cloud.ended(executionArn);
  expect(ended).toMatchObject({ status: 'SUCCEEDED', input: '{"seed":7}' });
  expect(JSON.parse(String(ended.output))).toEqual({
    seed: 7,
    results: Array.from({ length: 40 }, (_, n) => n),
  });
  expect(calls('before')).toHaveLength(1);
  expect(calls('after')).toHaveLength(1);
  // Two children at a time may have been called and not recorded when the process was killed.
  expect(new Set(calls('child')).size).toBe(40);
  expect(calls('child').length).toBeLessThanOrEqual(42);
  const { mapRuns } = await cloud.sfn.send(new ListMapRunsCommand({ executionArn }));
  expect(mapRuns).toHaveLength(1);
  const { events = [] } = await cloud.sfn.send(new GetExecutionHistoryCommand({ executionArn }));
  expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
  expect(events.filter(({ type }) => type === 'MapStateEntered')).toHaveLength(1);
  await cloud.close();
});
