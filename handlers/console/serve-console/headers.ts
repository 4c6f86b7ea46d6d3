/** Whom the console's pages may reach beside the origin that they come from. */
export interface Reachable {
  /** Where people sign in and tokens are refreshed: an origin. */
  readonly tokenDomain: string;
  /** Where files are sent by presigned requests: the address of a bucket, without a slash at its end. */
  readonly uploadBucket: string;
  /** Where thumbnails are: the same. */
  readonly imageBucket: string;
}

/**
 * What a browser may do with a page of the console: scripts, styles and data of its own origin, and of others only what {@link Reachable}
 * names. Nothing inline, no evaluated text, in no other page's frame. A source that ends in a slash stands for all below it, and so
 * does not let a page reach the other buckets of a server that has them as paths.
 */
function contentSecurityPolicy({ tokenDomain, uploadBucket, imageBucket }: Reachable): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' data: ${imageBucket}/`,
    `connect-src 'self' ${tokenDomain} ${uploadBucket}/`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** The headers of every answer of the console, errors among them. */
export const safeHeaders = (reachable: Reachable): Readonly<Record<string, string>> => ({
  'content-security-policy': contentSecurityPolicy(reachable),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000', // over http, as on this machine, browsers pass over it
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY', // for browsers that don't know frame-ancestors
});
