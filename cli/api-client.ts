import type { ApiAccess } from './api-access.ts';
import { accessToken } from './token.ts';

/** What the API answered: its JSON, or `undefined` for 404, there is no such thing. */
export type ApiGet = <Answer>(path: string) => Promise<Answer | undefined>;

/**
 * A GET with a token of the read scope. A kept token that is refused is replaced once: the pool may be another one by
 * now. @throws Error with what the API said to anything but 200 and 404
 */
export function createApiGet(access: ApiAccess): ApiGet {
  let token = accessToken(access, { scope: access.scopes.read });
  let isReplaced = false;
  const ask = async (path: string) => {
    const { accessToken: bearer } = await token;
    return fetch(`${access.apiUrl}${path}`, { headers: { authorization: `Bearer ${bearer}` } });
  };
  return async <Answer>(path: string) => {
    let answer = await ask(path);
    if (answer.status === 401) {
      if (!isReplaced) token = accessToken(access, { scope: access.scopes.read, fresh: true });
      isReplaced = true;
      answer = await ask(path);
    }
    const text = await answer.text();
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}: ${text.slice(0, 300)}`);
    return JSON.parse(text) as Answer;
  };
}
