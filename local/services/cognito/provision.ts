import { region } from '../../engine/calls.ts';
import { type Provisioners, type ProvisionOptions, physicalId } from '../../template/resource.ts';
import type { Cognito } from './service.ts';

const day = 24 * 3600;
const unitSeconds: Record<string, number> = { seconds: 1, minutes: 60, hours: 3600, days: day };

/** User pools without users, the scopes of their resource servers, their clients and domain. */
export function provisionCognito(cognito: Cognito, { localAddress }: ProvisionOptions): Provisioners {
  return {
    'AWS::Cognito::UserPool': ({ stack, logicalId, properties }) => {
      const id = `${region}_${physicalId(stack, logicalId, 9)}`;
      const pool = cognito.createUserPool({ id, name: properties.UserPoolName ?? logicalId });
      const provider = `cognito-idp.${region}.amazonaws.com/${id}`;
      return {
        ref: id,
        attributes: {
          Arn: pool.arn,
          UserPoolId: id,
          ProviderName: provider,
          ProviderURL: `https://${provider}`,
        },
      };
    },
    'AWS::Cognito::UserPoolResourceServer': ({ properties }) => {
      const scopes: { ScopeName: string }[] = properties.Scopes ?? [];
      cognito.addScopes(
        properties.UserPoolId,
        scopes.map(({ ScopeName }) => `${properties.Identifier}/${ScopeName}`),
      );
      return { ref: properties.Identifier };
    },
    'AWS::Cognito::UserPoolClient': ({ stack, logicalId, properties }) => {
      const clientId = physicalId(stack, logicalId, 26);
      const unit = unitSeconds[properties.TokenValidityUnits?.AccessToken ?? 'hours'] ?? 3600;
      cognito.createClient({
        clientId,
        name: properties.ClientName ?? logicalId,
        poolId: properties.UserPoolId,
        generateSecret: properties.GenerateSecret === true,
        flows: properties.AllowedOAuthFlows ?? [],
        scopes: properties.AllowedOAuthScopes ?? [],
        accessTokenSeconds: (properties.AccessTokenValidity ?? 1) * unit,
      });
      return { ref: clientId, attributes: { ClientId: clientId, Name: logicalId } };
    },
    'AWS::Cognito::UserPoolDomain': ({ properties }) => {
      localAddress(`https://${properties.Domain}.auth.${region}.amazoncognito.com`, 'tokens');
      return { ref: properties.Domain };
    },
  };
}
