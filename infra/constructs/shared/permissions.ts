import { Aws, Stack, Validations } from 'aws-cdk-lib';
import { type Conditions, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import type { Construct } from 'constructs';

/** A permission in the words of the function's own code: which actions, on what. */
export interface Permission {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Why a resource ends in `*`. Required where one does; it becomes the answer to the check AwsSolutions-IAM5. */
  readonly wildcard?: string;
  /** Of a permission on a key: the services that use it on the caller's behalf. By itself the caller may not. */
  readonly via?: readonly KeyService[];
  /** What else has to hold, as policies say it. */
  readonly conditions?: Conditions;
}

/** Services that show themselves to KMS as `kms:ViaService` when they use a key for their caller. */
type KeyService = 'dynamodb' | 'kinesis' | 's3' | 'sns' | 'sqs';

/** That a service asks for a resource of this account, so that nobody else's can have it act here. @param source its ARN, or several, with wildcards */
export const onBehalfOf = (source: string | readonly string[]): Conditions => ({
  StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
  ArnLike: { 'aws:SourceArn': source },
});

/** Adds the permissions to the role's own policy and answers the check of the wildcards with the reasons given. */
export function allow(role: Role, permissions: readonly Permission[]): void {
  for (const { actions, resources, wildcard, via, conditions } of permissions) {
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: [...actions],
        resources: [...resources],
        conditions: { ...conditions, ...(via === undefined ? {} : throughOnly(via)) },
      }),
    );
    if (wildcard !== undefined) acknowledgeWildcards(role, resources, wildcard);
  }
}

/** The end is open: China's Regions have another suffix. */
const throughOnly = (services: readonly KeyService[]): Conditions => ({
  StringLike: { 'kms:ViaService': services.map((service) => `${service}.${Aws.REGION}.amazonaws.com*`) },
});

/**
 * Answers AwsSolutions-IAM5 for these resources. The check names a resource as the template will: one of another stack by
 * its export, which exists only when the stacks have been wired, so the answer is given then.
 */
export function acknowledgeWildcards(owner: Construct, resources: readonly string[], reason: string): void {
  owner.node.addValidation({
    validate: () => {
      for (const resource of resources) {
        const name = flattenCfnReference(Stack.of(owner).resolve(resource));
        Validations.of(owner).acknowledge({ id: `AwsSolutions-IAM5[Resource::${name}]`, reason });
      }
      return [];
    },
  });
}

/** What Powertools does with its table. It never reads it: a write that comes second is answered with the record that is there. */
export const idempotencyActions = ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'];

/** What DynamoDB asks of a caller's role to read a table under a customer's key. */
export const tableReadKeyActions = ['kms:Decrypt', 'kms:DescribeKey'];

/** What DynamoDB asks of a caller's role to read and write a table under a customer's key. */
export const tableKeyActions = [
  ...tableReadKeyActions,
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];
