import { unitOf } from './unit-bounds.ts';

/** What the name of a column says: the name of a measure, and a unit where it has one. */
export interface ColumnLabel {
  /** Letters, digits and `_`, a letter first. */
  readonly name: string;
  readonly unit: string | undefined;
}

const reserved: ReadonlySet<string> = new Set([
  ...[
    'dataset',
    'sensorid',
    'timestamp',
    'revision',
    'date',
    'shard',
    'uploadedat',
    'contested',
    'withdrawn',
  ],
  // What every object has.
  ...Object.getOwnPropertyNames(Object.prototype).map((name) => name.toLowerCase()),
]);

/**
 * @param column as the header has it: `Temperatura (°C)`, `Temp, °F (S/N 1)`, `Rain_mm_Tot`
 * @param taken names in lower case that others have; the one that is given here is added
 */
export function labelOf(column: string, taken: Set<string>): ColumnLabel {
  const plain = column.replaceAll(/&#(\d{1,5});/g, (_, code) => String.fromCharCode(code));
  const found = withoutUnit(plain);
  // Degrees of a temperature may be of either scale.
  const { base, unit } =
    found.unit === '°' && /temp|dew/i.test(plain) ? { base: plain, unit: undefined } : found;
  const words = base
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .replaceAll('µ', 'u')
    .replaceAll(/(\d)\.(\d)/g, '$1_$2')
    .split(/[^A-Za-z0-9_]+|_(?!\d)/)
    .filter((word) => word !== '');
  const joined = words
    .map((word, at) => (at === 0 ? lowerFirst(word) : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('')
    .slice(0, 60);
  const start = /^[A-Za-z]/.test(joined) ? joined : `value${joined === '' ? '' : joined.replace(/^_/, '')}`;
  const isFree = (name: string) => !taken.has(name.toLowerCase()) && !reserved.has(name.toLowerCase());
  let name = start;
  for (let count = 2; !isFree(name); count++) name = `${start}${count}`;
  taken.add(name.toLowerCase());
  return { name, unit };
}

/** `TEMP` is temp, `AirTC` airTC, `RH` rh. */
const lowerFirst = (word: string): string =>
  word === word.toUpperCase() ? word.toLowerCase() : word.charAt(0).toLowerCase() + word.slice(1);

function withoutUnit(column: string): { base: string; unit: string | undefined } {
  const bracketed = [...column.matchAll(/[([]([^()[\]]*)[)\]]/g)];
  for (const [whole, inside = ''] of bracketed) {
    const unit = unitOf(inside);
    if (unit !== undefined) return { base: column.replace(whole, ' '), unit };
  }
  const bare = column.replaceAll(/[([][^()[\]]*[)\]]/g, ' ').trim();
  const listed = /^(.+?),\s*([^,]+)$/.exec(bare);
  const ofList = listed?.[2] === undefined ? undefined : unitOf(listed[2]);
  if (ofList !== undefined) return { base: listed?.[1] ?? bare, unit: ofList };
  // "Barometer - in Hg", and "Temp, *C, North Field".
  for (const [whole, inside = ''] of bare.matchAll(
    /(?:\s[-\u2013]\s+|,\s*)([^,]*[^,A-Za-z][^,]*|[^,]{2,}?)(?=\s[-\u2013]\s|,|$)/g,
  )) {
    const unit = unitOf(inside);
    if (unit !== undefined) return { base: bare.replace(whole, ' '), unit };
  }
  // "%RH" and "°C" alone, which no word is.
  const whole = /[°℃℉%]/.test(bare) ? unitOf(bare) : undefined;
  if (whole !== undefined) return { base: bare, unit: whole };
  // "Temperature°C", "Humidity%RH".
  const glued = /^(.*[\p{L}\d)])([°℃℉º˚%].*)$/u.exec(bare);
  const ofGlued = glued?.[2] === undefined ? undefined : unitOf(glued[2]);
  if (ofGlued !== undefined) return { base: glued?.[1] ?? bare, unit: ofGlued };
  const parts = bare.split(/[_ ]/);
  for (let at = parts.length - 1; at >= 0; at--) {
    const part = parts[at] ?? '';
    // In front is a unit alone what is no word: kPa, and not in; and ms behind a time is no speed.
    if (at === 0 && (parts.length === 1 || !/[^a-z]/.test(part) || !/[a-z°%]/.test(part))) continue;
    // Of in Hg the first word alone is a unit, too.
    const ofTwo = /^(?:hg|[cf])$/i.test(part) ? unitOf(`${parts[at - 1]}${part}`) : undefined;
    if (ofTwo !== undefined) return { base: parts.toSpliced(at - 1, 2).join('_'), unit: ofTwo };
    if (part.toLowerCase() === 'ms' && /time|zeit|dur|delay|latency|elapsed|interval/i.test(bare)) continue;
    if (isOtherWord(part, parts.toSpliced(at, 1).join('_'))) continue;
    // A single letter is a unit as C and F alone, and at the end: T_C.
    const isOfTemperature = /^[cf]$/.test(part) && at === parts.length - 1 && /temp|dew/i.test(bare);
    const unit =
      part.length > 1 || /^[CFV]$/.test(part) || isOfTemperature
        ? (jammed[part.toLowerCase()] ?? unitOf(part))
        : undefined;
    if (unit !== undefined) return { base: parts.toSpliced(at, 1).join('_'), unit };
  }
  return { base: bare === '' ? column : bare, unit: undefined };
}

/**
 * Whether a part of a name is another word than the unit that it could be: in for inside or incoming (Temp_in, SW_IN), F for filled (TA_F, SW_IN_F), DB for the
 * dry bulb.
 */
function isOtherWord(part: string, rest: string): boolean {
  if (/^in$/i.test(part)) return !/rain|prec|prcp|snow|hail|evap|depth|stage|level|lluvia/i.test(rest);
  if (part === 'F') return !/temp|tmp|dew|chill|heat|feel|air|water|soil|(?:^|[_ ])t(?:[_ \d]|$)/i.test(rest);
  return /^db$/i.test(part) && /temp|(?:^|[_ ])t(?:[_ \d]|$)/i.test(rest);
}

/** Units in names that can't hold a slash. */
const jammed: Readonly<Record<string, string>> = {
  ms: 'm/s',
  mps: 'm/s',
  kmh: 'km/h',
  wm2: 'W/m²',
  ugm3: 'µg/m³',
  degc: '°C',
  degf: '°F',
  pct: '%',
};
