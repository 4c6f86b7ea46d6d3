import { expect, test } from 'vitest';
import { arrivedOn } from './raw-objects.ts';

test('an object arrived by its key, or when it was uploaded', () => {
  const lastModifiedMs = Date.parse('2025-03-04T23:59:59Z');
  expect(arrivedOn({ key: 'raw/2025/01/02/03/x.gz', lastModifiedMs })).toBe('2025-01-02');
  expect(arrivedOn({ key: 'landing/raw/2025/01/02/03/x.gz', lastModifiedMs })).toBe('2025-03-04');
});
