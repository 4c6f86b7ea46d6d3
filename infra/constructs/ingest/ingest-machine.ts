import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Config } from '../../config.ts';
import type { HandlerFunction } from '../shared/handler-function.ts';
import { Workflow } from '../shared/workflow.ts';

/** Name of the state machine, before a stage; the operator's commands know it. */
const ingestMachineName = 'caudal-ingest';

export interface IngestMachineProps {
  /** Path of `ingest.asl.json`. */
  readonly definition: string;
  /** By the name of the state that calls it. */
  readonly functions: Readonly<Record<string, HandlerFunction>>;
  readonly curated: Bucket;
  readonly jobs: Table;
  readonly bus: EventBus;
  readonly key: IKey;
  readonly config: Config;
}

/** The state machine `ingest`. */
export class IngestMachine extends Workflow {
  constructor(scope: Construct, id: string, props: IngestMachineProps) {
    const { definition, functions, curated, jobs, bus, key, config } = props;
    super(scope, id, {
      name: ingestMachineName,
      definition,
      functions,
      key,
      config,
      substitutions: {
        CuratedBucket: curated.bucketName,
        JobsTable: jobs.tableName,
        EventBusName: bus.eventBusName,
      },
      permissions: [
        { actions: ['dynamodb:UpdateItem'], resources: [jobs.tableArn] },
        { actions: ['events:PutEvents'], resources: [bus.eventBusArn] },
        {
          actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
          resources: [curated.arnForObjects('staging/*')],
          wildcard: 'Manifests and results of the maps are named by job; all lie under this prefix.',
        },
      ],
    });
  }
}
