import { expect, test } from 'vitest';
import { MemoryJobs } from '../../../test/support/memory-records.ts';
import type { SegmentTask } from '../state-inputs.ts';
import { createSegmentRun } from './segment-run.ts';
import type { SegmentOutcome } from './validate-segment.ts';

const task: SegmentTask = {
  jobId: 'job-2',
  segmentId: 'f00',
  bucket: 'raw',
  key: 'raw/2026/03/02/13/x',
  versionId: 'v1',
  size: 1,
  run: '',
};
const remembered: SegmentOutcome = {
  segmentId: 'f00',
  state: 'Completed',
  lines: 3,
  valid: 1,
  rejected: 2,
  reasons: { 'not-json': 2 },
  dropped: 1,
  droppedValues: { probes: { humidity: { missing: 1 } } },
  rejects: 'rejects/f00.ndjson',
  parts: 'staging/job-1/parts/f00',
  index: { start: 10, end: 20 },
  partitions: 1,
};

test('an answer from memory is recorded as one that was just found out', async () => {
  const records = new MemoryJobs();
  const run = createSegmentRun({ validate: async () => remembered, records, clock: { nowMs: () => 0 } });
  expect(await run(task)).toEqual(remembered);
  expect(records.ledger.get('f00')).toEqual({
    segmentId: 'f00',
    segment: { bucket: 'raw', key: 'raw/2026/03/02/13/x', versionId: 'v1' },
    lines: 3,
    valid: 1,
    rejected: { 'not-json': 2 },
    dropped: { probes: { humidity: { missing: 1 } } },
    rejectsKey: 'rejects/f00.ndjson',
    jobId: 'job-2',
    attempts: 1,
  });
  expect([...records.segments.keys()]).toEqual(['job-2#f00']);
});

test('a segment without rejects has no file of them in its ledger', async () => {
  const records = new MemoryJobs();
  const sound = { ...remembered, valid: 3, rejected: 0, reasons: {}, rejects: null };
  await createSegmentRun({ validate: async () => sound, records, clock: { nowMs: () => 0 } })(task);
  expect(records.ledger.get('f00')).not.toHaveProperty('rejectsKey');
});

test('a segment that fails is not recorded as completed', async () => {
  const records = new MemoryJobs();
  const validate = async () => Promise.reject(new Error('gone'));
  await expect(createSegmentRun({ validate, records, clock: { nowMs: () => 0 } })(task)).rejects.toThrow(
    'gone',
  );
  expect(records.ledger.size + records.segments.size).toBe(0);
});
