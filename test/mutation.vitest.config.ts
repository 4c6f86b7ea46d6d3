import { defineConfig } from 'vitest/config';

/** Tests by which `core/` is mutated: none that starts a cloud or synthesizes. `MUTATION_TESTS` names others, patterns separated by commas. */
const named = process.env.MUTATION_TESTS?.split(',');
const properties = [
  'calendar',
  'encode-reading',
  'number-bytes',
  'parse',
  'sort',
  'statistics',
  'two-paths',
  'union',
];

export default defineConfig({
  test: {
    include: named ?? ['core/**/*.test.ts', `test/property/{${properties.join()}}.test.ts`],
    testTimeout: 240_000,
  },
});
