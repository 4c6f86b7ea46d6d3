import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['test/support/synthesize-once.ts'],
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // On two cores: the end-to-end tests wait for buffers and retries half of their time, and a third worker uses that.
    maxWorkers: 3,
    // .ci/run reads the real counts from this file.
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: '.caudal/test-results.json' }]]
      : ['default'],
  },
});
