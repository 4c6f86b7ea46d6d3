import type { EdgeFunction } from './edge-function.ts';

/** Where a behavior's requests go. */
export type Origin =
  /** `urlId` of a function's URL; unsigned requests are refused there. */
  | { kind: 'function-url'; urlId: string; signed: boolean }
  /** Any other server: an address of AWS, that the local cloud has a server for. */
  | { kind: 'server'; address: string; path: string };

/** What requests of a path are treated by. */
export interface Behavior {
  /** With `*` for any characters and `?` for one, case matters; of the default `*`. */
  pathPattern: string;
  origin: Origin;
  allowedMethods: readonly string[];
  /** Which of the viewer's headers the origin is told: the encodings it takes, or all but Host with query and cookies. */
  forwards: 'encodings' | 'all-but-host';
  viewerRequest: EdgeFunction | undefined;
}

export interface Distribution {
  id: string;
  arn: string;
  /** `<id>.cloudfront.net` */
  domainName: string;
  /** In the order in which they are tried; the default is the last. */
  behaviors: readonly Behavior[];
}

/** The first behavior whose pattern fits. @param path without the query, as it was sent */
export function behaviorFor({ behaviors }: Distribution, path: string): Behavior | undefined {
  return behaviors.find(({ pathPattern }) => fits(pathPattern, path));
}

/** CloudFront takes a pattern with and without the slash at its beginning. */
function fits(pattern: string, path: string): boolean {
  const source = pattern
    .replace(/^\//, '')
    .replace(/[.+^$()|[\]{}\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^/${source}$`, 's').test(path);
}
