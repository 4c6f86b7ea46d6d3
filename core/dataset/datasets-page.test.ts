import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ruleMembers } from './check-alert-rule.ts';
import { definitionMembers } from './check-definition.ts';

const page = readFileSync(new URL('../../docs/datasets.md', import.meta.url), 'utf8');
const [ofDatasets = '', rest = ''] = page.split('\n## Alert rules');
const [ofRules = ''] = rest.split('\n## Stations'); // they have a file of their own
/** The members that the first cells of a part's rows are about. */
const described = (part: string): string[] =>
  [...part.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(([, members = '']) =>
    members.replaceAll('`', '').split(', '),
  );

test('the page of datasets describes each member, and no other', () => {
  expect(described(ofDatasets).sort()).toEqual([...definitionMembers].sort());
});

test('and each member of a rule but its measure', () => {
  expect([...described(ofRules), 'measure'].sort()).toEqual([...ruleMembers].sort());
});
