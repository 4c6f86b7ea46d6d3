import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { datasetNamed } from '#datasets';
import { decodePartition, encodePartition } from '../../core/partition/partition-file.ts';
import { ColumnsBuilder } from '../../core/set/row-buffer.ts';
import { addSums, sumsOfValue } from '../../core/statistics/exact-sums.ts';
import { encodeSums } from '../../core/statistics/sums-bytes.ts';
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
const item = (sensorId: string, sk: string) => ({ pk: `water-temperature#${sensorId}`, sk });

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

const sumsOfTwo = (mean: number): Uint8Array => encodeSums(addSums([sumsOfValue(mean), sumsOfValue(mean)]));

/** Spoils the stores, one thing of each kind, on a day of its own. */
async function plant(): Promise<void> {
  const { documents, s3, target } = world;
  const statistics = (key: object, expression: string, value: unknown) =>
    documents.send(
      new UpdateCommand({
        TableName: target.statisticsTable,
        Key: key,
        UpdateExpression: expression,
        ExpressionAttributeNames: { '#t': 'temperature' },
        ExpressionAttributeValues: { ':v': value },
      }),
    );
  await s3.send(new DeleteObjectCommand({ Bucket: target.curatedBucket, Key: partition(1) }));
  await statistics(item('a', `day#${day(2)}`), 'SET measures.#t.sums = :v', sumsOfTwo(12.75));
  await documents.send(
    new DeleteCommand({ TableName: target.statisticsTable, Key: item('b', `day#${day(3)}`) }),
  );
  await documents.send(
    new DeleteCommand({
      TableName: world.cloud.outputs.CaudalData?.AlertsTable ?? '',
      Key: item('c', `${day(4)}#high-deviation`),
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
  // As a version wrote it that rounded.
  const rounded = 'REMOVE measures.#t.sums SET measures.#t.mean = :v, measures.#t.m2 = :v';
  await statistics(item('c', 'month#2025-06'), rounded, '1');
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
  // An item of a sensor that never was.
  const { Item } = await world.documents.send(
    new GetCommand({ TableName: world.target.statisticsTable, Key: item('a', `day#${day(3)}`) }),
  );
  const ghost = { ...Item, ...item('ghost', `day#${day(3)}`), sensorId: 'ghost' };
  await world.documents.send(new PutCommand({ TableName: world.target.statisticsTable, Item: ghost }));

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
  says(`statistics of water-temperature b ${day(3)}`, /missing, 2 readings/, replay);
  says(`alert high-deviation of water-temperature c ${day(4)}`, /missing/, replay);
  says(
    partition(5),
    /holds 1 that no raw object has, holds another version of 1; the first is a 2025-06-05T10:00/,
    /aws s3 rm .*replay/,
  );
  says(partition(6), /can't be read/, /aws s3 rm .*replay/);
  says(
    'statistics of water-temperature c 2025-06',
    /temperature\.mean is 1 where the readings give .* more values differ/,
    /aws dynamodb delete-item .*month#2025-06/,
  );
  says(uploaded, /the ledger says 38 lines, 36 valid; the object has 38, 37 valid/, replay);
  says(
    `statistics of water-temperature ghost ${day(3)}`,
    /an item of 2 readings, and no reading/,
    /delete-item .*ghost/,
  );
  // The months of what was planted differ as well, and nothing else does.
  expect(differences.filter(({ kind }) => kind !== 'month')).toHaveLength(8);

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
    const key = JSON.parse(/--key '(\{.*\})'/.exec(fix)?.[1] ?? '{}') as {
      pk: { S: string };
      sk: { S: string };
    };
    await documents.send(
      new DeleteCommand({ TableName: target.statisticsTable, Key: { pk: key.pk.S, sk: key.sk.S } }),
    );
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
    expect(fixed.stdout).toContain('✓ everything agrees');
    expect(fixed.status).toBe(0);
    expect((await run('reconcile', '--fix', '--yes')).stdout).toContain(
      'There is nothing that a program can fix.',
    );
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

  it('builds a partition again that became smaller, with the statistics that would stop the merge', {
    timeout: 240_000,
  }, async () => {
    const key = 'landing/water-temperature/extra.ndjson';
    await world.upload(key, `${reading('a', `${day(4)}T21:00:00.000Z`)}\n`);
    const stores = async () => (await run('reconcile', '--stores')).stdout;
    await expect.poll(stores, { timeout: 60_000, interval: 1_000 }).toContain('✓ everything agrees');
    for await (const object of world.ports.objects()) {
      if (object.key !== key) continue;
      const { bucket: Bucket, versionId: VersionId } = object;
      await world.s3.send(new DeleteObjectCommand({ Bucket, Key: key, VersionId }));
    }
    const fixed = await run('reconcile', '--fix', '--yes');
    expect(fixed.stdout).toMatch(/holds 1 that no raw object has; the first is a 2025-06-04T21:00/);
    expect(fixed.stdout).toMatch(/ended +SUCCEEDED/);
    expect(fixed.stdout).toContain('✓ everything agrees');
    expect(fixed.status).toBe(0);
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
});
