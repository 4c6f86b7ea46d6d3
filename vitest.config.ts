import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

// For the workers and the programs that tests start: the SDK alone is a thousand modules, which V8 compiles once now.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '.caudal', 'compile-cache');

export default defineConfig({
  test: {
    globalSetup: ['test/support/synthesize-once.ts'],
    setupFiles: ['test/support/keep-compiled.ts'],
    include: ['**/*.test.ts'],
    exclude: ['node_modules', 'cdk.out', '.caudal'],
    // Far above what anything takes: a busy machine must not fail a test, one that hangs still ends.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    sequence: { sequencer: LongestFirst },
    // On two cores: the end-to-end tests wait for buffers, locks and retries half of their time, which one more worker uses. Two
    // more only have the processes of their clouds push each other aside: 388 s instead of 344 s.
    maxWorkers: 3,
    // .ci/run reads the real counts from this file.
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: '.caudal/test-results.json' }]]
      : ['default'],
  },
});
