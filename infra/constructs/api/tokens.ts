import { Aws, CfnMapping, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AccountRecovery,
  FeaturePlan,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  UserPool,
  type UserPoolClient,
  UserPoolDomain,
  type UserPoolResourceServer,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { ofStage } from '../../../core/stage.ts';
import { resourceServer, scopes, userGroups } from '../../../handlers/api/contract/scopes.ts';
import type { Config } from '../../config.ts';

/**
 * Who may call the API: a user pool with two clients that get tokens for themselves (client credentials), of which one only reads, and
 * with groups of people. Nobody signs up: an operator makes the users. Other clients can be added to the pool by hand.
 */
export class Tokens extends Construct {
  readonly pool: UserPool;
  /** The machine's client that reads, and the one that may all. */
  readonly reader: UserPoolClient;
  readonly writer: UserPoolClient;
  /** What the token endpoint and the pages for signing in lie below; without a slash at its end. */
  readonly domainUrl: string;
  /** Where a client gets its token. */
  readonly tokenUrl: string;

  constructor(scope: Construct, id: string, props: { config: Config }) {
    super(scope, id);
    const { protectData: protect, tokenDomainPrefix, stage, console: hasConsole } = props.config;
    this.pool = new UserPool(this, 'Pool', {
      // The name that a user signs in with is an email address, by how users are made. An alias for it can't be given to a pool that is there.
      selfSignUpEnabled: false,
      featurePlan: hasConsole ? FeaturePlan.ESSENTIALS : FeaturePlan.LITE, // managed login asks for it, and each user a month is billed
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      autoVerify: { email: true },
      passwordPolicy: {
        tempPasswordValidity: Duration.days(3),
        minLength: 16,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
      },
      deletionProtection: protect,
      removalPolicy: protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    Validations.of(this.pool).acknowledge(
      {
        id: 'AwsSolutions-COG2',
        reason:
          'A second factor is offered to each user, and an installation whose pool was there before has machines alone. Cognito would let nobody sign in who has none yet.',
      },
      {
        id: 'AwsSolutions-COG8',
        reason:
          'Users are few and made by an operator, none signs up. The Plus plan costs a third more a user, and an installation at rest pays for nobody.',
      },
    );
    for (const [name, description] of Object.entries(userGroups))
      this.pool.addGroup(name, { groupName: name, description });
    const allowed = Object.entries(scopes).map(
      ([scopeName, scopeDescription]) => new ResourceServerScope({ scopeName, scopeDescription }),
    );
    const server: UserPoolResourceServer = this.pool.addResourceServer('Scopes', {
      identifier: resourceServer,
      userPoolResourceServerName: ofStage(resourceServer, stage),
      scopes: allowed,
    });
    const machine = (id: string, name: string, names: readonly (keyof typeof scopes)[]) =>
      this.pool.addClient(id, {
        userPoolClientName: name,
        generateSecret: true,
        oAuth: {
          flows: { clientCredentials: true },
          scopes: allowed
            .filter(({ scopeName }) => names.some((one) => one === scopeName))
            .map((one) => OAuthScope.resourceServer(server, one)),
        },
        authFlows: {},
        preventUserExistenceErrors: true,
        enableTokenRevocation: true,
        accessTokenValidity: Duration.hours(1), // a token is billed: clients keep it until it expires
      });
    this.reader = machine('Reader', 'reader', ['read']);
    // Under the name of the only client that there was before: whoever has its id and secret goes on.
    this.writer = machine('Machine', 'writer', ['read', 'write', 'operate', 'jobs']);
    const domain = new UserPoolDomain(this, 'Domain', {
      userPool: this.pool,
      managedLoginVersion: hasConsole
        ? ManagedLoginVersion.NEWER_MANAGED_LOGIN
        : ManagedLoginVersion.CLASSIC_HOSTED_UI,
      cognitoDomain: {
        domainPrefix: ofStage(tokenDomainPrefix ?? `caudal-${Aws.ACCOUNT_ID}`, stage),
      },
    });
    // GovCloud has FIPS endpoints only, under a name of their own.
    const hosts = new CfnMapping(this, 'Hosts', {
      mapping: {
        aws: { tokens: 'auth' },
        'aws-cn': { tokens: 'auth' },
        'aws-us-gov': { tokens: 'auth-fips' },
      },
    });
    const host = `${domain.domainName}.${hosts.findInMap(Aws.PARTITION, 'tokens')}`;
    this.domainUrl = `https://${host}.${Aws.REGION}.amazoncognito.com`;
    this.tokenUrl = `${this.domainUrl}/oauth2/token`;
  }
}
