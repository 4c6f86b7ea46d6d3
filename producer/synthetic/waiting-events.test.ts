import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WaitingEvents } from './waiting-events.ts';

const event = fc.record({
  atMs: fc.nat(9),
  next: fc.nat(2),
  number: fc.option(fc.nat(), { nil: Number.NaN }),
});

test('events come out by time, those of one time as they were added, each with what was added with it', () => {
  fc.assert(
    fc.property(fc.array(fc.option(event), { maxLength: 200 }), (steps) => {
      const waiting = new WaitingEvents(2);
      const list: { atMs: number; next: number; numbers: number[]; texts: string[] }[] = [];
      for (const [step, added] of steps.entries()) {
        expect(waiting.firstMs).toBe(list[0]?.atMs ?? Number.POSITIVE_INFINITY);
        if (added === null) {
          const taken = waiting.shift();
          expect(taken && { ...taken, numbers: [...taken.numbers] }).toEqual(list.shift());
          continue;
        }
        const { atMs, next, number } = added;
        const texts = [String(step)];
        waiting.add({ atMs, next, numbers: Float64Array.of(number, step), texts });
        const later = list.findIndex((other) => other.atMs > atMs);
        list.splice(later === -1 ? list.length : later, 0, { atMs, next, numbers: [number, step], texts });
      }
    }),
  );
});
