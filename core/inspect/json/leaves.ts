import { everyElement, parsePath, pathText, type Segment, valueAt } from '../../formats/json-path.ts';
import { timePatternsOf } from '../time-patterns.ts';

/** Records of documents as a table: a row a record, a column a value's path. */
export interface Leaves {
  /** Where the records are; `undefined` where each document is one. */
  readonly records: string | undefined;
  /** By column: from `@`, the record, or `$`, the document around it. */
  readonly paths: readonly string[];
  /** By column, for people: the last name of a path, or all of it where several have that. */
  readonly names: readonly string[];
  /** Empty where there is nothing. */
  readonly rows: readonly (readonly (string | number)[])[];
}

const maxLeaves = 500;
const maxDepth = 16;

/** @param declared the path of the records, where it is known */
export function leavesOf(documents: readonly unknown[], declared: string | undefined): Leaves {
  const records = declared ?? recordsIn(documents);
  const steps = records === undefined ? undefined : parsePath(records)?.segments;
  const found = documents.flatMap((document) => {
    if (steps === undefined) return [{ record: document, document: undefined }];
    const elements = elementsAt(steps, document);
    return elements.map((record) => ({ record, document }));
  });
  const columns = new Map<string, string>();
  const rows = found.map(({ record, document }) => {
    const row = new Map<string, string | number>();
    const root = document === undefined ? '$' : '@';
    walk(record, [], (segments, value) => row.set(noted(root, segments), value));
    if (document !== undefined) walk(document, [], (segments, value) => row.set(noted('$', segments), value));
    return row;
  });
  function noted(root: '$' | '@', segments: readonly Segment[]): string {
    const path = pathText({ root, segments });
    if (!columns.has(path) && columns.size < maxLeaves) columns.set(path, String(segments.at(-1)));
    return path;
  }
  const paths = [...columns.keys()];
  const last = [...columns.values()];
  return {
    ...{ records, paths },
    names: last.map((name, at) =>
      last.indexOf(name) === last.lastIndexOf(name) ? name : (paths[at] ?? name),
    ),
    rows: rows.map((row) => paths.map((path) => row.get(path) ?? '')),
  };
}

/** The numbers, texts and truth values of an object, but not those within arrays. */
function walk(
  value: unknown,
  segments: readonly Segment[],
  leaf: (segments: readonly Segment[], value: string | number) => void,
): void {
  if (typeof value === 'number' || typeof value === 'string') leaf(segments, value);
  else if (typeof value === 'boolean') leaf(segments, String(value));
  else if (typeof value === 'object' && value !== null && !Array.isArray(value) && segments.length < maxDepth)
    for (const [name, inner] of Object.entries(value)) walk(inner, [...segments, name], leaf);
}

/** The path of the array whose objects have a time each; `undefined` where the documents are the records. */
function recordsIn(documents: readonly unknown[]): string | undefined {
  const [first] = documents;
  const queue: { value: unknown; segments: readonly Segment[] }[] = [{ value: first, segments: [] }];
  if (hasTime(first)) return undefined;
  for (let at = 0; at < queue.length && at < maxLeaves; at++) {
    const { value, segments } = queue[at] as (typeof queue)[number]; // within the queue
    if (typeof value !== 'object' || value === null || segments.length > maxDepth) continue;
    if (Array.isArray(value)) {
      if (value.some(hasTime)) return pathText({ root: '$', segments: [...segments, everyElement] });
    } else
      for (const [name, inner] of Object.entries(value))
        queue.push({ value: inner, segments: [...segments, name] });
  }
  return undefined;
}

/** Whether an object has a time, not within arrays. */
function hasTime(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  let found = false;
  walk(value, [], (segments, leaf) => {
    const isCount =
      typeof leaf === 'number' && leaf > 9e8 && /time|date|^ts?$|_at$/i.test(String(segments.at(-1)));
    if (isCount || (typeof leaf === 'string' && /\D/.test(leaf) && timePatternsOf([leaf]).length > 0))
      found = true;
  });
  return found;
}

/** The elements below a path that has one `[*]`, or none. */
function elementsAt(steps: readonly Segment[], document: unknown): readonly unknown[] {
  const every = steps.indexOf(everyElement);
  const array = valueAt(every === -1 ? steps : steps.slice(0, every), document);
  if (!Array.isArray(array)) return [];
  const rest = steps.slice(every + 1);
  return rest.includes(everyElement)
    ? array.flatMap((element) => elementsAt(rest, element))
    : array.map((element) => valueAt(rest, element));
}
