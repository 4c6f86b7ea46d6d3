import { type ClientSettings, connection } from './connection.ts';
import { findInstallation, type Installation } from './installation.ts';
import { printError } from './print.ts';

/** An installation with what it takes to call its API. */
export interface Discovery extends Installation {
  readonly settings: ClientSettings;
  /** Asked of Cognito each time; it is never written down. */
  clientSecret(clientId: string): Promise<string>;
}

/**
 * Finds the installation that the environment points to: on AWS, or the local cloud. Tells on stderr when that was not
 * what a person named.
 * @throws {NotInstalled}
 */
export async function discover(): Promise<Discovery> {
  const { settings, note } = connection();
  if (note !== undefined) printError(note);
  const installation = await findInstallation(settings);
  const { userPoolId } = installation;
  return {
    ...installation,
    settings,
    async clientSecret(clientId) {
      // Most verbs need no token, and start without it.
      const { CognitoIdentityProviderClient, DescribeUserPoolClientCommand } = await import(
        '@aws-sdk/client-cognito-identity-provider'
      );
      const client = new CognitoIdentityProviderClient(settings);
      const input = { UserPoolId: userPoolId, ClientId: clientId };
      const { UserPoolClient } = await client.send(new DescribeUserPoolClientCommand(input));
      const secret = UserPoolClient?.ClientSecret;
      if (secret === undefined) throw new Error(`The client ${clientId} of ${userPoolId} has no secret.`);
      return secret;
    },
  };
}
