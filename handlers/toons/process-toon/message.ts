import { failed, type JsonShape, type Outcome } from '../../../core/toons/record.ts';
import { decodeText } from './detect.ts';

/** A message is something that a person or a program sends, not a file. */
const maxMessageBytes = 1024 * 1024;

/** Text or JSON: its size, and of JSON the shape. The language of a text is left alone. */
export function processMessage(bytes: Uint8Array): Outcome {
  if (bytes.length > maxMessageBytes) {
    return failed('too-large', `${bytes.length} bytes; a message has at most ${maxMessageBytes}`);
  }
  const text = decodeText(bytes);
  if (text === undefined) return failed('not-utf8', 'the bytes are not UTF-8 text');
  const size = { characters: [...text].length, lines: text.split(/\r\n|\r|\n/).length };
  const schema = shapeOf(text);
  return {
    kind: 'completed',
    result: schema === undefined ? { format: 'text', ...size } : { format: 'json', ...size, schema },
  };
}

/** Only objects and arrays make a message JSON: `42` and `true` are text that happens to parse. */
function shapeOf(text: string): JsonShape | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return describe(JSON.parse(text), { depth: 0, budget: { left: maxShapes } });
  } catch {
    return undefined;
  }
}

/** Levels that are described; what lies deeper has only its type. Bounds the recursion as well. */
const maxDepth = 8;

/** Elements of one array that are looked at. */
const maxElements = 64;

/** Shapes in all: with names of at most 64 characters, a description stays below 40 KB and fits a record. */
const maxShapes = 256;

/** Longer names are data in the place of a name; they are left out. */
const maxNameLength = 64;

interface Position {
  readonly depth: number;
  readonly budget: { left: number };
}

/** A JSON Schema subset from one JSON value. Elements of an array are described together. Never throws. */
function describe(value: unknown, { depth, budget }: Position): JsonShape {
  budget.left -= 1;
  if (value === null) return { type: 'null' };
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'integer' : 'number' };
  if (typeof value !== 'object') return { type: typeof value };
  const type = Array.isArray(value) ? 'array' : 'object';
  if (depth >= maxDepth) return { type };
  const below = { depth: depth + 1, budget };
  if (Array.isArray(value)) {
    let items: JsonShape | undefined;
    for (const element of value.slice(0, maxElements)) {
      if (budget.left <= 0) break;
      const shape = describe(element, below);
      items = items === undefined ? shape : join(items, shape);
    }
    return items === undefined ? { type } : { type, items };
  }
  const properties = new Map<string, JsonShape>();
  for (const [name, member] of Object.entries(value)) {
    if (budget.left <= 0) break;
    if (name.length <= maxNameLength) properties.set(name, describe(member, below));
  }
  return { type, properties: Object.fromEntries(properties) };
}

/** The shape that covers both: types are united, properties and items joined. No larger than the two together. */
function join(a: JsonShape, b: JsonShape): JsonShape {
  const types = [...new Set([a.type, b.type].flat())].sort();
  const properties = joinProperties(a.properties, b.properties);
  const items = a.items === undefined ? b.items : b.items === undefined ? a.items : join(a.items, b.items);
  return {
    type: types.length === 1 && types[0] !== undefined ? types[0] : types,
    ...(properties === undefined ? {} : { properties }),
    ...(items === undefined ? {} : { items }),
  };
}

type Properties = JsonShape['properties'];

function joinProperties(a: Properties, b: Properties): Properties {
  if (a === undefined || b === undefined) return a ?? b;
  const joined = new Map(Object.entries(a));
  for (const [name, shape] of Object.entries(b)) {
    const known = joined.get(name);
    joined.set(name, known === undefined ? shape : join(known, shape));
  }
  return Object.fromEntries(joined);
}
