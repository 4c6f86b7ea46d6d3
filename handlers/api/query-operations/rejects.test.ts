import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import waterTemperature from '../../../datasets/water-temperature.ts';
import { OperationsWorld } from '../../../test/support/operations-world.ts';
import { probes } from '../../../test/support/probe-dataset.ts';

const header = 'Fecha,Medida,Desviaciones';
const good = ['2026/1/1,12.5,0.1', '2026/1/2,12.6,0.1', '2026/1/3,12.7,0.1', '2026/1/4,12.8,0.1'];
const csv = (...rows: string[]) => `${[header, ...rows].join('\n')}\n`;
const line = (sensorId: string, temperature: unknown) =>
  JSON.stringify({
    ...{ dataset: 'water-temperature', sensorId, timestamp: '2026-01-05T00:00:00Z', temperature },
  });
const key = 'landing/water-temperature/a.csv';

let world: OperationsWorld;
let today: string;
beforeEach(() => {
  world = new OperationsWorld([probes, waterTemperature]);
  today = new Date(world.nowMs).toISOString().slice(0, 10);
});

const rawKey = (name: string) => `raw/${today.replaceAll('-', '/')}/00/${name}.gz`;

describe('GET /rejects', () => {
  test('sums by file and reason, the newest file first, as JSON and as CSV', async () => {
    await world.land(key, csv(...good, '2026/1/5,99,0.1', '2026/1/6,98,0.1', '2026/1/7,many,0.1'));
    await world.land('landing/water-temperature/clean.csv', csv(...good));
    await world.land(rawKey('1'), gzipSync(`${line('a', 12)}\n${line('a', 99)}\n`));
    const { value, body } = await world.get('/rejects');
    expect(value.files).toMatchObject([
      { key: rawKey('1'), lines: 2, rejected: 1, byReason: { 'out-of-range': 1 } },
      { key, lines: 7, rejected: 3, byReason: { 'out-of-range': 2, 'wrong-type': 1 } },
    ]);
    expect(Object.keys(value.files[1].byReason)).toEqual(['out-of-range', 'wrong-type']);
    expect(value).toMatchObject({ to: today, cursor: null });
    expect(body).not.toContain('clean.csv');
    const asCsv = await world.get('/rejects?reason=wrong-type', { accept: 'text/csv' });
    expect(asCsv.body.split('\r\n').slice(0, 3)).toEqual([
      'key,versionId,arrivedAt,reason,lines',
      expect.stringMatching(/^landing\/water-temperature\/a\.csv,v\d+,2026-.*,out-of-range,2$/),
      expect.stringMatching(/,wrong-type,1$/),
    ]);
  });

  test('of a dataset counts in an object of many senders only what is meant for it', async () => {
    const other = line('a', 'x').replace('water-temperature', probes.name);
    await world.land(rawKey('1'), gzipSync(`${line('a', 99)}\n${line('b', 99)}\n${other}\nno JSON\n`));
    const of = async (dataset: string) => (await world.get(`/rejects?dataset=${dataset}`)).value.files;
    expect(await of('water-temperature')).toMatchObject([{ rejected: 2, byReason: { 'out-of-range': 2 } }]);
    expect(await of(probes.name)).toMatchObject([{ rejected: 1 }]);
    expect((await world.get('/rejects?dataset=nothing')).status).toBe(404);
  });

  test('gives each file once over pages of any length, whatever day it came', async () => {
    const names: string[] = [];
    for (let at = 0; at < 9; at++) {
      if (at % 3 === 0) world.nowMs += 86_400_000;
      const name = `landing/water-temperature/${at}.csv`;
      await world.land(name, csv(...good, '2026/1/5,99,0.1'));
      names.unshift(name);
    }
    for (const limit of [1, 2, 4, 50]) {
      const found: string[] = [];
      let cursor: string | null = '';
      do {
        const page = await world.get(`/rejects?limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`);
        expect(page.status).toBe(200);
        found.push(...page.value.files.map((file: { key: string }) => file.key));
        cursor = page.value.cursor;
      } while (cursor !== null);
      expect(found).toEqual(names);
    }
  });

  test('refuses a span that is too long or turned round, and a cursor of another question', async () => {
    await world.land(key, csv(...good, '2026/1/5,99,0.1'));
    await world.land('landing/water-temperature/b.csv', csv(...good, '2026/1/5,99,0.1'));
    expect((await world.get('/rejects?from=2026-03-02&to=2026-03-01')).status).toBe(400);
    expect((await world.get('/rejects?from=2020-01-01')).value.detail).toContain('at most 93 days');
    const { cursor } = (await world.get('/rejects?limit=1')).value;
    expect((await world.get(`/rejects?reason=too-late&cursor=${cursor}`)).status).toBe(400);
  });
});

describe('GET /rejects/lines', () => {
  test('has the lines of one version with reason and text, page by page', async () => {
    const rows = Array.from({ length: 7 }, (_, at) => `2026/2/${at + 1},9${at},0.1`);
    const versionId = await world.land(key, csv(...good, ...rows));
    const first = (await world.get(`/rejects/lines?key=${key}&limit=5`)).value;
    expect(first).toMatchObject({ key, versionId, withoutText: 0 });
    expect(first.lines[0]).toMatchObject({ line: 6, reason: 'out-of-range', text: '2026/2/1,90,0.1' });
    const second = (await world.get(`/rejects/lines?key=${key}&limit=5&cursor=${first.cursor}`)).value;
    expect([...first.lines, ...second.lines].map(({ text }) => text)).toEqual(rows);
    expect(second.cursor).toBeNull();
    const asCsv = await world.get(`/rejects/lines?key=${key}`, { accept: 'text/csv' });
    expect(asCsv.body).toContain('"2026/2/1,90,0.1"');
    await world.land(key, csv(...good));
    expect((await world.get(`/rejects/lines?key=${key}`)).value.lines).toEqual([]);
    const older = await world.get(`/rejects/lines?key=${key}&version=${versionId}`);
    expect(older.value.lines).toHaveLength(7);
  });

  test('says of an object that there is not that nothing is known of it', async () => {
    expect((await world.get('/rejects/lines?key=landing/x.csv')).status).toBe(404);
    expect((await world.get('/rejects/lines?key=staging/x.csv')).status).toBe(400);
  });
});

describe('GET /rejects/mendable', () => {
  test('gives rows byte for byte under their header, with why each was rejected', async () => {
    await world.land(key, csv(...good, '2026/1/5,  99,0.1', '2026/1/6,98,"0.1"'));
    const { value } = await world.get(`/rejects/mendable?key=${key}`);
    expect(value).toMatchObject({ key, others: [], more: false });
    expect(value.files).toHaveLength(1);
    expect(value.files[0]).toMatchObject({
      name: expect.stringMatching(/^fixed-[0-9a-f]{16}\.csv$/),
      folder: 'landing/water-temperature/',
      encoding: 'utf-8',
      content: csv('2026/1/5,  99,0.1', '2026/1/6,98,"0.1"'),
      lines: [
        { line: 2, of: 6, reason: 'out-of-range' },
        { line: 3, of: 7, reason: 'out-of-range' },
      ],
    });
  });

  test('gives bytes that are no UTF-8 as base64', async () => {
    const bytes = Buffer.concat([Buffer.from(`${line('a', 12)}\n`), Buffer.from([0x22, 0xe9, 0x22, 0x0a])]);
    await world.land(rawKey('1'), gzipSync(bytes));
    const { value } = await world.get(`/rejects/mendable?key=${rawKey('1')}`);
    expect(value.files[0]).toMatchObject({ folder: 'landing/', encoding: 'base64' });
    expect([...Buffer.from(value.files[0].content, 'base64')]).toEqual([0x22, 0xe9, 0x22, 0x0a]);
  });
});

describe('GET /refused-files', () => {
  test('shows lines, cause and ways out, of the newest version of each key', async () => {
    await world.land('landing/water-temperature/good.csv', csv(...good));
    await world.land('landing/water-temperature/bad.csv', csv('x,1,1', 'y,1,1', 'z,1,1', ...good));
    await world.land('landing/water-temperature/columns.csv', 'a,b\n1,2\n');
    await world.land('landing/water-temperature/good.csv', csv('x,1,1', 'y,1,1', 'z,1,1'));
    await world.land('landing/water-temperature/mended.csv', 'a,b\n1,2\n');
    await world.land('landing/water-temperature/mended.csv', csv(...good));
    const { value } = await world.get('/refused-files');
    expect(value.cursor).toBeNull();
    expect(value.files).toMatchObject([
      { key: 'landing/water-temperature/bad.csv', waysOut: ['replace', 'accept'], hasEarlier: false },
      { key: 'landing/water-temperature/columns.csv', reason: 'missing-column', waysOut: ['replace'] },
      { key: 'landing/water-temperature/good.csv', hasEarlier: true },
    ]);
    expect(value.files[0].lines[0]).toMatchObject({ line: 2, text: 'x,1,1', reason: 'invalid-timestamp' });
    const found: string[] = [];
    let cursor: string | null = '';
    do {
      const { value: page }: { value: typeof value } = await world.get(
        `/refused-files?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      found.push(...page.files.map((file: { key: string }) => file.key));
      cursor = page.cursor;
    } while (cursor !== null);
    expect(found).toEqual(value.files.map((file: { key: string }) => file.key));
  });
});

describe('GET /status', () => {
  test('tells what is wrong first, with what it is about and what to run', async () => {
    expect((await world.get('/status')).value.state).toBe('ok');
    await world.land(key, csv(...good, '2026/1/5,99,0.1', '2026/1/6,98,0.1', '2026/1/7,many,0.1'));
    await world.land('landing/water-temperature/columns.csv', 'a,b\n1,2\n');
    world.flow = { ...world.flow, pipe: async () => undefined };
    const { value } = await world.get('/status');
    expect(value.state).toBe('fault');
    const states = value.lines.map(({ state }: { state: string }) => state);
    expect(states).toEqual([...states].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
    const named = (name: string) => value.lines.find((each: { name: string }) => each.name === name);
    expect(named('pipe')).toMatchObject({ state: 'fault', command: 'npm run deploy' });
    expect(named('rejected')).toMatchObject({
      state: 'fault',
      figures: { linesLastDay: 7, rejectedLastDay: 3, allowedShare: 0.2 },
      about: ['water-temperature'],
      command: 'npm run caudal -- rejects',
    });
    expect(named('refused')).toMatchObject({
      about: ['landing/water-temperature/columns.csv: missing-column'],
      aboutInAll: 1,
    });
    expect(world.faults).toEqual([]);
  });
});

const order = ['fault', 'attention', 'unknown', 'ok'];
