import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AwsError, type AwsRequest } from '../../engine/calls.ts';

const maxExpiresSeconds = 604_800;
const required = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-SignedHeaders',
  'X-Amz-Signature',
];

export function isPresigned(query: URLSearchParams): boolean {
  return query.has('X-Amz-Signature') || query.has('X-Amz-Algorithm');
}

/**
 * Throws what S3 answers to a presigned URL that is incomplete, expired or, where the signer's secret is known, not
 * signed with it.
 */
export function checkPresigned(request: AwsRequest, secret: string | undefined, nowMs: number): void {
  const { query } = request;
  const missing = required.find((name) => !query.get(name));
  if (missing !== undefined) {
    throw new AwsError('AuthorizationQueryParametersError', `Query-string authentication needs ${missing}.`);
  }
  const [date, expires] = [query.get('X-Amz-Date') as string, Number(query.get('X-Amz-Expires'))];
  const signedMs = Date.parse(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  if (Number.isNaN(signedMs) || !(expires >= 1 && expires <= maxExpiresSeconds)) {
    throw new AwsError('AuthorizationQueryParametersError', 'X-Amz-Date or X-Amz-Expires is out of range.');
  }
  if (nowMs > signedMs + expires * 1000) {
    throw new AwsError('AccessDenied', 'Request has expired', { status: 403 });
  }
  const signed = (query.get('X-Amz-SignedHeaders') as string).split(';');
  // Else whoever has a link could have an object copied, tagged or made public by it.
  const unsigned = Object.keys(request.headers).filter(
    (name) =>
      (name === 'host' || name.startsWith('x-amz-')) &&
      name !== 'x-amz-content-sha256' &&
      !signed.includes(name),
  );
  if (unsigned.length > 0) {
    const names = unsigned.join(', ');
    throw new AwsError(
      'AccessDenied',
      `There were headers present in the request which were not signed: ${names}`,
      {
        status: 403,
      },
    );
  }
  if (secret === undefined) return;
  const given = Buffer.from(query.get('X-Amz-Signature') as string);
  const expected = Buffer.from(signature(request, secret));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new AwsError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided.',
      { status: 403 },
    );
  }
}

/** Signature Version 4 of a presigned request. */
function signature({ method, path, query, headers }: AwsRequest, secret: string): string {
  const parameters = [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort();
  const names = (query.get('X-Amz-SignedHeaders') as string).split(';');
  const canonical = [
    method,
    path
      .split('/')
      .map((segment) => encode(decodeURIComponent(segment)))
      .join('/'),
    parameters.join('&'),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    headers['x-amz-content-sha256'] ?? query.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD',
  ].join('\n');
  const date = query.get('X-Amz-Date') as string;
  const scope = (query.get('X-Amz-Credential') as string).split('/').slice(-4);
  const text = [
    'AWS4-HMAC-SHA256',
    date,
    scope.join('/'),
    createHash('sha256').update(canonical).digest('hex'),
  ];
  const key = scope.reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`));
  return hmac(key, text.join('\n')).toString('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
