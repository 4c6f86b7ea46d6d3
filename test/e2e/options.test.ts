import { afterAll, beforeAll, expect, test } from 'vitest';
import { synthesize } from '../../demo/synthesize.ts';
import { type CloudWorld, root, startCloudWorld } from '../support/cloud-world.ts';
import { everyOptionOn } from '../support/infra/option-sets.ts';

let world: CloudWorld;
beforeAll(async () => {
  world = await startCloudWorld({ assembly: await synthesize(root, undefined, { options: everyOptionOn }) });
});
afterAll(() => world?.close());

test('with every option on the local cloud starts, and a file comes to the answer of the API', async () => {
  const rows = Array.from({ length: 20 }, (_, minute) => {
    const timestamp = new Date(Date.UTC(2024, 0, 23, 10, minute)).toISOString();
    return JSON.stringify({
      dataset: 'gadget-telemetry',
      sensorId: 'g-1',
      timestamp,
      battery: 50,
      signal: -70,
    });
  });
  await world.upload('landing/gadget-telemetry/options.jsonl', rows.join('\n'));
  await world.settled(20);
  const page = await world.get('/datasets/gadget-telemetry/statistics?from=2024-01&to=2024-01');
  expect(JSON.stringify(page)).toContain('"count":20');
});

test('each resource of an option is there, or on the list of what the local cloud ignores', () => {
  const types = new Set(world.cloud.resources.map(({ type }) => type));
  expect(types).toContain('AWS::WAFv2::WebACL');
  expect(types).toContain('AWS::CloudTrail::Trail');
  const functions = world.cloud.resources.filter(
    ({ type, properties }) =>
      type === 'AWS::Lambda::Function' && properties.ReservedConcurrentExecutions !== undefined,
  );
  expect(functions).toHaveLength(5);
});
