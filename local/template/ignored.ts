import { accountId, arn } from '../engine/calls.ts';
import type { Provisioned, Provisioner, Resource } from './load.ts';
import { physicalId, physicalName } from './names.ts';

/** A resource type that has no behaviour here, with what its references resolve to. */
export interface IgnoredType {
  reason: string;
  provision: Provisioner;
}

/** They make nothing; local/iam reads them once the template is loaded, and stops at what it does not evaluate. */
const permissions = 'permissions: local/iam enforces them';
const observed = 'only observes: no metrics are kept here';
const catalog = 'describes data for Athena: query the Parquet files under .caudal with DuckDB instead';
const encrypted = 'encryption at rest: files under .caudal are plain';

/**
 * The resource types that the local cloud accepts and does nothing for, each with its reason. A type that is neither
 * here nor in a provisioner's table stops the start.
 */
export const ignoredTypes: Readonly<Record<string, IgnoredType>> = {
  'AWS::CDK::Metadata': ignore('statistics of construct use'),
  'AWS::IAM::Policy': ignore(permissions),
  'AWS::IAM::RolePolicy': ignore(permissions),
  'AWS::IAM::ManagedPolicy': ignore(permissions, (name) => ({
    ref: iam(`policy/${name}`),
    attributes: { PolicyArn: iam(`policy/${name}`) },
  })),
  'AWS::IAM::Role': ignore(permissions, (name, { stack, logicalId }) => ({
    ref: name,
    attributes: { Arn: iam(`role/${name}`), RoleId: `AROA${physicalId(stack, logicalId, 17)}` },
  })),
  'AWS::S3::BucketPolicy': ignore(permissions),
  'AWS::SQS::QueuePolicy': ignore(permissions),
  'AWS::SNS::TopicPolicy': ignore(permissions),
  'AWS::Lambda::Permission': ignore(permissions),
  'AWS::Events::EventBusPolicy': ignore(permissions),
  'AWS::Logs::ResourcePolicy': ignore(permissions),
  'AWS::KMS::Key': ignore(encrypted, (_, { stack, logicalId }) => {
    const keyId = physicalId(stack, logicalId, 36);
    return { ref: keyId, attributes: { Arn: arn('kms', `key/${keyId}`), KeyId: keyId } };
  }),
  'AWS::KMS::Alias': ignore(encrypted),
  'AWS::CloudWatch::Alarm': ignore(observed, (name) => ({
    ref: name,
    attributes: { Arn: arn('cloudwatch', `alarm:${name}`) },
  })),
  'AWS::CloudWatch::CompositeAlarm': ignore(observed, (name) => ({
    ref: name,
    attributes: { Arn: arn('cloudwatch', `alarm:${name}`) },
  })),
  'AWS::CloudWatch::Dashboard': ignore(observed),
  'AWS::Logs::MetricFilter': ignore(observed),
  'AWS::Logs::QueryDefinition': ignore(observed, (name) => ({
    ref: name,
    attributes: { QueryDefinitionId: name },
  })),
  'AWS::XRay::Group': ignore(observed),
  'AWS::Budgets::Budget': ignore('nothing here costs money'),
  'AWS::Glue::Database': ignore(catalog),
  'AWS::Glue::Table': ignore(catalog),
  'AWS::Athena::WorkGroup': ignore(catalog),
  'AWS::Athena::NamedQuery': ignore(catalog, (name) => ({ ref: name, attributes: { NamedQueryId: name } })),
  'AWS::IoT::TopicRule': ignore(
    'devices reach the local cloud through the MQTT bridge of local/, not through IoT Core',
    (name) => ({
      ref: name,
      attributes: { Arn: arn('iot', `rule/${name}`) },
    }),
  ),
  'AWS::ApiGateway::Account': ignore('names the role that writes access logs: here they go to a file'),
  'AWS::ApiGateway::Deployment': ignore(
    'a snapshot of the API: here the template is what is served',
    (_, resource) => {
      const id = physicalId(resource.stack, resource.logicalId, 6);
      return { ref: id, attributes: { DeploymentId: id } };
    },
  ),
  'AWS::WAFv2::WebACL': ignore('the API listens on loopback only', (name) => ({
    ref: name,
    attributes: { Arn: arn('wafv2', `regional/webacl/${name}/local`), Id: name },
  })),
  'AWS::WAFv2::WebACLAssociation': ignore('the API listens on loopback only'),
};

function ignore(reason: string, provision?: (name: string, resource: Resource) => Provisioned): IgnoredType {
  return {
    reason,
    provision: (resource) => {
      const name = declaredName(resource) ?? physicalName(resource.stack, resource.logicalId);
      return provision?.(name, resource) ?? { ref: name };
    },
  };
}

/** IAM is global: its ARNs name no Region. */
function iam(resource: string): string {
  return `arn:aws:iam::${accountId}:${resource}`;
}

/** A name that the template gives under the property that CloudFormation calls it for the type. */
function declaredName({ properties, type }: Resource): string | undefined {
  if (type === 'AWS::Glue::Database') return properties.DatabaseInput?.Name;
  if (type === 'AWS::Glue::Table') return properties.TableInput?.Name;
  const noun = type.split('::').at(-1);
  return properties.Name ?? properties[`${noun}Name`] ?? properties.RuleName ?? properties.AliasName;
}
