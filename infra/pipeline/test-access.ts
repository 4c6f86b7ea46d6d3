import { Aws, Stack, type StackProps } from 'aws-cdk-lib';
import { AccountPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { ofStage } from '../../core/stage.ts';

/** What `npm run test:deployed` does in an installation: it finds it, asks for a token, and sends readings. */
export function testStatements(stage: string): PolicyStatement[] {
  const arn = (service: string, resource: string) =>
    `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;
  return [
    new PolicyStatement({
      actions: ['cloudformation:DescribeStacks'],
      resources: [arn('cloudformation', `stack/Caudal*-${stage}/*`)],
    }),
    new PolicyStatement({
      actions: ['cognito-idp:DescribeUserPoolClient'],
      resources: [arn('cognito-idp', 'userpool/*')],
      conditions: { StringEquals: { 'aws:ResourceTag/stage': stage } },
    }),
    new PolicyStatement({
      actions: ['firehose:PutRecordBatch'],
      resources: [arn('firehose', `deliverystream/${ofStage('caudal-readings', stage)}`)],
    }),
  ];
}

/** Name of the role in a stage's account. IAM knows no Regions, so the name has it. */
export const testRoleName = (stage: string, region: string): string => `caudal-test-${stage}-${region}`;

/** Name of the role that the pipeline's tests run with, and that a stage trusts. */
export const testerRoleName = (region: string): string => `caudal-pipeline-test-${region}`;

export interface TestAccessProps extends StackProps {
  readonly stage: string;
  /** Of the pipeline. */
  readonly pipelineAccount: string;
  readonly pipelineRegion: string;
}

/** The role with which the pipeline tests a stage, wherever that is: in its account, and only for the pipeline's tests. */
export class TestAccessStack extends Stack {
  constructor(scope: Construct, id: string, props: TestAccessProps) {
    super(scope, id, props);
    const { stage, pipelineAccount, pipelineRegion } = props;
    const role = new Role(this, 'Role', {
      roleName: testRoleName(stage, this.region),
      description: `Tests of the installation ${stage}, for the pipeline`,
      // The role by a condition and not as the principal: IAM refuses a principal that does not exist yet.
      assumedBy: new AccountPrincipal(pipelineAccount).withConditions({
        ArnEquals: {
          'aws:PrincipalArn': `arn:${Aws.PARTITION}:iam::${pipelineAccount}:role/${testerRoleName(pipelineRegion)}`,
        },
      }),
    });
    for (const statement of testStatements(stage)) role.addToPolicy(statement);
  }
}
