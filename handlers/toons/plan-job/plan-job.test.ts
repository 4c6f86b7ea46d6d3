import { beforeEach, describe, expect, test } from 'vitest';
import type { PlannedToon, Toon } from '../../../core/toons/toon.ts';
import { JobMissing } from '../../../ports/faults.ts';
import type { JobMarker, JobRequest } from '../../../ports/toons.ts';
import { createPlanJob } from './plan-job.ts';

const request = { bucket: 'toons', key: 'jobs/JOB001/0123456789abcdef/request.json' };
const input = { jobId: 'JOB001', executionArn: 'arn:of:the:execution', request };
const toonsNamed = (...names: string[]): Toon[] =>
  names.map((toonId) => ({ toonId, type: 'message', source: { bucket: 'toons', key: `toons/c/${toonId}` } }));

/** What was done, in order: keys that were written, and jobs that were begun. */
let done: string[];
let objects: Map<string, string>;
let begin: JobMarker['begin'];
const store = (content: JobRequest) => objects.set(request.key, JSON.stringify(content));
const plan = (given = input) =>
  createPlanJob({
    objects: {
      read: async ({ key }) => {
        const text = objects.get(key);
        return text === undefined ? undefined : { bytes: Buffer.from(text), etag: '"x"', metadata: {} };
      },
      write: async ({ key, bytes }) => {
        done.push(key);
        objects.set(key, Buffer.from(bytes).toString());
      },
    },
    jobs: { begin: (job) => begin(job) },
    clock: { nowMs: () => Date.UTC(2026, 0, 1) },
  })(given);

beforeEach(() => {
  done = [];
  objects = new Map();
  begin = async ({ jobId }) => void done.push(`begin ${jobId}`);
});

describe('a job that was submitted', () => {
  test('is handed on as pointers: to a manifest beside its request, and to a prefix for results', async () => {
    store({ jobId: 'JOB001', toons: toonsNamed('a', 'b') });
    expect(await plan()).toEqual({
      jobId: 'JOB001',
      total: 2,
      manifest: { bucket: 'toons', key: 'jobs/JOB001/0123456789abcdef/manifest.json' },
      resultsPrefix: 'jobs/JOB001/0123456789abcdef/results/',
    });
  });

  test('has each toon once in the manifest, in the order of the request, under its job', async () => {
    store({ jobId: 'JOB001', toons: toonsNamed('b', 'a', 'c') });
    const { manifest } = await plan();
    const planned: PlannedToon[] = JSON.parse(objects.get(manifest.key) ?? '');
    expect(planned.map(({ toonId, jobId, position }) => [toonId, jobId, position])).toEqual([
      ['b', 'JOB001', '0'],
      ['a', 'JOB001', '1'],
      ['c', 'JOB001', '2'],
    ]);
  });

  test('is Processing only once its manifest is there, from the time of the clock', async () => {
    const begun: Parameters<JobMarker['begin']>[0][] = [];
    begin = async (job) => {
      done.push('begin');
      begun.push(job);
    };
    store({ jobId: 'JOB001', toons: toonsNamed('a') });
    const { manifest } = await plan();
    expect(done).toEqual([manifest.key, 'begin']);
    expect(begun).toEqual([
      { jobId: 'JOB001', executionArn: 'arn:of:the:execution', updatedAt: '2026-01-01T00:00:00.000Z' },
    ]);
  });

  test('is planned again to the same bytes', async () => {
    store({ jobId: 'JOB001', toons: toonsNamed('a', 'b') });
    const first = await plan();
    const written = objects.get(first.manifest.key);
    expect(await plan()).toEqual(first);
    expect(objects.get(first.manifest.key)).toBe(written);
  });

  test('of ten thousand toons leaves a state of a few hundred characters', async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `toon-${index}`);
    store({ jobId: 'JOB001', toons: toonsNamed(...names) });
    const planned = await plan();
    expect(planned.total).toBe(10_000);
    expect(JSON.stringify(planned).length).toBeLessThan(300);
  });
});

describe('a job that can not be planned', () => {
  test('because its request has expired, is neither begun nor given a manifest', async () => {
    await expect(plan()).rejects.toMatchObject({ name: 'StagingMissing' });
    expect(done).toEqual([]);
  });

  test('because its request is that of another job, is neither begun nor given a manifest', async () => {
    store({ jobId: 'JOB002', toons: toonsNamed('a') });
    await expect(plan()).rejects.toMatchObject({ name: 'InvalidInput' });
    expect(done).toEqual([]);
  });

  test('because nobody submitted it, says so', async () => {
    store({ jobId: 'JOB001', toons: toonsNamed('a') });
    begin = () => Promise.reject(new JobMissing('JOB001'));
    await expect(plan()).rejects.toMatchObject({ name: 'JobMissing' });
  });
});
