import { canonicalSensorId } from './sensor-id.ts';

/** Some sensors of a dataset: those with one of the ids, and those whose id fits one of the patterns. */
export interface SensorSelection {
  /** Canonical, each once. */
  readonly ids: ReadonlySet<string>;
  /** The texts between the asterisks of each pattern, two at least. */
  readonly patterns: readonly (readonly string[])[];
}

/** Most ids and patterns of a selection. */
export const maxSelected = 100;
/** Most asterisks of a pattern. */
const maxAsterisks = 8;

/** What is accepted as a selection, for messages. */
export const acceptedSelection = `ids of sensors with commas between them, at most ${maxSelected}; an asterisk stands for any characters, as in station-*; of an id that has them, write a comma, an asterisk or a backslash with a backslash before it`;

/** Marks an asterisk that stands for any characters: no id holds it. */
const any = '\u0000';

/**
 * Reads a list of ids and patterns, `pier-1,station-*`. `\,`, `\*` and `\\` are these characters themselves; any other backslash is one.
 * `undefined` for what is none: an empty entry, one that can't be the id of a sensor, or too many of them.
 */
export function readSelection(text: string): SensorSelection | undefined {
  if (text.includes(any)) return undefined;
  const entries: string[] = [''];
  for (const [token] of text.matchAll(/\\[,*\\]|[\s\S]/gu)) {
    if (token === ',') entries.push('');
    else entries.push(entries.pop() + (token === '*' ? any : token.length === 2 ? token.slice(1) : token));
  }
  if (entries.length > maxSelected) return undefined;
  const ids = new Set<string>();
  const patterns: string[][] = [];
  for (const entry of entries) {
    const parts = entry.split(any);
    if (parts.length - 1 > maxAsterisks) return undefined;
    // With a letter for each asterisk: what is between them is checked, and normalized, as an id is.
    if (canonicalSensorId(parts.join('x')) === undefined) return undefined;
    if (parts.length === 1)
      ids.add(canonicalSensorId(entry) as string); // checked
    else patterns.push(partsOf(entry));
  }
  return { ids, patterns };
}

const partsOf = (entry: string): string[] => entry.trim().normalize('NFC').split(any);

/** Whether a sensor is one of the selected ones. */
export function selects({ ids, patterns }: SensorSelection, sensorId: string): boolean {
  return ids.has(sensorId) || patterns.some((parts) => fits(parts, sensorId));
}

/** Each text is looked for behind the one before, as early as it is there: if there is any way to fit, that is one. */
function fits(parts: readonly string[], id: string): boolean {
  const [first = '', ...rest] = parts;
  const last = rest.pop() ?? '';
  if (!id.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = id.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return id.length - last.length >= at && id.endsWith(last);
}
