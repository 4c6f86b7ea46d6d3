import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AwsError, type AwsRequest, type Protocol } from '../calls.ts';
import { checkPresigned, isPresigned } from './presigned.ts';

/** The secret key of a caller; undefined for an access key id that is nobody's. */
export type SecretOf = (accessKeyId: string) => string | undefined;

/** What a request says of its signature, in its Authorization header or in a presigned URL. */
interface Signing {
  accessKeyId: string;
  /** Date, region, service and `aws4_request`. */
  scope: readonly string[];
  /** `20260101T000000Z` */
  time: string;
  signedHeaders: readonly string[];
  signature: string;
}

/** Of callers, days, regions and services, at some 200 bytes each. */
const rememberedKeys = 1_000;

/** The one account whose secret everybody knows (docs/local.md), so that any page could sign with it. */
export const wellKnownAccount = { accessKeyId: 'local', secretAccessKey: 'local' };

/**
 * Checks Signature Version 4. The key that a signature is made with is derived once for a caller, day, region and service.
 * The clock is not compared with a signed header's: functions may run on one that is faster.
 */
export function createVerifier(secretOf: SecretOf) {
  const keys = new Map<string, Buffer>();

  function keyOf({ accessKeyId, scope }: Signing, secret: string): Buffer {
    const name = [accessKeyId, ...scope].join('/');
    const known = keys.get(name);
    if (known) return known;
    const key = scope.reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`));
    if (keys.size === rememberedKeys) keys.clear();
    keys.set(name, key);
    return key;
  }

  function check(request: AwsRequest, protocol: Protocol, signing: Signing, payloadHash: string): void {
    const secret = secretOf(signing.accessKeyId);
    if (secret === undefined) throw unknownKey(protocol, signing.accessKeyId);
    const text = [
      'AWS4-HMAC-SHA256',
      signing.time,
      signing.scope.join('/'),
      createHash('sha256')
        .update(canonical(request, signing, payloadHash))
        .digest('hex'),
    ].join('\n');
    const expected = hmac(keyOf(signing, secret), text);
    const given = Buffer.from(signing.signature, 'hex');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw refusal(
        protocol,
        { json: 'InvalidSignatureException', xml: 'SignatureDoesNotMatch' },
        `The request signature we calculated does not match the signature you provided. Check the secret key of ${signing.accessKeyId}.`,
      );
    }
  }

  return {
    /**
     * Checks what can be checked before the body has come: that the caller is known, and all of S3, whose signatures name
     * the payload's hash, which is compared when it is read. Throws AwsError.
     *
     * @param fromPage of another site: then only a presigned URL counts, of a secret that no page knows
     */
    beforeBody(request: AwsRequest, protocol: Protocol, fromPage: boolean): void {
      if (isPresigned(request.query)) {
        if (request.headers.authorization !== undefined)
          throw new AwsError('InvalidArgument', 'Only one auth mechanism allowed.');
        if (request.service !== 's3') throw incomplete(protocol, 'Only URLs of S3 can be presigned.');
        checkPresigned(request, Date.now());
        const signing = signingOfUrl(request.query);
        if (fromPage && signing.accessKeyId === wellKnownAccount.accessKeyId)
          throw new AwsError(
            'AccessDenied',
            `A page could have signed this itself: the secret of ${signing.accessKeyId} is no secret.`,
            { status: 403 },
          );
        const hash = request.headers['x-amz-content-sha256'] ?? request.query.get('X-Amz-Content-Sha256');
        check(request, protocol, signing, hash ?? 'UNSIGNED-PAYLOAD');
        return;
      }
      if (fromPage)
        throw new AwsError('AccessDenied', 'A page may only use presigned URLs.', { status: 403 });
      const signing = signingOfHeader(request, protocol);
      if (request.service === 's3') {
        const hash = request.headers['x-amz-content-sha256'];
        if (!hash) throw incomplete(protocol, 'The request lacks x-amz-content-sha256.');
        check(request, protocol, signing, hash);
      } else if (secretOf(signing.accessKeyId) === undefined) {
        throw unknownKey(protocol, signing.accessKeyId);
      }
    },

    /** Checks the signature of a service other than S3, over the body as it was sent. Throws AwsError. */
    withBody(request: AwsRequest, protocol: Protocol, sent: Buffer): void {
      const hash = createHash('sha256').update(sent).digest('hex');
      check(request, protocol, signingOfHeader(request, protocol), hash);
    },
  };
}

export type Verifier = ReturnType<typeof createVerifier>;

function signingOfUrl(query: URLSearchParams): Signing {
  const value = (name: string) => query.get(`X-Amz-${name}`) ?? '';
  return {
    ...credential(value('Credential'), 'rest-xml'),
    time: value('Date'),
    signedHeaders: value('SignedHeaders').split(';'),
    signature: value('Signature'),
  };
}

function signingOfHeader({ headers }: AwsRequest, protocol: Protocol): Signing {
  const { authorization = '', 'x-amz-date': time = '' } = headers;
  const [, list] = /^AWS4-HMAC-SHA256 +(.*)$/.exec(authorization) ?? [];
  if (list === undefined)
    throw incomplete(protocol, 'The local cloud verifies signatures by AWS4-HMAC-SHA256.');
  const members = new Map(list.split(',').map((part) => part.trim().split(/=(.*)/s, 2) as [string, string]));
  const [signed, signature] = [members.get('SignedHeaders') ?? '', members.get('Signature') ?? ''];
  const { accessKeyId, scope } = credential(members.get('Credential') ?? '', protocol);
  const signedHeaders = signed.split(';');
  if (!signedHeaders.includes('host') || !/^[0-9a-f]{64}$/.test(signature))
    throw incomplete(
      protocol,
      'The Authorization header needs Credential, SignedHeaders with host, and Signature.',
    );
  if (!/^\d{8}T\d{6}Z$/.test(time) || !time.startsWith(scope[0] as string))
    throw incomplete(protocol, "X-Amz-Date is missing, or of another day than the credential's scope.");
  return { accessKeyId, scope, time, signedHeaders, signature };
}

/** `key/date/region/service/aws4_request`. The key itself may hold a slash. */
function credential(text: string, protocol: Protocol): Pick<Signing, 'accessKeyId' | 'scope'> {
  const parts = text.split('/');
  const scope = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join('/');
  if (accessKeyId === '' || scope[3] !== 'aws4_request' || !/^\d{8}$/.test(scope[0] ?? ''))
    throw incomplete(protocol, 'The credential is not key/date/region/service/aws4_request.');
  return { accessKeyId, scope };
}

function canonical(
  { service, method, path, query, headers }: AwsRequest,
  { signedHeaders }: Signing,
  payloadHash: string,
): string {
  const parameters = [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]): [string, string] => [encode(name), encode(value)])
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`);
  // Of S3 the path is encoded once, of all others what was sent is encoded again.
  const segment = service === 's3' ? (text: string) => encode(decodeURIComponent(text)) : encode;
  let uri: string;
  try {
    uri = path.split('/').map(segment).join('/');
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.");
  }
  return [
    method,
    uri,
    parameters.join('&'),
    ...signedHeaders.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/\s+/g, ' ')}`),
    '',
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
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

/** The same refusal has other names in XML than in JSON. */
function refusal(protocol: Protocol, code: { json: string; xml: string }, message: string): AwsError {
  const isXml = protocol === 'query' || protocol === 'rest-xml';
  return new AwsError(isXml ? code.xml : code.json, message, { status: 403 });
}

function incomplete(protocol: Protocol, message: string): AwsError {
  return refusal(
    protocol,
    {
      json: 'IncompleteSignatureException',
      xml: protocol === 'query' ? 'IncompleteSignature' : 'AccessDenied',
    },
    message,
  );
}

function unknownKey(protocol: Protocol, accessKeyId: string): AwsError {
  const { accessKeyId: key, secretAccessKey: secret } = wellKnownAccount;
  return refusal(
    protocol,
    {
      json: 'UnrecognizedClientException',
      xml: protocol === 'query' ? 'InvalidClientTokenId' : 'InvalidAccessKeyId',
    },
    `The access key ${accessKeyId} is nobody's here: AWS_ACCESS_KEY_ID=${key} AWS_SECRET_ACCESS_KEY=${secret} is the local account.`,
  );
}
