/**
 * Mutation tests of `core/`: `npm run mutation`, or of one file and by some of the tests only, which is much quicker:
 * `MUTATION_TESTS='core/statistics/*.test.ts,test/property/statistics.test.ts' npm run mutation -- --mutate core/statistics/*.ts`.
 * A test file that fails while it is collected, in what a `describe` computes, counts as no failure: compute in tests.
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
  // A test that is only slow, on a machine that has other work, must not count as one that found the mutant.
  timeoutMS: 30_000,
  timeoutFactor: 3,
};
