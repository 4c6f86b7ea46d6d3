import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { Config } from '../../config.ts';
import type { HandlerFunction } from '../shared/handler-function.ts';
import { Workflow } from '../shared/workflow.ts';
import { jobObjects } from './job-functions.ts';

/** Name of the state machine, before a stage; the operator's commands know it. */
const jobMachineName = 'caudal-jobs';

export interface JobMachineProps {
  /** Path of `job.asl.json`. */
  readonly definition: string;
  /** By the name of the state that calls it. */
  readonly functions: Readonly<Record<string, HandlerFunction>>;
  readonly bucket: Bucket;
  readonly jobs: Table;
  readonly bus: EventBus;
  readonly topic: Topic;
  readonly key: IKey;
  readonly config: Config;
}

/** The state machine of the jobs of toons. */
export class JobMachine extends Workflow {
  constructor(scope: Construct, id: string, props: JobMachineProps) {
    const { definition, functions, bucket, jobs, bus, topic, key, config } = props;
    super(scope, id, {
      name: jobMachineName,
      definition,
      functions,
      key,
      config,
      substitutions: {
        ToonsBucket: bucket.bucketName,
        JobsTable: jobs.tableName,
        EventBusName: bus.eventBusName,
        JobTopicArn: topic.topicArn,
      },
      permissions: [
        { actions: ['dynamodb:UpdateItem'], resources: [jobs.tableArn] },
        { actions: ['events:PutEvents'], resources: [bus.eventBusArn] },
        { actions: ['sns:Publish'], resources: [topic.topicArn] },
        jobObjects(bucket, [
          's3:AbortMultipartUpload',
          's3:GetObject',
          's3:ListMultipartUploadParts',
          's3:PutObject',
        ]),
      ],
    });
  }
}
