import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { graphOf } from '../../../handlers/operations/graph.ts';
import { box, layOut } from './layout.ts';

describe.each(['ingest', 'job'])('the layout of the machine %s', (name) => {
  const { startAt, states } = graphOf(readFileSync(`state-machines/${name}.asl.json`, 'utf8'));
  const { places, lines, width, height } = layOut(startAt, states);
  const at = (state: string) => places.find((place) => place.name === state);

  test('has each state once, within the picture, and none upon another', () => {
    expect(places.map((place) => place.name).sort()).toEqual(states.map((state) => state.name).sort());
    for (const a of places) {
      expect(a.x + box.width).toBeLessThanOrEqual(width);
      expect(a.y + box.height).toBeLessThanOrEqual(height);
      for (const b of places)
        if (a !== b) expect(Math.abs(a.x - b.x) >= box.width || Math.abs(a.y - b.y) >= box.height).toBe(true);
    }
  });

  test('begins at the top, and a line for each way from one state to another', () => {
    expect(at(startAt)?.y).toBe(Math.min(...places.map(({ y }) => y)));
    const ways = states.flatMap((state) => state.transitions.map(({ to }) => `${state.name} ${to}`));
    expect(lines.map(({ from, to }) => `${from} ${to}`).sort()).toEqual([...new Set(ways)].sort());
  });
});

test('a way back does not push its state down', () => {
  const { places } = layOut('a', [
    { name: 'a', transitions: [{ to: 'b', by: 'next' }] },
    {
      name: 'b',
      transitions: [
        { to: 'a', by: 'choice' },
        { to: 'c', by: 'default' },
      ],
    },
    { name: 'c', transitions: [] },
  ]);
  expect([...places].sort((a, b) => a.y - b.y).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
});
