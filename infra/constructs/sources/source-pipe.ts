import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { Construct } from 'constructs';
import { ofStage } from '../../../core/stage.ts';
import type { Config } from '../../config.ts';
import { allow, onBehalfOf, type Permission } from '../shared/permissions.ts';

export interface SourcePipeProps {
  /** Ends the name of its log group: `queue`. */
  readonly name: string;
  readonly description: string;
  /** ARN of the source, or `smk://host:port` of brokers of one's own. */
  readonly source: string;
  readonly sourceParameters: CfnPipe.PipeSourceParametersProperty;
  /** What it takes to read the source. */
  readonly permissions: readonly Permission[];
  /** Where in an event the sender's own text is, such as `$.body`. */
  readonly path: string;
  readonly stream: CfnDeliveryStream;
  readonly key: IKey;
  readonly config: Config;
}

/** A pipe to the delivery stream: a record is what the sender sent, without the message around it. */
export class SourcePipe extends Construct {
  readonly pipe: CfnPipe;

  constructor(scope: Construct, id: string, props: SourcePipeProps) {
    super(scope, id);
    const { stream, key, config } = props;
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: ofStage(`/aws/vendedlogs/pipes/caudal-${props.name}`, config.stage),
      retention: config.logRetentionDays,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('pipes.amazonaws.com', {
        // By its name it would wait for itself: the pipe is created with the role.
        conditions: onBehalfOf(
          Stack.of(this).formatArn({ service: 'pipes', resource: 'pipe', resourceName: '*' }),
        ),
      }),
    });
    allow(role, [
      ...props.permissions,
      { actions: ['firehose:PutRecordBatch'], resources: [stream.attrArn] },
    ]);
    this.pipe = new CfnPipe(this, 'Pipe', {
      description: props.description,
      roleArn: role.roleArn,
      source: props.source,
      sourceParameters: props.sourceParameters,
      target: stream.attrArn,
      targetParameters: { inputTemplate: `<${props.path}>` },
      logConfiguration: {
        level: 'ERROR',
        cloudwatchLogsLogDestination: { logGroupArn: logGroup.logGroupRef.logGroupArn },
      },
    });
    // The pipe tries its role when it is created; without the policy that fails.
    this.pipe.node.addDependency(role);
  }
}
