import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnFlowLog, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ofStage } from '../../../core/stage.ts';
import type { Config } from '../../config.ts';
import { allow, onBehalfOf } from '../shared/permissions.ts';

/** Who spoke with whom in a VPC, and what was refused: addresses, ports and bytes of each ten minutes. */
export class FlowLog extends Construct {
  constructor(scope: Construct, id: string, { vpc, config }: { vpc: IVpc; config: Config }) {
    super(scope, id);
    // Not under the installation's key, which is of a stack that may need this one.
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: ofStage('/aws/vendedlogs/caudal-network-flows', config.stage),
      retention: config.accessLogDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('vpc-flow-logs.amazonaws.com', {
        conditions: onBehalfOf(
          Stack.of(this).formatArn({ service: 'ec2', resource: 'vpc-flow-log', resourceName: '*' }),
        ),
      }),
    });
    allow(role, [
      {
        actions: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
        // With `:*` behind it for streams, and without for the group.
        resources: [logGroup.logGroupArn, logGroup.logGroupRef.logGroupArn],
      },
    ]);
    const flowLog = new CfnFlowLog(this, 'FlowLog', {
      resourceId: vpc.vpcId,
      resourceType: 'VPC',
      trafficType: 'ALL',
      logDestinationType: 'cloud-watch-logs',
      logGroupName: logGroup.logGroupName,
      deliverLogsPermissionArn: role.roleArn,
      maxAggregationInterval: 600,
    });
    flowLog.node.addDependency(role);
  }
}
