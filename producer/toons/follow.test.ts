import { expect, test } from 'vitest';
import { renderOutcomes } from './follow.ts';

test('the table has a line a type and names what failed', () => {
  const outcome = { type: 'image', state: 'Completed' as const, bytes: 2048, durationMs: 7 };
  const table = renderOutcomes([
    { ...outcome, toonId: 'a' },
    { ...outcome, toonId: 'b', state: 'Failed', reason: 'corrupt', detail: 'broken' },
    { ...outcome, toonId: 'c', type: 'audio', durationMs: 3 },
  ]);
  expect(table.split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual([
    'type toons failed KiB median ms longest ms',
    expect.stringMatching(/^─/),
    'audio 1 0 2 3 3',
    'image 2 1 4 7 7',
    '',
    'b: corrupt: broken',
  ]);
});
