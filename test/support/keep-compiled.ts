import { flushCompileCache } from 'node:module';
import { afterAll } from 'vitest';

// Node writes its compile cache when it exits, and vitest kills its workers.
afterAll(() => flushCompileCache());
