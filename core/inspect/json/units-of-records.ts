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

/** By column, that of its unit where it stands beside it: `{"value":14.5,"unitCode":"wmoUnit:degC"}`, or `{"temp":14.5,"temp_unit":"°C"}`. */
function besideEach({ sources }: Leaves): readonly (number | undefined)[] {
  const ofObjects = new Map<string, number>();
  const ofNames = new Map<string, number>();
  const all = sources.map((source) => ({ source, steps: stepsOf(source) }));
  const keyOf = (source: LeafSource, steps: readonly string[]) =>
    [typeof source === 'string' ? source[0] : '', ...steps].join('\n').toLowerCase();
  for (const [at, { source, steps }] of all.entries()) {
    const [name = '', within] = [steps.at(-1), steps.slice(0, -1)];
    if (within.length > 0 && unitName.test(name)) ofObjects.set(keyOf(source, within), at);
    const base = /^(.+?)_?units?$/i.exec(name)?.[1];
    if (base !== undefined) ofNames.set(keyOf(source, [...within, base]), at);
  }
  return all.map(({ source, steps }) => {
    const isValue = /^(?:value|val|v|avg|mean)$/i.test(steps.at(-1) ?? '');
    const ofObject = isValue ? ofObjects.get(keyOf(source, steps.slice(0, -1))) : undefined;
    return ofObject ?? ofNames.get(keyOf(source, steps));
  });
}

/** By column, the units that stand beside its values, in all records. */
export const unitsBeside = (leaves: Leaves): readonly (readonly string[])[] =>
  besideEach(leaves).map((at) => (at === undefined ? [] : textsAt(leaves, at).map(unitIn)));

const textsAt = ({ rows }: Leaves, at: number): string[] =>
  [...new Set(rows.map((row) => row[at]))]
    .filter((unit) => typeof unit === 'string' && unit !== '')
    .map(String);

/** The units that records name, of the one value that each has: at `unit`, or within it, such as `unitOfMeasurement.symbol`. */
export function saidUnits(leaves: Leaves): string[] {
  const { sources } = leaves;
  const ofOthers = new Set(besideEach(leaves));
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
