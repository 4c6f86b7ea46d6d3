import { region } from '../../engine/calls.ts';
import {
  type Provisioners,
  type ProvisionOptions,
  physicalId,
  type Resource,
  unsupportedProperties,
} from '../../template/resource.ts';
import type { ApiMethod } from './rest-api.ts';
import type { ApiGateway } from './service.ts';

/** One REST API with its resources, methods, authorizers, gateway responses and stage. */
export function provisionApiGateway(
  apigateway: ApiGateway,
  { localAddress }: ProvisionOptions,
): Provisioners {
  const paths = new Map<string, string>();
  const authorizers = new Map<string, string[]>();
  return {
    'AWS::ApiGateway::RestApi': (resource) => {
      const { stack, logicalId, properties } = resource;
      unsupportedProperties(resource, ['Body', 'BodyS3Location', 'Policy']);
      const other = apigateway.restApi();
      if (other)
        throw new Error(
          `${stack}/${logicalId}: the local cloud serves only one REST API, which is ${other.name}`,
        );
      const id = physicalId(stack, logicalId, 10);
      apigateway.createRestApi({
        id,
        name: properties.Name ?? logicalId,
        binaryMediaTypes: properties.BinaryMediaTypes ?? [],
        minimumCompressionSize: properties.MinimumCompressionSize,
      });
      const root = `${id}-root`;
      paths.set(root, '');
      localAddress(`https://${id}.execute-api.${region}.amazonaws.com`, 'api');
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
          `${stack}/${logicalId}: the local cloud does not support authorizers of type ${properties.Type}`,
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
      apigateway.putMethod({
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
      apigateway.putGatewayResponse(properties.ResponseType, {
        ...(properties.StatusCode === undefined ? {} : { status: Number(properties.StatusCode) }),
        ...(template === undefined ? {} : { template }),
        headers: staticHeaders(properties.ResponseParameters ?? {}),
      });
      return { ref: physicalId(stack, logicalId, 10) };
    },
    'AWS::ApiGateway::Stage': ({ properties }) => {
      const settings: Record<string, unknown>[] = properties.MethodSettings ?? [];
      const all = settings.find(
        ({ HttpMethod, ResourcePath }) => HttpMethod === '*' && ResourcePath === '/*',
      );
      apigateway.putStage({
        stage: properties.StageName,
        ...(all?.ThrottlingRateLimit !== undefined && {
          throttle: {
            ratePerSecond: Number(all.ThrottlingRateLimit),
            burst: Number(all.ThrottlingBurstLimit ?? all.ThrottlingRateLimit),
          },
        }),
      });
      return { ref: properties.StageName };
    },
  };
}

function functionOf({ stack, logicalId, properties }: Resource): string {
  const { Type, Uri = '' } = properties.Integration ?? {};
  const name = /\/functions\/arn:aws:lambda:[^:]+:[^:]+:function:([^/:]+)/.exec(Uri)?.[1];
  if (Type === 'AWS_PROXY' && name) return name;
  throw new Error(
    `${stack}/${logicalId}: the local cloud supports only Lambda proxy integrations, not ${Type} ${Uri}`,
  );
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
  throw new Error(
    `${stack}/${logicalId}: the local cloud does not support the authorization ${AuthorizationType}`,
  );
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
