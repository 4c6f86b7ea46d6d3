import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Question } from '../../core/inspect/finding.ts';
import { caudal } from '../../test/support/caudal.ts';
import { root } from '../../test/support/cloud-world.ts';
import { answerOf } from './ask.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'caudal-inspect-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Without a cloud: nobody listens there. */
const run = (...args: string[]) => caudal('http://127.0.0.1:9', 'inspect', ...args);
const write = (name: string, bytes: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

const table = 'Fecha;Temperatura (°C);Nota\n01/05/2026 10:00;14,5;a\n02/05/2026 10:00;99,5;b\n';

test('a question without an answer is exit code 1, with the options that answer it', async () => {
  const { status, stdout } = await run(write('a.csv', table));
  expect(status).toBe(1);
  for (const option of ['--day-first, or --month-first', '--zone ZONE', '--sensor ID'])
    expect(stdout).toContain(`→ ${option}`);
  expect(stdout).not.toContain('first readings');
});

test('answered, it shows the first readings, and what is guessed', async () => {
  const path = write('a.csv', table);
  const { status, stdout } = await run(path, '--day-first', '--zone', 'Europe/Madrid', '--sensor', 'b 1');
  expect(status).toBe(0);
  expect(stdout).toMatch(/✓ time +Fecha as dd\/MM\/yyyy HH:mm/);
  expect(stdout).toMatch(/! bounds of temperatura +-90 to 100, guessed: wider than/);
  expect(stdout).toMatch(/b 1 +2026-05-01T08:00:00.000Z +14.5/);
  expect(stdout).toContain('Nota: it has texts');
});

test('machines get all of it, from a compressed file of which only the start is read', async () => {
  const rows = Array.from(
    { length: 60_000 },
    (_, at) => `A;${new Date(Date.UTC(2026, 0, 1) + at * 60_000).toISOString()};${at % 30}\n`,
  );
  const path = write('b.csv.gz', gzipSync(`station;time;T_C\n${rows.join('')}`));
  const { status, json } = await run(path, '--json', '--limit', '1');
  expect(status).toBe(0);
  const told = json<{ accepted: number }>();
  expect(told).toMatchObject({
    format: 'text',
    readings: [{ sensorId: 'A', timestamp: '2026-01-01T00:00:00.000Z', t: 0 }],
    rejected: { byReason: {} },
    sensors: [{ sensorId: 'A' }],
    first: '2026-01-01T00:00:00.000Z',
    measures: [{ name: 't', column: 'T_C', unit: '°C', range: { min: 0, max: 29 } }],
    questions: [],
  });
  expect(told.accepted).toBeGreaterThan(30_000);
  expect(told.accepted).toBeLessThan(40_000);
});

test('standard input is read', async () => {
  const child = spawn(process.execPath, ['operator/main.ts', 'inspect', '-', '--json'], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end('station,time,T_C\nA,2026-05-01T00:00:00Z,1\n');
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  await once(child, 'close');
  expect(JSON.parse(stdout)).toMatchObject({ file: 'standard input', readings: [{ t: 1 }] });
});

test.each([
  [['--zone', 'Mars'], '--zone takes an IANA name'],
  [['--day-first', '--month-first'], 'exclude each other'],
  [['--match', '/x'], '--match takes'],
  [['--write', 'water-temperature'], 'There is a dataset water-temperature already'],
  [['--unit', 'x'], '--unit takes'],
])('%j is not understood', async (args, message) => {
  const { status, stderr } = await run(write('a.csv', table), ...args);
  expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('of what is no table it says why, with exit code 1', async () => {
  const { status, stderr } = await run(write('x.csv', 'Dear Sir,\nhello\n'));
  expect([status, stderr]).toEqual([1, expect.stringContaining('Nothing can be made of')]);
});

test('an answer that is typed is one of those that are asked for', () => {
  const question = (subject: Question['subject'], choices?: readonly string[]): Question => ({
    ...{ subject, text: '', options: [] },
    ...(choices && { choices }),
  });
  expect(answerOf(question('zone'), '+01:00')).toEqual({ zone: '+01:00' });
  expect(answerOf(question('zone'), 'Mars')).toBeUndefined();
  expect(answerOf(question('order', ['day-first']), 'day-first')).toEqual({ order: 'day-first' });
  expect(answerOf(question('order', ['day-first']), 'x')).toBeUndefined();
  expect(answerOf(question('sensor'), ' a ')).toEqual({ sensorId: 'a' });
  expect(answerOf(question('sensor'), '')).toBeUndefined();
});
