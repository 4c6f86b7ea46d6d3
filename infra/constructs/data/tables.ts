import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  Table,
  TableEncryption,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

const text = (name: string) => ({ name, type: AttributeType.STRING });

/** The four tables, and a fifth where there are streams. All on demand, encrypted with the installation's key, with point-in-time recovery. */
export class Tables extends Construct {
  /** Pages of day and month statistics: `<dataset>#<shard>#<page>` and `day-page#…` or `month-page#…`. */
  readonly statistics: Table;
  /** Jobs with their segments, and the ledger of each segment. */
  readonly jobs: Table;
  /** Alerts, and among them the outbox of those not sent yet. */
  readonly alerts: Table;
  /** Powertools' idempotency records; they expire. */
  readonly idempotency: Table;
  /** Streams of commits, their snapshots and notification logs; where they are wanted. */
  readonly streams: Table | undefined;
  readonly all: readonly Table[];

  constructor(scope: Construct, id: string, props: { key: Key; protect: boolean; streams: boolean }) {
    super(scope, id);
    const protectedTable = {
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: props.key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: props.protect,
      removalPolicy: props.protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    } satisfies Partial<TableProps>;
    const keyed = { partitionKey: text('pk'), sortKey: text('sk') };

    this.statistics = new Table(this, 'Statistics', { ...protectedTable, ...keyed });
    this.jobs = new Table(this, 'Jobs', {
      ...protectedTable,
      ...keyed,
      timeToLiveAttribute: 'expiration', // of announcements in the inbox of the merge; nothing else has it
    });
    this.jobs.addGlobalSecondaryIndex({
      indexName: 'by-kind', // sparse: only the jobs themselves carry both attributes
      partitionKey: text('kind'),
      sortKey: text('createdAt'),
      projectionType: ProjectionType.ALL,
    });

    this.alerts = new Table(this, 'Alerts', { ...protectedTable, ...keyed });
    this.alerts.addGlobalSecondaryIndex({
      indexName: 'pending', // sparse: only alerts not sent yet carry the attribute
      partitionKey: text('pending'),
      sortKey: text('pk'),
      projectionType: ProjectionType.ALL,
    });
    this.alerts.addGlobalSecondaryIndex({
      indexName: 'by-day',
      partitionKey: text('datasetMonth'),
      sortKey: text('sk'),
      projectionType: ProjectionType.ALL,
    });

    this.idempotency = new Table(this, 'Idempotency', {
      ...protectedTable,
      partitionKey: text('id'),
      timeToLiveAttribute: 'expiration',
    });
    this.streams = props.streams ? new Table(this, 'Streams', { ...protectedTable, ...keyed }) : undefined;
    this.streams?.addLocalSecondaryIndex({
      indexName: 'by-command', // read consistently, which no global index is: whether a command was committed before
      sortKey: text('command'),
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.streams?.addGlobalSecondaryIndex({
      indexName: 'pending', // sparse: only commits that are in no log yet carry both attributes
      partitionKey: text('pending'),
      sortKey: text('pendingSince'),
      projectionType: ProjectionType.KEYS_ONLY,
    });
    const always = [this.statistics, this.jobs, this.alerts, this.idempotency];
    this.all = this.streams === undefined ? always : [...always, this.streams];
  }
}
