import { Aws, Duration } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import {
  athenaFileColumns,
  athenaView,
  lakeDatabase,
  lakeWorkgroup,
  partitionProjection,
} from '../../../core/lake/athena.ts';
import type { LakeView } from '../../../core/lake/lake-views.ts';
import { encryptedBucketProps } from '../shared/guarded-resources.ts';
import type { Buckets } from './buckets.ts';

export interface LakeProps {
  readonly stage: string | undefined;
  readonly views: readonly LakeView[];
  readonly buckets: Buckets;
  readonly key: IKey;
  readonly retain: boolean;
}

/** A statement that would read more is cancelled: 100 GB cost $0.50 at $5 a TB. */
const scanLimitBytes = 100_000_000_000;
/** Results hold readings: as long as somebody may fetch one again. */
const resultDays = 7;

const parquet = {
  inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
};

/**
 * The curated files for Athena, and for whatever reads Glue's catalog: a database with two tables a dataset, its files and the view of the
 * readings that count, and a workgroup that bounds what a statement reads and encrypts what it answers.
 */
export class Lake extends Construct {
  readonly database: CfnDatabase;
  readonly workgroup: CfnWorkGroup;
  /** Answers to statements. */
  readonly results: Bucket;

  constructor(scope: Construct, id: string, props: LakeProps) {
    super(scope, id);
    const { stage, views, buckets, key } = props;
    this.results = new Bucket(this, 'Results', {
      ...encryptedBucketProps({
        ...{ retain: props.retain, key, accessLogs: buckets.accessLogs },
        prefix: 'sql-results/',
      }),
      lifecycleRules: [
        {
          id: 'expire',
          expiration: Duration.days(resultDays),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    const name = lakeDatabase(stage);
    this.database = new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: { name, description: 'Caudal: readings by dataset' },
    });
    for (const view of views) this.#addDataset(view, name, buckets.curated);
    this.workgroup = new CfnWorkGroup(this, 'Workgroup', {
      name: lakeWorkgroup(stage),
      description: 'Caudal: SQL over the readings',
      recursiveDeleteOption: true, // of its history of statements; results are in the bucket
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: scanLimitBytes,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `s3://${this.results.bucketName}/`,
          expectedBucketOwner: Aws.ACCOUNT_ID,
          encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: key.keyArn },
        },
      },
    });
  }

  #addDataset(view: LakeView, database: string, curated: Bucket): void {
    const location = `s3://${curated.bucketName}/curated/dataset=${view.dataset.storageName}/`;
    const table = (id: string, tableInput: CfnTable.TableInputProperty) =>
      new CfnTable(this, `${id}-${view.dataset.name}`, {
        catalogId: Aws.ACCOUNT_ID,
        databaseName: this.database.ref,
        tableInput,
      });
    const files = table('Files', {
      name: view.files,
      description: `Partition files of ${view.dataset.name} as they lie, with withdrawn readings`,
      tableType: 'EXTERNAL_TABLE',
      partitionKeys: [{ name: 'date', type: 'string', comment: 'the local day, YYYY-MM-DD' }],
      parameters: {
        ...partitionProjection(view),
        // The engine puts the date in, not CloudFormation.
        'storage.location.template': `${location}date=$\{date}/`,
        EXTERNAL: 'TRUE',
        classification: 'parquet',
        has_encrypted_data: 'true',
      },
      storageDescriptor: { ...parquet, location, columns: athenaFileColumns(view) },
    });
    const { columns, text } = athenaView(view, database);
    const shown = table('View', {
      name: view.name,
      description: view.comment,
      tableType: 'VIRTUAL_VIEW',
      parameters: { presto_view: 'true', comment: 'Presto View' },
      viewOriginalText: text,
      viewExpandedText: '/* Presto View */',
      // Athena refuses a view without a name of a SerDe, and uses none.
      storageDescriptor: { columns, serdeInfo: { name: '-', serializationLibrary: '-' } },
    });
    shown.addDependency(files);
  }
}
