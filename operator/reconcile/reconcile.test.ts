import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { datasetNamed } from '#datasets';
import { createPageRemover, createPageStore } from '../../adapters/dynamodb/statistics-table.ts';
import { decodePartition, encodePartition } from '../../core/partition/partition-file.ts';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import { addSums, sumsOfValue } from '../../core/statistics/exact-sums.ts';
import { decodePage, encodePage } from '../../core/statistics/page-bytes.ts';
import type { MeasureStatistics, PeriodStatistics } from '../../core/statistics/statistics.ts';
import { segmentIdOf } from '../../ports/keys.ts';
import { caudal, reading } from '../../test/support/caudal.ts';
import { type CloudWorld, startCloudWorld } from '../../test/support/cloud-world.ts';
import type { Difference } from '../shared/differences.ts';
import type { Reconciliation } from './reconcile.ts';

const dataset = datasetNamed('water-temperature') as NonNullable<ReturnType<typeof datasetNamed>>;
const uploaded = 'landing/water-temperature/first.ndjson';
const day = (number: number) => `2025-06-0${number}`;
const sensors = ['a', 'b', 'c'];
const lines = [
  ...sensors.flatMap((sensorId) =>
    [1, 2, 3, 4, 5, 6].flatMap((number) => [
      reading(sensorId, `${day(number)}T10:00:00.000Z`),
      reading(sensorId, `${day(number)}T16:00:00.000Z`, { temperature: 13 + number, deviation: 0.9 }),
    ]),
  ),
  reading('a', `${day(1)}T10:00:00.000Z`), // again
  reading('b', `${day(1)}T12:00:00.000Z`, { temperature: 99 }),
];

let world: CloudWorld;
beforeAll(async () => {
  world = await startCloudWorld();
  await world.upload(uploaded, `${lines.join('\n')}\n`);
  await world.settled(lines.length);
});
afterAll(() => world.close());

const run = (...args: string[]) => caudal(world.cloud.endpointUrl, ...args);
const partition = (number: number) => `curated/dataset=water-temperature/date=${day(number)}/shard=0.parquet`;
const statisticsOf = (period: string) => ({ dataset: 'water-temperature', shard: 0, period });
/** Changes what a page says, at its version. */
async function edit(
  period: string,
  change: (series: Map<string, PeriodStatistics>) => void,
  to = period,
): Promise<void> {
  const { documents, target } = world;
  const store = createPageStore(documents, target.statisticsTable);
  const page = (await store.read(statisticsOf(period), [0])).get(0);
  if (page === undefined) throw new Error(`no page of ${period}`);
  const series = decodePage(page.bytes);
  change(series);
  await createPageRemover(documents, target.statisticsTable).remove(statisticsOf(to), 0);
  await store.write(statisticsOf(to), { ...page, bytes: encodePage(series) });
}
/** Does what is left to a person, as it is printed: removes files of what no raw object has, and builds them again. */
async function decide(shown: string): Promise<string[]> {
  const { curatedBucket: Bucket } = world.target;
  const decided = new Set<string>(); // a page is printed before and after repairs
  for (const [, Key = '', command = ''] of shown.matchAll(
    /only if they are to count no longer: .*aws s3 rm s3:\/\/[^/]+\/(\S+) && .*npm run caudal -- (reconcile .*)/g,
  )) {
    await world.s3.send(new DeleteObjectCommand({ Bucket, Key }));
    await run(...command.trim().split(' '), '--yes');
    decided.add(Key);
  }
  return [...decided];
}
function setMean(series: Map<string, PeriodStatistics>, sensorId: string, mean: number): void {
  const { measures } = series.get(sensorId) as PeriodStatistics;
  const of = measures.temperature as MeasureStatistics;
  of.sums = addSums(Array.from({ length: of.count }, () => sumsOfValue(mean)));
}

it('agrees, and adds up by day', async () => {
  const { status, stdout } = await run('reconcile');
  expect(stdout).toContain('lines        38 = 1 rejected + 36 distinct + 1 repeated');
  expect(stdout).toMatch(/water-temperature +2025-06-01 +7 +6 +1 +0 +0 +agree/);
  expect(stdout).toMatch(/water-temperature +2025-06-02 +6 +6 +0 +0 +0 +agree/);
  expect(stdout).toContain('✓ everything agrees');
  expect(status).toBe(0);
});

it('takes a span and a dataset, and counts what is outside', async () => {
  const ran = await run(
    'reconcile',
    '--dataset',
    'water-temperature',
    '--from',
    day(2),
    '--to',
    day(3),
    '--json',
  );
  expect(ran.json<Reconciliation>()).toMatchObject({
    lines: 38,
    rejected: 1,
    distinct: 12,
    repeated: 0,
    outside: 25,
    partitions: 2,
    seriesDays: 6,
    seriesMonths: 3,
    differences: [],
  });
});

it('says when a span has more than fits in memory, and what would fit', async () => {
  const { status, stderr } = await run('reconcile', '--max-readings', '20');
  expect(status).toBe(1);
  expect(stderr).toMatch(/more than 20 valid lines.*--from 2025-06-01 --to 2025-06-0\d/);
});

it('compares the stores alone', async () => {
  const { status, stdout } = await run('reconcile', '--stores');
  expect(stdout).toContain('1 object: 38 lines = 1 rejected + 37 valid');
  expect(stdout).toContain('✓ everything agrees');
  expect(status).toBe(0);
});

it.each([
  [['--from', '2025-6-1'], /--from takes a day as YYYY-MM-DD/],
  [['--from', '2025-06-02', '--to', '2025-06-01'], /is after/],
  [['--dataset', 'air'], /--dataset takes one of .*water-temperature, not "air"/],
])('refuses %s', async (args, message) => {
  const { status, stderr } = await run('reconcile', ...args);
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
});

/** Spoils the stores, one thing of each kind, on a day of its own. */
async function plant(): Promise<void> {
  const { documents, s3, target } = world;
  await s3.send(new DeleteObjectCommand({ Bucket: target.curatedBucket, Key: partition(1) }));
  await edit(day(2), (series) => setMean(series, 'a', 12.75));
  await createPageRemover(documents, target.statisticsTable).remove(statisticsOf(day(3)), 0);
  await documents.send(
    new DeleteCommand({
      TableName: world.cloud.outputs.CaudalData?.AlertsTable ?? '',
      Key: { pk: `water-temperature#0#${day(4)}`, sk: `${day(4)}#high-deviation#c` },
    }),
  );
  // A reading too much, and another version of one.
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: target.curatedBucket, Key: partition(5) }));
  const stored = await decodePartition(dataset, (await Body?.transformToByteArray()) ?? new Uint8Array());
  const builder = new ColumnsBuilder(dataset);
  for (let row = 0; row < stored.columns.length; row++) {
    const sensorId = stored.columns.sensors[stored.columns.sensor[row] ?? 0] ?? '';
    const values = stored.columns.values.map((column) => column[row] ?? null);
    const timestampMs = stored.columns.timestampMs[row] ?? 0;
    const uploadedMs = stored.columns.uploadedMs[row] ?? 0;
    builder.add({ sensorId, timestampMs, revision: row === 0 ? 7 : 0, values, attributes: [] }, uploadedMs);
    if (row === 0) {
      const other = { sensorId, timestampMs: timestampMs + 1, revision: 0, values, attributes: [] };
      builder.add(other, uploadedMs);
    }
  }
  const bytes = encodePartition(dataset, { dataset: dataset.name, day: day(5), shard: 0 }, builder.build());
  const metadata = { version: '1' };
  await s3.send(
    new PutObjectCommand({
      Bucket: target.curatedBucket,
      Key: partition(5),
      Body: bytes,
      Metadata: metadata,
    }),
  );
  await s3.send(
    new PutObjectCommand({ Bucket: target.curatedBucket, Key: partition(6), Body: 'no Parquet' }),
  );
  await edit('2025-06', (series) => setMean(series, 'c', 1));
  await corruptLedger();
}

async function corruptLedger(): Promise<void> {
  for await (const segment of world.ports.objects()) {
    await world.documents.send(
      new UpdateCommand({
        TableName: world.target.jobsTable,
        Key: { pk: `segment#${segmentIdOf(segment)}`, sk: 'ledger' },
        UpdateExpression: 'SET valid = valid - :one',
        ExpressionAttributeValues: { ':one': 1 },
      }),
    );
  }
}

const named = (differences: readonly Difference[]) => new Map(differences.map((each) => [each.name, each]));

it('names each thing that differs, and what to do; what it says mends it', { timeout: 240_000 }, async () => {
  await plant();
  // A sensor that never was, and a page of a day that never was.
  await edit(day(4), (series) => series.set('ghost', series.get('a') as PeriodStatistics));
  await edit(day(4), () => {}, '2025-06-09');

  const ran = await run('reconcile', '--json');
  expect(ran.status).toBe(1);
  const { differences } = ran.json<Reconciliation>();
  const found = named(differences);
  const says = (name: string, what: RegExp, fix: RegExp) => {
    expect([...found.keys()]).toContain(name);
    expect(found.get(name)?.what).toMatch(what);
    expect(found.get(name)?.fix).toMatch(fix);
  };
  const replay = /npm run caudal -- replay --from 20\d\d-\d\d-\d\d --to 20\d\d-\d\d-\d\d/;
  says(partition(1), /missing, 6 readings/, replay);
  says(
    `statistics of water-temperature a ${day(2)}`,
    /temperature\.mean is 12\.75 where the readings give 13\.75/,
    replay,
  );
  says(`statistics of water-temperature ${day(3)}, shard 0, page 0`, /missing, 3 series, 6 readings/, replay);
  says(`alert high-deviation of water-temperature c ${day(4)}`, /missing/, replay);
  says(
    partition(5),
    /holds 1 that no raw object has, holds another version of 1; the first is a 2025-06-05T10:00/,
    /only if they are to count no longer: .*aws s3 rm .*reconcile --fix/,
  );
  // What its file holds counts until a person decides.
  says(`statistics of water-temperature a ${day(5)}`, /where the readings give/, replay);
  says(partition(6), /can't be read/, /aws s3 rm .*replay/);
  says(
    'statistics of water-temperature c 2025-06',
    /temperature\.mean is 1 where the readings give .* more values differ/,
    /aws dynamodb delete-item .*month-page#2025-06/,
  );
  says(uploaded, /the ledger says 38 lines, 36 valid; the object has 38, 37 valid/, replay);
  says(
    `statistics of water-temperature ghost ${day(4)}`,
    /its page has 2 readings of it, and there is none/,
    replay,
  );
  says(
    'statistics of water-temperature 2025-06-09, shard 0, page 0',
    /there is a page of 4 series, 8 readings, and no reading that belongs on it/,
    /delete-item .*day-page#2025-06-09/,
  );
  // The months of what was planted differ as well, and nothing else does.
  expect(differences.filter(({ kind }) => kind !== 'month')).toHaveLength(10);

  const page = await run('reconcile');
  expect(page.stdout).toMatch(/✗ \d+ things differ/);
  expect(page.stdout).toMatch(/water-temperature +2025-06-01 +7 +6 +1 +0 +0 +1 differ/);

  const stores = await run('reconcile', '--stores', '--json');
  const ofStores = named(stores.json<{ differences: Difference[] }>().differences);
  for (const name of [partition(6), `statistics of water-temperature a ${day(2)}`, uploaded]) {
    expect([...ofStores.keys()]).toContain(name);
  }

  // Deletes what the remedies say has to go first, then replays the day.
  const { documents, s3, target } = world;
  for (const key of [partition(5), partition(6)]) {
    await s3.send(new DeleteObjectCommand({ Bucket: target.curatedBucket, Key: key }));
  }
  for (const { kind, fix } of differences.filter((each) => each.fix.includes('delete-item'))) {
    expect(['month', 'day']).toContain(kind);
    for (const [, text = ''] of fix.matchAll(/--key '([^']*)'/g)) {
      const { pk, sk } = JSON.parse(text) as { pk: { S: string }; sk: { S: string } };
      const Key = { pk: pk.S, sk: sk.S };
      await documents.send(new DeleteCommand({ TableName: target.statisticsTable, Key }));
    }
  }
  const today = new Date().toISOString().slice(0, 10);
  const fixed = await run('replay', '--from', today, '--to', today);
  expect(fixed.stdout).toMatch(/ended +SUCCEEDED/);
  expect(fixed.stdout).toMatch(/✓ it fixed 18 readings/);
  const after = await run('reconcile');
  expect(after.stdout).toContain('✓ everything agrees');
});

describe('--fix', () => {
  it('does what it proposes once that is confirmed, and then everything agrees', {
    timeout: 240_000,
  }, async () => {
    await plant();
    const dry = await run('reconcile', '--fix', '--dry-run');
    expect(dry.status).toBe(1);
    expect(dry.stdout).toMatch(/to do +\d+ removals and \d replays?\n/);
    expect(dry.stdout).toMatch(/aws s3 rm s3:\/\/\S+shard=0\.parquet/);
    const unanswered = await run('reconcile', '--fix');
    expect(unanswered.status).toBe(2);
    expect(unanswered.stderr).toContain('repeat with --yes');
    expect((await run('reconcile')).status).toBe(1);

    const fixed = await run('reconcile', '--fix', '--yes');
    expect(fixed.stdout).toMatch(/ended +SUCCEEDED/);
    expect(fixed.stdout).toContain('✗ 1 thing differs');
    expect(fixed.status).toBe(1);
    expect(await decide(fixed.stdout)).toEqual([partition(5)]);
    expect((await run('reconcile')).stdout).toContain('✓ everything agrees');
    expect((await run('reconcile', '--fix', '--yes')).stdout).toContain(
      'There is nothing that a program can fix.',
    );
  });

  it('removes a damaged page, and has it written again', { timeout: 240_000 }, async () => {
    await world.documents.send(
      new UpdateCommand({
        TableName: world.target.statisticsTable,
        Key: { pk: 'water-temperature#0#0', sk: `day-page#${day(3)}` },
        UpdateExpression: 'SET page = :page',
        ExpressionAttributeValues: { ':page': Uint8Array.of(1, 31, 139, 7) },
      }),
    );
    const ran = await run('reconcile', '--stores', '--fix', '--yes', '--json');
    expect(ran.json()).toMatchObject({
      differences: [
        {
          name: `statistics of water-temperature ${day(3)}, shard 0, page 0`,
          what: expect.stringMatching(/can't be read/),
        },
      ],
      runs: [{ status: 'SUCCEEDED' }],
      left: [],
    });
    expect(ran.status).toBe(0);
  });

  it('mends a corrupt partition by the stores alone', { timeout: 240_000 }, async () => {
    const { s3, target } = world;
    await s3.send(
      new PutObjectCommand({ Bucket: target.curatedBucket, Key: partition(6), Body: 'no Parquet' }),
    );
    const ran = await run('reconcile', '--stores', '--fix', '--yes', '--json');
    expect(ran.status).toBe(0);
    expect(ran.json()).toMatchObject({
      differences: [{ name: partition(6), what: expect.stringMatching(/can't be read/) }],
      plan: {
        removals: [{ kind: 'remove-object', key: partition(6) }],
        replays: [{ kind: 'replay-readings', dataset: 'water-temperature', from: day(6), to: day(6) }],
      },
      runs: [{ status: 'SUCCEEDED' }],
      left: [],
    });
  });

  it('builds a lost partition again, after which the merge that stopped for it is redriven', {
    timeout: 240_000,
  }, async () => {
    const { s3, target } = world;
    await s3.send(new DeleteObjectCommand({ Bucket: target.curatedBucket, Key: partition(2) }));
    const late = reading('a', `${day(2)}T20:00:00.000Z`);
    await world.upload('landing/water-temperature/late.ndjson', `${late}\n`);
    const failed = async () =>
      (await run('executions', '--status', 'FAILED', '--json')).json<{ name: string }[]>()[0]?.name;
    await expect.poll(failed, { timeout: 60_000, interval: 1_000 }).toBeDefined();
    const name = (await failed()) ?? '';
    const shown = await run('executions', name);
    expect(shown.stdout).toContain('MergePartitions: PartitionMissing: s3://');
    const [, command = ''] = /npm run caudal -- (reconcile .*--fix)/.exec(shown.stdout) ?? [];
    expect((await run(...command.split(' '), '--yes')).stdout).toContain('✓ everything agrees');
    await run('redrive', name);
    expect((await run('reconcile')).stdout).toContain('✓ everything agrees');
  });

  it('leaves readings whose raw objects are gone, with their statistics, until a person removes their file', {
    timeout: 240_000,
  }, async () => {
    // The day of one has other readings, and the other is alone on its day.
    const lost: [key: string, atTime: string][] = [
      ['landing/water-temperature/extra.ndjson', `${day(4)}T21:00:00.000Z`],
      ['landing/water-temperature/lost.ndjson', '2025-08-03T10:00:00.000Z'],
    ];
    for (const [key, atTime] of lost) await world.upload(key, `${reading('a', atTime)}\n`);
    const shown = async (...more: string[]) => (await run('reconcile', ...more)).stdout;
    await expect.poll(() => shown('--json'), { timeout: 60_000, interval: 1_000 }).toContain('"2025-08-03"');
    await expect
      .poll(() => shown('--stores'), { timeout: 60_000, interval: 1_000 })
      .toContain('✓ everything agrees');
    for await (const { bucket: Bucket, key: Key, versionId: VersionId } of world.ports.objects()) {
      if (lost.some(([key]) => key === Key))
        await world.s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
    }
    // Beside an execution nothing is fixed: its statistics are there a moment before it ends.
    const running = async () => (await run('executions', '--status', 'RUNNING', '--json')).json<unknown[]>();
    await expect.poll(running, { timeout: 60_000, interval: 500 }).toEqual([]);
    const left = await run('reconcile', '--fix', '--yes');
    expect(left.status).toBe(1);
    expect(left.stdout).toContain('There is nothing that a program can fix.');
    expect(left.stdout).toContain('✗ 2 things differ');
    expect(left.stdout).toMatch(/holds 1 that no raw object has; the first is a 2025-06-04T21:00/);
    const stores = await shown('--stores');
    expect(stores).toContain('✗ 1 thing differs');
    expect(stores).toMatch(/count \d+ valid lines, and the partitions hold \d+ readings/);
    const alone = 'curated/dataset=water-temperature/date=2025-08-03/shard=0.parquet';
    expect(await decide(left.stdout)).toEqual([partition(4), alone]);
    expect(await shown()).toContain('✓ everything agrees');
  });

  it('takes its own options only', async () => {
    expect((await run('reconcile', '--yes')).stderr).toContain('--dry-run and --yes go with --fix.');
  });
});

it('takes a refused file for no difference, of the stores alone too', { timeout: 120_000 }, async () => {
  await world.upload('landing/water-temperature/refused.csv', 'Fecha;Medida;Desviaciones\nx;y;z\nx;y;z\n');
  const rejects = async () => (await run('rejects')).stdout;
  await expect.poll(rejects, { timeout: 60_000, interval: 1_000 }).toContain('refused.csv\n  refused');
  for (const more of [[], ['--stores']])
    expect((await run('reconcile', ...more)).stdout).toContain('✓ everything agrees');
  expect((await run('reconcile')).stdout).toMatch(/refused +1 file/);
  await world.upload('landing/water-temperature/refused.csv', 'Fecha,Medida,Desviaciones\n2024/5/1,12,0.1\n');
  await expect
    .poll(async () => (await run('reconcile')).stdout, { timeout: 60_000 })
    .toContain('✓ everything agrees');
  expect((await run('reconcile')).stdout).not.toMatch(/refused +\d+ file/);
});
