import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCognito } from '../../local/services/cognito/service.ts';
import { type Served, scratch, serve } from '../../test/support/local/harness.ts';
import { createUserDirectory, type UserDirectory } from './user-directory.ts';

const { directory, remove } = scratch();
const pool = 'us-east-1_test';
let served: Served;
let users: UserDirectory;

beforeAll(async () => {
  const cognito = createCognito({ directory });
  cognito.createUserPool({ id: pool, name: 'test' });
  for (const group of ['viewer', 'operator']) cognito.addGroup(pool, group, '');
  served = await serve([cognito]);
  users = createUserDirectory(new CognitoIdentityProviderClient({ ...served.reach, maxAttempts: 1 }), pool);
});
afterAll(async () => {
  await served.close();
  await remove();
});

test('a user is made once, in small letters, and is put into as many groups as are asked for', async () => {
  expect(await users.add('Ana@Example.org', 'viewer')).toBe(true);
  expect(await users.add('ana@example.org', 'operator')).toBe(false);
  expect(await users.list()).toEqual([
    { username: 'ana@example.org', status: 'CONFIRMED', groups: ['viewer', 'operator'] },
  ]);
});

test('a user leaves a group, or goes altogether', async () => {
  await users.remove('ANA@example.org', 'operator');
  expect((await users.list())[0]?.groups).toEqual(['viewer']);
  await users.remove('ana@example.org', undefined);
  expect(await users.list()).toEqual([]);
  await expect(users.remove('ana@example.org', undefined)).rejects.toThrow('User does not exist.');
});

test('a group that is not there is an error', async () => {
  await expect(users.add('bo@example.org', 'admins')).rejects.toThrow('Group not found.');
});

test('a pool of more users than a page has is listed whole', async () => {
  for (let index = 0; index < 65; index++) await users.add(`u${index}@example.org`, 'viewer');
  expect((await users.list()).filter(({ username }) => username.startsWith('u'))).toHaveLength(65);
});
