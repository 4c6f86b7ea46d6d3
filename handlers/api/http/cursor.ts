import { createHash } from 'node:crypto';
import { type Problem, problemOf } from './problem.ts';

/**
 * A cursor says where a page ended, and by a digest which query it belongs to. It holds no key: the keys are made from
 * the request again, so that no cursor, forged or taken from another query, leads to another dataset's data.
 *
 * @param query what the pages have in common: route, dataset, span, filters; not the limit
 * @param position the place of the last row, as the route checks it again when it comes back
 */
export function encodeCursor(query: readonly string[], position: readonly string[]): string {
  return Buffer.from(JSON.stringify([digestOf(query), ...position])).toString('base64url');
}

/**
 * The position in a cursor of this query, empty without a cursor. A problem for anything else.
 * @param isPosition whether the parts can be a position of the route's rows
 */
export function readCursor(
  query: readonly string[],
  cursor: string | undefined,
  isPosition: (position: readonly string[]) => boolean,
): readonly string[] | Problem {
  if (cursor === undefined) return [];
  const position = decodeCursor(query, cursor);
  if (position !== undefined && isPosition(position)) return position;
  return problemOf('invalid-parameter', {
    parameter: 'cursor',
    found: 'cursor does not belong to this query',
    accepted: 'the cursor of the previous page, unchanged, with the same other parameters',
  });
}

function decodeCursor(query: readonly string[], cursor: string): readonly string[] | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string')) return undefined;
  const [, ...position] = parts as string[]; // checked above
  // The digest and the encoding at once: there is one cursor for a place in a query.
  return encodeCursor(query, position) === cursor ? position : undefined;
}

/** 72 bits: a mistaken cursor is found out; secrecy does not rest on it. */
function digestOf(query: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(query)).digest('base64url').slice(0, 12);
}
