import type { TestSpecification } from 'vitest/node';
import { BaseSequencer } from 'vitest/node';

/** Files of more than about 20 s, the longest first. What is not here comes after them, by vitest's own order. */
const long = [
  'test/faults/planted',
  'test/faults/short',
  'test/e2e/jobs',
  'local/iam/removal',
  'test/e2e/limits',
  'test/e2e/producer-kill',
  'test/e2e/start',
  'operator/main',
  'test/e2e/jobs-kill',
  'producer/delivery/delivery-faults',
  'test/e2e/kill',
  'producer/command',
  'operator/rejects/rejects-and-explain',
  'test/e2e/growth',
  'test/e2e/pipe-limits',
  'operator/reconcile/reconcile',
  'test/e2e/streams',
  'operator/status/events-status',
  'test/e2e/events',
  'test/e2e/api-docs',
  'handlers/ingest/merge-partition/settle-pages',
];

/** Begins with the files that take longest, so that the last of them doesn't run while the other workers have nothing to do. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = long.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return at < 0 ? long.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
