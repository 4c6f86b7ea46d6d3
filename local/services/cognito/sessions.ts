import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readKept, writeKept } from './kept.ts';

/** Somebody's sign-in at a client, which all of its tokens come from. */
export interface Session {
  /** `origin_jti` of its tokens. */
  readonly id: string;
  readonly clientId: string;
  readonly sub: string;
  readonly scopes: readonly string[];
  /** Of the authorization request, for the first ID token alone. */
  readonly nonce: string | undefined;
  /** UTC seconds. */
  readonly authTime: number;
}

/** What an authorization code is for. */
interface CodeGrant extends Omit<Session, 'id'> {
  readonly redirectUri: string;
  /** `code_challenge`, S256; undefined where the client sent none. */
  readonly challenge: string | undefined;
}

/** How a client's refresh tokens work. */
export interface RefreshRules {
  readonly validForMs: number;
  /** With rotation each use gives a new token, and the old one is good for so long; undefined: one token to the end. */
  readonly graceMs: number | undefined;
}

/** Authorization codes, in memory, and refresh tokens, on disk by their digests. */
export interface Sessions {
  /** A code, good for five minutes. */
  createCode(grant: CodeGrant): string;
  /** Takes a code: each is given once. A second use ends what the first began, since one of the two is not the client's. */
  takeCode(code: string): CodeGrant | undefined;
  /** Begins a session of a code that was taken, with its first refresh token. */
  begin(code: string, grant: CodeGrant, rules: RefreshRules): { session: Session; refreshToken: string };
  /** The session of a refresh token, and a new token where they rotate; undefined for one that is unknown, used or expired. */
  refresh(
    token: string,
    clientId: string,
    rules: RefreshRules,
  ): { session: Session; refreshToken?: string } | undefined;
  /** Ends the session of a refresh token. False: the token is of another client. */
  revoke(token: string, clientId: string): boolean;
  /** Ends all sessions of a user. */
  endAll(sub: string): void;
  isAlive(sessionId: string): boolean;
}

interface KeptSession extends Session {
  readonly expiresAtMs: number;
  /** Digests of its refresh tokens, with the time from which each is good for nothing; null for the latest. */
  readonly tokens: Readonly<Record<string, number | null>>;
}

interface KeptCode {
  readonly grant: CodeGrant;
  readonly expiresAtMs: number;
  isTaken: boolean;
  sessionId: string | undefined;
}

const codeMs = 5 * 60_000;
/** The oldest go first: this is one person's machine. */
const maxSessions = 1_000;
const maxCodes = 1_000;

const digestOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
const drawn = (): string => randomBytes(48).toString('base64url');

/** @param options.nowMs for tests */
export function createSessions({
  directory,
  nowMs = Date.now,
}: {
  directory: string;
  nowMs?: () => number;
}): Sessions {
  const file = join(directory, 'sessions.json');
  const sessions = new Map(readKept<KeptSession[]>(file, []).map((session) => [session.id, session]));
  const codes = new Map<string, KeptCode>();

  function save(): void {
    const live = [...sessions.values()].filter(({ expiresAtMs }) => expiresAtMs > nowMs());
    sessions.clear();
    for (const session of live.slice(-maxSessions)) sessions.set(session.id, session);
    writeKept(file, [...sessions.values()]);
  }
  function end(id: string): void {
    if (sessions.delete(id)) save();
  }
  const find = (token: string): KeptSession | undefined => {
    const digest = digestOf(token);
    for (const session of sessions.values())
      if (Object.hasOwn(session.tokens, digest) && session.expiresAtMs > nowMs()) return session;
    return undefined;
  };
  const shown = ({ expiresAtMs, tokens, ...session }: KeptSession): Session => session;

  return {
    createCode(grant) {
      const code = randomUUID();
      for (const [digest, { expiresAtMs }] of codes) if (expiresAtMs <= nowMs()) codes.delete(digest);
      for (const digest of [...codes.keys()].slice(0, Math.max(0, codes.size - maxCodes + 1)))
        codes.delete(digest);
      const expiresAtMs = nowMs() + codeMs;
      codes.set(digestOf(code), { grant, expiresAtMs, isTaken: false, sessionId: undefined });
      return code;
    },
    takeCode(code) {
      const kept = codes.get(digestOf(code));
      if (kept === undefined || kept.expiresAtMs <= nowMs()) return undefined;
      if (kept.isTaken) {
        if (kept.sessionId !== undefined) end(kept.sessionId);
        return undefined;
      }
      kept.isTaken = true;
      return kept.grant;
    },
    begin(code, { clientId, sub, scopes, nonce, authTime }, { validForMs }) {
      const token = drawn();
      const session = { id: randomUUID(), clientId, sub, scopes, nonce, authTime };
      const kept = codes.get(digestOf(code));
      if (kept !== undefined) kept.sessionId = session.id;
      const expiresAtMs = nowMs() + validForMs;
      sessions.set(session.id, {
        ...session,
        nonce: undefined,
        expiresAtMs,
        tokens: { [digestOf(token)]: null },
      });
      save();
      return { session, refreshToken: token };
    },
    refresh(token, clientId, { graceMs }) {
      const session = find(token);
      if (session?.clientId !== clientId) return undefined;
      const digest = digestOf(token);
      const goodUntilMs = session.tokens[digest] ?? undefined;
      if (goodUntilMs !== undefined && goodUntilMs <= nowMs()) return undefined;
      if (graceMs === undefined) return { session: shown(session) };
      // Rotated: a new one for what is left of the session's time.
      const next = drawn();
      const kept = Object.entries(session.tokens).filter(([, until]) => until === null || until > nowMs());
      const tokens = Object.fromEntries(kept.slice(-10)); // as many as a client may ask for at once within the grace period
      tokens[digest] = goodUntilMs ?? nowMs() + graceMs;
      tokens[digestOf(next)] = null;
      sessions.set(session.id, { ...session, tokens });
      save();
      return { session: shown(session), refreshToken: next };
    },
    revoke(token, clientId) {
      const session = find(token);
      if (session !== undefined && session.clientId !== clientId) return false;
      if (session !== undefined) end(session.id);
      return true;
    },
    endAll(sub) {
      for (const session of [...sessions.values()]) if (session.sub === sub) end(session.id);
    },
    isAlive: (id) => (sessions.get(id)?.expiresAtMs ?? 0) > nowMs(),
  };
}
