import { beforeEach, describe, expect, test } from 'vitest';
import { billedBytes, type PackedRecord } from '../../../core/lines/packing.ts';
import type { ReadingStream } from '../../../ports/stream.ts';
import { body, datasets, request } from '../../../test/support/api-world.ts';
import { problemDocument } from '../contract/openapi.ts';
import { readings as routes } from '../contract/readings.ts';
import { toProxyResult } from '../http/api-gateway.ts';
import { attemptMs, createSubmitReadings, retryMs } from './submit-readings.ts';

const { maxBytes: maxBodyBytes } = routes.submitReadings.body;
const url = '/datasets/probes/readings';
const json = { 'content-type': 'application/json' };
const ndjson = { 'content-type': 'application/x-ndjson; charset=utf-8' };
const reading = (index: number, more: object = {}) => ({
  sensorId: `s${index}`,
  timestamp: '2024-01-01T00:00:00Z',
  temperature: 20,
  ...more,
});

const startMs = Date.UTC(2026, 0, 1, 12, 0, 0, 700);

/** A stream that answers each call by the script, then takes everything; time passes only by its pauses. */
class ScriptedStream implements ReadingStream {
  readonly calls: (readonly PackedRecord[])[] = [];
  readonly taken: PackedRecord[] = [];
  script: ((records: readonly PackedRecord[]) => readonly number[])[] = [];
  costMs = 0;
  nowMs = startMs;

  async put(records: readonly PackedRecord[]) {
    this.calls.push(records);
    this.nowMs += this.costMs;
    const failed = this.script[this.calls.length - 1]?.(records) ?? [];
    this.taken.push(...records.filter((_, index) => !failed.includes(index)));
    return { failed, code: failed.length > 0 ? 'ServiceUnavailableException' : '' };
  }

  get lines(): string[] {
    return this.taken.flatMap(({ data }) => new TextDecoder().decode(data).split('\n').slice(0, -1));
  }
}

let stream: ScriptedStream;
let faults: unknown[];
const post = (content: unknown, headers: Record<string, string> = json, target = url) => {
  const submit = createSubmitReadings({
    datasets,
    stream,
    clock: {
      nowMs: () => stream.nowMs,
      pause: async (ms) => {
        stream.nowMs += ms;
      },
      random: () => 0.5,
    },
    onFault: (fault) => faults.push(fault),
  });
  const text =
    typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content);
  return submit(request('POST', target, { headers, body: text }));
};
beforeEach(() => {
  stream = new ScriptedStream();
  faults = [];
});

describe('valid readings', () => {
  test.each([
    ['an array', [reading(0), reading(1)], json],
    ['wrapped', { readings: [reading(0), reading(1)] }, json],
    ['without a Content-Type', [reading(0), reading(1)], {}],
    ['with an empty Content-Type', [reading(0), reading(1)], { 'content-type': ' ' }],
    ['lines', `${JSON.stringify(reading(0))}\r\n\n${JSON.stringify(reading(1))}`, ndjson],
  ])('%s: are acknowledged in their canonical encoding', async (_, content, headers) => {
    const answer = await post(content, headers);
    expect([answer.status, routes.submitReadings.answer.parse(body(answer))]).toEqual([
      202,
      { accepted: 2, rejected: [] },
    ]);
    expect(stream.lines).toEqual(
      [0, 1].map(
        (n) =>
          `{"dataset":"probes","sensorId":"s${n}","timestamp":"2024-01-01T00:00:00.000Z","temperature":20}`,
      ),
    );
  });

  test('may be withdrawn, without values, and revised up to a bound that leaves files the last word', async () => {
    const { sensorId, timestamp } = reading(0);
    const answer = await post([
      { sensorId, timestamp, revision: 1_000_000_000, withdrawn: true },
      reading(1, { revision: 1_000_000_001 }),
      reading(2, { withdrawn: 'yes' }),
    ]);
    const { accepted, rejected } = routes.submitReadings.answer.parse(body(answer));
    expect(accepted).toBe(1);
    expect(stream.lines).toEqual([
      '{"dataset":"probes","sensorId":"s0","timestamp":"2024-01-01T00:00:00.000Z","revision":1000000000,"withdrawn":true}',
    ]);
    expect(rejected.map(({ index, reason }) => [index, reason])).toEqual([
      [1, 'invalid-revision'],
      [2, 'wrong-type'],
    ]);
  });

  test('500 of them are packed into one record, as the producer packs', async () => {
    await post(Array.from({ length: 500 }, (_, index) => reading(index)));
    const bytes = stream.taken.reduce((sum, { data }) => sum + data.length, 0);
    expect(stream.calls).toHaveLength(1);
    expect(stream.taken).toHaveLength(1);
    expect(billedBytes(bytes)).toBeLessThan(bytes + 5 * 1024);
  });

  test('a body of the full MiB is taken', async () => {
    const line = `${JSON.stringify(reading(1, { temperature: 20.123456789 }))}\n`;
    const count = Math.floor(maxBodyBytes / line.length);
    const answer = await post(line.repeat(count), ndjson);
    expect([answer.status, body(answer).accepted]).toEqual([202, count]);
  });
});

describe('what is invalid', () => {
  test('is named by its index, with reason and detail; the rest is taken', async () => {
    const answer = await post([
      reading(0),
      reading(1, { temperature: '20' }),
      reading(2, { sensorId: 'a\nb' }),
      reading(3, { timestamp: '2024-02-30T00:00:00Z' }),
      reading(4, { temperature: -999 }),
      reading(5, { dataset: 'water-temperature' }),
      reading(6, { colour: 'red' }),
      null,
      reading(8),
    ]);
    expect(answer.status).toBe(202);
    const { accepted, rejected } = routes.submitReadings.answer.parse(body(answer));
    expect(accepted).toBe(2);
    expect(rejected.map(({ index, reason }) => [index, reason])).toEqual([
      [1, 'wrong-type'],
      [2, 'invalid-sensor-id'],
      [3, 'invalid-timestamp'],
      [4, 'missing'],
      [5, 'dataset-mismatch'],
      [6, 'unknown-field'],
      [7, 'not-an-object'],
    ]);
    expect(stream.lines).toHaveLength(2);
  });

  test('a time more than a day ahead of the clock, in whole seconds, is in the future', async () => {
    const answer = await post([
      reading(0, { timestamp: '2026-01-02T12:00:00Z' }),
      reading(1, { timestamp: '2026-01-02T12:00:00.001Z' }),
      reading(2, { timestamp: '2099-01-01T00:00:00Z' }),
      reading(3, { timestamp: '2099-01-01T00:00:00Z', withdrawn: true }),
    ]);
    expect(body(answer)).toMatchObject({
      accepted: 2,
      rejected: [
        { index: 1, reason: 'in-the-future' },
        { index: 2, reason: 'in-the-future' },
      ],
    });
  });

  test('a reading without a time is, where its dataset takes such lines by other ways too: it may be sent twice', async () => {
    const tick = { TICKER_SYMBOL: 'QXZ', SECTOR: 'HEALTHCARE', CHANGE: -0.05, PRICE: 84.51 };
    const answer = await post([tick], json, '/datasets/stock-ticks/readings');
    expect([answer.status, body(answer).rejected]).toMatchObject([422, [{ reason: 'missing-field' }]]);
  });

  test('a number out of every range is not finite, and not absent', async () => {
    const text = `[${JSON.stringify(reading(0))},${JSON.stringify(reading(1)).replace(':20', ':1e999')}]`;
    expect(body(await post(text)).rejected).toMatchObject([{ index: 1, reason: 'not-finite' }]);
  });

  test.each<[string, (list: string) => string]>([
    ['an array', (list) => ` ${list}\n`],
    ['wrapped', (list) => `{ "\\u0072eadings" : ${list} }`],
  ])('a key that is there twice rejects its reading, in %s', async (_, bodyOf) => {
    const twice = JSON.stringify(reading(1)).replace(':20', ':20, "temper\\u0061ture" :21');
    const odd = ['null', '"{[,\\"temperature\\":1"', '[{"a":1,"a":2}]', '{}'];
    const texts = [JSON.stringify(reading(0)), twice, ...odd, JSON.stringify(reading(2))];
    const answer = await post(bodyOf(`[ ${texts.join(' , ')} ]`));
    const { accepted, rejected } = routes.submitReadings.answer.parse(body(answer));
    expect([answer.status, accepted]).toEqual([202, 2]);
    expect(rejected.map(({ index, reason }) => [index, reason])).toEqual([
      [1, 'unknown-field'],
      ...[2, 3, 4].map((index) => [index, 'not-an-object']),
      [5, 'missing-field'],
    ]);
    expect(rejected[0]?.detail).toContain('"temperature" is given twice');
    expect(stream.lines.map((line) => JSON.parse(line).sensorId)).toEqual(['s0', 's2']);
  });

  test('nothing valid is 422 with each reason, and nothing is sent', async () => {
    const answer = await post('{}\nnot json\n', ndjson);
    expect(answer.status).toBe(422);
    const problem = problemDocument.parse(body(answer));
    expect(problem).toMatchObject({
      accepted: 0,
      rejected: [
        { index: 0, reason: 'missing-field' },
        { index: 1, reason: 'not-json' },
      ],
    });
    expect(stream.calls).toEqual([]);
  });

  test('brackets nested without end are one rejected reading', async () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    expect(body(await post(`${JSON.stringify(reading(0))}\n${deep}`, ndjson))).toMatchObject({
      accepted: 1,
      rejected: [{ index: 1, reason: 'not-an-object' }],
    });
    expect((await post(deep)).status).toBe(422);
    expect(faults).toEqual([]);
  });

  test.each<[string, unknown, Record<string, string>, number]>([
    ['no readings', [], json, 400],
    ['501 readings', Array(501).fill(reading(0)), json, 400],
    ['no list', { reading: [] }, json, 400],
    ['further members', { readings: [reading(0)], dataset: 'probes' }, json, 400],
    ['two lists', `{"readings":[],"readings":[${JSON.stringify(reading(0))}]}`, json, 400],
    ['no JSON', '[', json, 400],
    ['nothing', '', json, 400],
    ['blank lines', '\n\r\n', ndjson, 400],
    ['14,001 lines', '{}\n'.repeat(14_001), ndjson, 400],
    ['no UTF-8', new Uint8Array([0x5b, 0xff, 0x5d]), json, 400],
    ['a byte too many', ' '.repeat(maxBodyBytes + 1), json, 413],
    ['lines without a type', '{}\n{}', {}, 400],
    ['a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ])('%s', async (_, content, headers, status) => {
    const answer = await post(content, headers);
    expect(answer.status).toBe(status);
    expect(problemDocument.parse(body(answer)).detail).toContain('accepted: ');
    expect(stream.calls).toEqual([]);
  });

  test('an unknown dataset, an unknown parameter', async () => {
    expect((await post([reading(0)], json, '/datasets/nothing/readings')).status).toBe(404);
    expect((await post([reading(0)], json, `${url}?dry=1`)).status).toBe(400);
  });

  test.each([`"${'"'.repeat(36)}"`, `{"${'\\u0022'.repeat(11)}":1}`, '{}', '['])(
    'as many rejected lines as there can be (%s) are named within what a function may answer',
    async (line) => {
      const count = Math.min(14_000, Math.floor(maxBodyBytes / (line.length + 1)));
      const answer = await post(`${line}\n`.repeat(count), ndjson);
      expect(answer.status).toBe(422);
      expect(body(answer).rejected).toHaveLength(count);
      // Lambda counts the answer as it travels: the body is a text inside JSON.
      expect(Buffer.byteLength(JSON.stringify(toProxyResult(answer)))).toBeLessThan(6 * 1024 * 1024);
    },
  );
});

describe('a stream that fails', () => {
  /** Long attributes make several records of few readings. */
  const many = Array.from({ length: 400 }, (_, index) =>
    reading(index, { site: 'x'.repeat(8), temperature: 20 + index / 1e9 }),
  );
  const lines = `${many.map((one) => JSON.stringify(one)).join('\n')}\n`.repeat(6);

  test('is sent again only what failed, until all is acknowledged', async () => {
    stream.script = [() => [0, 2], (records) => records.map((_, index) => index), () => [1]];
    const answer = await post(lines, ndjson);
    expect([answer.status, body(answer).accepted]).toEqual([202, 2_400]);
    const [first = []] = stream.calls;
    expect(first.length).toBeGreaterThan(2);
    expect(stream.calls.slice(1)).toEqual([[first[0], first[2]], [first[0], first[2]], [first[2]]]);
    expect(stream.lines).toHaveLength(2_400);
  });

  test('what stays unacknowledged is named, with 503 and Retry-After', async () => {
    stream.script = Array(100).fill((records: readonly PackedRecord[]) => [records.length - 1]);
    const content = `{}\n${lines}`;
    const answer = await post(content, ndjson);
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
    const problem = problemDocument.parse(body(answer));
    const missing = problem.unacknowledged as number[];
    expect(problem.accepted).toBe(2_400 - missing.length);
    expect(problem.rejected).toMatchObject([{ index: 0, reason: 'missing-field' }]);
    // The last lines of the body, whose record never arrived; the refused first line counts as an index.
    const last = stream.calls[0]?.at(-1)?.lines ?? 0;
    expect(missing).toEqual(Array.from({ length: last }, (_, index) => 2_401 - last + index));
    expect(stream.lines).toHaveLength(2_400 - last);
  });

  test('gives up in time for the answer', async () => {
    stream.costMs = attemptMs;
    stream.script = Array(100).fill((records: readonly PackedRecord[]) => records.map((_, index) => index));
    expect((await post([reading(0)])).status).toBe(503);
    expect(stream.nowMs - startMs).toBeLessThanOrEqual(retryMs + attemptMs);
    // API Gateway waits 29 s, the function runs 28 s.
    expect(retryMs + attemptMs).toBeLessThan(28_000);
  });

  test('a refusal is a fault: nothing is said to be accepted', async () => {
    stream.put = () => Promise.reject(new Error('AccessDeniedException'));
    const answer = await post([reading(0)]);
    expect([answer.status, answer.body]).toEqual([500, expect.not.stringContaining('AccessDenied')]);
    expect(faults).toHaveLength(1);
  });
});
