import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import type { CloudOptions, LocalCloud } from '../../local/engine/cloud.ts';
import { JobClient } from '../../producer/toons/job-client.ts';
import { startTestCloud } from './test-cloud.ts';

/** What an SDK client needs to reach a local cloud. */
export const clientSettings = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});

export interface JobWorld {
  readonly cloud: LocalCloud;
  readonly client: JobClient;
  /** An access token with both scopes. */
  readonly token: string;
  close(): Promise<void>;
}

/** A local cloud of the synthesized app with a client of its API that has both scopes. */
export async function startJobWorld(options: Partial<CloudOptions> = {}): Promise<JobWorld> {
  const { cloud, close } = await startTestCloud(options);
  const token = await accessToken(cloud);
  return {
    cloud,
    token,
    client: new JobClient({ apiUrl: cloud.apiUrl, token: async () => token }),
    close,
  };
}

/** An output of a stack; throws when there is none. */
export function output(cloud: LocalCloud, stack: string, name: string): string {
  const value = cloud.outputs[stack]?.[name];
  if (value === undefined) throw new Error(`${stack} has no output ${name}`);
  return value;
}

/** An access token, by default with the scopes that read and write. */
export async function accessToken(cloud: LocalCloud, scope = 'caudal/read caudal/write'): Promise<string> {
  const cognito = new CognitoIdentityProviderClient(clientSettings(cloud.endpointUrl));
  const clientId = output(cloud, 'CaudalApi', scope === 'caudal/read' ? 'ClientId' : 'WriterClientId');
  const { UserPoolClient: client } = await cognito.send(
    new DescribeUserPoolClientCommand({
      UserPoolId: output(cloud, 'CaudalApi', 'UserPoolId'),
      ClientId: clientId,
    }),
  );
  const answer = await fetch(cloud.tokenUrl, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${client?.ClientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
  });
  const { access_token: token } = (await answer.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`no token: ${answer.status}`);
  return token;
}
