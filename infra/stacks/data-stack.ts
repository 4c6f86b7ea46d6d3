import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { LakeView } from '../../core/lake/lake-views.ts';
import { ofStage } from '../../core/stage.ts';
import type { Config } from '../config.ts';
import { AuditTrail, auditTrailArn } from '../constructs/data/audit-trail.ts';
import { Buckets } from '../constructs/data/buckets.ts';
import { EncryptionKey } from '../constructs/data/encryption-key.ts';
import { Lake } from '../constructs/data/lake.ts';
import { requireNetwork } from '../constructs/data/require-network.ts';
import { Tables } from '../constructs/data/tables.ts';

/** What is kept: the key, the buckets and the tables. The other stacks can be removed and deployed again over it. */
export class DataStack extends Stack {
  readonly encryption: EncryptionKey;
  readonly buckets: Buckets;
  readonly tables: Tables;
  readonly lake: Lake;

  constructor(
    scope: Construct,
    id: string,
    props: StackProps & {
      config: Config;
      views: readonly LakeView[];
      /** Id of the VPC that functions have to call from; undefined where they need not. */
      requiredVpc: string | undefined;
    },
  ) {
    super(scope, id, props);
    const { config } = props;
    const { protectData, accessLogDays } = config;
    const auditTrailName = ofStage('caudal-data-events', config.stage);
    this.encryption = new EncryptionKey(this, 'Encryption', {
      retain: protectData,
      ...(config.auditDataEvents ? { trailArn: auditTrailArn(this, auditTrailName) } : {}),
    });
    const key = this.encryption.key;
    this.buckets = new Buckets(this, 'Buckets', {
      key,
      retain: protectData,
      accessLogDays,
      infrequentDays: config.rawInfrequentDays,
      lockDays: config.rawLockDays,
      denyDeletion: config.denyRawDeletion,
      uploadOrigins: uploadOrigins(config),
    });
    if (props.requiredVpc !== undefined)
      requireNetwork({ vpcId: props.requiredVpc, buckets: this.buckets, key });
    this.tables = new Tables(this, 'Tables', { key, protect: protectData, streams: config.streams });

    this.lake = new Lake(this, 'Lake', {
      ...{ stage: config.stage, views: props.views, buckets: this.buckets, key, retain: protectData },
    });

    // Whether reports ask for it or not: CloudFormation takes away no export that another stack still imports.
    this.exportValue(this.lake.results.bucketArn);

    if (config.auditDataEvents) {
      new AuditTrail(this, 'Audit', {
        name: auditTrailName,
        buckets: this.buckets,
        tables: this.tables,
        key,
        retain: protectData,
        days: accessLogDays,
      });
    }

    new CfnOutput(this, 'RawBucket', { value: this.buckets.raw.bucketName });
    new CfnOutput(this, 'CuratedBucket', { value: this.buckets.curated.bucketName });
    new CfnOutput(this, 'LakeDatabase', { value: this.lake.database.ref });
    new CfnOutput(this, 'LakeWorkgroup', { value: this.lake.workgroup.ref });
    new CfnOutput(this, 'StatisticsTable', { value: this.tables.statistics.tableName });
    new CfnOutput(this, 'JobsTable', { value: this.tables.jobs.tableName });
    new CfnOutput(this, 'AlertsTable', { value: this.tables.alerts.tableName });
    new CfnOutput(this, 'IdempotencyTable', { value: this.tables.idempotency.tableName });
    const { streams } = this.tables;
    if (streams !== undefined) new CfnOutput(this, 'StreamsTable', { value: streams.tableName });
  }
}

/**
 * Whose pages send files. CloudFront gives the console its address when its stack is deployed, which comes after this one and is told of
 * its buckets: this one cannot be told of it. Without the console only the page of `caudal:corsOrigin` can have a link.
 */
function uploadOrigins({ console: hasConsole, corsOrigin }: Config): string[] {
  if (hasConsole) return ['*'];
  return corsOrigin === undefined ? [] : [corsOrigin];
}
