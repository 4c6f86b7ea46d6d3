import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalCloud } from '../../local/engine/cloud.ts';
import { accessToken, clientSettings, output } from '../support/job-world.ts';
import { tokenOfUser } from '../support/sign-in.ts';
import { startTestCloud } from '../support/test-cloud.ts';

/** What people may do, by the pages of the token service and the functions of the API; and what machines may, beside them. */

let cloud: LocalCloud;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ cloud, close } = await startTestCloud());
});
afterAll(() => close());

const readings = '/datasets/water-temperature/readings';
const statistics = '/datasets/water-temperature/statistics?from=2024-01&to=2024-02';

async function call(token: string, path: string, body?: unknown) {
  const answer = await fetch(`${cloud.apiUrl}${path}`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
const reading = [{ sensorId: 'pier-1', timestamp: '2024-01-09T12:00:00Z', temperature: 13.1 }];

test('a viewer reads, and is refused where readings are sent', async () => {
  const token = await tokenOfUser(cloud, 'viewer');
  expect((await call(token, statistics)).status).toBe(200);
  const refused = await call(token, readings, reading);
  expect(refused).toMatchObject({
    status: 403,
    body: { type: 'urn:caudal:problem:forbidden', accepted: ['operator'] },
  });
  expect(refused.body.detail).toContain('in the group operator, and this one is in "viewer"');
});

test('an operator reads and sends', async () => {
  const token = await tokenOfUser(cloud, 'operator');
  expect((await call(token, statistics)).status).toBe(200);
  expect((await call(token, readings, reading)).status).toBe(202);
});

test('a user in no group is refused everything, and gets in with the next token once in one', async () => {
  const cognito = new CognitoIdentityProviderClient(clientSettings(cloud.endpointUrl));
  const UserPoolId = output(cloud, 'CaudalApi', 'UserPoolId');
  await cognito.send(new AdminCreateUserCommand({ UserPoolId, Username: 'ana@example.org' }));
  const before = await tokenOfUser(cloud, 'ana@example.org');
  const refused = await call(before, statistics);
  expect([refused.status, refused.body.accepted]).toEqual([403, ['viewer', 'operator']]);
  await cognito.send(
    new AdminAddUserToGroupCommand({ UserPoolId, Username: 'ana@example.org', GroupName: 'viewer' }),
  );
  expect((await call(before, statistics)).status).toBe(403);
  expect((await call(await tokenOfUser(cloud, 'ana@example.org'), statistics)).status).toBe(200);
});

test("a user's job is shown to the user and to operators, and to no other user", async () => {
  const token = await tokenOfUser(cloud, 'operator');
  const job = { jobId: 'OF-A-USER', toons: [{ id: 'a', type: 'message', content: 'aGVsbG8=' }] };
  expect((await call(token, '/jobs', job)).status).toBe(202);
  const { sub } = JSON.parse(Buffer.from(String(token.split('.')[1]), 'base64url').toString());
  expect((await call(token, '/jobs/OF-A-USER')).body).toMatchObject({ clientId: sub });
  expect((await call(await tokenOfUser(cloud, 'viewer'), '/jobs/OF-A-USER')).status).toBe(404);
});

test('the machine that reads gets no scope but that, and the one that writes gets what it asks for', async () => {
  const reader = await accessToken(cloud, 'caudal/read');
  expect((await call(reader, statistics)).status).toBe(200);
  expect((await call(reader, readings, reading)).status).toBe(401);
  const writer = await accessToken(cloud, 'caudal/write caudal/operate');
  expect((await call(writer, readings, reading)).status).toBe(202);
  const clientId = output(cloud, 'CaudalApi', 'ClientId');
  const secret = cloud.services.cognito.findClient(clientId)?.secret;
  for (const scope of ['write', 'operate', 'jobs']) {
    const answer = await fetch(cloud.tokenUrl, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: `caudal/${scope}` }),
    });
    expect([answer.status, await answer.json()]).toEqual([400, { error: 'invalid_scope' }]);
  }
});
