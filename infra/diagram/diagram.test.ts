import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shippedContext } from '../../test/support/infra/synthesized.ts';
import { drawioOf, svgOf } from './draw.ts';
import { modelOf } from './model.ts';
import { drawnTemplates } from './templates.ts';

const { shipped, all } = drawnTemplates(shippedContext);
const model = modelOf(all, shipped);
const committed = (name: string): string =>
  readFileSync(join(import.meta.dirname, '..', '..', 'docs', name), 'utf8');

test('the diagram is what the templates say: else run node infra/diagram/main.ts', () => {
  expect(committed('architecture.svg')).toBe(svgOf(model));
  expect(committed('architecture.drawio')).toBe(drawioOf(model));
});

test('its arrows are the way of a reading, and who asks', () => {
  for (const arrow of [
    ['Devices: IoT Core', 'Delivery stream'],
    ['Delivery stream', 'Raw bucket'],
    ['Monthly reports', 'SQL: Glue, Athena'],
    ['Raw bucket', 'Queue of new objects'],
    ['Queue of new objects', 'Pipe: batches'],
    ['Pipe: batches', 'Workflow: ingest'],
    ['Workflow: ingest', 'Functions of ingest'],
    ['Functions of ingest', 'Curated bucket'],
    ['API Gateway', 'Functions of the API'],
  ])
    expect(model.arrows).toContainEqual(arrow);
  expect(model.arrows).not.toContainEqual(['Functions of the API', 'Queue of readings']);
});

test('what is dashed is not in an installation as shipped', () => {
  const dashed = model.boxes.filter(({ isOption }) => isOption).map(({ title }) => title);
  expect(dashed).toEqual([
    ...['Devices: IoT Core', 'Queue of readings', 'Pipe from Kafka', 'Stream of Kinesis'],
    'Monthly reports',
  ]);
});

test('a resource that is in no box is named', () => {
  const more = { ...all, CaudalMore: { Resources: { New: { Type: 'AWS::SQS::Queue' } } } };
  expect(() => modelOf(more, shipped)).toThrow('CaudalMore/New (AWS::SQS::Queue) is in no group');
});
