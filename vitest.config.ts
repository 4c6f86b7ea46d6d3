import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['test/support/synthesize-once.ts'],
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores: more workers only make the end-to-end tests compete with the clouds that they start.
    maxWorkers: 2,
    // .ci/run reads the real counts from this file.
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: '.caudal/test-results.json' }]]
      : ['default'],
  },
});
