import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JSONWebKeySet, JWTPayload } from 'jose';
import { type MutableToken, OAuth2Issuer, OAuth2Service } from 'oauth2-mock-server';
import { writeKept } from './kept.ts';

/** Signs tokens as Cognito's look. */
export interface Signer {
  /** Public keys of all pools. */
  keys(): JSONWebKeySet;
  /** A token with these claims and no others but its times; `auth_time` is now where the claims have none. */
  sign(claims: JWTPayload & { iss: string }, seconds: number): Promise<string>;
}

/** @param directory keeps the key, so that tokens survive a restart */
export async function createSigner(directory: string): Promise<Signer> {
  const issuer = new OAuth2Issuer();
  const tokens = new OAuth2Service(issuer);
  await loadKey(issuer, directory);
  return {
    keys: () => ({ keys: issuer.keys.toJSON() }) as JSONWebKeySet,
    sign(claims, seconds) {
      const shape = ({ header, payload }: MutableToken): void => {
        // Cognito's header is kid and alg; it has no nbf.
        header.typ = undefined;
        const { iat, exp } = payload;
        for (const name of Object.keys(payload)) delete (payload as Record<string, unknown>)[name];
        Object.assign(payload, { auth_time: iat, ...claims, iat, exp });
      };
      issuer.url = claims.iss;
      // The event is emitted before buildToken first waits: no other request's listener comes in between.
      tokens.once('beforeTokenSigning', shape);
      return tokens.buildToken({} as never, seconds, undefined);
    },
  };
}

async function loadKey(issuer: OAuth2Issuer, directory: string): Promise<void> {
  const file = join(directory, 'signing-key.json');
  if (existsSync(file)) await issuer.keys.add(JSON.parse(readFileSync(file, 'utf8')));
  else writeKept(file, await issuer.keys.generate('RS256'));
}
