import { expect, test } from 'vitest';
import { counts } from './execution-view.ts';

test('counts are found in the outputs of states, the newest last', () => {
  const visit = (output: unknown) => ({ name: 'x', type: 'Map', enteredAt: new Date(0), faults: [], output });
  expect(counts([visit({ segments: 1 }), visit({ totals: { segments: 2, lines: 70 }, ids: ['a'] })])).toEqual(
    {
      segments: 2,
      lines: 70,
    },
  );
});
