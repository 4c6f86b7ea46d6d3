import { describe, expect, test } from 'vitest';
import { routes } from '../handlers/api/contract/routes.ts';
import { everyOptionOff, everyOptionOn, optionSets } from '../test/support/infra/option-sets.ts';
import { many, type Resource, resourcesOf, type Statement } from '../test/support/infra/resources.ts';
import { shippedContext, synthesize } from '../test/support/infra/synthesized.ts';
import { readConfig, refuseConsoleIn } from './config.ts';

const on = synthesize(everyOptionOn);
const off = synthesize(everyOptionOff);

const named = (templates: typeof on, type: string, id: string): Resource => {
  const found = resourcesOf(templates, type).find((resource) => resource.id.startsWith(id));
  if (found === undefined) throw new Error(`No ${type} is named ${id}.`);
  return found;
};
const statementsOf = ({ properties }: Resource, property = 'PolicyDocument') =>
  properties[property].Statement as (Statement & { Sid?: string })[];

test('the sets of options name every option that has an off', () => {
  const options = Object.keys(shippedContext).filter((key) => key.startsWith('caudal:'));
  const hasOff = options.filter((key) => [0, false, true, '', 'none'].includes(shippedContext[key] as never));
  const withoutEffect = ['caudal:stage', 'caudal:tokenDomainPrefix']; // a name is no resource
  const shippedOn = ['caudal:observability', 'caudal:writeUnitsPerHour']; // and may be switched off
  expect(Object.keys(everyOptionOff).sort()).toEqual(
    [...hasOff.filter((key) => !withoutEffect.includes(key)), ...shippedOn].sort(),
  );
});

describe('caudal:ingestConcurrency', () => {
  const reserved = (templates: typeof on) =>
    resourcesOf(templates, 'AWS::Lambda::Function').flatMap(({ id, properties }) =>
      properties.ReservedConcurrentExecutions === undefined
        ? []
        : [[id.replace(/Function[0-9A-F]{8}$/, ''), properties.ReservedConcurrentExecutions]],
    );

  test('reserves for each function of the ingestion and no other', () => {
    expect(reserved(on).sort()).toEqual(
      ['FinishIngest', 'MergePartition', 'PlanIngest', 'PlanMerge', 'ValidateSegment'].map((name) => [
        `Functions${name}`,
        8,
      ]),
    );
  });
  test('reserves nothing when it is 0', () => expect(reserved(off)).toEqual([]));
});

describe('caudal:corsOrigin', () => {
  const refusals = (templates: typeof on) =>
    resourcesOf(templates, 'AWS::ApiGateway::GatewayResponse').map(
      ({ properties }) => properties.ResponseParameters['gatewayresponse.header.Access-Control-Allow-Origin'],
    );
  const origins = (templates: typeof on) =>
    resourcesOf(templates, 'AWS::Lambda::Function').flatMap(({ properties }) => {
      const origin = properties.Environment?.Variables?.CORS_ORIGIN;
      return origin === undefined ? [] : [origin];
    });

  test('is told to each function of the API, and is in what API Gateway answers itself', () => {
    const answering = new Set(routes.map((route) => route.function));
    expect(origins(on)).toEqual([...answering].map(() => 'https://app.example.com'));
    expect(new Set(refusals(on))).toEqual(new Set(["'https://app.example.com'"]));
  });
  test('is nowhere when it is empty', () => {
    expect([...origins(off), ...refusals(off).filter((header) => header !== undefined)]).toEqual([]);
  });
});

describe('caudal:monthlyReports', () => {
  const made = named(on, 'AWS::Lambda::Function', 'MonthlyMakeReport');
  const rule = named(on, 'AWS::Events::Rule', 'MonthlyEachMonth');

  test('calls the function on a day after the month has ended by every clock, with the dataset and the time', () => {
    expect(rule.properties.ScheduleExpression).toBe('cron(0 6 4 * ? *)');
    expect(rule.properties.Targets).toMatchObject([
      {
        Arn: { 'Fn::GetAtt': [made.id, 'Arn'] },
        InputTransformer: {
          InputPathsMap: { time: '$.time' },
          InputTemplate: '{"dataset":"salon-bookings","time":<time>}',
        },
      },
    ]);
  });

  test('lets the function read the dataset that its SQL names, in the catalog and in the bucket, and no other', () => {
    const role = made.properties.Role['Fn::GetAtt'][0];
    const policy = resourcesOf(on, 'AWS::IAM::Policy').find(
      ({ properties }) => properties.Roles[0].Ref === role,
    );
    const text = JSON.stringify(policy);
    expect(text).toContain('table/caudal/salon_bookings"');
    expect(text).toContain('table/caudal/salon_bookings_files"');
    expect(text).toContain('/curated/dataset=salon-bookings/*"');
    expect(text).not.toMatch(/table\/caudal\/(?!salon_bookings)|dataset=(?!salon-bookings)/);
  });

  test('is nowhere when it is empty, and refuses a dataset without a report', () => {
    expect(JSON.stringify({ ...off })).not.toContain('MakeReport');
    for (const [given, why] of [
      [
        'water-temperature',
        '"water-temperature", which has no datasets/water-temperature.report.sql; accepted: salon-bookings',
      ],
      ['salon-bookings,salon-bookings', 'names of up to 5 different datasets'],
      ['a,b,c,d,e,f', 'names of up to 5 different datasets'],
      ['salon-bookings,', 'names of up to 5 different datasets'],
    ] as const)
      expect(() => synthesize({ 'caudal:monthlyReports': given })).toThrow(why);
  });
});

test('pages that may send files are those of the console, else the one of caudal:corsOrigin, else none', () => {
  const originsOf = (templates: typeof on) =>
    named(templates, 'AWS::S3::Bucket', 'BucketsUploads').properties.CorsConfiguration?.CorsRules.flatMap(
      ({ AllowedOrigins }: { AllowedOrigins: string[] }) => AllowedOrigins,
    );
  expect(originsOf(on)).toEqual(['*']); // CloudFront's name of the console is not known before it is deployed
  expect(originsOf(off)).toBeUndefined();
  const withoutConsole = synthesize({
    ...everyOptionOff,
    'caudal:corsOrigin': 'https://app.example.com',
  });
  expect(originsOf(withoutConsole)).toEqual(['https://app.example.com']);
});

describe('caudal:apiRatePerAddress', () => {
  test('blocks an address that sends more within five minutes, before the stage of the API', () => {
    const { id, properties } = named(on, 'AWS::WAFv2::WebACL', 'Firewall');
    expect(properties).toMatchObject({ Scope: 'REGIONAL', DefaultAction: { Allow: {} } });
    expect(properties.Rules).toEqual([
      expect.objectContaining({
        Action: { Block: {} },
        Statement: {
          RateBasedStatement: { AggregateKeyType: 'IP', Limit: 1000, EvaluationWindowSec: 300 },
        },
      }),
    ]);
    const association = named(on, 'AWS::WAFv2::WebACLAssociation', 'Firewall').properties;
    expect(association.WebACLArn).toEqual({ 'Fn::GetAtt': [id, 'Arn'] });
    expect(JSON.stringify(association.ResourceArn)).toMatch(/restapis.*stages/);
  });

  test('logs what it blocks, without tokens, to a group that WAF accepts', () => {
    const { properties } = named(on, 'AWS::WAFv2::LoggingConfiguration', 'Firewall');
    expect(properties.RedactedFields).toEqual([{ SingleHeader: { Name: 'authorization' } }]);
    expect(JSON.stringify(properties.LogDestinationConfigs)).not.toContain('GetAtt'); // that ARN ends in `:*`
    expect(named(on, 'AWS::Logs::LogGroup', 'Firewall').properties.LogGroupName).toMatch(/^aws-waf-logs-/);
  });

  test('makes no web ACL when it is 0', () => {
    expect(resourcesOf(off).filter(({ type }) => type.startsWith('AWS::WAFv2'))).toEqual([]);
  });
});

describe('the raw bucket', () => {
  const rawOf = (templates: typeof on) => named(templates, 'AWS::S3::Bucket', 'BucketsRaw');
  const transitions = (bucket: Resource) =>
    bucket.properties.LifecycleConfiguration.Rules.filter((rule: object) => 'Transitions' in rule);
  const denials = (templates: typeof on) =>
    statementsOf(named(templates, 'AWS::S3::BucketPolicy', 'BucketsRaw')).filter(
      ({ Sid }) => Sid === 'KeepVersions',
    );

  test('moves what is old and large to a class that is read at once', () => {
    expect(transitions(rawOf(on))).toEqual(
      ['raw/', 'landing/'].map((prefix) =>
        expect.objectContaining({
          Prefix: prefix,
          Transitions: [{ StorageClass: 'STANDARD_IA', TransitionInDays: 90 }],
        }),
      ),
    );
    expect(rawOf(on).properties.LifecycleConfiguration.TransitionDefaultMinimumObjectSize).toBe(
      'all_storage_classes_128K',
    );
    expect(transitions(rawOf(off))).toEqual([]);
  });

  test('is locked for the days of caudal:rawLockDays', () => {
    expect(rawOf(on).properties).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 30 } } },
    });
    expect(rawOf(off).properties).not.toHaveProperty('ObjectLockEnabled');
  });

  test('refuses to everybody the deletion of a version, and the way around the lock', () => {
    expect(denials(on)).toEqual([
      expect.objectContaining({
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: ['s3:BypassGovernanceRetention', 's3:DeleteObjectVersion'],
      }),
    ]);
    expect(denials(off)).toEqual([]);
  });
});

describe('caudal:auditDataEvents', () => {
  test('records each access to raw and curated objects and to the tables', () => {
    const { properties } = named(on, 'AWS::CloudTrail::Trail', 'Audit');
    expect(properties).toMatchObject({ IsLogging: true, EnableLogFileValidation: true });
    const types = properties.AdvancedEventSelectors.map(
      ({ FieldSelectors }: { FieldSelectors: { Field: string; Equals?: string[] }[] }) =>
        FieldSelectors.find(({ Field }) => Field === 'resources.type')?.Equals,
    );
    expect(types).toEqual([['AWS::S3::Object'], ['AWS::DynamoDB::Table']]);
    expect(resourcesOf(off, 'AWS::CloudTrail::Trail')).toEqual([]);
  });

  test('lets CloudTrail write its files and use the key for this trail alone', () => {
    const ofBucket = statementsOf(named(on, 'AWS::S3::BucketPolicy', 'Audit'));
    const ofKey = statementsOf(named(on, 'AWS::KMS::Key', 'Encryption'), 'KeyPolicy');
    const forTrail = [...ofBucket, ...ofKey].filter(({ Principal }) =>
      JSON.stringify(Principal).includes('cloudtrail'),
    );
    expect(forTrail.flatMap(({ Action }) => many(Action)).sort()).toEqual([
      'kms:DescribeKey',
      'kms:GenerateDataKey',
      's3:GetBucketAcl',
      's3:PutObject',
    ]);
    for (const { Condition } of forTrail) {
      expect(JSON.stringify(Condition?.ArnEquals)).toContain(':trail/caudal-data-events');
    }
  });
});

describe('caudal:streams', () => {
  const text = (templates: typeof on) =>
    JSON.stringify(
      [templates.data, templates.ingest, templates.jobs, templates.api].map((of) => of.toJSON()),
    );

  test('is a table, routes, a relay on a schedule and its alarm', () => {
    for (const part of ['TablesStreams', 'STREAMS_TABLE', 'rate(1 minute)', 'caudal-log-late', '{partition}'])
      expect(text(on)).toContain(part);
    expect(text(on)).not.toContain('WITHOUT_STREAMS');
  });
  test('is nowhere when it is false, but that the document leaves its routes out', () => {
    for (const part of ['TablesStreams', 'STREAMS_TABLE', 'rate(1 minute)', 'caudal-log-late', '{partition}'])
      expect(text(off)).not.toContain(part);
    expect(text(off)).toContain('WITHOUT_STREAMS');
  });
});

describe('caudal:console', () => {
  test('is a stack that the others know nothing of', () => {
    expect(on.console).toBeDefined();
    expect(off.console).toBeUndefined();
    const others = [on.data, on.ingest, on.jobs, on.api].map((template) => JSON.stringify(template.toJSON()));
    expect(others.filter((template) => /"Fn::ImportValue":"CaudalConsole|CloudFront/.test(template))).toEqual(
      [],
    );
  });

  test('has an address whose two paths are signed requests to the function, and the API', () => {
    const { DistributionConfig: config } = named(on, 'AWS::CloudFront::Distribution', 'Site').properties;
    expect(config.DefaultCacheBehavior).toMatchObject({
      AllowedMethods: ['GET', 'HEAD'],
      ViewerProtocolPolicy: 'redirect-to-https',
    });
    expect(config.CacheBehaviors).toEqual([
      expect.objectContaining({ PathPattern: '/api/*', ViewerProtocolPolicy: 'https-only' }),
    ]);
    expect(config.Origins[0]).toHaveProperty('OriginAccessControlId');
    expect(named(on, 'AWS::Lambda::Url', 'ServeConsole').properties.AuthType).toBe('AWS_IAM');
  });

  test('lets only this distribution invoke the function, and only by its URL', () => {
    const permissions = resourcesOf(
      on.console as NonNullable<typeof on.console>,
      'AWS::Lambda::Permission',
    ).map(({ properties }) => properties);
    expect(permissions.map(({ Action, InvokedViaFunctionUrl }) => [Action, InvokedViaFunctionUrl])).toEqual([
      ['lambda:InvokeFunctionUrl', undefined],
      ['lambda:InvokeFunction', true],
    ]);
    for (const { Principal, SourceArn } of permissions) {
      expect(Principal).toBe('cloudfront.amazonaws.com');
      expect(JSON.stringify(SourceArn)).toMatch(/:distribution\/.*"Ref":"SiteDistribution/);
    }
  });

  test('signs people in by a client without a secret, back to its own address only', () => {
    const { properties } = named(on, 'AWS::Cognito::UserPoolClient', 'SignIn');
    expect(properties).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid', 'caudal/read', 'caudal/write', 'caudal/operate', 'caudal/jobs'],
      RefreshTokenRotation: { Feature: 'ENABLED' },
    });
    expect(properties.CallbackURLs).toHaveLength(1);
    expect(JSON.stringify([properties.CallbackURLs, properties.LogoutURLs])).not.toContain('localhost');
  });

  test.each(['us-gov-west-1', 'cn-north-1'])('is refused by name in %s unless it is false', (region) => {
    const config = readConfig((key) => shippedContext[key]);
    expect(() => refuseConsoleIn(region, config)).toThrow(
      /^caudal:console is true; accepted in [\w-]+: false/,
    );
    expect(() => refuseConsoleIn(region, { ...config, console: false })).not.toThrow();
    expect(() => refuseConsoleIn('eu-west-1', config)).not.toThrow();
  });
});

describe('caudal:kinesis', () => {
  const there = synthesize(optionSets['in a network that is there']);
  const deliveries = (templates: typeof on) =>
    resourcesOf(templates, 'AWS::KinesisFirehose::DeliveryStream').map(({ id, properties }) => ({
      id,
      ...properties,
    })) as Record<string, never>[];
  const reading = (templates: typeof on) =>
    deliveries(templates).find(({ DeliveryStreamType: type }) => type === 'KinesisStreamAsSource');
  const granted = (templates: typeof on) =>
    statementsOf(named(templates, 'AWS::IAM::Policy', 'KinesisReadings')).map(({ Action, Resource: on }) => [
      many(Action),
      JSON.stringify(on),
    ]);

  test('is a delivery stream beside the first, which writes the same way from the stream', () => {
    const [direct] = deliveries(on).filter(({ DeliveryStreamType: type }) => type === 'DirectPut');
    const { ExtendedS3DestinationConfiguration: first } = direct ?? {};
    const { ExtendedS3DestinationConfiguration: second, KinesisStreamSourceConfiguration: source } =
      reading(on) ?? {};
    for (const property of ['BufferingHints', 'CompressionFormat', 'ErrorOutputPrefix', 'Prefix'])
      expect(second?.[property]).toEqual(first?.[property]);
    expect(JSON.stringify(source)).toContain('"KinesisStream');
    expect(deliveries(off)).toHaveLength(1);
  });

  test('makes a stream on demand under the key of the installation, which only its reader may read', () => {
    const [stream, ...others] = resourcesOf(on, 'AWS::Kinesis::Stream');
    expect(others).toEqual([]);
    expect(stream?.properties).toMatchObject({
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
      StreamEncryption: { EncryptionType: 'KMS' },
      RetentionPeriodHours: 24,
    });
    const readers = resourcesOf(on, 'AWS::IAM::Policy').filter(({ properties }) =>
      JSON.stringify(properties).includes('kinesis:GetRecords'),
    );
    expect(readers.map(({ id }) => id)).toEqual([expect.stringMatching(/^KinesisReadingsRole/)]);
  });

  test('reads one that is there, by its name and the id of its key', () => {
    expect(resourcesOf(there, 'AWS::Kinesis::Stream')).toEqual([]);
    expect(JSON.stringify(reading(there))).toContain(':stream/telemetry"');
    const ofStream = granted(there).find(([actions]) => actions?.includes('kinesis:GetRecords'));
    expect(ofStream?.[1]).toContain(':stream/telemetry"');
    const ofKey = granted(there).filter(([actions]) => actions?.includes('kms:Decrypt'));
    expect(ofKey.some(([, on]) => on?.includes(':key/0a1b2c3d-0000-4000-8000-000000000000"'))).toBe(true);
    const without = synthesize({ 'caudal:kinesis': 'stream/telemetry' });
    expect(granted(without).flatMap(([actions = []]) => actions)).toContain('kinesis:GetRecords');
    const viaKinesis = JSON.stringify(named(without, 'AWS::IAM::Policy', 'KinesisReadings').properties);
    expect(viaKinesis).not.toContain('"kinesis.');
  });
});
