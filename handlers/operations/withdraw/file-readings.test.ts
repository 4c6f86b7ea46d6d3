import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defineDataset } from '../../../core/dataset/dataset.ts';
import type { Reading } from '../../../core/dataset/reading.ts';
import { readingAt } from '../../../core/set/columns.ts';
import { identityText } from '../../../core/set/identity.ts';
import { ColumnsBuilder } from '../../../core/set/row-buffer.ts';
import { identitiesOf } from './file-readings.ts';

const gauges = defineDataset({
  name: 'gauges',
  timeZone: 'UTC',
  shards: 1,
  measures: { level: { unit: 'm', min: 0, max: 9 } },
});
const visits = defineDataset({
  name: 'visits',
  kind: 'events',
  entity: 'place',
  at: 'time',
  timeZone: 'UTC',
  shards: 1,
  identity: ['visit'],
  attributes: { visit: { maxLength: 8 } },
});

/** Few of each, so that many are the same, and many of one sensor and time are not. */
const reading = fc.record({
  sensorId: fc.constantFrom('a', 'b', 'Z', 'é'),
  timestampMs: fc.constantFrom(0, 1, 2, 3),
  text: fc.constantFrom('1', '2', '10', 'x'),
});

test.each([gauges, visits])(
  'of $name each identity is found at its row, and no other, in whatever order',
  (dataset) => {
    const of = ({
      sensorId,
      timestampMs,
      text,
    }: {
      sensorId: string;
      timestampMs: number;
      text: string;
    }): Reading => ({
      ...{ sensorId, timestampMs, revision: 0 },
      values: dataset === gauges ? [1] : [],
      attributes: dataset === gauges ? [] : [text],
    });
    fc.assert(
      fc.property(fc.array(reading), fc.array(reading), (held, asked) => {
        const builder = new ColumnsBuilder(dataset);
        for (const each of held) builder.add(of(each), 0);
        const columns = builder.build();
        const rows = new Map(
          Array.from({ length: columns.length }, (_, row) => [
            identityText(dataset, readingAt(columns, row)),
            row,
          ]),
        );
        const find = identitiesOf(dataset, columns);
        for (const each of [...held, ...asked].map(of))
          expect(find(each)).toBe(rows.get(identityText(dataset, each)));
      }),
    );
  },
);
