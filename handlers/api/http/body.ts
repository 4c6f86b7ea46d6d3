import type { HttpRequest } from './messages.ts';
import { type Problem, problemOf } from './problem.ts';

/** What a route takes as a body. */
export interface BodyRules {
  /** Bytes of the body. */
  readonly maxBytes: number;
  /** What a caller with a larger body can do; quoted in the problem. */
  readonly larger?: string;
  /** Media types, in lower case and without parameters. The first one is assumed when a request has no `Content-Type`. */
  readonly types: readonly [string, ...string[]];
}

/** Names of UTF-8, and of a part of it. Bytes in another would be read as other characters where they happen to be UTF-8. */
const charsets: readonly string[] = ['utf-8', 'utf8', 'us-ascii'];

/**
 * The body as text, with its media type. Size, media type, what is said of its encoding, and the encoding are checked in this order, before anything is
 * parsed. A request without a `Content-Type` is taken as the route's first type: some clients send none.
 */
export function readBody(
  { body, headers }: HttpRequest,
  { maxBytes, larger, types }: BodyRules,
): { readonly type: string; readonly text: string } | Problem {
  if (body.length > maxBytes) {
    return problemOf('body-too-large', {
      parameter: 'body',
      found: `the body has ${body.length} bytes`,
      accepted: `at most ${maxBytes} bytes${larger === undefined ? '' : `; ${larger}`}`,
    });
  }
  const declared = headers['content-type']?.trim() ?? '';
  const type = declared === '' ? types[0] : (declared.split(';')[0] ?? '').trim().toLowerCase();
  if (!types.includes(type)) {
    const found = `Content-Type is ${JSON.stringify(declared.slice(0, 80))}`;
    return problemOf('unsupported-media-type', { parameter: 'Content-Type', found, accepted: types });
  }
  const coding = headers['content-encoding']?.trim().toLowerCase() || 'identity';
  if (coding !== 'identity') {
    const found = `Content-Encoding is ${JSON.stringify(coding.slice(0, 80))}`;
    return problemOf('unsupported-media-type', {
      parameter: 'Content-Encoding',
      found,
      accepted: 'none: the body as it is',
    });
  }
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(declared)?.[1]?.toLowerCase() ?? 'utf-8';
  if (!charsets.includes(charset)) {
    const found = `Content-Type is ${JSON.stringify(declared.slice(0, 80))}`;
    return problemOf('unsupported-media-type', {
      parameter: 'Content-Type',
      found,
      accepted: `${type} in UTF-8`,
    });
  }
  try {
    return { type, text: new TextDecoder('utf-8', { fatal: true }).decode(body) };
  } catch {
    return invalidBody('the body is not UTF-8', 'UTF-8');
  }
}

/** The value of a JSON body. @param accepted what the JSON would be */
export function parseJsonBody(text: string, accepted: string): { readonly value: unknown } | Problem {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return invalidBody('the body is not JSON', accepted);
  }
}

/** Levels of brackets that a document may have. */
const maxDepth = 64;

/**
 * What a JSON document has that is not passed on: deeper levels than anybody needs and JSON.stringify can write, half a surrogate pair,
 * which has no UTF-8, and the member `__proto__`, which copies of objects lose. `undefined` where there is none of it.
 */
export function oddityOf(value: unknown): string | undefined {
  const rest: [value: unknown, depth: number][] = [[value, 1]];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const [of, depth] = next;
    if (typeof of === 'string' && !of.isWellFormed()) return 'it has half a surrogate pair';
    if (typeof of !== 'object' || of === null) continue;
    if (depth > maxDepth) return `it is nested more than ${maxDepth} levels deep`;
    if (Array.isArray(of)) {
      for (const element of of) rest.push([element, depth + 1]);
      continue;
    }
    for (const [name, member] of Object.entries(of)) {
      if (name === '__proto__') return 'it has a member __proto__';
      rest.push([name, depth + 1], [member, depth + 1]);
    }
  }
  return undefined;
}

/** The problem of a body as a whole. */
export function invalidBody(found: string, accepted: string): Problem {
  return problemOf('invalid-body', { parameter: 'body', found, accepted });
}
