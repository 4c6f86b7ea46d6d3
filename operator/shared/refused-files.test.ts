import { expect, test } from 'vitest';
import type { Refusal } from '../../core/lines/gate.ts';
import { refusedText } from './refused-files.ts';

test('a refused file is told of whatever its folder is called', () => {
  const refusal = { reason: 'not-text', detail: 'd', lines: [] } as const;
  const told = (folder: string) =>
    refusedText({
      ...{ bucket: 'raw', versionId: 'v', hasEarlier: false, refusal },
      key: `landing/water-temperature/${folder}/x.csv`,
    }).join('\n');
  expect(told('Boya%2F7')).toContain('--sensor Boya/7');
  expect(told('100%')).toContain('--sensor 100%');
  expect(told('%E0%A4%A')).toContain('--sensor %E0%A4%A');
});

test('no command is proposed that could do nothing', () => {
  const told = (refusal: Partial<Refusal>) =>
    refusedText({
      ...{ bucket: 'raw', versionId: 'v', hasEarlier: false },
      key: 'landing/water-temperature/x',
      refusal: { reason: 'unreadable-lines', detail: 'd', lines: [], ...refusal },
    }).join('\n');
  expect(told({})).toContain('caudal -- accept landing/water-temperature/x');
  expect(told({ nothingValid: true })).not.toContain('accept');
  expect(told({ nothingValid: true })).toContain('caudal -- upload x --dataset water-temperature');
  expect(told({ reason: 'unknown-format' })).toContain('with a name that tells what it is');
  expect(told({ reason: 'unknown-format' })).not.toContain('caudal -- upload');
});
