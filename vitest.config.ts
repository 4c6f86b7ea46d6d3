import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

// For the workers and the programs that tests start: the SDK alone is a thousand modules, which V8 compiles once now.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '.caudal', 'compile-cache');

/** What needs no cloud: rules, what carries them, and the templates. Minutes, so that every pull request can run it. */
const rules = [
  '{adapters,cli,console,core,datasets,formats,handlers,infra,ports,state-machines,streams}/**/*.test.ts',
  'test/{house,mutation,property}/**/*.test.ts',
  'local/engine/{site-guard,protocol/*}.test.ts',
];

/**
 * What takes a minute or more: the verbs one after another, proofs that seldom fail alone, and files as users have them, one by one, to the
 * API's answer: `npm run test:long`, which CI runs too.
 */
const long = [
  'handlers/ingest/worst-lines.test.ts',
  'local/iam/removal.test.ts',
  'operator/cost/{counted,counted-events}.test.ts',
  'operator/main.test.ts',
  'operator/reconcile/reconcile.test.ts',
  'operator/rejects/rejects-and-explain.test.ts',
  'producer/command.test.ts',
  'producer/delivery/delivery-faults.test.ts',
  'producer/spool/spool-crash.test.ts',
  'test/e2e/{backfill,jobs,options}.test.ts',
  'test/e2e/{broken-sources,monthly-reports,sounding-alarms,stage}.test.ts',
  'test/e2e/{corrections,described-files,real-files}.test.ts',
  'test/e2e/growth.test.ts',
  'test/e2e/hostile-requests.test.ts',
  'test/e2e/{jobs-kill,kill,producer-kill,streams-kill}.test.ts',
  'test/e2e/{limits,pipe-limits}.test.ts',
  'test/e2e/start-elsewhere.test.ts',
  'test/faults/{planted,short}.test.ts',
];

/** In a real browser, over one `npm start` that all share: `npm run test:browser`. */
const browser = ['test/browser/**/*.test.ts'];

/** Tests that start clouds share one synthesis. */
const overClouds = { globalSetup: ['test/support/synthesize-once.ts'] };
const passedOver = ['node_modules', 'cdk.out', '.caudal'];

export default defineConfig({
  test: {
    setupFiles: ['test/support/keep-compiled.ts'],
    // Far above what anything takes: a busy machine must not fail a test, one that hangs still ends.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    sequence: { sequencer: LongestFirst },
    // On two cores: the end-to-end tests wait for buffers, locks and retries half of their time, which one more worker uses. Two
    // more only have the processes of their clouds push each other aside: 388 s instead of 344 s.
    maxWorkers: 3,
    projects: [
      // They leave nothing behind, and so share their modules: to load these for each file takes longer than the tests.
      {
        extends: true,
        test: { name: 'rules', include: rules, exclude: [...passedOver, ...long], isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'cloud',
          include: ['**/*.test.ts'],
          exclude: [...passedOver, ...rules, ...long, ...browser],
          ...overClouds,
        },
      },
      { extends: true, test: { name: 'long', include: long, ...overClouds } },
      {
        extends: true,
        test: {
          name: 'browser',
          include: browser,
          globalSetup: ['test/browser/installation.ts'],
        },
      },
    ],
    coverage: {
      include: ['core/**/*.ts', 'handlers/**/*.ts'],
      exclude: ['**/*.test.ts'],
      reporter: ['text'],
    },
    // .ci/run adds up the real counts from these files: one for each npm script that ran.
    reporters: process.env.CI ? ['default', ['json', { outputFile: resultsFile() }]] : ['default'],
  },
});

function resultsFile(): string {
  const script = process.env.npm_lifecycle_event ?? 'vitest';
  return `.caudal/test-results/${script.replaceAll(':', '-')}.json`;
}
