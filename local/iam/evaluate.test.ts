import { describe, expect, it } from 'vitest';
import type { Access, Caller } from './evaluate.ts';
import { evaluate } from './evaluate.ts';
import { parsePolicy, type Statement } from './policy.ts';

const role: Caller = { kind: 'role', arn: 'arn:aws:iam::000000000000:role/r', session: 's' };
const events: Caller = { kind: 'service', name: 'events.amazonaws.com' };
const account = 'arn:aws:iam::000000000000:root';

/** Decides with these statements, written as a policy has them. */
function decide(
  access: Partial<Access>,
  written: { identity?: object[]; resource?: object[]; trust?: object[] },
): string {
  const parse = (statements: object[] | undefined, needs: 'resource' | 'principal' | 'both'): Statement[] =>
    parsePolicy({ Statement: statements ?? [] }, { stack: 'S', logicalId: 'L', property: 'P', needs });
  const whole = {
    caller: role,
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::b/k',
    context: {},
    ...access,
  };
  const decision = evaluate(whole, {
    identity: () => parse(written.identity, 'resource'),
    resource: () => parse(written.resource, 'both'),
    trust: () => parse(written.trust, 'principal'),
  });
  return decision.kind === 'allowed' ? 'allowed' : decision.because;
}
const allow = (Action: string | string[], Resource: string | string[] = '*', more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});

describe('a role', () => {
  it.each<[string, string | string[], string | string[], boolean]>([
    ['the very action and resource', 's3:GetObject', 'arn:aws:s3:::b/k', true],
    ['an action in another case', 'S3:getobject', 'arn:aws:s3:::b/k', true],
    ['a resource in another case', 's3:GetObject', 'arn:aws:s3:::B/k', false],
    ['a family of actions', 's3:Get*', 'arn:aws:s3:::b/*', true],
    ['a family that the action only begins like', 's3:GetObject?', 'arn:aws:s3:::b/k', false],
    ['one of several', ['s3:PutObject', 's3:GetObject'], ['arn:aws:s3:::a/*', 'arn:aws:s3:::b/?'], true],
    ['the bucket and not what is in it', 's3:GetObject', 'arn:aws:s3:::b', false],
    ['a pattern whose dot is no wildcard', 's3:GetObject', 'arn:aws:s3:::b/.', false],
    ['everything', '*', '*', true],
  ])('with %s', (_, action, resource, allowed) => {
    const identity = [allow(action, resource)];
    expect(decide({}, { identity })).toBe(allowed ? 'allowed' : 'no-identity-policy');
  });

  it('without any policy may nothing', () => expect(decide({}, {})).toBe('no-identity-policy'));

  it('is denied what one statement denies, whatever others allow', () => {
    const deny = { ...allow('s3:*', 'arn:aws:s3:::b/*'), Effect: 'Deny' };
    expect(decide({}, { identity: [allow('*'), deny] })).toBe('explicit-deny');
    const insecure = { Bool: { 'aws:SecureTransport': 'false' } };
    const resource = [{ ...deny, Principal: { AWS: '*' }, Condition: insecure }];
    expect(
      decide({ context: { 'aws:securetransport': 'false' } }, { identity: [allow('*')], resource }),
    ).toBe('explicit-deny');
    expect(decide({ context: { 'aws:securetransport': 'true' } }, { identity: [allow('*')], resource })).toBe(
      'allowed',
    );
  });

  describe('with a tag, where a bucket refuses those with it that call from elsewhere,', () => {
    const resource = [
      {
        ...allow('s3:*', '*', { Principal: { AWS: '*' } }),
        Effect: 'Deny',
        Condition: {
          StringEquals: { 'aws:PrincipalTag/place': 'inside' },
          StringNotEquals: { 'aws:SourceVpc': ['vpc-1', 'vpc-2'] },
          Bool: { 'aws:ViaAWSService': 'false' },
        },
      },
    ];
    const inside = { 'aws:principaltag/place': 'inside', 'aws:viaawsservice': 'false' };
    it.each<[string, Record<string, string>, string]>([
      ['from the VPC', { ...inside, 'aws:sourcevpc': 'vpc-2' }, 'allowed'],
      ['from another', { ...inside, 'aws:sourcevpc': 'vpc-3' }, 'explicit-deny'],
      ['from none', inside, 'explicit-deny'],
      ['from none by a service', { ...inside, 'aws:viaawsservice': 'true' }, 'allowed'],
      ['without the tag', { 'aws:viaawsservice': 'false' }, 'allowed'],
    ])('calls %s', (_, context, decision) => {
      expect(decide({ context }, { identity: [allow('*')], resource })).toBe(decision);
    });
  });

  it('may what the policy of the resource allows it by name, and not what that leaves to the account', () => {
    const named = allow('s3:GetObject', '*', { Principal: { AWS: role.kind === 'role' && role.arn } });
    expect(decide({}, { resource: [named] })).toBe('allowed');
    const left = allow('s3:GetObject', '*', { Principal: { AWS: account } });
    expect(decide({}, { resource: [left] })).toBe('no-identity-policy');
  });

  it('may use a key only when the key leaves that to the account, and a policy of the role allows it', () => {
    const access = { action: 'kms:Decrypt', resource: 'arn:aws:kms:us-east-1:000000000000:key/k' };
    const identity = [allow('kms:Decrypt')];
    const resource = [allow('kms:*', '*', { Principal: { AWS: account } })];
    expect(decide(access, { identity, resource })).toBe('allowed');
    expect(decide(access, { identity })).toBe('no-resource-policy');
    expect(decide(access, { resource })).toBe('no-identity-policy');
  });
});

describe('a service', () => {
  const rule = 'arn:aws:events:us-east-1:000000000000:rule/r';
  const access = {
    caller: events,
    action: 'sqs:SendMessage',
    resource: 'arn:aws:sqs:us-east-1:000000000000:q',
  };
  const policy = (Condition: object, Service = 'events.amazonaws.com') => ({
    resource: [allow('sqs:SendMessage', '*', { Principal: { Service }, Condition })],
  });
  it.each<[string, object, boolean]>([
    ['the source', { ArnEquals: { 'aws:SourceArn': rule } }, true],
    ['a pattern of the source', { ArnLike: { 'aws:SourceArn': 'arn:aws:events:*:*:rule/*' } }, true],
    ['a pattern with too few parts', { ArnLike: { 'aws:SourceArn': 'arn:aws:*' } }, false],
    ['one of several sources', { ArnEquals: { 'aws:SourceArn': ['arn:aws:a:b:c:d', rule] } }, true],
    ['another source', { ArnEquals: { 'aws:SourceArn': `${rule}-not` } }, false],
    ['the account', { StringEquals: { 'aws:SourceAccount': '000000000000' } }, true],
    ['text with a star, which is no pattern', { StringEquals: { 'aws:SourceAccount': '0*' } }, false],
    ['a key that the call does not carry', { StringEquals: { 'kms:ViaService': 'x' } }, false],
    [
      'two conditions, one of which fails',
      { ArnEquals: { 'aws:SourceArn': rule }, StringLike: { 'aws:SourceAccount': '1*' } },
      false,
    ],
  ])('by a condition on %s', (_, condition, allowed) => {
    const context = { 'aws:sourcearn': rule, 'aws:sourceaccount': '000000000000' };
    expect(decide({ ...access, context }, policy(condition))).toBe(
      allowed ? 'allowed' : 'no-resource-policy',
    );
  });
  it('is not another service', () => {
    expect(decide(access, policy({}, 'sns.amazonaws.com'))).toBe('no-resource-policy');
  });
  it('assumes the roles that trust it', () => {
    const trust = [
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'events.amazonaws.com' } },
    ];
    const assume = {
      caller: events,
      action: 'sts:AssumeRole',
      resource: role.kind === 'role' ? role.arn : '',
    };
    expect(decide(assume, { trust })).toBe('allowed');
    expect(decide({ ...assume, caller: { kind: 'service', name: 'lambda.amazonaws.com' } }, { trust })).toBe(
      'no-trust-policy',
    );
  });
});

describe('what is not evaluated stops with its name', () => {
  it.each<[string, object, RegExp]>([
    ['NotAction', { NotAction: 's3:*' }, /NotAction/],
    ['NotResource', { NotResource: '*' }, /NotResource/],
    ['NotPrincipal', { NotPrincipal: '*' }, /NotPrincipal/],
    ['an operator', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }, /operator IpAddress/],
    ['an operator of sets', { Condition: { 'ForAnyValue:StringEquals': {} } }, /ForAnyValue:StringEquals/],
    ['a key', { Condition: { StringEquals: { 'aws:RequestTag/team': 'x' } } }, /key aws:RequestTag\/team/],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
    ['a variable', { Resource: 'arn:aws:s3:::b/${aws:username}' }, /variable in .*aws:username/],
    ['a principal', { Principal: { Federated: 'x' } }, /principal Federated x/],
    ['another account', { Principal: { AWS: '111111111111' } }, /principal AWS 111111111111/],
    ['an effect', { Effect: 'Maybe' }, /Effect Maybe/],
  ])('%s', (_, more, message) => {
    const statement = { ...allow('s3:GetObject', '*', { Principal: '*' }), ...more };
    const place = {
      stack: 'Data',
      logicalId: 'BucketPolicy',
      property: 'PolicyDocument',
      needs: 'both' as const,
    };
    expect(() => parsePolicy({ Statement: [statement] }, place)).toThrow(message);
    expect(() => parsePolicy({ Statement: [statement] }, place)).toThrow(/Data\/BucketPolicy.*statement 0/);
  });
});
