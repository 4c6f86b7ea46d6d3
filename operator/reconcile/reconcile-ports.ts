import type { S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createAlertBook } from '../../adapters/dynamodb/alerts-table.ts';
import { createLedgers } from '../../adapters/dynamodb/jobs-table/ledgers.ts';
import { createPageLister, createPageStore } from '../../adapters/dynamodb/statistics-table.ts';
import { createObjects } from '../../adapters/s3/objects.ts';
import { createSegmentOpener, createVersionLister } from '../../adapters/s3/segments.ts';
import { createPartitionLister } from '../../adapters/s3/stored-days.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import type { PartitionId } from '../../core/partition/partition.ts';
import type { DaySpan } from '../../core/time/day-span.ts';
import { listDeletedFiles, listRawObjects, type RawObject } from '../../handlers/operations/raw-objects.ts';
import type { ObjectReader, SegmentOpener } from '../../ports/objects.ts';
import type { PageLister, PageStore } from '../../ports/pages.ts';
import type { LedgerReader } from '../../ports/queries.ts';
import type { AlertBook } from '../../ports/records.ts';

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
  const versions = createVersionLister(s3);
  return {
    objects: () => listRawObjects(versions, rawBucket),
    deleted: () => listDeletedFiles(versions, rawBucket),
    segments: createSegmentOpener(s3),
    ledgers: createLedgers(documents, stores.jobsTable),
    curated: createObjects(s3),
    curatedBucket,
    statisticsTable: stores.statisticsTable,
    statistics: createPageStore(documents, stores.statisticsTable),
    ...(alertsTable === undefined ? {} : { alerts: createAlertBook(documents, alertsTable) }),

    partitions: createPartitionLister(s3, curatedBucket),

    pages: (dataset) => lister.list(dataset.storageName),
  };
}
