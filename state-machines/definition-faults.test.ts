import { expect, test } from 'vitest';
import { readDefinition } from '../test/support/infra/definition.ts';
import { definitionFaults } from './definition-faults.ts';

const { text } = readDefinition('ingest');

test.each(['ingest', 'job'])('%s is as the States Language has it', async (name) => {
  expect(await definitionFaults(name, readDefinition(name).text)).toEqual([]);
});

test.each([
  [
    'a state that does not exist',
    '"Next": "HasSegments"',
    '"Next": "HasSegment"',
    'name of an existing state',
  ],
  ['a field that does not exist', '"TimeoutSeconds": 310', '"TimeoutSecond": 310', 'Field is not supported'],
  ['a type that does not exist', '"Type": "Choice"', '"Type": "Choose"', 'Value is not accepted'],
  [
    'text for a number',
    '"ToleratedFailurePercentage": 100',
    '"ToleratedFailurePercentage": "all"',
    'Incorrect type',
  ],
])('%s is named, with its line', async (_, right, wrong, fault) => {
  expect(text).toContain(right);
  const said = await definitionFaults('ingest.asl.json', text.replace(right, wrong));
  expect(said.join('\n')).toMatch(/^ingest\.asl\.json:\d+: /);
  expect(said.join('\n')).toContain(fault);
});
