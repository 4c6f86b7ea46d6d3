/** The place in a column's name, as a format has it, where the sensor stands. */
const placeholder = '{sensorId}';
const maxLength = 1_000;
const maxStars = 4;

/** What is wrong with a column's name in a format, as a text of what is accepted; `undefined` when it is sound. */
export function checkColumnName(name: unknown, { ofSensors = false } = {}): string | undefined {
  const accepted = ofSensors
    ? `the name of a column, in which {sensorId} may stand once, and up to ${maxStars} times * for any characters`
    : `the name of a column, in which * may stand for any characters, up to ${maxStars} times`;
  if (typeof name !== 'string' || name.trim() === '' || name.length > maxLength) return accepted;
  if (name.split('*').length - 1 > maxStars || /\*\{|\}\*/.test(name)) return accepted;
  const placeholders = name.split(placeholder).length - 1;
  return placeholders > (ofSensors ? 1 : 0) ? accepted : undefined;
}

/** Whether columns of this name are each a sensor's. */
export const isOfSensors = (name: string): boolean => name.includes(placeholder);

interface NamedColumn {
  readonly index: number;
  /** What stands for `{sensorId}`, where the name has it. */
  readonly sensorId?: string;
}

/** The columns that a name takes: the one that is called so, or else each that it fits as a pattern. */
export function columnsNamed(name: string, columns: readonly string[]): readonly NamedColumn[] {
  const exact = columns.indexOf(name);
  if (exact !== -1) return [{ index: exact }];
  if (!name.includes('*') && !isOfSensors(name)) return [];
  const pieces = name.split(/(\{sensorId\}|\*)/);
  return columns.flatMap((column, index) => {
    const found = matched(pieces, column);
    return found ? [{ index, ...found }] : [];
  });
}

/** What stands for `{sensorId}` in a text that a pattern fits. */
export const sensorIn = (pattern: string, text: string): string | undefined =>
  columnsNamed(pattern, [text])[0]?.sensorId;

/**
 * Whether a text fits texts with wildcards between them, each of which takes as little as it can. Not by a regular expression, which would
 * try each way to share out the characters of a header that somebody made for that.
 * @param pieces texts at even places, wildcards at odd ones
 */
function matched(pieces: readonly string[], text: string): Omit<NamedColumn, 'index'> | undefined {
  let at = 0;
  let found: { sensorId?: string } = {};
  for (let piece = 0; piece < pieces.length; piece += 2) {
    const literal = pieces[piece] as string; // within
    const wildcard = pieces[piece - 1];
    const isLast = piece === pieces.length - 1;
    const from = wildcard === placeholder ? at + 1 : at;
    const start = wildcard === undefined ? 0 : isLast ? text.length - literal.length : text.indexOf(literal, from);
    if (start < from || !text.startsWith(literal, start)) return undefined;
    if (wildcard === placeholder) found = { sensorId: text.slice(at, start).trim() };
    at = start + literal.length;
  }
  return at === text.length ? found : undefined;
} // biome-ignore format: a step a line
