import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AwsError, arn, type Service } from '../../engine/calls.ts';
import { createJsonService } from '../../engine/protocol/json.ts';

/** An app client of the machine-to-machine kind. */
export interface AppClient {
  clientId: string;
  name: string;
  poolId: string;
  /** Undefined for a public client, which gets no token for itself. */
  secret: string | undefined;
  /** `client_credentials` and others; only that one is served here. */
  flows: readonly string[];
  scopes: readonly string[];
  accessTokenSeconds: number;
}

/** A user pool without users. */
interface UserPool {
  id: string;
  name: string;
  /** Scopes of its resource servers: `<identifier>/<scope>`. */
  scopes: Set<string>;
  clients: Map<string, AppClient>;
}

/** Cognito: user pools, their clients, and what an operator reads of them. */
export interface Cognito extends Service {
  createUserPool(pool: { id: string; name: string }): { arn: string };
  addScopes(poolId: string, scopes: readonly string[]): void;
  /** The secret is drawn once and kept on disk. */
  createClient(client: Omit<AppClient, 'secret'> & { generateSecret: boolean }): AppClient;
  readonly pools: ReadonlyMap<string, UserPool>;
  /** The client of that id in any pool. */
  findClient(clientId: string): AppClient | undefined;
}

/** @param options.directory keeps the clients' secrets across restarts */
export function createCognito({ directory }: { directory: string }): Cognito {
  const pools = new Map<string, UserPool>();
  const file = join(directory, 'client-secrets.json');
  const secrets: Record<string, string> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};

  function secretOf(clientId: string): string {
    const known = secrets[clientId];
    if (known) return known;
    // 51 characters of [a-z0-9], as Cognito draws them.
    const drawn = BigInt(`0x${randomBytes(40).toString('hex')}`)
      .toString(36)
      .slice(0, 51);
    secrets[clientId] = drawn;
    mkdirSync(directory, { recursive: true });
    writeFileSync(`${file}.draft`, JSON.stringify(secrets), { mode: 0o600 });
    renameSync(`${file}.draft`, file);
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
          },
        };
      },
    },
  });

  return {
    ...service,
    createUserPool({ id, name }) {
      pools.set(id, { id, name, scopes: new Set(), clients: new Map() });
      return { arn: arn('cognito-idp', `userpool/${id}`) };
    },
    addScopes(poolId, scopes) {
      for (const scope of scopes) pool(poolId).scopes.add(scope);
    },
    createClient({ generateSecret, ...client }) {
      const created = { ...client, secret: generateSecret ? secretOf(client.clientId) : undefined };
      pool(client.poolId).clients.set(client.clientId, created);
      return created;
    },
    pools,
    findClient,
  };
}
