import { setTimeout as sleep } from 'node:timers/promises';

/** A client of Caudal's HTTP API. Paths begin with a slash, behind the stage. */
export interface ApiClient {
  /** @throws {ApiRefusal} for any answer but success */
  get<Answer>(path: string): Promise<Answer>;
  /** As `get`; `undefined` where there is nothing of that name (404). */
  find<Answer>(path: string): Promise<Answer | undefined>;
  /** @throws {ApiRefusal} for any answer but success */
  post<Answer>(path: string, body: object, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

/** Answers an access token; a `fresh` one when the last one was refused. Asked for each request, so it should keep its token. */
export type TokenSource = (options: { readonly fresh: boolean }) => Promise<string>;

/** The API answered, and not with success. The message is what its problem document says. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  readonly status: number;

  constructor(request: string, { status, text }: { status: number; text: string }) {
    super(`${request} answered ${status}: ${detailOf(text)}`);
    this.status = status;
  }
}

/** Attempts of a request, the first one included. */
const attempts = 5;
const secondMs = 1_000;
/** Nobody who waits at a terminal expects more; whoever is told to come again later than this is told so. */
const longestWaitSeconds = 120;
/** The API did not take the request and says so: sending it again is safe, whatever it asks for. */
const notTaken = [429, 503];
/** Whether it was taken is unknown: safe for what changes nothing. */
const unknown = [502, 504];

interface Sent {
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A client that waits when the API asks for it, as long as `retry-after` says, up to two minutes, or a second more each time, and that
 * replaces a token that is refused once: the pool may be another one by now.
 * @param options.apiUrl with the stage, `http://127.0.0.1:4567/prod`
 * @param options.pause waits that many ms
 */
export function createApiClient({
  apiUrl,
  token,
  pause = sleep,
}: {
  readonly apiUrl: string;
  readonly token: TokenSource;
  readonly pause?: (ms: number) => Promise<unknown>;
}): ApiClient {
  const origin = apiUrl.replace(/\/+$/, '');
  let isReplaced = false;

  async function send(method: 'GET' | 'POST', path: string, { body, headers }: Sent): Promise<Response> {
    const call = async (fresh: boolean) =>
      fetch(origin + path, {
        method,
        headers: {
          authorization: `Bearer ${await token({ fresh })}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const answer = await call(false);
    if (answer.status !== 401) return answer;
    // Of several requests that are refused at once, the first one replaces the token for all.
    const fresh = !isReplaced;
    isReplaced = true;
    await answer.body?.cancel();
    return call(fresh);
  }

  async function request<Answer>(method: 'GET' | 'POST', path: string, sent: Sent = {}): Promise<Answer> {
    const repeatable = method === 'GET' ? [...notTaken, ...unknown] : notTaken;
    for (let attempt = 1; ; attempt++) {
      const answer = await send(method, path, sent);
      const text = await answer.text();
      if (answer.ok) return JSON.parse(text) as Answer;
      const waitSeconds = Number(answer.headers.get('retry-after')) || attempt;
      if (!repeatable.includes(answer.status) || attempt === attempts || waitSeconds > longestWaitSeconds) {
        throw new ApiRefusal(`${method} ${origin}${path}`, { status: answer.status, text });
      }
      await pause(secondMs * waitSeconds);
    }
  }

  return {
    get: (path) => request('GET', path),
    post: (path, body, headers = {}) => request('POST', path, { body, headers }),
    async find<Answer>(path: string) {
      try {
        return await request<Answer>('GET', path);
      } catch (fault) {
        if (fault instanceof ApiRefusal && fault.status === 404) return undefined;
        throw fault;
      }
    },
  };
}

/** Of a problem document (RFC 9457) what it says, else the beginning of the body. */
function detailOf(text: string): string {
  try {
    const { detail, message } = JSON.parse(text) as { detail?: string; message?: string };
    return detail ?? message ?? text.slice(0, 500);
  } catch {
    return text.slice(0, 500);
  }
}
