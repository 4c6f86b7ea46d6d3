import { describe, expect, test } from 'vitest';
import { segmentIdOf } from '../../../ports/keys.ts';
import { curatedBucket, IngestWorld, objectCreated, rawBucket } from '../../../test/support/ingest-world.ts';
import { probes } from '../../../test/support/probe-dataset.ts';
import type { SegmentTask } from '../state-inputs.ts';

const request = { executionArn: 'arn:x', startedAt: '2026-03-02T12:00:00.000Z' };

function world() {
  const made = new IngestWorld([probes]);
  const plan = async (input: unknown, jobId = 'job') => {
    const planned = await made.functions().planIngest({ jobId, ...request, input });
    const tasks: SegmentTask[] = JSON.parse(made.objects.text(curatedBucket, planned.manifest.key) ?? '');
    return { planned, tasks };
  };
  return { made, plan };
}
const message = (event: unknown) => ({
  messageId: 'm',
  body: typeof event === 'string' ? event : JSON.stringify(event),
});

describe('events', () => {
  test('each new object is one task, however often it is told', async () => {
    const { plan } = world();
    const event = objectCreated(rawBucket, 'landing/probes/a b+ü.csv', 'v1');
    const newer = objectCreated(rawBucket, 'landing/probes/a b+ü.csv', 'v2');
    const { planned, tasks } = await plan([message(event), message(newer), message(event)]);
    const segment = { bucket: rawBucket, key: 'landing/probes/a b+ü.csv', versionId: 'v1' };
    expect(tasks).toEqual([
      { jobId: 'job', segmentId: segmentIdOf(segment), ...segment, size: 1, run: '' },
      expect.objectContaining({ versionId: 'v2' }),
    ]);
    expect(planned).toEqual({
      jobId: 'job',
      manifest: { bucket: curatedBucket, key: 'staging/job/segments.json' },
      segments: 2,
      ignored: 0,
      repeated: 1,
    });
  });

  test.each([
    ['no JSON', 'hello'],
    ['another event', { source: 'aws.ec2', 'detail-type': 'Object Created', detail: {} }],
    ['a deletion', { ...objectCreated(rawBucket, 'raw/x', 'v1'), 'detail-type': 'Object Deleted' }],
    ['another bucket', objectCreated('elsewhere', 'raw/x', 'v1')],
    ['another prefix', objectCreated(rawBucket, 'errors/processing-failed/x', 'v1')],
    ['a folder of the console', objectCreated(rawBucket, 'landing/probes/', 'v1')],
  ])('%s is ignored and counted', async (_, event) => {
    const { plan } = world();
    const { planned, tasks } = await plan([message(event)]);
    expect(planned).toMatchObject({ segments: 0, ignored: 1 });
    expect(tasks).toEqual([]);
  });

  test('an object without versions has the version "null", as S3 calls it', async () => {
    const { plan } = world();
    const event = objectCreated(rawBucket, 'raw/x', 'v1');
    const { 'version-id': _, ...object } = event.detail.object;
    const { tasks } = await plan([message({ ...event, detail: { ...event.detail, object } })]);
    expect(tasks).toMatchObject([{ versionId: 'null' }]);
  });
});

describe('requests of a person', () => {
  test('named segments are run again, whatever is remembered of them', async () => {
    const { plan } = world();
    const { tasks } = await plan(
      { segments: [{ bucket: rawBucket, key: 'raw/x', versionId: 'v1' }] },
      'again',
    );
    expect(tasks).toMatchObject([{ key: 'raw/x', run: 'again' }]);
  });

  test.each([
    ['no shape', { hello: 1 }],
    ['a foreign segment', { segments: [{ bucket: 'elsewhere', key: 'raw/x', versionId: 'v1' }] }],
    ['a segment without a version', { segments: [{ bucket: rawBucket, key: 'raw/x' }] }],
    ['a dataset that is none', { replay: { from: '2026-03-01', to: '2026-03-02', dataset: 'proves' } }],
    ['no date', { replay: { from: 'yesterday', to: '2026-03-02' } }],
    ['an empty span', { replay: { from: '2026-03-02T01:00:00Z', to: '2026-03-02T01:00:00Z' } }],
    ['another way to choose', { replay: { from: '2026-03-01', to: '2026-03-02', by: 'sensor' } }],
    ['a span without an end', { replay: { from: '2026-03-01', dataset: 'probes' } }],
    ['readings without a span', { replay: { by: 'readings', dataset: 'probes' } }],
    ['no choice at all', { replay: {} }],
    ['a misspelt field', { replay: { from: '2026-03-01', to: '2026-03-02', datasets: 'probes' } }],
  ])('%s is refused', async (_, input) => {
    const { made, plan } = world();
    await expect(plan(input)).rejects.toMatchObject({ name: 'InvalidInput' });
    expect(made.jobs.jobs.size).toBe(0);
  });
});

describe('replay', () => {
  function filled() {
    const { made, plan } = world();
    const put = (key: string, at: string) => {
      made.nowMs = Date.parse(at);
      return made.objects.put(rawBucket, key, 'x');
    };
    put('raw/2026/02/28/23/a', '2026-02-28T23:59:00Z');
    put('raw/2026/03/01/00/b', '2026-03-01T00:01:00Z');
    put('raw/2026/03/01/13/c', '2026-03-01T13:01:00Z');
    put('raw/2026/03/01/14/d', '2026-03-01T14:01:00Z');
    put('raw/2026/03/02/00/e', '2026-03-02T00:01:00Z');
    put('landing/probes/early.csv', '2026-02-28T10:00:00Z');
    put('landing/probes/x.csv', '2026-03-01T10:00:00Z');
    put('landing/probes/x.csv', '2026-03-01T11:00:00Z');
    put('landing/others/y.csv', '2026-03-01T10:00:00Z');
    put('landing/probes/deleted.csv', '2026-03-01T10:00:00Z');
    put('errors/z', '2026-03-01T10:00:00Z');
    return { made, plan };
  }
  const keys = (tasks: SegmentTask[]) => tasks.map(({ key }) => key);

  test('takes in whole days by their dates, all versions, not what was deleted', async () => {
    const { made, plan } = filled();
    await made.objects.remove({ bucket: rawBucket, key: 'landing/probes/deleted.csv' });
    const { tasks } = await plan({ replay: { from: '2026-03-01', to: '2026-03-01' } }, 'again');
    expect(keys(tasks)).toEqual([
      'raw/2026/03/01/00/b',
      'raw/2026/03/01/13/c',
      'raw/2026/03/01/14/d',
      'landing/others/y.csv',
      'landing/probes/x.csv',
      'landing/probes/x.csv',
    ]);
    expect(tasks.every(({ run }) => run === 'again')).toBe(true);
    expect(new Set(tasks.map(({ segmentId }) => segmentId)).size).toBe(6);
  });

  test('takes whole hours of raw objects, exact times of uploads, and uploads of one dataset', async () => {
    const { plan } = filled();
    const replay = { from: '2026-03-01T10:30:00Z', to: '2026-03-01T14:30:00+01:00', dataset: 'probes' };
    const { tasks } = await plan({ replay });
    expect(keys(tasks)).toEqual(['raw/2026/03/01/13/c', 'landing/probes/x.csv']);
  });
});

describe('replay by what the ledgers tell', () => {
  const instant = (text: string) => Date.parse(text);
  async function ledgered() {
    const { made, plan } = world();
    const put = async (key: string, account: object | undefined) => {
      made.nowMs = instant('2026-03-01T10:00:00Z');
      const segment = { bucket: rawBucket, key, versionId: made.objects.put(rawBucket, key, 'x') };
      if (account === undefined) return;
      const base = {
        segmentId: segmentIdOf(segment),
        segment,
        lines: 2,
        valid: 2,
        rejected: {},
        dropped: {},
      };
      await made.jobs.record({ ...base, ...account }, { jobId: 'before' });
    };
    const holding = (dataset: string, from: string, to: string) => ({
      holds: [{ dataset, readings: 2, fromMs: instant(from), toMs: instant(to) }],
    });
    await put('raw/2026/03/01/10/january', holding('probes', '2026-01-01T00:00:00Z', '2026-01-31T12:00:00Z'));
    await put(
      'raw/2026/03/01/10/february',
      holding('probes', '2026-02-03T00:00:00Z', '2026-02-04T00:00:00Z'),
    );
    await put('raw/2026/03/01/10/others', holding('others', '2026-02-03T00:00:00Z', '2026-02-04T00:00:00Z'));
    await put('raw/2026/03/01/10/unseen', undefined);
    await put('raw/2026/03/01/10/unsaid', {});
    await put('raw/2026/03/01/10/rejected', { valid: 0, rejected: { 'not-json': 2 }, holds: [] });
    await put('landing/others/file.csv', holding('others', '2026-02-03T00:00:00Z', '2026-02-04T00:00:00Z'));
    await put('landing/probes/file.csv', holding('probes', '2026-02-03T00:00:00Z', '2026-02-03T00:00:00Z'));
    return { plan };
  }
  const names = (tasks: SegmentTask[]) => tasks.map(({ key }) => key.split('/').slice(-2).join('/'));

  test('a dataset alone takes all that may have a line of it', async () => {
    const { plan } = await ledgered();
    const { tasks } = await plan({ replay: { dataset: 'probes' } });
    expect(names(tasks)).toEqual([
      '10/february',
      '10/january',
      '10/rejected',
      '10/unsaid',
      '10/unseen',
      'probes/file.csv',
    ]);
  });

  test('by readings takes what has any in the span, and what no ledger tells of', async () => {
    const { plan } = await ledgered();
    const of = async (replay: object) => names((await plan({ replay: { by: 'readings', ...replay } })).tasks);
    const unknown = ['10/unsaid', '10/unseen'];
    expect(await of({ from: '2026-01-31', to: '2026-01-31', dataset: 'probes' })).toEqual([
      '10/january',
      ...unknown,
    ]);
    // The last instant is included, the end of a span of times is not.
    expect(await of({ from: '2026-01-31T12:00:00Z', to: '2026-02-03T00:00:00Z' })).toEqual([
      '10/january',
      ...unknown,
    ]);
    expect(await of({ from: '2026-02-03', to: '2026-02-03', dataset: 'probes' })).toEqual([
      '10/february',
      ...unknown,
      'probes/file.csv',
    ]);
    expect(await of({ from: '2026-02-05', to: '2026-02-27' })).toEqual(unknown);
  });
});

test('planning again keeps the creation time and the counts of the job', async () => {
  const { made, plan } = world();
  await plan([], 'job');
  await made.jobs.count('job', {
    segments: 3,
    failedSegments: 1,
    lines: 9,
    valid: 8,
    rejected: 1,
    dropped: 0,
    refused: 0,
    unterminated: 0,
  });
  await made.functions().planIngest({ jobId: 'job', executionArn: 'arn:x', startedAt: 'later', input: [] });
  expect(made.jobs.jobs.get('job')).toMatchObject({ createdAt: request.startedAt, totals: { lines: 9 } });
});
