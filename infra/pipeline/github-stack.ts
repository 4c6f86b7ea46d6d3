import { Aws, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnOIDCProvider, PolicyStatement, Role, WebIdentityPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { DeployedStage } from './settings.ts';
import { testStatements } from './test-access.ts';

const issuer = 'token.actions.githubusercontent.com';

export interface GitHubStackProps extends StackProps {
  /** `owner/name`. */
  readonly repository: string;
  /** What this account is deployed to. */
  readonly stages: readonly DeployedStage[];
  /** False where the account has the identity provider of GitHub already: there is one for each account. */
  readonly createProvider: boolean;
}

/**
 * Who may deploy from GitHub Actions: for each stage a role that only a job of this repository in the environment of that name can take, with
 * a token of GitHub's that is valid for minutes. It can do nothing but take the roles of the bootstrap, which is how the CDK deploys, and in
 * pre-production test what was deployed.
 */
export class GitHubStack extends Stack {
  constructor(scope: Construct, id: string, props: GitHubStackProps) {
    super(scope, id, props);
    const { repository, stages, createProvider } = props;
    const provider = createProvider
      ? new CfnOIDCProvider(this, 'Provider', {
          url: `https://${issuer}`,
          clientIdList: ['sts.amazonaws.com'],
        }).attrArn
      : `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:oidc-provider/${issuer}`;
    for (const stage of stages) {
      const role = new Role(this, stage, {
        description: `Deploys Caudal to ${stage} from ${repository}`,
        assumedBy: new WebIdentityPrincipal(provider, {
          StringEquals: {
            [`${issuer}:aud`]: 'sts.amazonaws.com',
            [`${issuer}:sub`]: `repo:${repository}:environment:${stage}`,
          },
        }),
      });
      role.addToPolicy(
        new PolicyStatement({
          actions: ['sts:AssumeRole'],
          resources: ['deploy', 'file-publishing', 'lookup'].map(
            (what) =>
              `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/cdk-hnb659fds-${what}-role-${Aws.ACCOUNT_ID}-${Aws.REGION}`,
          ),
        }),
      );
      if (stage === 'pre-production') {
        for (const statement of testStatements(stage)) role.addToPolicy(statement);
      }
      new CfnOutput(this, `RoleOf-${stage}`, { value: role.roleArn }).overrideLogicalId(
        `RoleOf${stage.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase())}`,
      );
    }
  }
}
