import type { S3Client } from '@aws-sdk/client-s3';
import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { createStatisticsStore } from '../adapters/dynamodb-statistics.ts';
import { createObjects } from '../adapters/s3-objects.ts';
import { createSegmentOpener, createVersionLister } from '../adapters/s3-segments.ts';
import { segmentIdOf } from '../handlers/layout.ts';
import type { ReconcilePorts } from './reconcile.ts';

/** The stores of one installation. Buckets and tables by name. */
export interface Stores {
  readonly s3: S3Client;
  readonly documents: DynamoDBDocumentClient;
  readonly rawBucket: string;
  readonly curatedBucket: string;
  readonly statisticsTable: string;
  readonly jobsTable: string;
}

/** Where raw objects are: Firehose's and people's. */
const rawPrefixes = ['raw/', 'landing/'];

/** Reads what {@link reconcile} compares, over the SDK. */
export function createReconcilePorts(stores: Stores): ReconcilePorts {
  const { s3, documents, rawBucket, curatedBucket } = stores;
  const lister = createVersionLister(s3);
  return {
    async *objects() {
      for (const prefix of rawPrefixes) {
        for await (const { key, versionId } of lister.list({ bucket: rawBucket, prefix })) {
          yield { bucket: rawBucket, key, versionId };
        }
      }
    },
    segments: createSegmentOpener(s3),
    ledgers: {
      async ledger(segment) {
        const { Item } = await documents.send(
          new GetCommand({
            TableName: stores.jobsTable,
            Key: { pk: `segment#${segmentIdOf(segment)}`, sk: 'ledger' },
            ConsistentRead: true,
          }),
        );
        if (Item?.state !== 'Completed') return undefined;
        const rejected = Object.values((Item.rejected ?? {}) as Record<string, number>);
        return {
          lines: Number(Item.lines),
          valid: Number(Item.valid),
          rejected: rejected.reduce((sum, count) => sum + count, 0),
        };
      },
    },
    curated: createObjects(s3),
    curatedBucket,
    statistics: createStatisticsStore(documents, stores.statisticsTable),
  };
}
