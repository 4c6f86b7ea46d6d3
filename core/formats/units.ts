/** A number in another unit: exact where the definition of the unit is, but for one rounding of each step. */
type Conversion = (value: number) => number;

/** By the unit that a file has, then by that of the measure. */
const conversions: Readonly<Record<string, Readonly<Record<string, Conversion>>>> = {
  '°F': { '°C': (value) => ((value - 32) * 5) / 9 },
  K: { '°C': (value) => value - 273.15 },
  ft: { m: (value) => value * 0.3048 },
  in: { mm: (value) => value * 25.4 },
  mph: { 'm/s': (value) => value * 0.44704 },
  'km/h': { 'm/s': (value) => value / 3.6 },
  kn: { 'm/s': (value) => (value * 1852) / 3600 },
  inHg: { hPa: (value) => value * 33.863886666667 },
  mmHg: { hPa: (value) => value * 1.33322387415 },
  kPa: { hPa: (value) => value * 10 },
  Pa: { hPa: (value) => value / 100 },
};

/** The units that files may have where a measure is in `unit`. */
export const convertibleTo = (unit: string): string[] =>
  Object.keys(conversions).filter((from) => Object.hasOwn(conversions[from] ?? {}, unit));

/** What makes a number in `from` one in `to`; `undefined` where none is known. */
export function conversionOf(from: string, to: string): Conversion | undefined {
  const known = Object.hasOwn(conversions, from) ? conversions[from] : undefined;
  return known && Object.hasOwn(known, to) ? known[to] : undefined;
}

/** What makes the numbers of a file those of a measure; `undefined` where they are. */
export function converter(
  { unit, scale, offset = 0 }: { readonly unit?: string; readonly scale?: number; readonly offset?: number },
  measureUnit: string,
): Conversion | undefined {
  if (unit !== undefined && scale === undefined && offset === 0) return conversionOf(unit, measureUnit);
  return linear(scale ?? 1, offset);
}

function linear(scale: number, offset: number): Conversion | undefined {
  if (scale === 1 && offset === 0) return undefined;
  // Tenths are divided by ten: 3 * 0.1 is a bit more than 0.3.
  const divisor = 1 / scale;
  return Number.isInteger(divisor) ? (value) => value / divisor + offset : (value) => value * scale + offset;
}
