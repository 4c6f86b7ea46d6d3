import { AnyPrincipal, type Conditions, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { insideTag } from '../shared/function-place.ts';
import type { Buckets } from './buckets.ts';

/**
 * Refuses the raw and the curated bucket, and the key, to functions' roles that call from elsewhere: credentials that got out of a function
 * read and write nothing. It speaks of roles with the tag of those within, and of no others: Firehose, Step Functions, Athena and people are
 * where they are. The buckets of uploads and toons stay as they are: links that browsers use are signed by functions' roles.
 */
export function requireNetwork({ vpcId, buckets, key }: { vpcId: string; buckets: Buckets; key: Key }): void {
  const conditions: Conditions = {
    StringEquals: { [`aws:PrincipalTag/${insideTag}`]: 'inside' },
    StringNotEquals: { 'aws:SourceVpc': vpcId },
    Bool: { 'aws:ViaAWSService': 'false' }, // S3 and DynamoDB use the key for a function, from where they are
  };
  const denial = (actions: string[], resources: string[]) =>
    new PolicyStatement({
      sid: 'OnlyFromNetwork',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions,
      resources,
      conditions,
    });
  for (const bucket of [buckets.raw, buckets.curated])
    bucket.addToResourcePolicy(denial(['s3:*'], [bucket.bucketArn, bucket.arnForObjects('*')]));
  key.addToResourcePolicy(denial(['kms:*'], ['*'])); // in a key policy `*` is the key itself
}
