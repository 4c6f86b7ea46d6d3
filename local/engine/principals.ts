import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Identity } from '../services/sts/service.ts';
import type { Resource } from '../template/resource.ts';
import { accountId } from './calls.ts';
import { wellKnownAccount } from './protocol/signature.ts';

/** A function or state machine as a caller of the endpoint. */
export interface Principal {
  accessKeyId: string;
  secretAccessKey: string;
  stack: string;
  logicalId: string;
  type: string;
  roleArn: string;
}

/**
 * The callers that the template makes, known by their access key ids, and the local account.
 *
 * @param options.file keeps what their secrets are derived from, so that a link outlives a restart
 * @param options.accounts further callers who may do everything, secret by access key id: tests tell callers apart by them
 */
export function createPrincipals(options: {
  file: string;
  accounts?: Readonly<Record<string, string>> | undefined;
}) {
  const root = keptSecret(options.file);
  const accounts = new Map(Object.entries(options.accounts ?? {}));
  accounts.set(wellKnownAccount.accessKeyId, wellKnownAccount.secretAccessKey);
  const principals = new Map<string, Principal>();
  return {
    principals: principals as ReadonlyMap<string, Principal>,
    /** Its key id is `LKIA` and the logical id; where two stacks have the same one, the second adds its stack's name. */
    register({ stack, logicalId, type }: Resource, roleArn: string): Principal {
      const plain = `LKIA${logicalId}`;
      const accessKeyId = principals.has(plain) ? `${plain}-${stack}` : plain;
      const secretAccessKey = createHmac('sha256', root).update(accessKeyId).digest('base64').slice(0, 40);
      const principal = { accessKeyId, secretAccessKey, stack, logicalId, type, roleArn };
      principals.set(accessKeyId, principal);
      return principal;
    },
    /** Undefined for a key that is nobody's. */
    secretOf: (accessKeyId: string): string | undefined =>
      principals.get(accessKeyId)?.secretAccessKey ?? accounts.get(accessKeyId),
    /** Who STS says a caller is: its role, assumed. */
    identityOf(accessKeyId: string): Identity | undefined {
      const principal = principals.get(accessKeyId);
      if (!principal) return undefined;
      const role = principal.roleArn.split('/').at(-1);
      return {
        arn: `arn:aws:sts::${accountId}:assumed-role/${role}/${principal.logicalId}`,
        userId: `${accessKeyId}:${principal.logicalId}`,
      };
    },
  };
}

/** Drawn once, readable by its owner only. */
function keptSecret(file: string): Buffer {
  if (existsSync(file)) return readFileSync(file);
  const drawn = randomBytes(32);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.draft`, drawn, { mode: 0o600 });
  renameSync(`${file}.draft`, file);
  return drawn;
}
