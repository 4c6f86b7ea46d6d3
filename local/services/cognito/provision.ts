import { region } from '../../engine/calls.ts';
import { type Provisioners, type ProvisionOptions, physicalId } from '../../template/resource.ts';
import type { Cognito } from './service.ts';

const day = 24 * 3600;
const hour = 3600;
const unitSeconds: Record<string, number> = { seconds: 1, minutes: 60, hours: 3600, days: day };

/** User pools, the scopes of their resource servers, their groups, clients and domain. */
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
      const seconds = (kind: 'AccessToken' | 'IdToken' | 'RefreshToken', otherwise: number): number => {
        const length = properties[`${kind}Validity`];
        const unit = properties.TokenValidityUnits?.[kind] ?? (kind === 'RefreshToken' ? 'days' : 'hours');
        return length === undefined ? otherwise : Number(length) * (unitSeconds[unit] ?? hour);
      };
      const { Feature, RetryGracePeriodSeconds = 0 } = properties.RefreshTokenRotation ?? {};
      cognito.createClient({
        clientId,
        name: properties.ClientName ?? logicalId,
        poolId: properties.UserPoolId,
        generateSecret: properties.GenerateSecret === true,
        flows: properties.AllowedOAuthFlows ?? [],
        scopes: properties.AllowedOAuthScopes ?? [],
        accessTokenSeconds: seconds('AccessToken', hour),
        idTokenSeconds: seconds('IdToken', hour),
        refresh: {
          validForMs: seconds('RefreshToken', 30 * day) * 1000,
          graceMs: Feature === 'ENABLED' ? Number(RetryGracePeriodSeconds) * 1000 : undefined,
        },
        callbackUrls: properties.CallbackURLs ?? [],
        logoutUrls: properties.LogoutURLs ?? [],
      });
      return { ref: clientId, attributes: { ClientId: clientId, Name: logicalId } };
    },
    'AWS::Cognito::UserPoolGroup': ({ properties }) => {
      cognito.addGroup(properties.UserPoolId, properties.GroupName, properties.Description ?? '');
      return { ref: properties.GroupName };
    },
    'AWS::Cognito::UserPoolDomain': ({ properties }) => {
      // Where the issuer's keys are, beside the domain: one server has both.
      localAddress(`https://cognito-idp.${region}.amazonaws.com`, 'tokens');
      localAddress(`https://${properties.Domain}.auth.${region}.amazoncognito.com`, 'tokens');
      return { ref: properties.Domain };
    },
  };
}
