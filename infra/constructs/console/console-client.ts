import { Duration } from 'aws-cdk-lib';
import {
  CfnManagedLoginBranding,
  OAuthScope,
  type UserPool,
  UserPoolClient,
  UserPoolClientIdentityProvider,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';

export interface ConsoleClientProps {
  readonly pool: UserPool;
  /** By which the console finds its id. */
  readonly name: string;
  /** Where people come back to from signing in and out: `https://…`, without a slash at its end. */
  readonly origin: string;
  readonly scopes: readonly string[];
}

/**
 * The app client of people in a browser. It has no secret, since a page can't keep one: a code is exchanged with the proof key (PKCE)
 * that asked for it, only at the console's own address. A refresh token is good for one use.
 */
export class ConsoleClient extends Construct {
  readonly client: UserPoolClient;

  constructor(scope: Construct, id: string, { pool, name, origin, scopes }: ConsoleClientProps) {
    super(scope, id);
    const callback = `${origin}/`;
    // Not by the pool's own method: it would be in the pool's stack, which this one's distribution is not to be known to.
    this.client = new UserPoolClient(this, 'Client', {
      userPool: pool,
      userPoolClientName: name,
      generateSecret: false,
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: scopes.map((one) => OAuthScope.custom(one)),
        callbackUrls: [callback],
        logoutUrls: [callback],
      },
      supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
      authFlows: { userSrp: true }, // what the login page itself uses; without any, AWS turns on more
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.days(7),
      refreshTokenRotationGracePeriod: Duration.seconds(10), // an answer may be lost on its way, and asked for again
    });
    // Without it managed login shows an error instead of its page.
    new CfnManagedLoginBranding(this, 'Login', {
      userPoolId: pool.userPoolId,
      clientId: this.client.userPoolClientId,
      useCognitoProvidedValues: true,
    });
  }
}
