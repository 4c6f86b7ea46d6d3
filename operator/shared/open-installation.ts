import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { openDocuments } from '../../adapters/dynamodb/documents.ts';
import type { ClientSettings } from '../../cli/connection.ts';
import { discover } from '../../cli/discovery.ts';
import type { Installation } from '../../cli/installation.ts';

/** What most verbs work with: the installation that was found, and clients of the services that hold its state. */
export interface OpenInstallation {
  readonly settings: ClientSettings;
  readonly installation: Installation;
  readonly s3: S3Client;
  readonly documents: DynamoDBDocumentClient;
  readonly stepFunctions: SFNClient;
  readonly sqs: SQSClient;
}

/**
 * Finds the installation that the environment points to; says so on stderr when nobody named it.
 * @throws {NotInstalled}
 */
export async function openInstallation(): Promise<OpenInstallation> {
  const installation = await discover();
  const { settings } = installation;
  return {
    settings,
    installation,
    s3: new S3Client(settings),
    documents: openDocuments(settings),
    stepFunctions: new SFNClient(settings),
    sqs: new SQSClient(settings),
  };
}
