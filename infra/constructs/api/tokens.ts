import { Aws, CfnMapping, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  FeaturePlan,
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
 * Who may call the API: a user pool without users, with one client that gets tokens for itself (client credentials). Other
 * clients, with fewer scopes, can be added to the pool by hand.
 */
export class Tokens extends Construct {
  readonly pool: UserPool;
  readonly client: UserPoolClient;
  /** Where a client gets its token. */
  readonly tokenUrl: string;

  constructor(scope: Construct, id: string, props: { config: Config }) {
    super(scope, id);
    const { protectData: protect, tokenDomainPrefix, stage } = props.config;
    this.pool = new UserPool(this, 'Pool', {
      selfSignUpEnabled: false,
      featurePlan: FeaturePlan.LITE,
      mfa: Mfa.OFF,
      passwordPolicy: {
        minLength: 16,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
      },
      deletionProtection: protect,
      removalPolicy: protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const noUsers =
      'The pool has no users and takes none: its clients are machines that authenticate with a secret.';
    Validations.of(this.pool).acknowledge(
      { id: 'AwsSolutions-COG2', reason: noUsers },
      { id: 'AwsSolutions-COG8', reason: noUsers },
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
    this.client = this.pool.addClient('Machine', {
      generateSecret: true,
      oAuth: {
        flows: { clientCredentials: true },
        scopes: allowed.map((one) => OAuthScope.resourceServer(server, one)),
      },
      authFlows: {},
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.hours(1), // a token is billed: clients keep it until it expires
    });
    const domain = new UserPoolDomain(this, 'Domain', {
      userPool: this.pool,
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
    this.tokenUrl = `https://${host}.${Aws.REGION}.amazoncognito.com/oauth2/token`;
  }
}
