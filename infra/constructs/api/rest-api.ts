import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  AuthorizationType,
  type CfnRestApi,
  CognitoUserPoolsAuthorizer,
  EndpointAccessMode,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  type MethodOptions,
  ResponseType,
  RestApi,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigateway';
import type { UserPool } from 'aws-cdk-lib/aws-cognito';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ofStage } from '../../../core/stage.ts';
import { type ApiFunction, routes } from '../../../handlers/api/contract/routes.ts';
import type { Config } from '../../config.ts';
import type { HandlerFunction } from '../shared/handler-function.ts';
import { scopeName } from './tokens.ts';

export interface RoutedRestApiProps {
  /** What answers the routes: every function that has any. */
  readonly functions: Readonly<Record<ApiFunction, HandlerFunction>>;
  readonly pool: UserPool;
  readonly key: IKey;
  readonly config: Config;
}

/** The REST API, stage `prod`: one method for each route of the contract, access tokens with scopes, throttling, an access log. No CORS: its clients are machines. */
export class RoutedRestApi extends Construct {
  readonly api: RestApi;

  constructor(scope: Construct, id: string, props: RoutedRestApiProps) {
    super(scope, id);
    const { config, key } = props;
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: config.accessLogDays,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.api = new RestApi(this, 'Rest', {
      // By default the construct's id. The alarm's metric is found by it, so it must not be any other API's of the account.
      restApiName: ofStage('caudal', config.stage),
      description: 'Caudal: statistics, alerts and readings',
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: config.apiLoggingRole,
      // The account's other APIs may have come to log with it.
      ...(config.apiLoggingRole ? { cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN } : {}),
      deployOptions: {
        stageName: 'prod',
        throttlingRateLimit: config.apiRatePerSecond,
        throttlingBurstLimit: config.apiBurst,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(loggedAccess)),
        loggingLevel: MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        metricsEnabled: true,
        tracingEnabled: true,
      },
    });
    this.api.node.tryRemoveChild('Endpoint'); // an output under a name of the library's; ApiUrl is ours
    // On the L1, because the L2 has neither. A Regional API otherwise takes TLS 1.0.
    const rest = this.api.node.defaultChild as CfnRestApi;
    rest.securityPolicy = SecurityPolicy.TLS13_1_2_PFS_PQ_2025_09;
    rest.endpointAccessMode = EndpointAccessMode.STRICT; // such a policy has to have it; it refuses a Host that is not the server's name in TLS
    this.explainRefusals();
    this.addRoutes(props);
    Validations.of(this.api).acknowledge(
      {
        id: 'AwsSolutions-APIG2',
        reason:
          'The functions check each request against the schemas that /openapi.json shows, and name what is wrong.',
      },
      {
        id: 'AwsSolutions-APIG3',
        reason:
          'A firewall costs more than the whole installation at rest; scopes and throttling bound what a caller can do.',
      },
      {
        id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
        reason: "The account's logging role of API Gateway is defined by AWS as having this policy.",
      },
    );
  }

  /** API Gateway's own words help nobody: an ID token is merely "Unauthorized", an unknown path lacks a token. */
  private explainRefusals(): void {
    const says = (message: string) => ({ 'application/json': JSON.stringify({ message }) });
    this.api.addGatewayResponse('Unauthorized', {
      type: ResponseType.UNAUTHORIZED,
      statusCode: '401',
      templates: says(
        'Send "Authorization: Bearer <access token>". It must be an access token, not an ID token, not expired, and have the scope of the route (caudal/read or caudal/write).',
      ),
    });
    this.api.addGatewayResponse('NoSuchRoute', {
      type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
      statusCode: '404',
      templates: says('Unknown route. GET /openapi.json lists all routes.'),
    });
  }

  private addRoutes({ functions, pool }: RoutedRestApiProps): void {
    const authorizer = new CognitoUserPoolsAuthorizer(this, 'AccessTokens', { cognitoUserPools: [pool] });
    for (const { method, path, scope, function: handler } of routes) {
      // One permission for the whole API: one for each method would be as many statements in the function's policy.
      const integration = new LambdaIntegration(functions[handler].function, {
        scopePermissionToMethod: false,
      });
      const added = this.api.root
        .resourceForPath(path)
        .addMethod(method, integration, scope === null ? openToAll : behind(authorizer, scope));
      if (scope !== null) continue;
      const reason = `${path} is public: it tells nothing about the data.`;
      Validations.of(added).acknowledge(
        { id: 'AwsSolutions-APIG4', reason },
        { id: 'AwsSolutions-COG4', reason },
      );
    }
  }
}

/**
 * A line of the access log: who asked for what, and what came of it. `clientId` is the token's, `-` without a token. Nothing that a
 * caller words (paths, user agents): API Gateway writes it as it comes, so a quote in it would break the line.
 */
const loggedAccess = {
  requestTime: AccessLogField.contextRequestTime(),
  requestId: AccessLogField.contextRequestId(),
  clientId: AccessLogField.contextAuthorizerClaims('client_id'),
  ip: AccessLogField.contextIdentitySourceIp(),
  method: AccessLogField.contextHttpMethod(),
  resourcePath: AccessLogField.contextResourcePath(),
  status: AccessLogField.contextStatus(),
  responseBytes: AccessLogField.contextResponseLength(),
  latencyMs: AccessLogField.contextResponseLatency(),
  error: AccessLogField.contextErrorResponseType(),
  tls: '$context.tlsVersion',
};

const openToAll: MethodOptions = { authorizationType: AuthorizationType.NONE };

function behind(authorizer: CognitoUserPoolsAuthorizer, scope: 'read' | 'write'): MethodOptions {
  return {
    authorizationType: AuthorizationType.COGNITO,
    authorizer,
    authorizationScopes: [scopeName(scope)], // with a scope only access tokens are taken, without one only ID tokens
  };
}
