import { deflateSync, gzipSync } from 'node:zlib';
import type { Answer, RestApi } from './rest-api.ts';

/** What API Gateway compresses by. */
const codings: Readonly<Record<string, (body: Buffer) => Buffer>> = { gzip: gzipSync, deflate: deflateSync };

/**
 * An integration's answer as API Gateway sends it on: compressed where the API says from which size, the request names a coding, and the one that
 * it likes best is supported. What has a Content-Encoding stays as it is.
 * @param accepted the request's Accept-Encoding
 */
export function compressed(
  answer: Answer,
  { minimumCompressionSize: size }: Pick<RestApi, 'minimumCompressionSize'>,
  accepted: string | undefined,
): Answer {
  if (size === undefined || answer.body.length < size || answer.headers['content-encoding']) return answer;
  const coding = preferred(accepted ?? '');
  const compress = codings[coding];
  if (compress === undefined) return answer;
  return {
    ...answer,
    headers: { ...answer.headers, 'content-encoding': coding },
    body: compress(answer.body),
  };
}

/** The coding of the highest weight, of equal ones the first. */
function preferred(accepted: string): string {
  let best = { coding: '', weight: 0 };
  for (const part of accepted.split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    const weight = q === undefined ? 1 : Number(q.slice(2));
    if (weight > best.weight) best = { coding, weight };
  }
  return best.coding;
}
