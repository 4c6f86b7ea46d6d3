import { describe, expect, test } from 'vitest';
import { interfaceEndpoints } from '../../../operator/cost/option-prices.ts';
import { everyOptionOn, optionSets } from '../../../test/support/infra/option-sets.ts';
import {
  identityStatements,
  many,
  type Resource,
  resourcesOf,
  type Statement,
} from '../../../test/support/infra/resources.ts';
import { shippedContext, synthesize } from '../../../test/support/infra/synthesized.ts';
import { readConfig } from '../../config.ts';

const lists = { 'caudal:prefixLists': 'pl-63a5400a,pl-02cd2c6b' };
const inspected = synthesize(everyOptionOn);
const owners = synthesize(optionSets['in a network that is there']);
const plain = synthesize({ ...lists, 'caudal:network': 'private' });

const functionsOf = (of: typeof inspected): Resource[] => resourcesOf(of, 'AWS::Lambda::Function');
const roleOf = ({ properties }: Resource): string => properties.Role['Fn::GetAtt'][0];

/** Actions that the roles of functions allow, but for what Lambda does with these itself, or other services, such as Athena, do for them. */
function calledActions(of: typeof inspected): string[] {
  const roles = new Set(functionsOf(of).map(roleOf));
  const ofFunctions = new Set(
    resourcesOf(of, 'AWS::IAM::Policy').flatMap(({ id, properties }) =>
      properties.Roles.some(({ Ref }: { Ref: string }) => roles.has(Ref)) ? [id] : [],
    ),
  );
  const allowed = identityStatements(of)
    .filter(([id]) => ofFunctions.has(id))
    .flatMap(([, { Action }]) => many(Action));
  const ofServices =
    /^(ec2:\w+NetworkInterfaces?|glue:|kms:|logs:(CreateLogStream|PutLogEvents)$|s3:GetBucketLocation$|sqs:SendMessage$|xray:)/;
  return [...new Set(allowed.filter((action) => !ofServices.test(action)))].sort();
}

const endpointsOf = (of: typeof inspected, kind: 'Interface' | 'Gateway'): Resource[] =>
  resourcesOf(of, 'AWS::EC2::VPCEndpoint').filter(({ properties }) => properties.VpcEndpointType === kind);

describe.each([
  ['private', plain],
  ['inspection', inspected],
])('caudal:network %s', (name, of) => {
  test('has every function inside, in two subnets and the one security group', () => {
    const functions = functionsOf(of);
    expect(functions.length).toBeGreaterThan(15);
    for (const { id, properties } of functions) {
      expect(properties.VpcConfig?.SubnetIds, id).toHaveLength(2);
      expect(properties.VpcConfig?.SecurityGroupIds, id).toHaveLength(1);
    }
  });

  test('has endpoints for what the roles of functions allow, and lets through no more', () => {
    const endpoints = [...endpointsOf(of, 'Interface'), ...endpointsOf(of, 'Gateway')];
    const statements = endpoints.flatMap(
      ({ properties }) => properties.PolicyDocument.Statement as Statement[],
    );
    expect(statements).toHaveLength(endpoints.length);
    expect(statements.flatMap(({ Action }) => many(Action)).sort()).toEqual(calledActions(of));
    for (const { Action, Condition, Resource: resource } of statements) {
      expect(Condition?.StringEquals).toHaveProperty('aws:PrincipalAccount');
      if (resource === '*' && !many(Action).includes('cloudwatch:GetMetricData'))
        expect(Condition?.StringEquals).toHaveProperty('aws:ResourceAccount');
    }
  });

  test('has as many endpoints that cost something as its price says', () => {
    const ofReports = functionsOf(of).filter(({ id }) => id.includes('MakeReport')).length; // they ask Athena
    expect(endpointsOf(of, 'Interface')).toHaveLength(interfaceEndpoints + ofReports);
  });

  test('has no way out: no gateway, no route but to firewalls, no rule to addresses that are not its own', () => {
    const types = resourcesOf(of).map(({ type }) => type);
    for (const way of ['InternetGateway', 'NatGateway', 'EIP', 'VPCPeeringConnection'])
      expect(types).not.toContain(`AWS::EC2::${way}`);
    const routes = resourcesOf(of, 'AWS::EC2::Route');
    expect(routes).toHaveLength(name === 'inspection' ? 8 : 0);
    for (const { properties } of routes)
      expect(Object.keys(properties).sort()).toEqual([
        'DestinationCidrBlock',
        'RouteTableId',
        'VpcEndpointId',
      ]);
    const rules = resourcesOf(of, 'AWS::EC2::SecurityGroup').flatMap(
      ({ properties }) => properties.SecurityGroupEgress as { CidrIp: string; FromPort: number }[],
    );
    const toNowhere = '255.255.255.255/32';
    for (const { CidrIp } of rules) expect(CidrIp === toNowhere || CidrIp.startsWith('10.64.')).toBe(true);
    const toGateways = resourcesOf(of, 'AWS::EC2::SecurityGroupEgress').map(({ properties }) => properties);
    expect(toGateways.map(({ DestinationPrefixListId }) => DestinationPrefixListId)).toEqual([
      'pl-63a5400a',
      'pl-02cd2c6b',
    ]);
    for (const { FromPort, ToPort } of toGateways) expect([FromPort, ToPort]).toEqual([443, 443]);
  });

  test('writes down who speaks with whom', () => {
    const [flows] = resourcesOf(of, 'AWS::EC2::FlowLog');
    expect(flows?.properties).toMatchObject({ ResourceType: 'VPC', TrafficType: 'ALL' });
  });
});

test('an inspected network goes there and back through the firewall of the zone of the function', () => {
  const routes = resourcesOf(inspected, 'AWS::EC2::Route').map(({ id, properties }) => ({
    way: id.replace(/^Inspection(There|Back)(\d)(\d).*/, '$1 $2 $3'),
    ...properties,
  }));
  const firewallOf = (way: string) =>
    JSON.stringify(routes.find((route) => route.way === way)?.VpcEndpointId);
  for (const zone of [1, 2])
    for (const other of [1, 2])
      expect(firewallOf(`There ${zone} ${other}`)).toBe(firewallOf(`Back ${zone} ${other}`));
  expect(firewallOf('There 1 2')).not.toBe(firewallOf('There 2 1'));
  const [names] = resourcesOf(inspected, 'AWS::NetworkFirewall::RuleGroup');
  const { Targets } = (names as Resource).properties.RuleGroup.RulesSource.RulesSourceList;
  expect(Targets).toHaveLength(endpointsOf(inspected, 'Interface').length);
});

test('a network that is there is taken as it is', () => {
  expect(resourcesOf(owners).filter(({ type }) => /^AWS::(EC2|NetworkFirewall)::/.test(type))).toEqual([]);
  for (const { properties } of functionsOf(owners))
    expect(properties.VpcConfig).toEqual({
      SubnetIds: ['subnet-0a1b2c3d4e5f60718', 'subnet-1a1b2c3d4e5f60718'],
      SecurityGroupIds: ['sg-0a1b2c3d4e5f60718'],
    });
});

test('none is no network, and no right to make interfaces', () => {
  const shipped = synthesize();
  expect(shipped.network).toBeUndefined();
  expect(functionsOf(shipped).filter(({ properties }) => properties.VpcConfig !== undefined)).toEqual([]);
  expect(calledActions(shipped)).toEqual(calledActions(plain));
  expect(JSON.stringify(identityStatements(shipped))).not.toContain('ec2:');
});

describe('caudal:requireNetwork', () => {
  const denials = (of: typeof inspected) =>
    [
      ...resourcesOf(of, 'AWS::S3::BucketPolicy').map(({ id, properties }) => [
        id,
        properties.PolicyDocument,
      ]),
      ...resourcesOf(of, 'AWS::KMS::Key').map(({ id, properties }) => [id, properties.KeyPolicy]),
    ].flatMap(([id, { Statement: statements }]) =>
      (statements as (Statement & { Sid?: string })[])
        .filter(({ Sid }) => Sid === 'OnlyFromNetwork')
        .map((statement) => ({ id, statement })),
    );

  test('refuses raw and curated bucket and key to roles of functions that call from elsewhere', () => {
    const found = denials(inspected);
    expect(found.map(({ id }) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual([
      'BucketsCuratedPolicy',
      'BucketsRawPolicy',
      'EncryptionKey',
    ]);
    for (const { statement } of found) {
      expect(statement).toMatchObject({ Effect: 'Deny', Principal: { AWS: '*' } });
      expect(statement.Condition).toMatchObject({
        StringEquals: { 'aws:PrincipalTag/caudal:network': 'inside' },
        Bool: { 'aws:ViaAWSService': 'false' },
      });
      expect(JSON.stringify(statement.Condition?.StringNotEquals)).toContain('CaudalNetwork');
    }
    expect(denials(plain)).toEqual([]);
  });

  test('speaks of the roles of functions and of no others', () => {
    const tagged = resourcesOf(inspected, 'AWS::IAM::Role').filter(({ properties }) =>
      (properties.Tags as { Key: string }[]).some(({ Key }) => Key === 'caudal:network'),
    );
    expect(tagged.map(({ id }) => id).sort()).toEqual(functionsOf(inspected).map(roleOf).sort());
  });
});

test.each([
  ['network', { 'caudal:network': 'vpc' }, 'accepted: none, private, inspection'],
  ['prefixLists', { 'caudal:network': 'private' }, 'accepted: ids of the prefix lists'],
  ['prefixLists', { ...lists, 'caudal:prefixLists': 'pl-63a5400a' }, 'accepted: ids of the prefix lists'],
  ['prefixLists', { 'caudal:prefixLists': 'pl-63a5400a,pl-63a5400a' }, 'accepted: ids of the prefix lists'],
  ['zones', { 'caudal:zones': 'a,b' }, 'accepted: two zones of the Region'],
  ['vpc', { 'caudal:vpc': 'vpc-0a1b2c3d' }, 'accepted: vpc-ID/subnet-ID'],
  ['vpc', { ...optionSets['in a network that is there'], 'caudal:network': 'inspection' }, 'is private'],
  ['requireNetwork', { 'caudal:requireNetwork': true }, 'accepted: false, unless caudal:network'],
])('a configuration with a wrong %s is refused: %j', (key, context, message) => {
  const given: Readonly<Record<string, unknown>> = { ...shippedContext, ...context };
  const read = () => readConfig((name) => given[name]);
  expect(read).toThrow(`caudal:${key} is `);
  expect(read).toThrow(message);
});
