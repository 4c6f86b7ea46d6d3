import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { definitionMembers } from './check-definition.ts';

test('the page of datasets describes each member, and no other', () => {
  const page = readFileSync(new URL('../../docs/datasets.md', import.meta.url), 'utf8');
  const [ofDatasets = ''] = page.split('\n## Stations'); // they have a file of their own
  const described = [...ofDatasets.matchAll(/^\| `(\w+)` \|/gm)].map(([, member]) => member);
  expect(described.sort()).toEqual([...definitionMembers].sort());
});
