import { RemovalPolicy, Size, Validations } from 'aws-cdk-lib';
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
import { gatewayRefusals } from '../../../handlers/api/contract/refusals.ts';
import { type ApiFunction, routes, type StreamFunction } from '../../../handlers/api/contract/routes.ts';
import { scopeName } from '../../../handlers/api/contract/scopes.ts';
import type { Config } from '../../config.ts';
import type { HandlerFunction } from '../shared/handler-function.ts';

/** By it CloudWatch has the API's metrics. */
export const apiName = ({ stage }: Config): string => ofStage('caudal', stage);

export interface RoutedRestApiProps {
  /** What answers the routes: every function that has any, but for those of the streams where there are none. */
  readonly functions: Readonly<
    Record<Exclude<ApiFunction, StreamFunction>, HandlerFunction> &
      Partial<Record<StreamFunction, HandlerFunction>>
  >;
  readonly pool: UserPool;
  readonly key: IKey;
  readonly config: Config;
}

/** The REST API, stage `prod`: one method for each route of the contract, access tokens with scopes, throttling, an access log. A browser's page may call it from the one origin that is configured. */
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
      restApiName: apiName(config),
      description: 'Caudal: statistics, alerts and readings',
      endpointTypes: [EndpointType.REGIONAL],
      minCompressionSize: Size.kibibytes(1), // less hardly shrinks
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
    this.explainRefusals(config.corsOrigin);
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
  private explainRefusals(corsOrigin: string | undefined): void {
    const cors = corsOrigin === undefined ? {} : { 'Access-Control-Allow-Origin': corsOrigin };
    for (const { type, status, body, headers } of gatewayRefusals) {
      this.api.addGatewayResponse(`Refusal${type}`, {
        type: ResponseType.of(type),
        statusCode: String(status),
        // A template is chosen by its type, which is none of the answer's: that is a header.
        templates: { 'application/json': body },
        responseHeaders: Object.fromEntries(
          Object.entries({ ...headers, ...cors }).map(([name, value]) => [name, `'${value}'`]),
        ),
      });
    }
  }

  /**
   * The routes of the contract; HEAD where there is GET, by the same function with the same scope; and on each path ANY, which takes what is left:
   * OPTIONS, and methods that are refused with 405.
   */
  private addRoutes({ functions, pool }: RoutedRestApiProps): void {
    const authorizer = new CognitoUserPoolsAuthorizer(this, 'AccessTokens', { cognitoUserPools: [pool] });
    const add = (method: string, path: string, answeredBy: ApiFunction, scope: RouteScope | null) => {
      // One permission for the whole API: one for each method would be as many statements in the function's policy.
      const answering = functions[answeredBy];
      if (answering === undefined) return;
      const integration = new LambdaIntegration(answering.function, {
        scopePermissionToMethod: false,
      });
      const added = this.api.root
        .resourceForPath(path)
        .addMethod(method, integration, scope === null ? openToAll : behind(authorizer, scope));
      if (scope !== null) return;
      const reason = `${method} ${path} is public: it tells nothing about the data.`;
      Validations.of(added).acknowledge(
        { id: 'AwsSolutions-APIG4', reason },
        { id: 'AwsSolutions-COG4', reason },
      );
    };
    for (const { method, path, scope, function: answeredBy } of routes) {
      add(method, path, answeredBy, scope);
      if (method === 'GET') add('HEAD', path, answeredBy, scope);
    }
    const answered = routes.filter((route) => functions[route.function] !== undefined);
    for (const path of new Set(answered.map((route) => route.path))) add('ANY', path, 'describe-api', null);
  }
}

/**
 * A line of the access log: who asked for what, and what came of it. `clientId` is the token's, `sub` its user or once more the client; `-` without a token. Nothing that a
 * caller words (paths, user agents): API Gateway writes it as it comes, so a quote in it would break the line.
 */
const loggedAccess = {
  requestTime: AccessLogField.contextRequestTime(),
  requestId: AccessLogField.contextRequestId(),
  clientId: AccessLogField.contextAuthorizerClaims('client_id'),
  sub: AccessLogField.contextAuthorizerClaims('sub'),
  ip: AccessLogField.contextIdentitySourceIp(),
  method: AccessLogField.contextHttpMethod(),
  resourcePath: AccessLogField.contextResourcePath(),
  status: AccessLogField.contextStatus(),
  responseBytes: AccessLogField.contextResponseLength(),
  latencyMs: AccessLogField.contextResponseLatency(),
  error: AccessLogField.contextErrorResponseType(),
  tls: '$context.tlsVersion',
};

type RouteScope = NonNullable<(typeof routes)[number]['scope']>;

const openToAll: MethodOptions = { authorizationType: AuthorizationType.NONE };

function behind(authorizer: CognitoUserPoolsAuthorizer, scope: RouteScope): MethodOptions {
  return {
    authorizationType: AuthorizationType.COGNITO,
    authorizer,
    authorizationScopes: [scopeName(scope)], // with a scope only access tokens are taken, without one only ID tokens
  };
}
