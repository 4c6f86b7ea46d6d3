import { expect, test } from 'vitest';
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
