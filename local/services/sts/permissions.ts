import type { ServicePermissions } from '../../iam/service-permissions.ts';

/** STS tells everyone who they are. */
export const stsPermissions: ServicePermissions = {
  prefix: 'sts',
  needs: { GetCallerIdentity: () => [] },
};
