import { accountId, arn } from '../engine/calls.ts';
import { type Provisioned, type Provisioners, physicalId, physicalName, type Resource } from './resource.ts';

const permissions = 'permissions: local/iam enforces them';
const packets = 'carries packets between machines: here all is on loopback';
const inspection = 'looks into packets between machines: here all is on loopback';
const flows = 'only observes: no packets are recorded here';

/**
 * The resource types that the local cloud accepts and does nothing for, each with its reason and with what its references
 * resolve to. The policies of a service's resources are in its `permissions.ts`. Any other type stops the start.
 */
export const ignoredTypes: Provisioners = {
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
  'AWS::EC2::FlowLog': ignore(flows),
  'AWS::EC2::Route': ignore(packets),
  'AWS::EC2::RouteTable': ignore(packets),
  'AWS::EC2::SecurityGroup': ignore(packets, (name) => ({ ref: name, attributes: { GroupId: name } })),
  'AWS::EC2::SecurityGroupEgress': ignore(packets),
  'AWS::EC2::SecurityGroupIngress': ignore(packets),
  'AWS::EC2::Subnet': ignore(packets),
  'AWS::EC2::SubnetRouteTableAssociation': ignore(packets),
  'AWS::EC2::VPC': ignore(packets),
  'AWS::EC2::VPCEndpoint': ignore(packets),
  'AWS::NetworkFirewall::Firewall': ignore(inspection, (name) => ({
    ref: name,
    attributes: { FirewallArn: arn('network-firewall', `firewall/${name}`) },
    lists: { EndpointIds: [`local:${name}`] },
  })),
  'AWS::NetworkFirewall::FirewallPolicy': ignore(inspection, (name) => ({
    ref: name,
    attributes: { FirewallPolicyArn: arn('network-firewall', `firewall-policy/${name}`) },
  })),
  'AWS::NetworkFirewall::LoggingConfiguration': ignore(flows),
  'AWS::NetworkFirewall::RuleGroup': ignore(inspection, (name) => ({
    ref: name,
    attributes: { RuleGroupArn: arn('network-firewall', `stateful-rulegroup/${name}`) },
  })),
  'AWS::KMS::Key': ignore('encryption at rest: files under .caudal are plain', (_, { stack, logicalId }) => {
    const keyId = physicalId(stack, logicalId, 36);
    return { ref: keyId, attributes: { Arn: arn('kms', `key/${keyId}`), KeyId: keyId } };
  }),
  'AWS::CloudWatch::Dashboard': ignore("a page of CloudWatch's own: here the console shows metrics"),
  'AWS::Logs::QueryDefinition': ignore('a saved query of Logs Insights, which is not here'),
  'AWS::Budgets::Budget': ignore('watches a bill: here nothing costs anything'),
  'AWS::ApiGateway::Account': ignore('names the role that writes access logs: here they go to a file'),
  'AWS::Cognito::ManagedLoginBranding': ignore('colours and logo of a page: the local one has none'),
  'AWS::WAFv2::WebACL': ignore('refuses addresses that ask too often: here there is one address', (name) => ({
    ref: name,
    attributes: { Arn: arn('wafv2', `regional/webacl/${name}/local`) },
  })),
  'AWS::WAFv2::WebACLAssociation': ignore('belongs to a web ACL'),
  'AWS::WAFv2::LoggingConfiguration': ignore('belongs to a web ACL'),
  'AWS::CloudTrail::Trail': ignore('only observes: no calls are recorded here', (name) => ({
    ref: name,
    attributes: { Arn: arn('cloudtrail', `trail/${name}`) },
  })),
  'AWS::ApiGateway::Deployment': ignore(
    'a snapshot of the API: here the template is what is served',
    (_, resource) => {
      const id = physicalId(resource.stack, resource.logicalId, 6);
      return { ref: id, attributes: { DeploymentId: id } };
    },
  ),
};

/**
 * A provisioner that makes nothing.
 * @param _reason why the type needs no local behaviour; written for who reads the table
 */
export function ignore(
  _reason: string,
  provision?: (name: string, resource: Resource) => Provisioned,
): (resource: Resource) => Provisioned {
  return (resource) => {
    const name = declaredName(resource) ?? physicalName(resource.stack, resource.logicalId);
    return provision?.(name, resource) ?? { ref: name };
  };
}

/** IAM is global: its ARNs name no Region. */
function iam(resource: string): string {
  return `arn:aws:iam::${accountId}:${resource}`;
}

/** A name that the template gives under the property that CloudFormation calls it for the type. */
function declaredName({ properties, type }: Resource): string | undefined {
  return properties.Name ?? properties[`${type.split('::').at(-1)}Name`];
}
