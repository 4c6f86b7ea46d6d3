/** An HTTP request as the API's functions see it, whatever carried it. */
export interface HttpRequest {
  readonly method: string;
  /** Template of the route that was matched: `/datasets/{dataset}`. */
  readonly route: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  /** Each name with all its values, decoded. */
  readonly query: Readonly<Record<string, readonly string[]>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Path as the client sees it, without the query: `/prod/datasets`. */
  readonly path: string;
  /** What the routes begin after: `/prod`, empty behind a custom domain. */
  readonly basePath: string;
  /** Client id of the access token; `undefined` on public routes. */
  readonly clientId: string | undefined;
  /** The person whose access token it is; `undefined` for a machine's token, and on public routes. */
  readonly user: { readonly id: string; readonly groups: readonly string[] } | undefined;
  /** What the access token allows, as it names it: `caudal/read`. Empty on public routes. */
  readonly scopes: readonly string[];
  /** UUID of the invocation, under which the log has the request. */
  readonly requestId: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * What every answer says: nobody but the caller may keep it, a kept one is asked about before it is used again, and a
 * browser takes it for nothing but what it says it is.
 */
const always = {
  'cache-control': 'private, no-cache',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'strict-transport-security': 'max-age=31536000',
} as const;

/** A text as an answer. */
export function textAnswer(answer: {
  status?: number;
  contentType: string;
  body: string;
  headers?: Readonly<Record<string, string>>;
}): HttpAnswer {
  return {
    status: answer.status ?? 200,
    headers: { ...always, 'content-type': answer.contentType, ...answer.headers },
    body: answer.body,
  };
}
