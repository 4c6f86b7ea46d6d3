/** Each element of an array, `[*]`. */
export const everyElement = Symbol('[*]');
/** Each member of an object, `.*`. RFC 9535 takes either for both: here it says which of the two is expected. */
export const everyMember = Symbol('.*');

/** A step of a path: the name of a member, the position of an element from 0 on, or all of them. */
export type Segment = string | number | symbol;

/** Whether a step leads to several values. */
export const isEvery = (segment: Segment): boolean => typeof segment === 'symbol';

/** Where a value is in a document. */
export interface JsonPath {
  /** `$` is the document, `@` the record that is read. */
  readonly root: '$' | '@';
  readonly segments: readonly Segment[];
}

/** What of RFC 9535 is accepted, for messages. */
export const acceptedPath =
  "a path such as $.device.id, @.values[0] or $['air temperature']: $ is the document and @ the record, then .name, ['any name'] or [0]";

const step =
  /\.(?:(\*)|([\p{L}_\u0080-\u{10ffff}][\p{L}\p{N}_\u0080-\u{10ffff}]*))|\[(?:(\*)|(0|[1-9]\d{0,8})|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/uy;

/**
 * Reads a path: the root, then members by `.name` or `['name']`, elements by `[0]`, and `.*` or `[*]`, as RFC 9535 has them. What it has
 * beyond (slices, filters, `..`, several in one bracket, positions from the end) is not read.
 * @returns `undefined` where a text is no such path
 */
export function parsePath(text: unknown): JsonPath | undefined {
  if (typeof text !== 'string' || !/^[$@]/.test(text)) return undefined;
  const segments: Segment[] = [];
  step.lastIndex = 1;
  while (step.lastIndex < text.length) {
    const found = step.exec(text);
    if (found === null) return undefined;
    const [, all, name, allIn, index, single, double] = found;
    if ((all ?? allIn) !== undefined) segments.push(all === undefined ? everyElement : everyMember);
    else if (index !== undefined) segments.push(Number(index));
    else {
      const member = name ?? unescaped(single ?? double ?? '', single === undefined ? '"' : "'");
      if (member === undefined) return undefined;
      segments.push(member);
    }
  }
  return { root: text.startsWith('$') ? '$' : '@', segments };
}

/** The text of a name in quotes; `undefined` where an escape is none. */
function unescaped(quoted: string, quote: string): string | undefined {
  // Of both quotes only the one around may be escaped, and within JSON only the double one.
  const json =
    quote === '"'
      ? quoted
      : quoted.replace(/\\.|"/g, (found) => (found === "\\'" ? "'" : found === '"' ? '\\"' : found));
  try {
    return JSON.parse(`"${json}"`) as string; // a text with its quotes
  } catch {
    return undefined;
  }
}

/** The path as it is written in the shortest way. */
export function pathText({ root, segments }: JsonPath): string {
  return root + segments.map(segmentText).join('');
}

function segmentText(segment: Segment): string {
  if (typeof segment === 'symbol') return segment.description ?? '';
  if (typeof segment === 'number') return `[${segment}]`;
  return /^[A-Za-z_]\w*$/.test(segment) ? `.${segment}` : `[${JSON.stringify(segment)}]`;
}

/** What a path without `*` leads to in a parsed value; `undefined` where nothing is. */
export function valueAt(segments: readonly Segment[], value: unknown): unknown {
  let found = value;
  for (const segment of segments) {
    if (typeof found !== 'object' || found === null) return undefined;
    if (Array.isArray(found) !== (typeof segment === 'number')) return undefined;
    // Of what every object inherits nothing is a member.
    if (typeof segment === 'string' && segment in Object.prototype && !Object.hasOwn(found, segment))
      return undefined;
    found = (found as Readonly<Record<Segment, unknown>>)[segment];
  }
  return found;
}
