import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { AwsError, arn, type Service } from '../../engine/calls.ts';
import { createJsonService } from '../../engine/protocol/json.ts';
import type { AppClient, UserPool } from './clients.ts';
import { readKept, writeKept } from './kept.ts';
import { pageOf } from './pages.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { userOperations } from './user-operations.ts';
import { createUsers, type SeededUser, type Users } from './users.ts';

/** Cognito: user pools, their clients, groups and users, and what an operator asks of them. */
export interface Cognito extends Service {
  createUserPool(pool: { id: string; name: string }): { arn: string };
  addScopes(poolId: string, scopes: readonly string[]): void;
  addGroup(poolId: string, name: string, description: string): void;
  /** The secret is drawn once and kept on disk. */
  createClient(client: Omit<AppClient, 'secret'> & { generateSecret: boolean }): AppClient;
  readonly pools: ReadonlyMap<string, UserPool>;
  /** The client of that id in any pool. */
  findClient(clientId: string): AppClient | undefined;
  readonly users: Users;
  readonly sessions: Sessions;
  /**
   * Makes the users in each pool, where they are not there from before, and puts them into their groups.
   * @throws Error for a group that a pool does not have
   */
  seedUsers(users: readonly SeededUser[]): void;
}

/**
 * @param options.directory keeps the clients' secrets, users and refresh tokens across restarts
 * @param options.localText puts local addresses in the place of those of AWS, in the URLs of clients
 */
export function createCognito({
  directory,
  localText = (text) => text,
}: {
  directory: string;
  localText?: (text: string) => string;
}): Cognito {
  const pools = new Map<string, UserPool>();
  const users = createUsers(directory);
  const sessions = createSessions({ directory });
  const file = join(directory, 'client-secrets.json');
  const secrets = readKept<Record<string, string>>(file, {});

  function secretOf(clientId: string): string {
    const known = secrets[clientId];
    if (known) return known;
    // 51 characters of [a-z0-9], as Cognito draws them.
    const drawn = BigInt(`0x${randomBytes(40).toString('hex')}`)
      .toString(36)
      .slice(0, 51);
    secrets[clientId] = drawn;
    writeKept(file, secrets);
    return drawn;
  }

  function pool(id: string): UserPool {
    const found = pools.get(id);
    if (found) return found;
    throw new AwsError('ResourceNotFoundException', `User pool ${id} does not exist.`);
  }

  const findClient = (clientId: string): AppClient | undefined => {
    for (const { clients } of pools.values()) {
      const client = clients.get(clientId);
      if (client) return client;
    }
    return undefined;
  };

  const service = createJsonService({
    name: 'cognito-idp',
    version: '1.1',
    targetPrefix: 'AWSCognitoIdentityProviderService',
    resourceOf: ({ UserPoolId }) => (UserPoolId ? arn('cognito-idp', `userpool/${UserPoolId}`) : undefined),
    operations: {
      DescribeUserPool: ({ UserPoolId }) => {
        const { id, name } = pool(UserPoolId);
        return { UserPool: { Id: id, Name: name, Arn: arn('cognito-idp', `userpool/${id}`) } };
      },
      DescribeUserPoolClient: ({ UserPoolId, ClientId }) => {
        const client = pool(UserPoolId).clients.get(ClientId);
        if (!client)
          throw new AwsError('ResourceNotFoundException', `User pool client ${ClientId} does not exist.`);
        return {
          UserPoolClient: {
            UserPoolId,
            ClientId,
            ClientName: client.name,
            ...(client.secret === undefined ? {} : { ClientSecret: client.secret }),
            AllowedOAuthFlows: client.flows,
            AllowedOAuthScopes: client.scopes,
            AllowedOAuthFlowsUserPoolClient: true,
            CallbackURLs: client.callbackUrls,
            LogoutURLs: client.logoutUrls,
          },
        };
      },
      ListUserPoolClients: ({ UserPoolId, MaxResults, NextToken }) => {
        const { items, next } = pageOf([...pool(UserPoolId).clients.values()], MaxResults, NextToken);
        return {
          UserPoolClients: items.map(({ clientId, name }) => ({
            ClientId: clientId,
            ClientName: name,
            UserPoolId,
          })),
          ...(next === undefined ? {} : { NextToken: next }),
        };
      },
      ...userOperations({ pool, users, sessions }),
    },
  });

  return {
    ...service,
    users,
    sessions,
    createUserPool({ id, name }) {
      pools.set(id, { id, name, scopes: new Set(), clients: new Map(), groups: new Map() });
      return { arn: arn('cognito-idp', `userpool/${id}`) };
    },
    addScopes(poolId, scopes) {
      for (const scope of scopes) pool(poolId).scopes.add(scope);
    },
    addGroup(poolId, name, description) {
      pool(poolId).groups.set(name, description);
    },
    createClient({ generateSecret, callbackUrls, logoutUrls, ...client }) {
      const created = {
        ...client,
        secret: generateSecret ? secretOf(client.clientId) : undefined,
        // Once the servers listen: before that the local addresses are not known.
        get callbackUrls() {
          return callbackUrls.map(localText);
        },
        get logoutUrls() {
          return logoutUrls.map(localText);
        },
      };
      pool(client.poolId).clients.set(client.clientId, created);
      return created;
    },
    pools,
    findClient,
    seedUsers(seeded) {
      for (const { id: poolId, groups: known } of pools.values())
        for (const { name, groups } of seeded) {
          const unknown = groups.find((group) => !known.has(group));
          if (unknown !== undefined)
            throw new Error(
              `The user ${name} can't be made: the user pool ${poolId} has no group ${unknown}.`,
            );
          const attributes = { email: `${name}@localhost`, email_verified: 'true' };
          const user = users.find(poolId, name) ?? users.create({ poolId, username: name, attributes });
          users.setGroups(user, [...user.groups, ...groups]);
        }
    },
  };
}
