import { region } from '../../engine/calls.ts';
import type { ApiMethod, GatewayResponse, RestApi } from '../../services/apigateway/rest-api.ts';
import type { Cognito } from '../../services/cognito/service.ts';
import type { Provisioner, Resource } from '../load.ts';
import { physicalId } from '../names.ts';
import { unsupportedProperties } from './unsupported.ts';

/** What the provisioners of a REST API come to. */
export interface WebResources {
  provisioners: Record<string, Provisioner>;
  /** The API, once the template is loaded; undefined when it has none. */
  api(): RestApi | undefined;
  /** `https://…` addresses of the template and the local server that answers for each. */
  addresses: { from: string; to: 'api' | 'tokens' }[];
}

const day = 24 * 3600;
const unitSeconds: Record<string, number> = { seconds: 1, minutes: 60, hours: 3600, days: day };

/** User pools and their clients; one REST API with its resources, methods, authorizer and stage. */
export function webProvisioners(cognito: Cognito): WebResources {
  const addresses: WebResources['addresses'] = [];
  const paths = new Map<string, string>();
  const methods: ApiMethod[] = [];
  const authorizers = new Map<string, string[]>();
  const responses: Record<string, GatewayResponse> = {};
  let api: Pick<RestApi, 'id' | 'name' | 'binaryMediaTypes'> | undefined;
  let stage: Pick<RestApi, 'stage' | 'throttle'> | undefined;

  const provisioners: Record<string, Provisioner> = {
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
      addresses.push({ from: `https://${properties.Domain}.auth.${region}.amazoncognito.com`, to: 'tokens' });
      return { ref: properties.Domain };
    },
    'AWS::ApiGateway::RestApi': (resource) => {
      const { stack, logicalId, properties } = resource;
      unsupportedProperties(resource, ['Body', 'BodyS3Location', 'Policy']);
      if (api)
        throw new Error(`${stack}/${logicalId}: the local cloud serves one REST API, and has ${api.name}`);
      const id = physicalId(stack, logicalId, 10);
      api = { id, name: properties.Name ?? logicalId, binaryMediaTypes: properties.BinaryMediaTypes ?? [] };
      const root = `${id}-root`;
      paths.set(root, '');
      addresses.push({ from: `https://${id}.execute-api.${region}.amazonaws.com`, to: 'api' });
      return { ref: id, attributes: { RootResourceId: root, RestApiId: id } };
    },
    'AWS::ApiGateway::Resource': ({ stack, logicalId, properties }) => {
      const id = physicalId(stack, logicalId, 6);
      paths.set(id, `${paths.get(properties.ParentId) ?? ''}/${properties.PathPart}`);
      return { ref: id, attributes: { ResourceId: id } };
    },
    'AWS::ApiGateway::Authorizer': (resource) => {
      const { stack, logicalId, properties } = resource;
      if (properties.Type !== 'COGNITO_USER_POOLS') {
        throw new Error(
          `${stack}/${logicalId}: the local cloud has no authorizer of type ${properties.Type}`,
        );
      }
      const id = physicalId(stack, logicalId, 6);
      authorizers.set(
        id,
        properties.ProviderARNs.map((arn: string) => String(arn.split('/').at(-1))),
      );
      return { ref: id, attributes: { AuthorizerId: id } };
    },
    'AWS::ApiGateway::Method': (resource) => {
      const { stack, logicalId, properties } = resource;
      unsupportedProperties(resource, ['RequestValidatorId', 'RequestModels', 'ApiKeyRequired']);
      methods.push({
        httpMethod: properties.HttpMethod,
        resourceId: properties.ResourceId,
        resourcePath: paths.get(properties.ResourceId) || '/',
        functionName: functionOf(resource),
        authorization: authorizationOf(resource, authorizers),
        timeoutMs: Math.min(properties.Integration?.TimeoutInMillis ?? 29_000, 29_000),
      });
      return { ref: physicalId(stack, logicalId, 10) };
    },
    'AWS::ApiGateway::GatewayResponse': ({ stack, logicalId, properties }) => {
      const template = properties.ResponseTemplates?.['application/json'];
      responses[properties.ResponseType] = {
        ...(properties.StatusCode === undefined ? {} : { status: Number(properties.StatusCode) }),
        ...(template === undefined ? {} : { template }),
        headers: staticHeaders(properties.ResponseParameters ?? {}),
      };
      return { ref: physicalId(stack, logicalId, 10) };
    },
    'AWS::ApiGateway::Stage': ({ properties }) => {
      const settings: Record<string, unknown>[] = properties.MethodSettings ?? [];
      const all = settings.find(
        ({ HttpMethod, ResourcePath }) => HttpMethod === '*' && ResourcePath === '/*',
      );
      stage = {
        stage: properties.StageName,
        ...(all?.ThrottlingRateLimit !== undefined && {
          throttle: {
            ratePerSecond: Number(all.ThrottlingRateLimit),
            burst: Number(all.ThrottlingBurstLimit ?? all.ThrottlingRateLimit),
          },
        }),
      };
      return { ref: properties.StageName };
    },
  };
  return {
    provisioners,
    addresses,
    api: () => api && { ...api, stage: 'prod', ...stage, methods, responses },
  };
}

function functionOf({ stack, logicalId, properties }: Resource): string {
  const { Type, Uri = '' } = properties.Integration ?? {};
  const name = /\/functions\/arn:aws:lambda:[^:]+:[^:]+:function:([^/:]+)/.exec(Uri)?.[1];
  if (Type === 'AWS_PROXY' && name) return name;
  throw new Error(`${stack}/${logicalId}: a method here is a Lambda proxy integration, not ${Type} ${Uri}`);
}

function authorizationOf(
  { stack, logicalId, properties }: Resource,
  authorizers: ReadonlyMap<string, string[]>,
): ApiMethod['authorization'] {
  const { AuthorizationType = 'NONE', AuthorizerId, AuthorizationScopes = [] } = properties;
  if (AuthorizationType === 'NONE') return { kind: 'none' };
  const poolIds = authorizers.get(AuthorizerId);
  if (AuthorizationType === 'COGNITO_USER_POOLS' && poolIds) {
    return { kind: 'cognito', poolIds, scopes: AuthorizationScopes };
  }
  throw new Error(`${stack}/${logicalId}: the local cloud has no authorization ${AuthorizationType}`);
}

/** `gatewayresponse.header.Name: "'value'"` */
function staticHeaders(parameters: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters)
      .filter(([name]) => name.startsWith('gatewayresponse.header.'))
      .map(([name, value]) => [
        name.slice('gatewayresponse.header.'.length).toLowerCase(),
        value.replace(/^'|'$/g, ''),
      ]),
  );
}
