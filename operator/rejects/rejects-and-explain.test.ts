import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caudal, reading } from '../../test/support/caudal.ts';
import { type CloudWorld, startCloudWorld } from '../../test/support/cloud-world.ts';
import type { Explanation } from '../explain/explanation.ts';

const raw = 'raw/2025/06/01/10/one.gz';
const csv = 'landing/water-temperature/a.csv';
const long = `${'x'.repeat(5_000)}`;
const rawLines = [
  reading('s1', '2025-06-01T10:00:00.000Z'),
  reading('s1', '2025-06-01T11:00:00.000Z', { temperature: 99 }),
  reading('s1', '2025-06-01T10:00:00.000Z', { temperature: 14, revision: 2 }),
  reading('s1', '2025-06-01T10:00:00.000Z'),
  reading('s2', '2025-06-01T10:00:00.000Z', { temperature: '12.5' }),
  reading('s3', '2025-06-01T10:00:00.000Z', { note: long }),
  '{"dataset":"water-temperature","sensorId":"s4","timestamp":"2025-06-01T10:00:00.000Z","temper',
];
const csvText = 'Fecha,Medida,Desviaciones\n2025/6/2,12.5,0.1\n2025/6/3,"12,5",0.1\n2025/6/4,-999,0.1\n';

let world: CloudWorld;
const directory = mkdtempSync(join(tmpdir(), 'caudal-operator-'));
const out = join(directory, 'fix.ndjson');
beforeAll(async () => {
  world = await startCloudWorld();
  await world.upload(raw, gzipSync(`${rawLines.join('\n')}\n`));
  await world.upload(csv, csvText);
  await world.upload('landing/water-temperature/broken.ndjson.gz', 'no gzip');
  await world.upload('landing/water-temperature/clean.csv', 'Fecha,Medida,Desviaciones\n2024/1/2,12.5,0.1\n');
  await world.settled(rawLines.length + 5);
});
afterAll(async () => {
  await world.close();
  rmSync(directory, { recursive: true, force: true });
});
const run = (...args: string[]) => caudal(world.cloud.endpointUrl, ...args);

describe('rejects', () => {
  it('shows each line with its file, number and reason, and sums', async () => {
    const { status, stdout } = await run('rejects');
    expect(status).toBe(0);
    expect(stdout).toContain('7 lines rejected, in 3 raw objects');
    expect(stdout).toMatch(/a\.csv +(wrong-type|missing) +1\n +(wrong-type|missing) +1\n/);
    expect(stdout).toMatch(/out-of-range +1/);
    expect(stdout).toMatch(/wrong-type +2/);
    expect(stdout).toMatch(
      new RegExp(`${raw}\n +line 2 +out-of-range: temperature is 99; accepted: .*\n +\\{"dataset"`),
    );
  });

  it('filters by dataset, arrival and reason, and gives machines one line a line', async () => {
    const ran = await run(
      'rejects',
      '--to',
      '2025-06-30',
      '--dataset',
      'water-temperature',
      '--reason',
      'out-of-range',
      '--json',
    );
    expect(ran.stdout.trim().split('\n')).toHaveLength(1);
    expect(ran.json()).toMatchObject({ key: raw, line: 2, reason: 'out-of-range' });
    expect((await run('rejects', '--from', '2025-06-02', '--to', '2025-06-02')).stdout).toContain(
      'No line was rejected',
    );
    for (const file of ['a.csv', csv]) {
      const ofFile = await run('rejects', '--file', file);
      expect(ofFile.stdout).toContain('2 lines rejected, in 1 raw object');
      expect(ofFile.stdout).not.toContain(raw);
    }
    expect((await run('rejects', '--dataset', 'stock-ticks')).stdout).toContain('No line was rejected');
    expect((await run('rejects', '--reason', 'bad')).stderr).toMatch(/--reason takes one of not-gzip, /);
  });

  it('tells a clean file from a name that no object has', async () => {
    const clean = await run('rejects', '--file', 'clean.csv');
    expect([clean.status, clean.stdout]).toEqual([0, expect.stringContaining('No line was rejected')]);
    for (const more of [[], ['--json'], ['--out', join(directory, 'none.ndjson')]]) {
      const { status, stderr } = await run('rejects', '--file', 'CLEAN.csv', ...more);
      expect([status, stderr]).toEqual([
        ...[2, expect.stringContaining('No raw object has the name CLEAN.csv (arrived: all days)')],
      ]);
      expect(stderr).toContain('Names like it: landing/water-temperature/clean.csv.');
    }
    expect((await run('rejects', '--file', 'nobody.csv', '--to', '2020-01-01')).stderr).toContain(
      '(arrived: until 2020-01-01)',
    );
  });

  it('writes them out whole for mending, CSV rows under their header, and refuses to overwrite', async () => {
    const { status, stdout } = await run('rejects', '--out', out);
    expect(status).toBe(0);
    expect(readFileSync(out, 'utf8').trimEnd().split('\n')).toEqual(
      [1, 4, 5, 6].map((index) => rawLines[index]),
    );
    expect(readFileSync(join(directory, 'fix.csv'), 'utf8')).toBe(
      'Fecha,Medida,Desviaciones\n2025/6/3,"12,5",0.1\n2025/6/4,-999,0.1\n',
    );
    const reasons = readFileSync(join(directory, 'fix.reasons.txt'), 'utf8');
    expect(reasons).toContain(`${out}:1: out-of-range: temperature is 99`);
    expect(reasons).toContain(`fix.csv:2: wrong-type: `);
    expect(stdout).toContain('rejects --submit');
    expect(stdout).toContain('--into landing/water-temperature/');
    expect(stdout).toMatch(/broken\.ndjson\.gz line 1: not-gzip/);
    const again = await run('rejects', '--out', out);
    expect(again.status).toBe(2);
    expect(again.stderr).toContain('exists already');
  });

  it('does not submit what is still wrong, and says where', async () => {
    const { status, stdout } = await run('rejects', '--submit', out);
    expect(status).toBe(1);
    expect(stdout).toContain(`${out}:2: wrong-type: temperature is "12.5"`);
    expect(stdout).toContain('nothing was uploaded');
  });

  it('submits what was mended, which ends up valid', async () => {
    const fixed = readFileSync(out, 'utf8')
      .replace('99', '9.9')
      .replace('"12.5"', '12.5')
      .replace(`,"note":"${long}"`, '')
      .replace('"temper\n', '"temperature":11,"deviation":0}\n');
    writeFileSync(out, fixed);
    const csvFile = join(directory, 'fix.csv');
    writeFileSync(csvFile, readFileSync(csvFile, 'utf8').replace('"12,5"', '12.5').replace('-999', '12'));
    const ndjson = await run('rejects', '--submit', out);
    expect(ndjson.stdout).toMatch(/Uploaded 4 lines to s3:\/\/.*\/landing\/fixed-[0-9a-f]{16}\.ndjson/);
    const rows = await run('rejects', '--submit', csvFile, '--into', 'landing/water-temperature/');
    expect(rows.stdout).toMatch(/Uploaded 2 lines to/);
    await world.settled(rawLines.length + 4 + 6);
    for (const sensor of ['s2', 's3', 's4']) {
      expect((await run('explain', 'water-temperature', sensor, '2025-06-01T10:00:00Z')).stdout).toContain(
        'It is stored.',
      );
    }
    expect((await run('reconcile')).status).toBe(0);
  });
});

describe('explain', () => {
  const explained = async (...args: string[]) => {
    const ran = await run('explain', 'water-temperature', ...args, '--json');
    return { status: ran.status, explanation: ran.json<Explanation>() };
  };

  it('a reading of several versions: which one won, and what became of each line', async () => {
    const { status, explanation } = await explained('s1', '2025-06-01T10:00:00Z');
    expect(status).toBe(0);
    expect(explanation.lines.map(({ occurrence, fate }) => [occurrence.line, fate])).toEqual([
      [1, 'superseded'],
      [3, 'stored'],
      [4, 'superseded'],
    ]);
    expect(explanation.stored).toMatchObject({ revision: 2, values: [14, 0.1] });
    const { stdout } = await run('explain', 'water-temperature', 's1', '2025-06-01T10:00:00Z');
    expect(stdout).toContain('It is stored, in the version that won over 2 more.');
    expect(stdout).toContain('curated/dataset=water-temperature/date=2025-06-01/shard=0.parquet, version 2');
    expect(stdout).toContain(`${raw} line 3\n    valid: this is what is stored`);
    expect(stdout).toMatch(/month +2025-06, Europe\/Madrid: \d readings, mean temperature/);
  });

  it('one that was rejected and mended since: both lines', async () => {
    const { status, explanation } = await explained('s1', '2025-06-01T11:00:00Z');
    expect(status).toBe(0);
    expect(explanation.lines.map(({ occurrence, fate }) => [occurrence.object.key === raw, fate])).toEqual([
      [true, 'rejected'],
      [false, 'stored'],
    ]);
  });

  it('one that was rejected, by its local day, in CSV', async () => {
    await world.upload('landing/water-temperature/b.csv', 'Fecha,Medida,Desviaciones\n2025/7/1,-999,0.1\n');
    await world.settled(rawLines.length + 4 + 6 + 1);
    const { status, stdout } = await run('explain', 'water-temperature', 'aquasense', '2025-07-01');
    expect(status).toBe(1);
    expect(stdout).toContain('It was rejected.');
    expect(stdout).toMatch(/b\.csv line 2\n +rejected, missing: /);
  });

  it('one that nobody ever sent, with the nearest there is', async () => {
    const { status, stdout } = await run('explain', 'water-temperature', 's1', '2025-06-01T10:30:00Z');
    expect(status).toBe(1);
    expect(stdout).toContain('It is unknown');
    expect(stdout).toContain('no; the sensor has 2 on that day, the nearest at 2025-06-01T10:00:00.000Z');
  });

  it('reads only what arrived in a span when it is given one', async () => {
    const { explanation } = await explained(
      's1',
      '2025-06-01T10:00:00Z',
      '--from',
      '2025-06-01',
      '--to',
      '2025-06-01',
    );
    expect(explanation.searched).toBe(1);
  });

  it('reads only what may have it, by the ledgers, and of the rest the rejected lines', async () => {
    const { explanation } = await explained('aquasense', '2025-06-02T00:00:00+02:00');
    expect(explanation.lines.map(({ occurrence }) => occurrence.object.key)).toContain(csv);
    expect(explanation.read).toBeGreaterThan(0);
    expect(explanation.read).toBeLessThan(explanation.searched);
    const rejected = await explained('aquasense', '2025-07-01');
    expect(rejected.explanation.lines).toMatchObject([
      { fate: 'rejected', occurrence: { line: 2, reason: 'missing' } },
    ]);
    expect(rejected.explanation.read).toBe(0);
  });

  it.each([
    [['water-temperature', 's1'], /<timestamp> is missing/],
    [['air', 's1', '2025-06-01'], /<dataset> takes one of .*, not "air"/],
    [['water-temperature', 's1', 'noon'], /<timestamp> takes a time such as/],
  ])('refuses %s', async (args, message) => {
    const { status, stderr } = await run('explain', ...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });
});
