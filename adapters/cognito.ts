import {
  type CognitoIdentityProviderClient,
  paginateListUserPoolClients,
} from '@aws-sdk/client-cognito-identity-provider';
import type { AppClients } from '../ports/app-clients.ts';
import { reachingEach } from './store-faults.ts';

/** The clients of one user pool. The role needs `cognito-idp:ListUserPoolClients` on it. */
export function createAppClients(client: CognitoIdentityProviderClient, userPoolId: string): AppClients {
  return {
    async idsOf(name) {
      const ids: string[] = [];
      const pages = paginateListUserPoolClients({ client, pageSize: 60 }, { UserPoolId: userPoolId });
      for await (const { UserPoolClients = [] } of reachingEach(pages)) {
        for (const { ClientId, ClientName } of UserPoolClients)
          if (ClientName === name && ClientId !== undefined) ids.push(ClientId);
      }
      return ids;
    },
  };
}
