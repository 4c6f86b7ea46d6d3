import type { Config } from '../app/config.ts';
import type { Session } from '../app/session.ts';
import { type Answer, type Called, operations, type Parameters } from './operations.ts';
import { Refused, reaching } from './problem.ts';

/** One request of the API: what a view asks, and what its `curl` command shows. */
export type Request = {
  [Name in Called]: {
    readonly operation: Name;
    readonly parameters: Parameters<Name>;
    /** Of a route that takes one. */
    readonly body?: unknown;
  };
}[Called];

interface CallOptions {
  readonly signal?: AbortSignal;
  /** Of a route that takes one; sent as JSON. */
  readonly body?: unknown;
}

export interface Api {
  /** Calls an operation. @throws Refused with the problem document where the API does not answer with success */
  call<Name extends Called>(
    operation: Name,
    parameters: Parameters<Name>,
    options?: CallOptions,
  ): Promise<Answer<Name>>;
  /** The same in another representation, such as `text/csv`, with the address of the next page. */
  text(request: Request, accept: string, cursor: string | undefined, signal?: AbortSignal): Promise<TextPage>;
}

interface TextPage {
  readonly text: string;
  readonly cursor: string | undefined;
}

export function createApi(config: Config, session: Session): Api {
  async function send(
    path: string,
    init: RequestInit & { headers: Record<string, string> },
  ): Promise<Response> {
    const withToken = async (token: string): Promise<Response> =>
      fetch(config.api + path, {
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${token}` },
      });
    const response = await withToken(await session.token());
    // A token may end before its time: when its user was signed out elsewhere, or the clock here is slow. Once more, then no more.
    const settled = response.status === 401 ? await withToken(await session.refresh()) : response;
    if (!settled.ok) throw await Refused.of(settled);
    return settled;
  }
  return {
    call: (operation, parameters, { signal, body } = {}) =>
      reaching(async () => {
        const [method] = operations[operation];
        const response = await send(pathOf(operation, parameters), {
          method,
          headers: {
            accept: 'application/json',
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          ...(signal ? { signal } : {}),
        });
        return (await response.json()) as never; // the contract's own type: a test holds the API to it
      }),
    text: ({ operation, parameters }, accept, cursor, signal) =>
      reaching(async () => {
        const path = pathOf(operation, { ...parameters, cursor });
        const response = await send(path, { headers: { accept }, ...(signal ? { signal } : {}) });
        const next = /<([^>]*)>;\s*rel="?next/.exec(response.headers.get('link') ?? '')?.[1];
        const following =
          next === undefined ? null : new URL(next, location.origin).searchParams.get('cursor');
        return { text: await response.text(), cursor: following ?? undefined };
      }),
  };
}

/** Path and query of a request, below the API's address. */
function pathOf(operation: Called, parameters: object): string {
  const query = new URLSearchParams();
  let path: string = operations[operation][1];
  for (const [name, value] of Object.entries<unknown>({ ...parameters })) {
    if (value === undefined || value === '') continue;
    const place = `{${name}}`;
    if (path.includes(place)) path = path.replace(place, encodeURIComponent(String(value)));
    else query.set(name, String(value));
  }
  return query.size === 0 ? path : `${path}?${query}`;
}

/** The command that asks what a view shows. The token is its reader's to get, and so not in it. */
export function curlOf(
  { apiUrl }: Config,
  { operation, parameters, body }: Request,
  accept?: string,
): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const wanted = accept === undefined ? '' : ` -H ${quoted(`Accept: ${accept}`)}`;
  const sent =
    body === undefined ? '' : ` -H 'Content-Type: application/json' -d ${quoted(JSON.stringify(body))}`;
  return `curl -s -H "Authorization: Bearer $TOKEN"${wanted}${sent} ${quoted(apiUrl + pathOf(operation, parameters))}`;
}

/** Whether the command needs a token that may do more than read. */
export const isForOperators = (operation: Called): boolean =>
  operations[operation][0] !== 'GET' || operation === 'getUpload';
