import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createAlertBook } from '../../adapters/dynamodb/alerts-table.ts';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createPageLister, createPageStore } from '../../adapters/dynamodb/statistics-table.ts';
import { createObjects } from '../../adapters/s3/objects.ts';
import { createSegmentOpener } from '../../adapters/s3/segments.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import { type PartitionId, partitionFromKey } from '../../core/partition/partition.ts';
import type { ObjectReader, SegmentOpener } from '../../ports/objects.ts';
import type { PageLister, PageStore } from '../../ports/pages.ts';
import type { LedgerReader } from '../../ports/queries.ts';
import type { AlertBook } from '../../ports/records.ts';
import { type DaySpan, inSpan } from '../shared/options.ts';
import { listDeletedFiles, listRawObjects, type RawObject } from '../shared/raw-objects.ts';

/** What `reconcile` reads. Nothing is written. */
export interface ReconcilePorts {
  /** Every version of every raw object. */
  objects(): AsyncIterable<RawObject>;
  /** Every version of every deleted file that the bucket still keeps. */
  deleted(): AsyncIterable<RawObject>;
  readonly segments: SegmentOpener;
  readonly ledgers: LedgerReader;
  readonly curated: ObjectReader;
  readonly curatedBucket: string;
  /** For what a person has to type to fix an item. */
  readonly statisticsTable: string;
  readonly statistics: Omit<PageStore, 'write'>;
  /** Without it alerts are not compared. */
  readonly alerts?: Pick<AlertBook, 'ofDay'>;
  /** The partitions that there are, in the order of their days. */
  partitions(dataset: Dataset, span: DaySpan): AsyncIterable<PartitionId>;
  /** All pages of statistics of a dataset. */
  pages(dataset: Dataset): ReturnType<PageLister['list']>;
}

/** The stores of one installation. Buckets and tables by name. */
export interface Stores {
  readonly s3: S3Client;
  readonly documents: DynamoDBDocumentClient;
  readonly rawBucket: string;
  readonly curatedBucket: string;
  readonly statisticsTable: string;
  readonly jobsTable: string;
  /** Without it alerts are not compared. */
  readonly alertsTable?: string;
}

/** Reads what `reconcile` compares, over the SDK. */
export function createReconcilePorts(stores: Stores): ReconcilePorts {
  const { s3, documents, rawBucket, curatedBucket, alertsTable } = stores;
  const lister = createPageLister(documents, stores.statisticsTable);
  return {
    objects: () => listRawObjects(s3, rawBucket),
    deleted: () => listDeletedFiles(s3, rawBucket),
    segments: createSegmentOpener(s3),
    ledgers: createLedgers(documents, stores.jobsTable),
    curated: createObjects(s3),
    curatedBucket,
    statisticsTable: stores.statisticsTable,
    statistics: createPageStore(documents, stores.statisticsTable),
    ...(alertsTable === undefined ? {} : { alerts: createAlertBook(documents, alertsTable) }),

    async *partitions(dataset, span) {
      const prefix = `curated/dataset=${dataset.storageName}/date=`;
      const pages = paginateListObjectsV2(
        { client: s3 },
        {
          Bucket: curatedBucket,
          Prefix: prefix,
          // Keys are in the order of the days: what comes before the span is not listed.
          StartAfter: span.from === undefined ? undefined : `${prefix}${span.from}`,
        },
      );
      for await (const { Contents: files = [] } of pages) {
        for (const { Key: key = '' } of files) {
          const id = partitionFromKey(dataset, key);
          if (id === undefined) continue;
          if (span.to !== undefined && id.day > span.to) return;
          if (inSpan(id.day, span)) yield id;
        }
      }
    },

    pages: (dataset) => lister.list(dataset.storageName),
  };
}
