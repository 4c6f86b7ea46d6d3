import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';

const program = join(import.meta.dirname, '..', 'support', 'job-cloud-process.ts');
let directory: string;
let running: ChildProcess | undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'caudal-kill-'));
});
afterAll(async () => {
  running?.kill('SIGKILL');
  // Processes of the killed cloud may still be writing to their compile cache.
  await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
});

interface Api {
  readonly apiUrl: string;
  readonly token: string;
}

async function start(): Promise<Api> {
  const child = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  running = child;
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([
    once(lines, 'line') as Promise<[string]>,
    once(child, 'exit').then(([code]) => {
      throw new Error(`the cloud ended with ${code} before it was up`);
    }),
  ]);
  return JSON.parse(line) as Api;
}

async function kill(): Promise<void> {
  const child = running;
  if (child === undefined) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function call<Answer>({ apiUrl, token }: Api, path: string, body?: object): Promise<Answer> {
  const answer = await fetch(apiUrl + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

interface Told {
  readonly id: string;
  readonly position: number;
}

const startMs = Date.now() + 86_400_000;
const create = (salon: number, n: number) => {
  const [slotStart, slotEnd] = [n, n + 1].map((hour) => new Date(startMs + hour * 3_600_000).toISOString());
  const data = { reservationId: `r-${n}`, employeeId: 'e-1', userId: 'u-1', slotStart, slotEnd };
  return {
    path: `/streams/reservations/salon-${salon}/commands`,
    commandId: `c-${salon}-${n}`,
    name: 'create',
    data,
  };
};

test('commands that were answered are kept and told once each, and others when they are sent again, after everything was killed', async () => {
  const salons = [0, 1, 2, 3];
  const perSalon = 12;
  const answered = new Map<string, unknown>();
  let api = await start();
  const send = async (of: Api, { path, ...command }: ReturnType<typeof create>): Promise<void> => {
    const { position } = await call<{ position: number }>(of, path, command);
    answered.set(command.commandId, position);
  };
  const sending = salons.map(async (salon) => {
    for (let n = 0; n < perSalon; n++) await send(api, create(salon, n));
  });
  void Promise.allSettled(sending);
  while (answered.size < 10) await pause(10);
  await kill();
  await Promise.allSettled(sending);
  const before = new Map(answered);
  expect(before.size).toBeLessThan(salons.length * perSalon);

  api = await start();
  for (const salon of salons) for (let n = 0; n < perSalon; n++) await send(api, create(salon, n));
  for (const [commandId, position] of before) expect(answered.get(commandId)).toBe(position);
  const told = async (salon: number): Promise<string[]> => {
    const pages = await Promise.all(
      [0, 1, 2, 3].map((partition) => call<{ entries: { commits: Told[] }[] }>(api, `/log/${partition}`)),
    );
    const all = pages.flatMap(({ entries }) => entries.flatMap(({ commits }) => commits));
    return all.filter(({ id }) => id === `salon-${salon}`).map(({ position }) => String(position));
  };
  for (const salon of salons) {
    const { commits } = await call<{ commits: { position: number; commandId: string }[] }>(
      api,
      `/streams/reservations/salon-${salon}/events`,
    );
    expect(commits.map(({ position }) => position)).toEqual(
      Array.from({ length: perSalon }, (_, n) => n + 1),
    );
    expect(new Set(commits.map(({ commandId }) => commandId)).size).toBe(perSalon);
    // In the order of the stream, each once: also the one that was committed and not told when all was killed.
    await expect
      .poll(() => told(salon), { timeout: 150_000 })
      .toEqual(Array.from({ length: perSalon }, (_, n) => String(n + 1)));
  }
});
