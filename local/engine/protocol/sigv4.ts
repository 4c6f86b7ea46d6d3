/** What a request says of its signer. */
export interface Credential {
  accessKeyId: string;
  /** Signing name in the credential's scope. */
  service: string;
}

const header = /^AWS4-[A-Z0-9-]+ Credential=([^,\s]+)/;

/** From the Authorization header or a presigned URL's X-Amz-Credential; undefined when the call is not signed. */
export function credentialOf(
  authorization: string | undefined,
  query: URLSearchParams,
): Credential | undefined {
  const scope = (authorization && header.exec(authorization)?.[1]) ?? query.get('X-Amz-Credential');
  if (!scope) return undefined;
  // key/date/region/service/aws4_request; SigV4A leaves the region out. The key itself may hold a slash.
  const parts = scope.split('/');
  const service = parts.at(-2);
  const tail = authorization?.startsWith('AWS4-ECDSA') ? 3 : 4;
  const accessKeyId = parts.slice(0, -tail).join('/');
  return service && accessKeyId ? { accessKeyId, service } : undefined;
}
