import type { APIGatewayProxyEvent } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { routes as allRoutes } from '../contract/routes.ts';
import { callerOf, refusalOf } from './access.ts';
import { fromProxyEvent } from './api-gateway.ts';
import { createRouter } from './router.ts';

/** A request with the claims of an access token, as a Cognito authorizer hands them on. */
const requestWith = (claims: object, route = '/works') => {
  const event = {
    httpMethod: 'POST',
    resource: route,
    path: route,
    requestContext: { path: route, authorizer: { claims } },
  };
  return fromProxyEvent(event as unknown as APIGatewayProxyEvent, '00000000-0000-4000-8000-000000000000');
};
const person = (groups?: unknown) => ({
  sub: 'b4a8d4f2-0000-4000-8000-000000000001',
  username: 'ana',
  client_id: 'page',
  ...(groups === undefined ? {} : { 'cognito:groups': groups }),
});
const machine = { sub: 'reader', client_id: 'reader' };

test.each([
  ['none', undefined, []],
  ['one', 'viewer', ['viewer']],
  ['several as text', 'viewer,eu-west-1_x_Google,operator', ['viewer', 'eu-west-1_x_Google', 'operator']],
  ['several as a list', ['viewer', 'operator'], ['viewer', 'operator']],
  ['nothing that is a list', { viewer: true }, []],
])('groups of a token: %s', (_, claim, groups) => {
  expect(requestWith(person(claim)).user?.groups).toEqual(groups);
});

test("a request is of the person whose token it is, and of the client where the token is a machine's", () => {
  expect(callerOf(requestWith(person('viewer')))).toBe('b4a8d4f2-0000-4000-8000-000000000001');
  expect(callerOf(requestWith(machine))).toBe('reader');
  expect(callerOf(requestWith({ username: 'ana', client_id: 'page' }))).toBe('ana');
});

describe('a route', () => {
  const protectedRoutes = allRoutes.filter(({ scope }) => scope !== null);
  const passes = (groups: unknown) =>
    protectedRoutes.filter(({ scope }) => refusalOf(scope, requestWith(person(groups))) === undefined);

  test('that reads is for viewers and operators, any other for operators alone', () => {
    expect(passes('operator')).toEqual(protectedRoutes);
    expect(passes('viewer')).toEqual(protectedRoutes.filter(({ scope }) => scope === 'read'));
    for (const groups of [undefined, '', 'Operator', 'operators', 'viewer operator', 'x-operator'])
      expect(passes(groups)).toEqual([]);
  });

  test('takes a machine by its scopes, and anybody where it is public', () => {
    for (const { scope } of protectedRoutes) expect(refusalOf(scope, requestWith(machine))).toBeUndefined();
    expect(refusalOf(null, requestWith(person()))).toBeUndefined();
  });

  test('refuses before it reads anything, and says which group it is for', async () => {
    let calls = 0;
    const route = {
      method: 'POST',
      path: '/works',
      scope: 'operate',
      parameters: z.strictObject({ needed: z.string() }),
      status: 200,
      answer: z.strictObject({}),
    } as const;
    const answer = createRouter({
      routes: { work: route },
      endpoints: {
        work: () => {
          calls += 1;
          return { value: {} };
        },
      },
      onFault: (fault) => {
        throw fault;
      },
    });
    const { status, body } = await answer(requestWith(person('viewer')));
    expect([status, calls]).toEqual([403, 0]);
    expect(JSON.parse(body)).toMatchObject({
      type: 'urn:caudal:problem:forbidden',
      detail: expect.stringContaining('in the group operator, and this one is in "viewer"'),
      accepted: ['operator'],
    });
    const { body: ofNobody } = await answer(requestWith(person()));
    expect(JSON.parse(ofNobody).detail).toContain('in no group');
  });
});
