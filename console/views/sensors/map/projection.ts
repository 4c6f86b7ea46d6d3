/** Web Mercator, as maps in browsers have it: the Earth is a square of side 1, x to the east, y to the south. */

export interface Place {
  /** Degrees, east. */
  readonly longitude: number;
  /** Degrees, north. */
  readonly latitude: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What of the Earth is seen: its middle, and how many pixels the square's side has. */
export interface View {
  readonly middle: Point;
  readonly pixels: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Farther from the equator the square does not reach. */
const maxLatitude = 85;
/** Two stations a metre apart can still be told from each other. */
const maxPixels = 2 ** 27;
/** A single station is shown with the country around it. */
const maxFitted = 2 ** 14;
/** Around the stations that are fitted, in pixels. */
const margin = 48;

export function pointOf({ longitude, latitude }: Place): Point {
  const bounded = Math.max(-maxLatitude, Math.min(maxLatitude, latitude));
  const sine = Math.sin((bounded * Math.PI) / 180);
  return { x: (longitude + 180) / 360, y: 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI) };
}

export function placeOf({ x, y }: Point): Place {
  return {
    longitude: x * 360 - 180,
    latitude: (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI,
  };
}

/** Where a point of the square is in the picture. */
export const onScreen = ({ x, y }: Point, { middle, pixels }: View, { width, height }: Size): Point => ({
  x: (x - middle.x) * pixels + width / 2,
  y: (y - middle.y) * pixels + height / 2,
});

/** The point of the square that a place of the picture shows. */
export const offScreen = ({ x, y }: Point, { middle, pixels }: View, { width, height }: Size): Point => ({
  x: (x - width / 2) / pixels + middle.x,
  y: (y - height / 2) / pixels + middle.y,
});

/** The view that shows all of the points; of none the whole Earth. */
export function fitted(points: readonly Point[], size: Size): View {
  if (points.length === 0) return bounded({ middle: { x: 0.5, y: 0.5 }, pixels: size.width }, size);
  const [left, right] = extentOf(points.map(({ x }) => x));
  const [top, bottom] = extentOf(points.map(({ y }) => y));
  const room = (length: number) => Math.max(1, length - 2 * margin);
  const pixels = Math.min(
    maxFitted,
    room(size.width) / Math.max(right - left, 1e-9),
    room(size.height) / Math.max(bottom - top, 1e-9),
  );
  return bounded({ middle: { x: (left + right) / 2, y: (top + bottom) / 2 }, pixels }, size);
}

function extentOf(values: readonly number[]): [number, number] {
  return [
    values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
  ];
}

/** Zooms so that what is at a place of the picture stays there; by default its middle. */
export function zoomed(view: View, by: number, size: Size, at?: Point): View {
  const kept = at ?? { x: size.width / 2, y: size.height / 2 };
  const point = offScreen(kept, view, size);
  const pixels = Math.max(size.width / 2, Math.min(maxPixels, view.pixels * by));
  const middle = {
    x: point.x - (kept.x - size.width / 2) / pixels,
    y: point.y - (kept.y - size.height / 2) / pixels,
  };
  return bounded({ middle, pixels }, size);
}

/** Moves what is seen, by pixels. */
export const panned = ({ middle, pixels }: View, { x, y }: Point, size: Size): View =>
  bounded({ middle: { x: middle.x + x / pixels, y: middle.y + y / pixels }, pixels }, size);

/** The middle stays on the Earth. */
function bounded({ middle, pixels }: View, size: Size): View {
  const inside = (value: number) => Math.max(0, Math.min(1, value));
  return {
    middle: { x: inside(middle.x), y: inside(middle.y) },
    pixels: Math.max(Math.min(size.width / 2, 256), pixels),
  };
}

/** The station next to another one in a direction, as an eye would go; `undefined` where there is none. */
export function nextOf(points: readonly Point[], from: Point, direction: Point): number | undefined {
  let best: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, { x, y }] of points.entries()) {
    const along = (x - from.x) * direction.x + (y - from.y) * direction.y;
    const aside = Math.abs((x - from.x) * direction.y) + Math.abs((y - from.y) * direction.x);
    if (along <= 0) continue;
    const distance = along + 2 * aside;
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}

/** A view as the address has it, `41.39,2.17,8192`: latitude, longitude, pixels. */
export const viewText = ({ middle, pixels }: View): string => {
  const { latitude, longitude } = placeOf(middle);
  return [latitude.toFixed(5), longitude.toFixed(5), Math.round(pixels)].join(',');
};

/** @returns `undefined` for a text that is none */
export function viewOf(text: string | null, size: Size): View | undefined {
  const [latitude = Number.NaN, longitude = Number.NaN, pixels = Number.NaN] = (text ?? '')
    .split(',')
    .map(Number);
  if (![latitude, longitude, pixels].every(Number.isFinite) || pixels <= 0) return undefined;
  return bounded({ middle: pointOf({ latitude, longitude }), pixels: Math.min(maxPixels, pixels) }, size);
}
