import { createHash } from 'node:crypto';
import { type HttpAnswer, type HttpRequest, textAnswer } from './messages.ts';
import { type Problem, problemOf } from './problem.ts';

/** What an endpoint answers with, before it is written as HTTP. */
export interface Answer<Value> {
  readonly value: Value;
  /** In place of the route's, for one answer that differs. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Cursor of the next page, for the `Link` header; `null` on the last page. */
  readonly next?: string | null;
  /** The value as CSV, where the route offers `text/csv`. */
  readonly csv?: () => string;
  /** The value as JSON lines, where the route offers `application/x-ndjson`. */
  readonly ndjson?: () => string;
  /** The value as GeoJSON (RFC 7946), where the route offers `application/geo+json`. */
  readonly geojson?: () => string;
}

type MediaType = 'application/json' | 'application/x-ndjson' | 'application/geo+json' | 'text/csv';

/** How a route's answers are written. */
export interface AnswerRules {
  readonly status: 200 | 201 | 202;
  /** Media types among which `Accept` chooses, the preferred one first. Without it the answer is JSON whatever `Accept` says. */
  readonly media?: readonly MediaType[];
  /** The answer has an entity tag, and `If-None-Match` may be answered with 304. */
  readonly tagged?: boolean;
}

/** Writes an answer as the request wants it. `not-acceptable` when `Accept` takes none of the route's media types. */
export function represent<Value>(
  rules: AnswerRules,
  request: HttpRequest,
  answer: Answer<Value>,
): HttpAnswer | Problem {
  const { status = rules.status } = answer;
  const type =
    rules.media === undefined ? 'application/json' : preferred(request.headers.accept, rules.media);
  if (type === undefined) {
    const found = `Accept is ${JSON.stringify(request.headers.accept)}`;
    return problemOf('not-acceptable', { parameter: 'Accept', found, accepted: rules.media ?? [] });
  }
  const headers = {
    vary: rules.media === undefined ? 'Accept-Encoding' : 'Accept, Accept-Encoding',
    ...(typeof answer.next === 'string' ? { link: nextLink(request, answer.next) } : {}),
    ...answer.headers,
  };
  const written = textAnswer({ status, ...textOf(answer, type), headers });
  return rules.tagged ? withEntityTag(request, written) : written;
}

function textOf<Value>({ value, csv, ndjson, geojson }: Answer<Value>, type: MediaType) {
  if (type === 'text/csv' && csv !== undefined)
    return { contentType: 'text/csv; charset=utf-8; header=present', body: csv() };
  if (type === 'application/x-ndjson' && ndjson !== undefined) return { contentType: type, body: ndjson() };
  if (type === 'application/geo+json' && geojson !== undefined) return { contentType: type, body: geojson() };
  return { contentType: 'application/json', body: JSON.stringify(value) };
}

/** RFC 8288. CSV and JSON lines have no other place for the cursor. */
function nextLink(request: HttpRequest, cursor: string): string {
  const query = new URLSearchParams();
  for (const [name, [value = '']] of Object.entries(request.query)) query.set(name, value);
  query.set('cursor', cursor);
  return `<${request.path}?${query}>; rel="next"`;
}

/**
 * The media type to answer with (RFC 9110, 12.5.1): of the offered ones that `Accept` takes, the one of the highest
 * weight, at equal weights the first offered. Without the header anything is taken.
 */
function preferred(accept: string | undefined, offered: readonly MediaType[]): MediaType | undefined {
  if (accept === undefined || accept.trim() === '') return offered[0];
  const ranges = accept.split(',').map(readRange);
  let best: MediaType | undefined;
  let bestWeight = 0;
  for (const type of offered) {
    const weight = weightOf(type, ranges);
    if (weight > bestWeight) {
      best = type;
      bestWeight = weight;
    }
  }
  return best;
}

interface Range {
  readonly type: string;
  readonly weight: number;
}

function readRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith('q='));
  const weight = q === undefined ? 1 : Number(q.slice(2));
  return { type, weight: weight >= 0 && weight <= 1 ? weight : 0 };
}

// The most specific range counts: `text/csv` before `text/*` before `*/*`.
function weightOf(type: string, ranges: readonly Range[]): number {
  const family = `${type.split('/')[0]}/*`;
  for (const wanted of [type, family, '*/*']) {
    const range = ranges.find((candidate) => candidate.type === wanted);
    if (range) return range.weight;
  }
  return 0;
}

/**
 * Gives an answer its entity tag, from its bytes, and weak, since API Gateway may compress them on their way; or answers 304 without a body when the request's
 * `If-None-Match` has it (RFC 9110, 13.1.2). Only for answers to GET with status 200.
 */
function withEntityTag(request: HttpRequest, answer: HttpAnswer): HttpAnswer {
  const digest = createHash('sha256')
    .update(answer.headers['content-type'] ?? '')
    .update('\n')
    .update(answer.body);
  const tag = `W/"${digest.digest('base64url').slice(0, 27)}"`;
  const headers = { ...answer.headers, etag: tag };
  const held = request.headers['if-none-match'];
  if (held === undefined || !names(held, tag)) return { ...answer, headers };
  const entries = Object.entries(headers).filter(([name]) => name !== 'content-type');
  return { status: 304, headers: Object.fromEntries(entries), body: '' };
}

/** Whether an `If-None-Match` lists the tag. The comparison is the weak one, so `W/` does not matter. */
function names(list: string, tag: string): boolean {
  if (list.trim() === '*') return true;
  const opaque = (entry: string) => entry.trim().replace(/^W\//, '');
  return list.split(',').some((entry) => opaque(entry) === opaque(tag));
}
