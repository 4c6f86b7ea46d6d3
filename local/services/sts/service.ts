import { accountId, type Service } from '../../engine/calls.ts';
import { createQueryService } from '../../engine/protocol/query.ts';

export interface Identity {
  arn: string;
  userId: string;
}

/** STS: tells callers who they are; every signed call is let in. */
export function createSts(
  options: { identityOf?: (accessKeyId: string) => Identity | undefined } = {},
): Service {
  return createQueryService({
    name: 'sts',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: {
      GetCallerIdentity(_parameters, { accessKeyId = '' }) {
        const identity = options.identityOf?.(accessKeyId);
        return {
          UserId: identity?.userId ?? accessKeyId,
          Account: accountId,
          Arn: identity?.arn ?? `arn:aws:iam::${accountId}:user/${accessKeyId}`,
        };
      },
    },
  });
}
