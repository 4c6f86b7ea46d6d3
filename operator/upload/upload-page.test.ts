import { expect, test } from 'vitest';
import type { LedgerEntry } from '../../ports/queries.ts';
import { outcomesPage } from './upload-page.ts';

const segment = { bucket: 'raw', key: 'landing/masts/a.csv', versionId: '1' };
const file = { path: 'a.csv', size: 1, key: segment.key, contentType: 'text/csv' };

const pageOf = (reason: string) => {
  const ledger: LedgerEntry = {
    ...{ state: 'Completed', jobId: 'j', attempts: 1, updatedAt: '', dropped: {} },
    rejectedByReason: { [reason]: 2 },
  };
  return outcomesPage([{ file, segment, ledger }]);
};

test('lines of a dataset that the installation does not have yet are told with the way out', () => {
  expect(pageOf('unknown-dataset')).toContain('does not know the dataset yet');
  expect(pageOf('missing')).not.toContain('does not know');
});
