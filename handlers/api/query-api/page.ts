import { preferred } from '../http/accept.ts';
import { withEntityTag } from '../http/entity-tag.ts';
import { type HttpAnswer, type HttpRequest, jsonAnswer, textAnswer } from '../http/http.ts';
import type { Problem } from '../http/problem.ts';

const json = 'application/json';
const csv = 'text/csv';

/** A page as the request wants it: JSON, or CSV where there is any; with its entity tag and the link to the next page. */
export function pageAnswer(
  request: HttpRequest,
  page: { readonly cursor: string | null },
  toCsv?: () => string,
): HttpAnswer | Problem {
  const offered = toCsv ? [json, csv] : [json];
  const type = preferred(request.headers.accept, offered);
  if (type === undefined) {
    const detail = `Accept is ${JSON.stringify(request.headers.accept)}; accepted: ${offered.join(', ')}`;
    return { kind: 'not-acceptable', detail, parameter: 'Accept', accepted: offered };
  }
  const headers = {
    vary: 'Accept',
    ...(page.cursor === null ? {} : { link: nextLink(request, page.cursor) }),
  };
  if (type === csv && toCsv) {
    const contentType = 'text/csv; charset=utf-8; header=present';
    return withEntityTag(request, textAnswer({ contentType, body: toCsv(), headers }));
  }
  return withEntityTag(request, jsonAnswer(page, { headers }));
}

/** RFC 8288. CSV has no other place for the cursor. */
function nextLink(request: HttpRequest, cursor: string): string {
  const query = new URLSearchParams();
  for (const [name, [value = '']] of Object.entries(request.query)) query.set(name, value);
  query.set('cursor', cursor);
  return `<${request.path}?${query}>; rel="next"`;
}
