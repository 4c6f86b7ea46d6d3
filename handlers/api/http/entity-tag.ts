import { createHash } from 'node:crypto';
import type { HttpAnswer, HttpRequest } from './http.ts';

/**
 * Gives an answer its entity tag, strong, from its bytes; or answers 304 without a body when the request's
 * `If-None-Match` has it (RFC 9110, 13.1.2). Only for answers to GET with status 200.
 */
export function withEntityTag(request: HttpRequest, answer: HttpAnswer): HttpAnswer {
  const digest = createHash('sha256')
    .update(answer.headers['content-type'] ?? '')
    .update('\n')
    .update(answer.body);
  const tag = `"${digest.digest('base64url').slice(0, 27)}"`;
  const headers = { ...answer.headers, etag: tag };
  const known = request.headers['if-none-match'];
  if (known === undefined || !names(known, tag)) return { ...answer, headers };
  const entries = Object.entries(headers).filter(([name]) => name !== 'content-type');
  return { status: 304, headers: Object.fromEntries(entries), body: '' };
}

/** Whether an `If-None-Match` lists the tag. The comparison is the weak one, so `W/` does not matter. */
function names(list: string, tag: string): boolean {
  if (list.trim() === '*') return true;
  return list.split(',').some((entry) => entry.trim().replace(/^W\//, '') === tag);
}
