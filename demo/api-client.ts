import { fetchToken } from '../cli/token.ts';

/** Reads the API as any client would: a token by client credentials, then requests with it. */
export interface ApiAccess {
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
}

/** A GET that answers JSON. */
export type ApiGet = <Answer>(path: string) => Promise<Answer>;

/** @throws when the token endpoint or, later, the API answers with anything but success, with what it said */
export async function createApiGet(access: ApiAccess): Promise<ApiGet> {
  const { tokenUrl, clientId, clientSecret, scope } = access;
  const client = { tokenUrl, clientId, clientSecret: async () => clientSecret };
  const { accessToken: token } = await fetchToken(client, scope);
  return async (path) =>
    json(await fetch(`${access.apiUrl}${path}`, { headers: { authorization: `Bearer ${token}` } }));
}

async function json<Answer>(answer: Response): Promise<Answer> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as Answer;
}
