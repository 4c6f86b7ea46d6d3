import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { Construct } from 'constructs';
import type { Config } from '../../config.ts';
import type { Permission } from '../shared/permissions.ts';
import type { KafkaTopic } from './source-options.ts';
import { SourcePipe } from './source-pipe.ts';

/** Messages of a batch, and the seconds for which it is gathered: pipes are billed by 64 KiB of a batch. */
const batchSize = 100;
const windowSeconds = 5;

/** A Kafka topic whose messages are readings: of a cluster of Amazon MSK, by IAM, or of brokers of one's own, by a user and a password. */
export class KafkaSource extends Construct {
  readonly pipe: CfnPipe;

  constructor(
    scope: Construct,
    id: string,
    props: { kafka: KafkaTopic; stream: CfnDeliveryStream; key: IKey; config: Config },
  ) {
    super(scope, id);
    const { kafka, ...rest } = props;
    const common = {
      topicName: kafka.topic,
      batchSize,
      maximumBatchingWindowInSeconds: windowSeconds,
      startingPosition: 'TRIM_HORIZON',
    };
    this.pipe = new SourcePipe(this, 'Readings', {
      ...rest,
      name: 'kafka',
      description: 'Messages of a Kafka topic to the delivery stream of Caudal',
      path: '$.value',
      ...('cluster' in kafka
        ? {
            source: arnOf(this, 'kafka', 'cluster', kafka.cluster),
            sourceParameters: { managedStreamingKafkaParameters: common },
            permissions: ofCluster(this, kafka),
          }
        : {
            source: `smk://${kafka.brokers[0]}`,
            sourceParameters: {
              selfManagedKafkaParameters: {
                ...common,
                additionalBootstrapServers: [...kafka.brokers.slice(1)],
                credentials: { saslScram512Auth: secretArn(this, kafka.secret) },
              },
            },
            permissions: [
              { actions: ['secretsmanager:GetSecretValue'], resources: [secretArn(this, kafka.secret)] },
            ],
          }),
    }).pipe;
  }
}

const arnOf = (scope: Construct, service: string, resource: string, resourceName: string): string =>
  Stack.of(scope).formatArn({ service, resource, resourceName });

const secretArn = (scope: Construct, name: string): string =>
  Stack.of(scope).formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: name,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/** As AWS's page on pipes from MSK names them; the pipe reads from within the cluster's network. */
function ofCluster(scope: Construct, { cluster, topic }: { cluster: string; topic: string }): Permission[] {
  const clusterArn = arnOf(scope, 'kafka', 'cluster', cluster);
  const ec2 = (resource: string): string => arnOf(scope, 'ec2', resource, '*');
  return [
    {
      actions: ['kafka:DescribeCluster', 'kafka:DescribeClusterV2'],
      resources: [clusterArn],
    },
    {
      actions: ['kafka-cluster:Connect', 'kafka-cluster:DescribeClusterDynamicConfiguration'],
      resources: [clusterArn],
    },
    {
      actions: ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'],
      resources: [arnOf(scope, 'kafka', 'topic', `${cluster}/${topic}`)],
    },
    {
      actions: ['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'],
      resources: [arnOf(scope, 'kafka', 'group', `${cluster}/*`)],
      wildcard: 'Pipes names the consumer group itself.',
    },
    {
      actions: ['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface'],
      resources: ['network-interface', 'subnet', 'security-group'].map(ec2),
      wildcard: "Pipes makes interfaces in the cluster's subnets, whose ids only the cluster knows.",
    },
    {
      actions: [
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets',
        'ec2:DescribeVpcs',
        'kafka:GetBootstrapBrokers',
      ],
      resources: ['*'],
      wildcard: 'These know no resource to name.',
    },
  ];
}
