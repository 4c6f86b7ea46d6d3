import { expect, test } from 'vitest';
import { ApiRefusal } from '../../cli/api-client.ts';
import { type Imported, ImportStopped, importCommands } from './import-commands.ts';

const line = (n: number, more: object = {}) => JSON.stringify({ id: 'a', commandId: `c-${n}`, ...more });

/** What is sent, and answered by `answer`. */
async function run(
  pieces: readonly (string | Uint8Array)[],
  answer: (commands: { id: string; commandId: string }[], call: number) => object = committedAll,
) {
  const sent: { id: string; commandId: string }[][] = [];
  const imported: Imported = { committed: 0, repeated: 0, refused: [] };
  const api = {
    post: async <Answer>(path: string, body: object) => {
      expect(path).toBe('/streams/reservations/commands');
      const { commands } = JSON.parse(JSON.stringify(body));
      sent.push(commands);
      return answer(commands, sent.length) as Answer;
    },
  };
  async function* bytes() {
    for (const piece of pieces) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
  }
  let stopped: unknown;
  try {
    await importCommands({ api, path: '/streams/reservations' }, bytes(), imported, () => undefined);
  } catch (fault) {
    stopped = fault;
  }
  return { sent, imported, stopped };
}
const committedAll = (commands: { id: string; commandId: string }[]) => ({
  committed: commands.length,
  repeated: 0,
  answers: commands.map(({ id, commandId }) => ({ id, commandId })),
});

test('lines are sent in their order, as many to a batch as it takes, wherever the file is cut', async () => {
  const lines = Array.from({ length: 1_203 }, (_, n) => line(n, { text: 'ä' }));
  const whole = Buffer.from(`${lines.join('\r\n')}\n\n`);
  const pieces = Array.from({ length: Math.ceil(whole.length / 777) }, (_, n) =>
    whole.subarray(n * 777, (n + 1) * 777),
  );
  const { sent, imported } = await run(pieces);
  expect(sent.map(({ length }) => length)).toEqual([500, 500, 203]);
  expect(sent.flat()).toEqual(lines.map((text) => JSON.parse(text)));
  expect(imported).toEqual({ committed: 1_203, repeated: 0, refused: [] });
});

test('a batch has no more bytes than a request takes', async () => {
  const { sent } = await run(
    Array.from({ length: 30 }, (_, n) => `${line(n, { text: 'x'.repeat(60_000) })}\n`),
  );
  expect(sent.length).toBe(2);
  for (const commands of sent) expect(JSON.stringify({ commands }).length).toBeLessThan(1_048_576);
});

test('what is refused is named by its line', async () => {
  const { imported } = await run([`${line(1)}\n\n${line(2)}\n`], (commands) => ({
    ...committedAll(commands),
    ...{ committed: 0, repeated: 1 },
    answers: [
      { id: 'a', commandId: 'c-1' },
      { id: 'a', commandId: 'c-2', problem: { reason: 'slot-taken', detail: 'it is taken' } },
    ],
  }));
  expect(imported).toEqual({
    ...{ committed: 0, repeated: 1 },
    refused: [{ line: 3, id: 'a', commandId: 'c-2', reason: 'slot-taken', detail: 'it is taken' }],
  });
});

test('a batch without an answer is sent again, and a refused one stops the import at its lines', async () => {
  const lines = Array.from({ length: 600 }, (_, n) => line(n)).join('\n');
  const { sent, imported, stopped } = await run([lines], (commands, call) => {
    if (call === 1) throw new ApiRefusal('POST /x', { status: 504, text: '{}' });
    if (call === 3) throw new ApiRefusal('POST /x', { status: 400, text: '{"detail":"commands[2].name"}' });
    return committedAll(commands);
  });
  expect(sent.map(({ length }) => length)).toEqual([500, 500, 100]);
  expect(imported.committed).toBe(500);
  expect(stopped).toBeInstanceOf(ImportStopped);
  expect(String(stopped)).toMatch(/lines 501 to 600: .*commands\[2\].name.* commands\[0\] is line 501/);
});

test.each([
  ['{"id":', /line 2 is not JSON/],
  ['[1]', /line 2 is no JSON object/],
  [Buffer.from([0xff]), /not UTF-8/],
])('%s is not sent', async (wrong, message) => {
  const { sent, stopped } = await run([`${line(1)}\n`, wrong]);
  expect(sent).toEqual([]);
  expect(String(stopped)).toMatch(message);
});
