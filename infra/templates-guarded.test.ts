import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import {
  identityStatements,
  many,
  type Resource,
  resourcesOf,
  type Statement,
} from '../test/support/infra/resources.ts';
import { synthesize, synthesizedAssembly } from '../test/support/infra/synthesized.ts';

const templates = synthesize();
const of = (type: string): [string, Resource][] =>
  resourcesOf(templates, type).map((resource) => [resource.id, resource]);

describe('encryption at rest', () => {
  test.each(of('AWS::S3::Bucket'))('bucket %s', (id, { properties }) => {
    const [rule] = properties.BucketEncryption.ServerSideEncryptionConfiguration;
    const algorithm = rule.ServerSideEncryptionByDefault.SSEAlgorithm;
    // Log delivery can't write under a customer's key.
    expect(algorithm).toBe(/AccessLogs/.test(id) ? 'AES256' : 'aws:kms');
  });

  test.each(of('AWS::DynamoDB::Table'))('table %s', (_, { properties }) => {
    expect(properties.SSESpecification).toMatchObject({
      SSEEnabled: true,
      SSEType: 'KMS',
      KMSMasterKeyId: expect.anything(),
    });
  });

  test.each([...of('AWS::SQS::Queue'), ...of('AWS::SNS::Topic')])('%s', (id, { properties }) => {
    // What lies in this one is encrypted already, and the key may be what fails.
    if (id.startsWith('BusDeadLetters')) expect(properties.SqsManagedSseEnabled).toBe(true);
    else expect(properties.KmsMasterKeyId).toBeDefined();
  });

  test.each(of('AWS::Logs::LogGroup'))('log group %s, which also has a retention', (id, { properties }) => {
    expect(properties.KmsKeyId).toBeDefined();
    expect(properties.RetentionInDays).toBe(/AccessLog/.test(id) ? 365 : 90);
  });

  test('the delivery stream, while it gathers and when it writes', () => {
    const [stream] = resourcesOf(templates.ingest, 'AWS::KinesisFirehose::DeliveryStream');
    expect(stream?.properties.DeliveryStreamEncryptionConfigurationInput.KeyType).toBe(
      'CUSTOMER_MANAGED_CMK',
    );
    expect(
      stream?.properties.ExtendedS3DestinationConfiguration.EncryptionConfiguration.KMSEncryptionConfig,
    ).toBeDefined();
  });

  test('the state machines and the bus', () => {
    for (const { properties } of resourcesOf(templates, 'AWS::StepFunctions::StateMachine')) {
      expect(properties.EncryptionConfiguration).toMatchObject({ Type: 'CUSTOMER_MANAGED_KMS_KEY' });
    }
    const [bus] = resourcesOf(templates.ingest, 'AWS::Events::EventBus');
    expect(bus?.properties.KmsKeyIdentifier).toBeDefined();
  });

  test('a role uses the key only by way of a service, or for state machines that are its own or that it reads', () => {
    const ofKey = identityStatements(templates).filter(([, { Action }]) =>
      many(Action).some((action) => action.startsWith('kms:')),
    );
    expect(ofKey.length).toBeGreaterThan(10);
    for (const [id, { Condition }] of ofKey) {
      const keys = Object.keys(Object.assign({}, ...Object.values(Condition ?? {})));
      // Step Functions asks KMS as the role itself, and not for it: with kms:ViaService no execution would start, and none be read.
      const ofMachine = /^kms:EncryptionContext:(aws:states:stateMachineArn|SourceArn)$/;
      expect(keys, id).toEqual([
        id.startsWith('Workflow') || id.startsWith('OperationFunctions')
          ? expect.stringMatching(new RegExp(`${ofMachine.source}|^kms:ViaService$`))
          : 'kms:ViaService',
      ]);
    }
  });

  test('the key is rotated, and services use it only for this account, but the rule, which names none to the key of its queue', () => {
    const [key] = resourcesOf(templates.data, 'AWS::KMS::Key');
    expect(key?.properties.EnableKeyRotation).toBe(true);
    const statements: (Statement & { Sid?: string; Principal: { Service?: unknown } })[] =
      key?.properties.KeyPolicy.Statement ?? [];
    const forServices = statements.filter(({ Principal }) => Principal.Service !== undefined);
    expect(forServices.length).toBeGreaterThan(3);
    for (const { Sid, Condition } of forServices) {
      const [first] = Object.keys(Object.assign({}, ...Object.values(Condition ?? {}))).sort();
      if (Sid === 'RuleToQueue') expect(first).toBeUndefined();
      else
        expect(first).toMatch(/^(aws:Source(Account|Arn)|kms:EncryptionContext:(aws:logs:arn|SourceArn))$/);
    }
  });
});

describe('access', () => {
  test.each(of('AWS::S3::Bucket'))('bucket %s is closed to the public', (_, { properties }) => {
    expect(properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    expect(properties.OwnershipControls.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }]);
  });

  test.each([
    ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy', (policy: Resource) => [policy.properties.Bucket]],
    ['AWS::SQS::Queue', 'AWS::SQS::QueuePolicy', (policy: Resource) => policy.properties.Queues],
    ['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy', (policy: Resource) => policy.properties.Topics],
  ])('every %s refuses requests without TLS', (type, policyType, targetsOf) => {
    const guarded = resourcesOf(templates, policyType)
      .filter(({ properties }) =>
        (properties.PolicyDocument.Statement as Statement[]).some(
          ({ Effect, Condition }) =>
            Effect === 'Deny' && Condition?.Bool?.['aws:SecureTransport'] === 'false',
        ),
      )
      .flatMap(targetsOf)
      .map(({ Ref }: { Ref: string }) => Ref);
    const all = resourcesOf(templates, type).map(({ id }) => id);
    expect(guarded.sort()).toEqual(all.sort());
  });

  test('no resource policy lets everybody in', () => {
    const open = resourcesOf(templates)
      .flatMap(({ id, properties }) =>
        many<Statement>(properties.PolicyDocument?.Statement).map((statement) => ({ id, ...statement })),
      )
      .filter(
        ({ Effect, Principal }) => Effect === 'Allow' && JSON.stringify(Principal ?? '').includes('"*"'),
      );
    expect(open).toEqual([]);
  });

  test('who lists the raw bucket by prefix may list what is ingested, who tells the status what could not be delivered too, and nothing else', () => {
    const listing = identityStatements(templates).filter(([, { Action }]) =>
      many(Action).includes('s3:ListBucketVersions'),
    );
    const ingested = ['landing/*', 'raw/*'];
    const prefixes = listing.map(([, { Condition }]) => Condition);
    expect(prefixes).toContainEqual({ StringLike: { 's3:prefix': [...ingested, 'errors/*'] } });
    for (const prefix of prefixes)
      expect(
        [ingested, [...ingested, 'errors/*']].map((of) => ({ StringLike: { 's3:prefix': of } })),
      ).toContainEqual(prefix);
  });

  test('no action of any role is a wildcard', () => {
    const wild = identityStatements(templates).filter(([, { Action }]) =>
      many(Action).some((action) => action.includes('*')),
    );
    expect(wild).toEqual([]);
  });

  test('the resource `*` is used only by actions that know no resource', () => {
    const withoutResource = [
      /^xray:/,
      /^cloudwatch:GetMetricData$/,
      /^logs:\w*LogDeliver(y|ies)$/,
      /^logs:(DescribeLogGroups|DescribeResourcePolicies|PutResourcePolicy)$/,
    ];
    const actions = identityStatements(templates)
      .filter(([, { Resource: resource }]) => many(resource).includes('*'))
      .flatMap(([, { Action }]) => many(Action));
    expect(actions.filter((action) => !withoutResource.some((pattern) => pattern.test(action)))).toEqual([]);
  });

  test('a role has no policy of AWS, but the one that lets API Gateway log', () => {
    const managed = resourcesOf(templates, 'AWS::IAM::Role').flatMap(
      ({ properties }) => properties.ManagedPolicyArns ?? [],
    );
    expect(managed).toHaveLength(1);
    expect(JSON.stringify(managed)).toContain('AmazonAPIGatewayPushToCloudWatchLogs');
  });

  test('roles of services can be assumed for this account only, but by Lambda and API Gateway, which name no account', () => {
    for (const { id, properties } of resourcesOf(templates, 'AWS::IAM::Role')) {
      for (const { Principal, Condition } of properties.AssumeRolePolicyDocument.Statement) {
        if (/lambda|apigateway/.test(JSON.stringify(Principal))) continue;
        expect(Condition?.StringEquals, id).toEqual({ 'aws:SourceAccount': { Ref: 'AWS::AccountId' } });
      }
    }
  });

  test('the API takes TLS 1.2 with forward secrecy or newer, and only under its own name', () => {
    const [api] = resourcesOf(templates.api, 'AWS::ApiGateway::RestApi');
    expect(api?.properties).toMatchObject({
      SecurityPolicy: 'SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09',
      EndpointAccessMode: 'STRICT',
    });
  });

  test('buckets take TLS 1.2 or newer', () => {
    const policies = resourcesOf(templates, 'AWS::S3::BucketPolicy');
    for (const { id, properties } of policies) {
      expect(properties.PolicyDocument.Statement, id).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Action: 's3:*',
          Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } },
        }),
      );
    }
  });

  test('the access log says which client asked, and has nothing that a caller words', () => {
    const [stage] = resourcesOf(templates.api, 'AWS::ApiGateway::Stage');
    const format = JSON.parse(stage?.properties.AccessLogSetting.Format);
    expect(format.clientId).toBe('$context.authorizer.claims.client_id');
    expect(Object.values(format).join()).not.toMatch(/userAgent|context\.path\b|requestOverride/);
  });

  test('functions have no URL but the one of the console, and only the API, its distribution and the schedules may invoke those behind them', () => {
    expect(resourcesOf(templates, 'AWS::Lambda::Url').map(({ id }) => id)).toEqual([
      expect.stringMatching(/^ServeConsole/),
    ]);
    for (const { id, properties } of resourcesOf(templates, 'AWS::Lambda::Permission')) {
      if (/^Silence|^StreamFunctionsRelayCommits/.test(id)) {
        expect(properties).toMatchObject({
          Principal: 'events.amazonaws.com',
          SourceArn: { 'Fn::GetAtt': expect.anything() },
        });
        continue;
      }
      const isOfSite = id.startsWith('Site');
      expect(properties.Principal).toBe(`${isOfSite ? 'cloudfront' : 'apigateway'}.amazonaws.com`);
      expect(JSON.stringify(properties.SourceArn)).toContain(isOfSite ? ':distribution/' : 'execute-api');
    }
  });
});

describe('data is kept', () => {
  test.each(of('AWS::DynamoDB::Table'))(
    'table %s: on demand, recoverable, protected',
    (_, { properties, raw }) => {
      expect(properties.BillingMode).toBe('PAY_PER_REQUEST');
      expect(properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled).toBe(true);
      expect(properties.DeletionProtectionEnabled).toBe(true);
      expect(raw.DeletionPolicy).toBe('Retain');
    },
  );

  test('the raw bucket has versions, and nothing of raw/ or landing/ expires while it is current', () => {
    const raw = resourcesOf(templates.data, 'AWS::S3::Bucket').find(({ id }) => id.startsWith('BucketsRaw'));
    expect(raw?.properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
    const expiring = raw?.properties.LifecycleConfiguration.Rules.filter(
      (rule: object) => 'ExpirationInDays' in rule,
    );
    expect(expiring.map(({ Prefix }: { Prefix: string }) => Prefix)).toEqual(['errors/']);
    expect(raw?.raw.DeletionPolicy).toBe('Retain');
  });

  test('of the curated bucket only staging/ expires', () => {
    const curated = resourcesOf(templates.data, 'AWS::S3::Bucket').find(({ id }) =>
      id.startsWith('BucketsCurated'),
    );
    const expiring = curated?.properties.LifecycleConfiguration.Rules.filter(
      (rule: object) => 'ExpirationInDays' in rule,
    );
    expect(expiring).toEqual([expect.objectContaining({ Prefix: 'staging/', ExpirationInDays: 14 })]);
  });

  test('the stack of what is kept has termination protection, of a trial it has not', () => {
    const isProtected = (context: Record<string, unknown>) =>
      synthesizedAssembly(context).constructs.some(
        (construct) => construct.node.path === 'CaudalData' && (construct as Stack).terminationProtection,
      );
    expect(isProtected({})).toBe(true);
    expect(isProtected({ 'caudal:protectData': false })).toBe(false);
  });

  test('access logs are kept for a year', () => {
    const logs = of('AWS::S3::Bucket').filter(([id]) => /AccessLogs/.test(id));
    expect(logs).toHaveLength(2);
    for (const [, { properties }] of logs) {
      expect(properties.LifecycleConfiguration.Rules).toEqual([
        expect.objectContaining({ ExpirationInDays: 365 }),
      ]);
    }
  });

  test('what stays after a removal is what docs/configuration.md lists', () => {
    const kept = new Map<string, number>();
    for (const { type, raw } of resourcesOf(templates)) {
      if (raw.DeletionPolicy === 'Retain') kept.set(type, (kept.get(type) ?? 0) + 1);
    }
    expect(Object.fromEntries(kept)).toEqual({
      'AWS::S3::Bucket': 7,
      'AWS::DynamoDB::Table': 5,
      'AWS::KMS::Key': 1,
      'AWS::Cognito::UserPool': 1,
      'AWS::ApiGateway::Account': 1,
      'AWS::IAM::Role': 1,
    });
    const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'configuration.md'), 'utf8');
    expect(page).toMatch(/seven buckets: .*\n- five tables, the user pool and the key/s);
  });

  test('an installation for trial leaves nothing behind', () => {
    const trial = synthesize({ 'caudal:protectData': false });
    const kept = resourcesOf(trial).filter(({ raw }) => raw.DeletionPolicy === 'Retain');
    // The account's logging role: other APIs may have come to use it.
    expect(kept.map(({ type }) => type).sort()).toEqual(['AWS::ApiGateway::Account', 'AWS::IAM::Role']);
    for (const { properties } of resourcesOf(trial, 'AWS::DynamoDB::Table')) {
      expect(properties.DeletionProtectionEnabled).toBe(false);
    }
  });
});

describe('nothing but what the template says', () => {
  test('no custom resource', () => {
    const custom = resourcesOf(templates).filter(({ type }) => /^Custom::|CustomResource/.test(type));
    expect(custom).toEqual([]);
  });

  test('no function but those of handlers/', () => {
    for (const { properties } of resourcesOf(templates, 'AWS::Lambda::Function')) {
      expect(properties.Code.ZipFile).toMatch(/^\/\/ handlers\/[a-z-]+\/[a-z-]+$/);
    }
  });

  test('no parameter, no bootstrap rule', () => {
    for (const template of Object.values(templates)) {
      expect(template.toJSON()).not.toHaveProperty('Parameters');
      expect(template.toJSON()).not.toHaveProperty('Rules');
    }
  });
});
