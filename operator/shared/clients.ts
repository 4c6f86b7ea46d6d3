import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ClientSettings } from '../../cli/connection.ts';
import { discover } from '../../cli/discovery.ts';
import type { Installation } from '../../cli/installation.ts';
import type { Stores } from '../reconcile/reconcile-ports.ts';

/** What most verbs work with: the installation that was found, and clients of the services that hold its state. */
export interface Reach {
  readonly settings: ClientSettings;
  readonly installation: Installation;
  readonly s3: S3Client;
  readonly documents: DynamoDBDocumentClient;
  readonly stepFunctions: SFNClient;
  readonly sqs: SQSClient;
  readonly stores: Stores & { readonly alertsTable: string };
}

/**
 * Finds the installation that the environment points to; tells on stderr when that was not what a person named.
 * @throws {NotInstalled}
 */
export async function reach(): Promise<Reach> {
  const installation = await discover();
  const { settings } = installation;
  const s3 = new S3Client(settings);
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(settings));
  const { rawBucket, curatedBucket, statisticsTable, jobsTable, alertsTable } = installation;
  return {
    settings,
    installation,
    s3,
    documents,
    stepFunctions: new SFNClient(settings),
    sqs: new SQSClient(settings),
    stores: { s3, documents, rawBucket, curatedBucket, statisticsTable, jobsTable, alertsTable },
  };
}
