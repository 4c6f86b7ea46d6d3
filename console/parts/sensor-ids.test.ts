import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSensorId } from '../../core/dataset/sensor-id.ts';
import { apart, exactly, idsOf, listed, patternOf } from './sensor-ids.ts';

/** As the API reads a pattern: docs/api.md. */
function takes(pattern: string, id: string): boolean {
  const parts = [...pattern.matchAll(/\\(.)|(\*)|([^\\*])/gsu)];
  const source = parts
    .map(([, escaped, star, plain]) =>
      star ? '.*' : (escaped ?? plain ?? '').replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'),
    )
    .join('');
  return new RegExp(`^${source}$`, 's').test(id);
}

const id = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .map(readSensorId)
  .filter((read) => 'id' in read)
  .map((read) => read.id);

describe('ids of sensors', () => {
  test('come out of an address as they went into it', () => {
    fc.assert(
      fc.property(fc.array(id, { maxLength: 8 }), (ids) => {
        const parameter = new URLSearchParams({ sensor: listed(ids) }).toString();
        expect(idsOf(new URLSearchParams(parameter).get('sensor'))).toEqual(ids);
      }),
    );
  });

  test.each(['50%', '%', '%E0%A4%A', '%zz,b'])(
    'of %s, typed into an address, are read without a fault',
    (typed) => {
      expect(idsOf(typed)).toEqual(typed.split(','));
    },
  );

  test('are found by any part of them, whatever signs it has', () => {
    fc.assert(
      fc.property(
        id.filter((each) => !each.includes('*')),
        fc.nat(40),
        fc.nat(40),
        (each, a, b) => {
          const part = each.slice(Math.min(a, b), Math.max(a, b));
          expect(takes(patternOf(part), each)).toBe(true);
          expect(takes(exactly(each), each)).toBe(true);
          expect(takes(exactly(each), `${each}x`)).toBe(false);
        },
      ),
    );
  });

  test('as long as they can be are found by themselves, not by a pattern that the API refuses', () => {
    const longest = 'é,'.repeat(42).padEnd(86, 'x');
    expect(new TextEncoder().encode(longest).length).toBe(128);
    expect(patternOf(longest)).toBe(exactly(longest));
  });

  test('with an asterisk are the patterns that somebody typed', () => {
    expect(patternOf('pier-*,lake-*')).toBe('pier-*,lake-*');
  });

  test('that are written from right to left stand apart from the words around them', () => {
    expect(apart('עברית 5')).toBe('\u2068עברית 5\u2069');
    expect(apart('Río-2')).toBe('Río-2');
  });
});
