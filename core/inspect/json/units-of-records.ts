import { parsePath } from '../../formats/json-path.ts';
import { unitName } from '../table/long-shape.ts';
import { unitOf } from '../unit-bounds.ts';
import type { LeafSource, Leaves } from './leaves.ts';

/** A unit as records write it, without the name of its vocabulary: `wmoUnit:degC`, `unit:DEG_C`. */
function unitIn(text: string): string {
  const code = /^[A-Za-z]{2,10}:(?=\S)(.+)$/.exec(text)?.[1];
  return code === undefined ? text : (unitOf(code) ?? code);
}

const stepsOf = (source: LeafSource | undefined): string[] =>
  typeof source === 'string' ? (parsePath(source)?.segments ?? []).map(String) : [];

const rootOf = (source: LeafSource | undefined): string | undefined =>
  typeof source === 'string' ? source[0] : undefined;

/** Where the unit of a value stands beside it: `{"value":14.5,"unitCode":"wmoUnit:degC"}`, or `{"temp":14.5,"temp_unit":"°C"}`. */
function besideOf({ sources }: Leaves, at: number): number {
  const own = stepsOf(sources[at]);
  const last = own.at(-1) ?? '';
  const isValue = /^(?:value|val|v|avg|mean)$/i.test(last);
  return sources.findIndex((source) => {
    const steps = stepsOf(source);
    const name = steps.at(-1) ?? '';
    if (rootOf(source) !== rootOf(sources[at]) || steps.length !== own.length) return false;
    if (steps.slice(0, -1).join('\n') !== own.slice(0, -1).join('\n')) return false;
    return (isValue && own.length > 1 && unitName.test(name)) || new RegExp(`^${literal(last)}_?units?$`, 'i').test(name);
  });
} // biome-ignore format: short

const literal = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]/gu, '\\$&');

/** The unit that stands beside the values of a column, where it is one in all records. */
export function unitBeside(leaves: Leaves, at: number): { readonly unit?: string } {
  const beside = besideOf(leaves, at);
  const units = beside === -1 ? [] : textsAt(leaves, beside);
  const [unit] = units;
  return unit === undefined || units.length > 1 ? {} : { unit: unitIn(unit) };
}

const textsAt = ({ rows }: Leaves, at: number): string[] =>
  [...new Set(rows.map((row) => row[at]))]
    .filter((unit) => typeof unit === 'string' && unit !== '')
    .map(String);

/** The units that records name, of the one value that each has: at `unit`, or within it, such as `unitOfMeasurement.symbol`. */
export function saidUnits(leaves: Leaves): string[] {
  const { sources } = leaves;
  const ofOthers = new Set(sources.map((_, at) => besideOf(leaves, at)));
  const at = sources.findIndex((source, index) => {
    const names = stepsOf(source);
    const last = names.at(-1) ?? '';
    const isWithin = names.slice(0, -1).some((name) => unitName.test(name));
    return (
      !ofOthers.has(index) && (unitName.test(last) || (isWithin && /^(?:symbol|code|value)$/i.test(last)))
    );
  });
  return at === -1 ? [] : textsAt(leaves, at).map(unitIn);
}
