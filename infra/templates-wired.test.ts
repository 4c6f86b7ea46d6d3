import { join } from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { problemDocument } from '../handlers/api/contract/openapi.ts';
import { routes } from '../handlers/api/contract/routes.ts';
import { machineClients } from '../operator/cost/bill.ts';
import { lambdaTasks, readDefinition } from '../test/support/infra/definition.ts';
import { resourcesOf } from '../test/support/infra/resources.ts';
import { synthesize } from '../test/support/infra/synthesized.ts';
import { handlerFolders } from './bundle/bundle.ts';

const root = join(import.meta.dirname, '..');
const templates = synthesize({ 'caudal:monthlyReports': 'salon-bookings' }); // the other functions are there in any case
const { data, ingest, api } = templates;

/** ValidateSegment → validate-segment */
const folderOf = (state: string) => state.replace(/(?!^)([A-Z])/g, '-$1').toLowerCase();
const functions = resourcesOf(templates, 'AWS::Lambda::Function').map(({ id, properties }) => ({
  id,
  handler: String(properties.Code.ZipFile).replace('// handlers/', ''),
  properties,
}));

describe('one name travels', () => {
  test('every folder of a handler is one function, and every function has its folder', () => {
    expect(functions.map(({ handler }) => handler).sort()).toEqual(handlerFolders(root));
  });

  test.each(['ingest', 'job'] as const)(
    'each Lambda task of %s calls the function of its own name',
    (name) => {
      const [machine] = resourcesOf(
        name === 'ingest' ? ingest : templates.jobs,
        'AWS::StepFunctions::StateMachine',
      );
      const tasks = lambdaTasks(readDefinition(name).definition);
      expect(tasks.length).toBeGreaterThan(0);
      for (const [state, functionArn] of tasks) {
        expect(functionArn).toBe(`\${${state}FunctionArn}`);
        const [target] =
          machine?.properties.DefinitionSubstitutions[`${state}FunctionArn`]['Fn::GetAtt'] ?? [];
        expect(functions.find(({ id }) => id === target)?.handler).toBe(
          `${name === 'ingest' ? 'ingest' : 'toons'}/${folderOf(state)}`,
        );
      }
    },
  );

  test.each(['ingest', 'job'] as const)(
    'the substitutions of %s are those that its file asks for',
    (name) => {
      const [machine] = resourcesOf(
        name === 'ingest' ? ingest : templates.jobs,
        'AWS::StepFunctions::StateMachine',
      );
      const asked = new Set([...readDefinition(name).text.matchAll(/\$\{(\w+)\}/g)].map(([, key]) => key));
      expect(Object.keys(machine?.properties.DefinitionSubstitutions).sort()).toEqual([...asked].sort());
    },
  );
});

describe('functions', () => {
  const common = ['NODE_OPTIONS', 'POWERTOOLS_LOG_LEVEL', 'POWERTOOLS_SERVICE_NAME'];
  const own: Record<string, string[]> = {
    'api/describe-api': ['TOKEN_URL'],
    'ingest/watch-silence': ['ALERTS_TABLE', 'ALERT_TOPIC_ARN', 'CURATED_BUCKET'],
    'ingest/finish-ingest': [
      'ALERTS_TABLE',
      'ALERT_TOPIC_ARN',
      'CURATED_BUCKET',
      'EVENT_BUS_NAME',
      'INGEST_QUEUE_URL',
      'JOBS_TABLE',
    ],
    'ingest/merge-partition': [
      'METRICS_NAMESPACE',
      'ALERTS_TABLE',
      'INGEST_QUEUE_URL',
      'JOBS_TABLE',
      'STATISTICS_TABLE',
    ],
    'ingest/plan-ingest': ['CURATED_BUCKET', 'JOBS_TABLE', 'RAW_BUCKET'],
    'console/serve-console': [
      'API_URL',
      'CLIENT_NAME',
      'IMAGE_BUCKET_URL',
      'SCOPES',
      'STAGE',
      'TOKEN_DOMAIN',
      'TOKEN_ISSUER',
      'UPLOAD_BUCKET_URL',
      'USER_POOL_ID',
    ],
    'toons/plan-job': ['JOBS_TABLE'],
    'ingest/plan-merge': ['CURATED_BUCKET', 'JOBS_TABLE', 'BUFFER_MIB'],
    'toons/process-toon': ['METRICS_NAMESPACE', 'IDEMPOTENCY_TABLE', 'JOBS_TABLE'],
    'api/operate': [
      'CURATED_BUCKET',
      'INGEST_MACHINE_ARN',
      'JOBS_TABLE',
      'JOB_MACHINE_ARN',
      'RAW_BUCKET',
      'STATISTICS_TABLE',
    ],
    'api/query-operations': [
      'ALERTS_TABLE',
      'API_NAME',
      'OBSERVABILITY',
      'WATCHED_NAMESPACE',
      'BUS_DEAD_LETTERS_URL',
      'CURATED_BUCKET',
      'DELIVERY_STREAM',
      'INGEST_DEAD_LETTERS_URL',
      'INGEST_MACHINE_ARN',
      'INGEST_QUEUE_URL',
      'JOBS_TABLE',
      'JOB_DEAD_LETTERS_URL',
      'JOB_MACHINE_ARN',
      'PIPE',
      'RAW_BUCKET',
      'STATISTICS_TABLE',
      'RELAY_RULE',
      'STREAMS_TABLE',
    ],
    'api/query-api': ['ALERTS_TABLE', 'CURATED_BUCKET', 'JOBS_TABLE', 'STATISTICS_TABLE', 'RAW_BUCKET'],
    'api/command-streams': ['DELIVERY_STREAM', 'STREAMS_TABLE'],
    'api/query-streams': ['STREAMS_TABLE'],
    'streams/relay-commits': ['DELIVERY_STREAM', 'STREAMS_TABLE'],
    'api/inspect-file': ['UPLOADS_BUCKET'],
    'api/query-jobs': ['JOBS_TABLE', 'TOONS_BUCKET'],
    'api/submit-job': ['JOBS_TABLE', 'JOB_MACHINE_ARN', 'TOONS_BUCKET', 'UPLOAD_BYTES_PER_DAY'],
    'api/submit-readings': ['DELIVERY_STREAM'],
    'api/upload-files': ['JOBS_TABLE', 'RAW_BUCKET', 'UPLOADS_BUCKET'],
    'reports/make-report': [
      'LAKE_DATABASE',
      'LAKE_WORKGROUP',
      'LINK_SECONDS',
      'REPORT_BUCKET',
      'REPORT_TOPIC_ARN',
    ],
    'toons/summarize-job': ['JOBS_TABLE'],
    'ingest/validate-segment': ['CURATED_BUCKET', 'IDEMPOTENCY_TABLE', 'JOBS_TABLE', 'METRICS_NAMESPACE'],
  };

  test.each(functions)('$handler has the variables it reads and no others', ({ handler, properties }) => {
    const expected = [...common, ...(own[handler] ?? ['a handler that this test does not know'])];
    expect(Object.keys(properties.Environment.Variables).sort()).toEqual(expected.sort());
  });

  test.each(functions)(
    '$handler runs on arm64 and Node 24, traced, with its own role and log group',
    ({ properties }) => {
      expect(properties).toMatchObject({
        Architectures: ['arm64'],
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogGroup: { Ref: expect.any(String) } },
      });
      expect(properties.Environment.Variables.NODE_OPTIONS).toBe('--enable-source-maps');
      const roles = functions.map((one) =>
        JSON.stringify([one.properties.Role, one.properties.LoggingConfig]),
      );
      expect(
        roles.filter((role) => role === JSON.stringify([properties.Role, properties.LoggingConfig])),
      ).toHaveLength(1);
    },
  );
});

describe('the API', () => {
  const byId = new Map(
    resourcesOf(api, 'AWS::ApiGateway::Resource').map((resource) => [resource.id, resource]),
  );
  const pathOf = (id: string | undefined): string => {
    const resource = id === undefined ? undefined : byId.get(id);
    return resource ? `${pathOf(resource.properties.ParentId.Ref)}/${resource.properties.PathPart}` : '';
  };
  const methods = resourcesOf(api, 'AWS::ApiGateway::Method').map(({ properties }) => properties);

  test('has exactly the routes of the table with HEAD and the rest of the methods, each with its scope and function', () => {
    const built = methods.map((method) => ({
      route: `${method.HttpMethod} ${pathOf(method.ResourceId.Ref)}`,
      scopes: method.AuthorizationScopes ?? null,
      authorization: method.AuthorizationType,
      handler: functions.find(({ id }) => JSON.stringify(method.Integration.Uri).includes(`"${id}"`))
        ?.handler,
    }));
    const listed = routes.flatMap(({ method, path, scope, function: handler }) =>
      (method === 'GET' ? ['GET', 'HEAD'] : [method]).map((verb) => ({
        route: `${verb} ${path}`,
        scopes: scope === null ? null : [`caudal/${scope}`],
        authorization: scope === null ? 'NONE' : 'COGNITO_USER_POOLS',
        handler: `api/${handler}`,
      })),
    );
    // What is left is told what there is, by the function that may nothing.
    for (const path of new Set(routes.map((route) => route.path)))
      listed.push({ route: `ANY ${path}`, scopes: null, authorization: 'NONE', handler: 'api/describe-api' });
    const sorted = <T extends { route: string }>(list: T[]) =>
      list.sort((a, b) => a.route.localeCompare(b.route));
    expect(sorted(built)).toEqual(sorted(listed));
  });

  test('is served as stage prod, throttled and logged', () => {
    api.hasResourceProperties('AWS::ApiGateway::Stage', {
      StageName: 'prod',
      AccessLogSetting: { DestinationArn: Match.anyValue(), Format: Match.stringLikeRegexp('requestId') },
      MethodSettings: [
        Match.objectLike({ ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100, DataTraceEnabled: false }),
      ],
    });
  });

  test('says what is wrong with a token, and that a route does not exist', () => {
    api.hasResourceProperties('AWS::ApiGateway::GatewayResponse', {
      ResponseType: 'UNAUTHORIZED',
      StatusCode: '401',
      ResponseTemplates: { 'application/json': Match.stringLikeRegexp('access token, not an ID token') },
      ResponseParameters: Match.objectLike({
        'gatewayresponse.header.WWW-Authenticate': '\'Bearer realm="caudal"\'',
        'gatewayresponse.header.Content-Type': "'application/problem+json'",
      }),
    });
    api.hasResourceProperties('AWS::ApiGateway::GatewayResponse', {
      ResponseType: 'MISSING_AUTHENTICATION_TOKEN',
      StatusCode: '404',
    });
  });

  test('answers nothing itself but problems of the table, with the status that they say', () => {
    for (const { properties } of resourcesOf(api, 'AWS::ApiGateway::GatewayResponse')) {
      const document = JSON.parse(properties.ResponseTemplates['application/json']);
      const filled = { ...document, instance: 'urn:uuid:0' };
      expect(problemDocument.parse(filled).status, properties.ResponseType).toBe(
        Number(properties.StatusCode),
      );
      expect(document.instance).toBe('urn:uuid:$context.requestId');
    }
  });

  test('compresses what is of any length', () => {
    api.hasResourceProperties('AWS::ApiGateway::RestApi', { MinimumCompressionSize: 1024 });
  });

  test('gives tokens to two clients with a secret, by client credentials: one may all, and one reads', () => {
    const clients = resourcesOf(api, 'AWS::Cognito::UserPoolClient');
    expect(clients, 'clients that `caudal cost` counts').toHaveLength(machineClients);
    const scopesOf = (name: string): string[] => {
      const client = clients.find(({ properties }) => properties.ClientName === name);
      expect(client?.properties).toMatchObject({
        GenerateSecret: true,
        AllowedOAuthFlows: ['client_credentials'],
        AllowedOAuthFlowsUserPoolClient: true,
      });
      return [...JSON.stringify(client?.properties.AllowedOAuthScopes).matchAll(/"\/(\w+)"/g)].map(
        ([, scope]) => String(scope),
      );
    };
    expect(scopesOf('reader')).toEqual(['read']);
    expect(scopesOf('writer').sort()).toEqual(['jobs', 'operate', 'read', 'write']);
    // By this id the client of an installation from before there were two goes on.
    expect(Object.keys(api.findResources('AWS::Cognito::UserPoolClient')).join()).toContain(
      'TokensPoolMachine',
    );
  });

  test('has groups of people, whom an operator makes, and no name that an older pool could not take', () => {
    for (const GroupName of ['viewer', 'operator'])
      api.hasResourceProperties('AWS::Cognito::UserPoolGroup', { GroupName });
    const [pool] = resourcesOf(api, 'AWS::Cognito::UserPool');
    expect(pool?.properties).toMatchObject({ UserPoolTier: 'ESSENTIALS', MfaConfiguration: 'OPTIONAL' });
    expect(pool?.properties.EnabledMfas).toEqual(['SOFTWARE_TOKEN_MFA']);
    // None of these can be given to a pool that is there: the deployment would fail.
    for (const fixed of ['UsernameAttributes', 'AliasAttributes', 'UsernameConfiguration', 'Schema'])
      expect(pool?.properties).not.toHaveProperty(fixed);
    api.hasResourceProperties('AWS::Cognito::UserPoolDomain', { ManagedLoginVersion: 2 });
    api.hasResourceProperties('AWS::Cognito::UserPool', {
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    });
    api.hasResourceProperties('AWS::Cognito::UserPoolResourceServer', {
      Identifier: 'caudal',
      Scopes: ['read', 'write', 'operate', 'jobs'].map((ScopeName) => Match.objectLike({ ScopeName })),
    });
  });
});

describe('outputs', () => {
  test.each([
    [
      'data',
      [
        ...['AlertsTable', 'CuratedBucket', 'IdempotencyTable', 'JobsTable', 'LakeDatabase', 'LakeWorkgroup'],
        ...['RawBucket', 'StatisticsTable', 'StreamsTable'],
      ],
    ],
    [
      'ingest',
      [
        'AlertTopic',
        'BusDeadLetterQueue',
        'DeliveryStream',
        'EventBus',
        'IngestDeadLetterQueue',
        'IngestMachine',
        'IngestQueue',
      ],
    ],
    [
      'api',
      [
        'ApiUrl',
        'ClientId',
        'RelayRule',
        'ScopeJobs',
        'ScopeOperate',
        'ScopeRead',
        'ScopeWrite',
        'TokenUrl',
        'UserPoolId',
        'WriterClientId',
      ],
    ],
  ] as const)('of %s', (stack, names) => {
    const outputs = Object.entries(templates[stack].toJSON().Outputs as Record<string, object>);
    const named = outputs.filter(([, output]) => !('Export' in output)).map(([name]) => name);
    expect(named.sort()).toEqual(names);
  });
});

describe('tables', () => {
  const tables = Object.fromEntries(
    resourcesOf(data, 'AWS::DynamoDB::Table').map(({ id, properties }) => [
      id.replace(/^Tables|[0-9A-F]{8}$/g, ''),
      {
        key: properties.KeySchema.map(({ AttributeName }: { AttributeName: string }) => AttributeName),
        indexes: Object.fromEntries(
          [...(properties.GlobalSecondaryIndexes ?? []), ...(properties.LocalSecondaryIndexes ?? [])].map(
            // biome-ignore lint/suspicious/noExplicitAny: a property of CloudFormation
            (index: any) => [
              index.IndexName,
              index.KeySchema.map(({ AttributeName }: { AttributeName: string }) => AttributeName),
            ],
          ),
        ),
        expires: properties.TimeToLiveSpecification?.AttributeName,
      },
    ]),
  );

  test('have the keys and indexes that the adapters use', () => {
    expect(tables).toEqual({
      Statistics: { key: ['pk', 'sk'], indexes: {}, expires: undefined },
      Jobs: { key: ['pk', 'sk'], indexes: { 'by-kind': ['kind', 'createdAt'] }, expires: 'expiration' },
      Alerts: {
        key: ['pk', 'sk'],
        indexes: { pending: ['pending', 'pk'], 'by-day': ['datasetMonth', 'sk'] },
        expires: undefined,
      },
      Idempotency: { key: ['id'], indexes: {}, expires: 'expiration' },
      Streams: {
        key: ['pk', 'sk'],
        indexes: { pending: ['pending', 'pendingSince'], 'by-command': ['pk', 'command'] },
        expires: undefined,
      },
    });
  });
});
