import { AwsError, type AwsRequest } from '../calls.ts';

const maxExpiresSeconds = 604_800;
const required = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-SignedHeaders',
  'X-Amz-Signature',
];

/** Whether a URL is meant to be presigned, however badly. */
export function isPresigned(query: URLSearchParams): boolean {
  return ['X-Amz-Signature', 'X-Amz-Algorithm', 'X-Amz-Credential'].some((name) => query.has(name));
}

/** Throws what S3 answers to a presigned URL that is incomplete or expired, whatever its signature. */
export function checkPresigned({ query, headers }: AwsRequest, nowMs: number): void {
  const malformed = (message: string) => new AwsError('AuthorizationQueryParametersError', message);
  for (const name of required) {
    const given = query.getAll(name);
    if (given.length !== 1 || given[0] === '')
      throw malformed(`Query-string authentication needs ${name}, once.`);
  }
  const value = (name: string) => query.get(name) as string;
  if (value('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256')
    throw malformed('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256".');
  const [date, expires] = [value('X-Amz-Date'), value('X-Amz-Expires')];
  const signedMs = Date.parse(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  const seconds = /^\d{1,6}$/.test(expires) ? Number(expires) : 0;
  if (Number.isNaN(signedMs) || !/^\d{8}T\d{6}Z$/.test(date) || seconds < 1 || seconds > maxExpiresSeconds)
    throw malformed(`X-Amz-Date or X-Amz-Expires (1 to ${maxExpiresSeconds} seconds) is out of range.`);
  const [day, , service, end] = value('X-Amz-Credential').split('/').slice(-4);
  if (day !== date.slice(0, 8) || service !== 's3' || end !== 'aws4_request')
    throw malformed('X-Amz-Credential is not key/date/region/s3/aws4_request, with the date of X-Amz-Date.');
  if (nowMs > signedMs + seconds * 1000) {
    throw new AwsError('AccessDenied', 'Request has expired', { status: 403 });
  }
  const signed = value('X-Amz-SignedHeaders').split(';');
  if (!signed.includes('host')) throw malformed('X-Amz-SignedHeaders lacks host.');
  // Else whoever has a link could have an object copied, tagged or made public by it.
  const unsigned = Object.keys(headers).filter(
    (name) => name.startsWith('x-amz-') && name !== 'x-amz-content-sha256' && !signed.includes(name),
  );
  if (unsigned.length > 0) {
    throw new AwsError(
      'AccessDenied',
      `There were headers present in the request which were not signed: ${unsigned.join(', ')}`,
      { status: 403 },
    );
  }
}
