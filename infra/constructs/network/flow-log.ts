import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
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
    const logGroupName = ofStage('/aws/vendedlogs/caudal-network-flows', config.stage);
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName,
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
      { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] },
      {
        actions: ['logs:DescribeLogStreams'],
        // The group's own ARN ends in `:*`, for streams.
        resources: [
          Stack.of(this).formatArn({
            service: 'logs',
            resource: 'log-group',
            resourceName: logGroupName,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        ],
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
