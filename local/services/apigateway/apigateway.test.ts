// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub's own placeholders
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudWatchClient, type Dimension, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { type CryptoKey, generateKeyPair, importJWK, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyPorts, inlineFunction, invokedBy, writeAssembly } from '../../../test/support/local/assembly.ts';
import { type LocalCloud, startCloud } from '../../engine/cloud.ts';

const api = { RestApiId: { Ref: 'Api' } };
const resource = (PathPart: string, ParentId: object) => ({
  Type: 'AWS::ApiGateway::Resource',
  Properties: { ...api, PathPart, ParentId },
});
const method = (HttpMethod: string, ResourceId: object, fn: string, more: object = {}) => ({
  Type: 'AWS::ApiGateway::Method',
  Properties: {
    ...api,
    HttpMethod,
    ResourceId,
    Integration: {
      Type: 'AWS_PROXY',
      IntegrationHttpMethod: 'POST',
      Uri: {
        'Fn::Sub': [
          'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Arn}/invocations',
          { Arn: { 'Fn::GetAtt': [fn, 'Arn'] } },
        ],
      },
      TimeoutInMillis: 1_000,
    },
    ...more,
  },
});
const protectedBy = (...AuthorizationScopes: string[]) => ({
  AuthorizationType: 'COGNITO_USER_POOLS',
  AuthorizerId: { Ref: 'Authorizer' },
  AuthorizationScopes,
});
const client = (AllowedOAuthScopes: string[], UserPoolId: object = { Ref: 'Pool' }) => ({
  Type: 'AWS::Cognito::UserPoolClient',
  DependsOn: ['Server'],
  Properties: {
    UserPoolId,
    GenerateSecret: true,
    AllowedOAuthFlows: ['client_credentials'],
    AllowedOAuthScopes,
    AccessTokenValidity: 60,
    TokenValidityUnits: { AccessToken: 'minutes' },
  },
});
const root = { 'Fn::GetAtt': ['Api', 'RootResourceId'] };

const { assembly, directory } = writeAssembly(
  {
    Pool: { Type: 'AWS::Cognito::UserPool' },
    Server: {
      Type: 'AWS::Cognito::UserPoolResourceServer',
      Properties: {
        UserPoolId: { Ref: 'Pool' },
        Identifier: 'caudal',
        Scopes: [{ ScopeName: 'read' }, { ScopeName: 'write' }],
      },
    },
    Client: client(['caudal/read', 'caudal/write']),
    Reader: client(['caudal/read']),
    Domain: {
      Type: 'AWS::Cognito::UserPoolDomain',
      Properties: { Domain: 'caudal', UserPoolId: { Ref: 'Pool' } },
    },
    Echo: inlineFunction(
      'exports.handler = async (event) => ({ statusCode: 200, headers: { "X-Kind": "echo" }, multiValueHeaders: { "Set-Cookie": ["a=1", "b=2"] }, body: JSON.stringify(event) });',
    ),
    Broken: inlineFunction(
      `exports.handler = async ({ path }) => {
        if (path.endsWith('throws')) throw new Error('inside');
        if (path.endsWith('endless')) await new Promise(() => {});
        if (path.endsWith('slow')) await new Promise((resolve) => setTimeout(resolve, 2000));
        if (path.endsWith('binary')) return { statusCode: 201, isBase64Encoded: true, body: Buffer.from([0, 255]).toString('base64') };
        return { status: 'no proxy response' }; };`,
      { Timeout: 5 },
    ),
    EchoInvoked: invokedBy('apigateway', 'Echo'),
    BrokenInvoked: invokedBy('apigateway', 'Broken'),
    Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'test', MinimumCompressionSize: 1024 } },
    Authorizer: {
      Type: 'AWS::ApiGateway::Authorizer',
      Properties: { ...api, Type: 'COGNITO_USER_POOLS', ProviderARNs: [{ 'Fn::GetAtt': ['Pool', 'Arn'] }] },
    },
    Open: resource('open', root),
    OpenAny: method('ANY', { Ref: 'Open' }, 'Echo'),
    Datasets: resource('datasets', root),
    One: resource('{dataset}', { Ref: 'Datasets' }),
    OneGet: method('GET', { Ref: 'One' }, 'Echo', protectedBy('caudal/read')),
    OnePost: method('POST', { Ref: 'One' }, 'Echo', protectedBy('caudal/write')),
    Fixed: resource('fixed', { Ref: 'Datasets' }),
    FixedGet: method('GET', { Ref: 'Fixed' }, 'Echo'),
    Users: resource('users', root),
    UsersGet: method('GET', { Ref: 'Users' }, 'Echo', protectedBy()),
    BrokenAll: resource('{proxy+}', root),
    BrokenGet: method('GET', { Ref: 'BrokenAll' }, 'Broken'),
    Stage: { Type: 'AWS::ApiGateway::Stage', Properties: { ...api, StageName: 'prod' } },
  },
  {
    Url: { Value: { 'Fn::Sub': 'https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Stage}/' } },
    TokenUrl: {
      Value: { 'Fn::Sub': 'https://${Domain}.auth.${AWS::Region}.amazoncognito.com/oauth2/token' },
    },
    PoolId: { Value: { Ref: 'Pool' } },
    ClientId: { Value: { Ref: 'Client' } },
    ReaderId: { Value: { Ref: 'Reader' } },
    BrokenName: { Value: { Ref: 'Broken' } },
  },
);

let cloud: LocalCloud;
let secrets: Record<string, string>;
const output = (name: string) => String(cloud.outputs.Test?.[name]);

beforeAll(async () => {
  cloud = await startCloud({ assembly, directory, ports: anyPorts });
  const cognito = new CognitoIdentityProviderClient({
    region: 'us-east-1',
    endpoint: cloud.endpointUrl,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  secrets = {};
  for (const ClientId of [output('ClientId'), output('ReaderId')]) {
    const { UserPoolClient } = await cognito.send(
      new DescribeUserPoolClientCommand({ UserPoolId: output('PoolId'), ClientId }),
    );
    secrets[ClientId] = String(UserPoolClient?.ClientSecret);
  }
});
afterAll(() => cloud.close());

const basic = (id: string, secret: string | undefined) =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
async function askToken(form: Record<string, string>, authorization?: string) {
  const response = await fetch(output('TokenUrl'), {
    method: 'POST',
    headers: authorization ? { authorization } : {},
    body: new URLSearchParams(form),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
async function token(clientName: 'ClientId' | 'ReaderId' = 'ClientId', scope?: string): Promise<string> {
  const id = output(clientName);
  const { body } = await askToken(
    { grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) },
    basic(id, secrets[id]),
  );
  return String(body.access_token);
}
const claimsOf = (jwt: string): JWTPayload =>
  JSON.parse(Buffer.from(String(jwt.split('.')[1]), 'base64url').toString());

/** A token signed with the pool's own key, its claims changed. */
async function forged(changes: JWTPayload, key?: CryptoKey): Promise<string> {
  const jwk = JSON.parse(readFileSync(join(directory, 'state/cognito/signing-key.json'), 'utf8'));
  return new SignJWT({ ...claimsOf(await token()), ...changes })
    .setProtectedHeader({ alg: 'RS256', kid: jwk.kid })
    .sign(key ?? (await importJWK(jwk, 'RS256')));
}
const get = (path: string, jwt?: string, init: RequestInit = {}) =>
  fetch(`${cloud.apiUrl}${path}`, { ...init, headers: jwt ? { authorization: `Bearer ${jwt}` } : {} });

describe('the token endpoint', () => {
  it('gives tokens that look like Cognito’s', async () => {
    const { status, body } = await askToken(
      { grant_type: 'client_credentials' },
      basic(output('ClientId'), secrets[output('ClientId')]),
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    const claims = claimsOf(String(body.access_token));
    expect(claims).toMatchObject({
      token_use: 'access',
      client_id: output('ClientId'),
      sub: output('ClientId'),
      scope: 'caudal/read caudal/write',
      version: 2,
    });
    expect(String(claims.iss)).toMatch(new RegExp(`^http://127.0.0.1:\\d+/${output('PoolId')}$`));
    expect(Number(claims.exp) - Number(claims.iat)).toBe(3600);
    expect(claims).not.toHaveProperty('nbf');
  });

  it('takes the credentials in the form too, and grants the scopes asked for', async () => {
    const client_id = output('ClientId');
    const { body } = await askToken({
      grant_type: 'client_credentials',
      client_id,
      client_secret: String(secrets[client_id]),
      scope: 'caudal/read',
    });
    expect(claimsOf(String(body.access_token)).scope).toBe('caudal/read');
  });

  it.each([
    ['a wrong secret', () => basic(output('ClientId'), 'wrong'), {}, 'invalid_client'],
    ['an unknown client', () => basic('nobody', 'x'), {}, 'invalid_client'],
    [
      'a scope of others',
      () => basic(output('ReaderId'), secrets[output('ReaderId')]),
      { scope: 'caudal/write' },
      'invalid_scope',
    ],
    [
      'another grant',
      () => basic(output('ClientId'), secrets[output('ClientId')]),
      { grant_type: 'password' },
      'unsupported_grant_type',
    ],
  ])('refuses %s', async (_, authorization, form, error) => {
    expect(await askToken({ grant_type: 'client_credentials', ...form }, authorization())).toEqual({
      status: 400,
      body: { error },
    });
  });
});

describe('the authorizer', () => {
  it('lets an access token with the scope pass, with its claims in the event', async () => {
    const response = await get('/datasets/water', await token('ReaderId'));
    expect(response.status).toBe(200);
    const event = (await response.json()) as {
      requestContext: { authorizer: { claims: Record<string, string> } };
    };
    expect(event.requestContext.authorizer.claims).toMatchObject({
      client_id: output('ReaderId'),
      scope: 'caudal/read',
      token_use: 'access',
    });
  });

  it.each<[string, () => Promise<string | undefined>, string]>([
    ['no token', async () => undefined, 'Unauthorized'],
    ['text that is no token', async () => 'abc', 'Unauthorized'],
    ['a bad signature', async () => forged({}, (await generateKeyPair('RS256')).privateKey), 'Unauthorized'],
    [
      'an expired token',
      () => forged({ exp: Math.floor(Date.now() / 1000) - 60 }),
      'The incoming token has expired',
    ],
    [
      'another issuer',
      () => forged({ iss: 'https://cognito-idp.us-east-1.amazonaws.com/other' }),
      'Unauthorized',
    ],
    ['another client', () => forged({ client_id: 'of-another-pool' }), 'Unauthorized'],
    ['an ID token', () => forged({ token_use: 'id', aud: 'x' }), 'Unauthorized'],
    ['a token without the scope', () => forged({ scope: 'caudal/write' }), 'Unauthorized'],
    [
      'no algorithm',
      async () => `${btoa('{"alg":"none"}')}.${(await token()).split('.')[1]}.`,
      'Unauthorized',
    ],
  ])('refuses %s', async (_, make, message) => {
    const response = await get('/datasets/water', await make());
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ message });
  });

  it('wants the scope of the method', async () => {
    const reader = await token('ReaderId');
    expect((await get('/datasets/water', reader, { method: 'POST' })).status).toBe(401);
    expect((await get('/datasets/water', await token(), { method: 'POST' })).status).toBe(200);
  });

  it('wants an ID token where the method has no scopes', async () => {
    expect((await get('/users', await token())).status).toBe(401);
    expect((await get('/users', await forged({ token_use: 'id', aud: output('ClientId') }))).status).toBe(
      200,
    );
  });
});

describe('the REST API', () => {
  it('gives the function the event of a proxy integration', async () => {
    const response = await fetch(`${output('Url')}open?a=1&a=2&b=%C3%A9`, {
      method: 'PUT',
      headers: { 'content-type': 'text/plain', 'X-Twice': '1' },
      body: 'né',
    });
    expect(response.headers.get('x-kind')).toBe('echo');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.json()).toMatchObject({
      resource: '/open',
      path: '/open',
      httpMethod: 'PUT',
      queryStringParameters: { a: '2', b: 'é' },
      multiValueQueryStringParameters: { a: ['1', '2'], b: ['é'] },
      pathParameters: null,
      body: 'né',
      isBase64Encoded: false,
      requestContext: { stage: 'prod', path: '/prod/open', resourcePath: '/open', httpMethod: 'PUT' },
    });
  });

  it('matches literals before parameters, with and without the stage', async () => {
    const resourceOf = async (path: string) =>
      ((await (await fetch(new URL(path, cloud.apiUrl))).json()) as { resource: string }).resource;
    expect(await resourceOf('/prod/datasets/fixed')).toBe('/datasets/fixed');
    expect(await resourceOf('/datasets/fixed')).toBe('/datasets/fixed');
    const one = await get('/datasets/a%2Fb', await token());
    expect(((await one.json()) as { pathParameters: object }).pathParameters).toEqual({ dataset: 'a%2Fb' });
  });

  it.each([
    ['/throws', 502, 'Internal server error'],
    ['/malformed', 502, 'Internal server error'],
    ['/slow', 504, 'Endpoint request timed out'],
  ])('answers %s with %d', async (path, status, message) => {
    const response = await get(path);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ message });
  });

  it('stops the function of a request that it has answered with 504', async () => {
    const stopped = () =>
      readdirSync(join(directory, 'logs')).flatMap(
        (file) =>
          readFileSync(join(directory, 'logs', file), 'utf8').match(/Nobody waits for this invocation/g) ??
          [],
      ).length;
    const before = stopped();
    expect((await get('/endless')).status).toBe(504);
    await expect.poll(stopped).toBeGreaterThan(before);
  });

  it('answers what no method has as API Gateway does', async () => {
    const response = await get('/throws', undefined, { method: 'DELETE' });
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ message: 'Missing Authentication Token' });
  });

  it('counts no fault where the caller hung up', async () => {
    const cloudwatch = new CloudWatchClient({
      region: 'us-east-1',
      endpoint: cloud.endpointUrl,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const sumOf = async (Namespace: string, MetricName: string, dimension: Dimension) => {
      const { MetricDataResults } = await cloudwatch.send(
        new GetMetricDataCommand({
          StartTime: new Date(Date.now() - 3_600_000),
          EndTime: new Date(Date.now() + 60_000),
          MetricDataQueries: [
            {
              Id: 'sum',
              MetricStat: {
                Metric: { Namespace, MetricName, Dimensions: [dimension] },
                Period: 60,
                Stat: 'Sum',
              },
            },
          ],
        }),
      );
      return MetricDataResults?.[0]?.Values?.reduce((sum, value) => sum + value, 0) ?? 0;
    };
    const broken = { Name: 'FunctionName', Value: output('BrokenName') };
    const faults = () =>
      Promise.all([
        sumOf('AWS/ApiGateway', '5XXError', { Name: 'ApiName', Value: 'test' }),
        sumOf('AWS/Lambda', 'Errors', broken),
      ]);
    const before = await faults();
    const invocations = await sumOf('AWS/Lambda', 'Invocations', broken);
    const caller = new AbortController();
    const asked = get('/slow', undefined, { signal: caller.signal });
    setTimeout(() => caller.abort(), 300);
    await expect(asked).rejects.toThrow();
    await expect.poll(() => sumOf('AWS/Lambda', 'Invocations', broken)).toBe(invocations + 1);
    await expect
      .poll(() => readFileSync(join(directory, 'logs/api-access.log'), 'utf8'))
      .toMatch(/"path":"\/slow","resourcePath":"[^"]*","status":499/);
    expect(await faults()).toEqual(before);
  });

  it('decodes a binary answer', async () => {
    const response = await get('/binary');
    expect(response.status).toBe(201);
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255]);
  });

  it('looks for the method at the resource that matches best alone', async () => {
    const answer = await get('/datasets/fixed', await token(), { method: 'POST' });
    expect([answer.status, await answer.json()]).toEqual([403, { message: 'Missing Authentication Token' }]);
  });

  it.each([
    ['gzip', 'gzip'],
    ['br;q=0.5, deflate', 'deflate'],
    ['br, gzip;q=0.9', null],
    ['identity', null],
    ['*', null],
  ])('to a client that takes %s sends %s', async (accepted, coding) => {
    const answer = await fetch(`${cloud.apiUrl}/open?${'a'.repeat(1_500)}`, {
      headers: { 'accept-encoding': accepted },
    });
    expect(answer.headers.get('content-encoding')).toBe(coding);
    expect(await answer.json()).toMatchObject({ resource: '/open' });
  });

  it('takes 10 MB and no more', async () => {
    const post = (size: number) => get('/open', undefined, { method: 'POST', body: 'x'.repeat(size) });
    expect((await post(10 * 1024 * 1024 + 1)).status).toBe(413);
  });

  it('logs each request, with why a token was refused', async () => {
    await get('/datasets/water', await forged({ token_use: 'id' }));
    const log = () => readFileSync(join(directory, 'logs/api-access.log'), 'utf8');
    await expect.poll(log).toContain('the route takes access tokens, and this is a token of kind id');
  });
});
