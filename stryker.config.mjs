/**
 * Mutation tests of `core/`: `npm run mutation`, or of one file and by some of the tests only, which is much quicker:
 * `MUTATION_TESTS=core/statistics npm run mutation -- --mutate core/statistics/alerts.ts`.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: ['core/**/*.ts', '!core/**/*.test.ts'],
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutation.vitest.config.ts', related: false },
  // Coverage by test misses what a `describe` computes for its tests.
  coverageAnalysis: 'off',
  // Of a file that is not there: Stryker reads it by the compiler's API, which TypeScript 7 no longer has.
  tsconfigFile: '.caudal/no-tsconfig.json',
  ignorePatterns: ['.caudal', 'cdk.out', 'docs'],
  tempDirName: '.caudal/stryker',
  reporters: ['progress', 'clear-text', 'html', 'json'],
  htmlReporter: { fileName: '.caudal/mutation/index.html' },
  jsonReporter: { fileName: '.caudal/mutation/mutation.json' },
  concurrency: 2,
};
