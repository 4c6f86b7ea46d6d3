import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { datasets } from '#datasets';
import { recount, SpanTooLarge } from './recount.ts';

describe('recount', () => {
  const text = [1, 2, 3, 4]
    .map(
      (day) =>
        `{"dataset":"water-temperature","sensorId":"s","timestamp":"2025-06-0${day}T10:00:00Z","temperature":1,"deviation":1}\n`,
    )
    .join('');
  async function* sources() {
    for (const arrived of ['2025-07-01', '2025-07-03', '2025-07-02']) {
      yield {
        key: 'raw/x',
        arrived,
        arrivedMs: Date.parse(arrived),
        bytes: Readable.from([Buffer.from(text)]),
      };
    }
  }

  test('counts by day, with when the lines of it arrived', async () => {
    const { days, valid, outside } = await recount(sources(), datasets, {
      span: { from: '2025-06-02', to: '2025-06-03' },
    });
    expect(days.get('water-temperature')).toEqual(
      new Map(
        ['2025-06-02', '2025-06-03'].map((day) => [
          day,
          {
            ...{ lines: 3, repeated: 2, superseded: 0, contested: 0 },
            ...{ firstArrived: '2025-07-01', lastArrived: '2025-07-03' },
          },
        ]),
      ),
    );
    expect([valid, outside]).toEqual([12, 6]);
  });

  test('stops at its bound, and names a span that fits', async () => {
    await expect(recount(sources(), datasets, { maxReadings: 3 })).rejects.toThrow(SpanTooLarge);
    await expect(recount(sources(), datasets, { maxReadings: 3 })).rejects.toThrow(
      /--from 2025-06-01 --to 2025-06-02/,
    );
    await expect(recount(sources(), datasets, { maxReadings: 12 })).resolves.toMatchObject({ valid: 12 });
  });
});
