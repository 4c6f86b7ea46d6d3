import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coasts } from './land.ts';
import {
  fitted,
  nextOf,
  offScreen,
  onScreen,
  panned,
  placeOf,
  pointOf,
  viewOf,
  viewText,
  zoomed,
} from './projection.ts';

const size = { width: 800, height: 400 };
const place = fc.record({
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  latitude: fc.double({ min: -85, max: 85, noNaN: true }),
});
const view = fc.record({
  middle: place.map(pointOf),
  pixels: fc.double({ min: 400, max: 2 ** 20, noNaN: true }),
});

describe('the map', () => {
  test('shows a place where it takes it from', () => {
    fc.assert(
      fc.property(place, view, (given, shown) => {
        const back = placeOf(offScreen(onScreen(pointOf(given), shown, size), shown, size));
        expect(back.longitude).toBeCloseTo(given.longitude, 6);
        expect(back.latitude).toBeCloseTo(given.latitude, 6);
      }),
    );
  });

  test('begins with all stations in it', () => {
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 20 }), (places) => {
        const points = places.map(pointOf);
        const shown = fitted(points, size);
        for (const { x, y } of points.map((point) => onScreen(point, shown, size))) {
          // The whole Earth is never smaller than half of the picture is wide, and may be higher than it.
          if (shown.pixels > 400) expect(x >= 0 && x <= 800 && y >= 0 && y <= 400).toBe(true);
        }
      }),
    );
  });

  test('keeps what is under the pointer while it zooms', () => {
    const shown = { middle: pointOf({ longitude: 2, latitude: 41 }), pixels: 8_192 };
    const at = { x: 100, y: 300 };
    const before = offScreen(at, shown, size);
    const after = offScreen(at, zoomed(shown, 2, size, at), size);
    expect(after.x).toBeCloseTo(before.x, 9);
    expect(after.y).toBeCloseTo(before.y, 9);
  });

  test('never leaves the Earth', () => {
    fc.assert(
      fc.property(view, fc.double({ min: -1e6, max: 1e6, noNaN: true }), (shown, by) => {
        const { middle } = panned(shown, { x: by, y: by }, size);
        expect([middle.x, middle.y].every((value) => value >= 0 && value <= 1)).toBe(true);
      }),
    );
  });

  test('is restored by its address, and passes over one that says nothing', () => {
    const shown = { middle: pointOf({ longitude: -3.70379, latitude: 40.41678 }), pixels: 4_096 };
    const back = viewOf(viewText(shown), size);
    expect(back?.pixels).toBe(4_096);
    expect(back?.middle.x).toBeCloseTo(shown.middle.x, 6);
    for (const text of [null, '', '1,2', 'a,b,c', '1,2,-3']) expect(viewOf(text, size)).toBeUndefined();
  });

  test('goes with the arrow keys to the station that lies there', () => {
    const points = [
      { x: 0.5, y: 0.5 },
      { x: 0.6, y: 0.5 },
      { x: 0.5, y: 0.4 },
      { x: 0.9, y: 0.1 },
    ];
    const from = points[0] as (typeof points)[number];
    expect(nextOf(points, from, { x: 1, y: 0 })).toBe(1);
    expect(nextOf(points, from, { x: 0, y: -1 })).toBe(2);
    expect(nextOf(points, from, { x: -1, y: 0 })).toBeUndefined();
  });
});

describe('the outline of land', () => {
  test('is closed rings on the Earth, with Spain in one and the Atlantic in none', () => {
    const rings = coasts();
    expect(rings.length).toBeGreaterThan(100);
    for (const ring of rings) {
      expect([ring[0], ring[1]]).toEqual([ring.at(-2), ring.at(-1)]);
      expect(ring.every((value, index) => Math.abs(value) <= (index % 2 === 0 ? 180.001 : 90.001))).toBe(
        true,
      );
    }
    expect(rings.filter((ring) => isIn(ring, -4, 40))).toHaveLength(1);
    expect(rings.filter((ring) => isIn(ring, -40, 35))).toHaveLength(0);
  });

  function isIn(ring: readonly number[], x: number, y: number): boolean {
    let inside = false;
    for (let at = 2; at < ring.length; at += 2) {
      const [x1, y1, x2, y2] = ring.slice(at - 2, at + 2) as [number, number, number, number];
      if (y1 > y !== y2 > y && x < x1 + ((x2 - x1) * (y - y1)) / (y2 - y1)) inside = !inside;
    }
    return inside;
  }
});
