import type { Identity } from '../services/sts/service.ts';
import type { Resource } from '../template/resource.ts';
import { accountId } from './calls.ts';

/** A function or state machine as a caller of the endpoint. */
export interface Principal {
  accessKeyId: string;
  stack: string;
  logicalId: string;
  type: string;
  roleArn: string;
}

/** The callers that the template makes, known by their access key ids. */
export function createPrincipals() {
  const principals = new Map<string, Principal>();
  return {
    principals: principals as ReadonlyMap<string, Principal>,
    /** `LKIA` and the logical id; where two stacks have the same one, the second adds its stack's name. */
    register({ stack, logicalId, type }: Resource, roleArn: string): string {
      const plain = `LKIA${logicalId}`;
      const accessKeyId = principals.has(plain) ? `${plain}-${stack}` : plain;
      principals.set(accessKeyId, { accessKeyId, stack, logicalId, type, roleArn });
      return accessKeyId;
    },
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
