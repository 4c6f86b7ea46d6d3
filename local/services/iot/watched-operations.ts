import { X509Certificate } from 'node:crypto';
import { AwsError, type AwsRequest, arn } from '../../engine/calls.ts';
import type { ProvisioningTemplate } from './provisioning.ts';
import type { RegisteredAuthority, Registry } from './registry.ts';
import type { TopicRule } from './topic-rule.ts';

/** The routes of `watchedOperations`. */
export const watchedRoutes: readonly (readonly [method: string, path: RegExp, operation: string])[] = [
  ['GET', /^\/rules\/([^/]+)$/, 'GetTopicRule'],
  ['POST', /^\/rules\/([^/]+)\/enable$/, 'EnableTopicRule'],
  ['POST', /^\/rules\/([^/]+)\/disable$/, 'DisableTopicRule'],
  ['GET', /^\/policies\/([^/]+)$/, 'GetPolicy'],
  ['GET', /^\/provisioning-templates\/([^/]+)$/, 'DescribeProvisioningTemplate'],
  ['PATCH', /^\/provisioning-templates\/([^/]+)$/, 'UpdateProvisioningTemplate'],
  ['GET', /^\/cacertificates$/, 'ListCACertificates'],
  ['GET', /^\/cacertificate\/([^/]+)$/, 'DescribeCACertificate'],
  ['PUT', /^\/cacertificate\/([^/]+)$/, 'UpdateCACertificate'],
];

/** What somebody who looks after devices asks of rules, policies, templates and authorities, and switches off and on. */
export function watchedOperations(of: {
  readonly registry: Registry;
  readonly rules: ReadonlyMap<string, TopicRule>;
  readonly policies: ReadonlyMap<string, object>;
  readonly templates: ReadonlyMap<string, ProvisioningTemplate>;
}): Readonly<Record<string, (request: AwsRequest, name: string) => object>> {
  const { registry } = of;
  const rule = (name: string): TopicRule => of.rules.get(name) ?? absent(`Rule ${name} cannot be found.`);
  const template = (name: string): ProvisioningTemplate =>
    of.templates.get(name) ?? absent(`Provisioning template ${name} cannot be found.`);
  const authority = (id: string): RegisteredAuthority =>
    registry.authorities.get(id) ?? absent(`CA certificate ${id} cannot be found.`);
  const switchRule = (name: string, isOn: boolean): object => {
    registry.put({ switched: 'rule', name: rule(name).name, isOn });
    return {};
  };
  return {
    GetTopicRule: (_, name) => {
      const { sql, stream, roleArn, separator, isEnabled } = rule(name);
      return {
        ruleArn: arn('iot', `rule/${name}`),
        rule: {
          ruleName: name,
          sql: sql.text,
          ruleDisabled: !registry.isOn('rule', name, isEnabled),
          actions: [{ firehose: { deliveryStreamName: stream, roleArn, separator, batchMode: false } }],
        },
      };
    },
    EnableTopicRule: (_, name) => switchRule(name, true),
    DisableTopicRule: (_, name) => switchRule(name, false),
    GetPolicy: (_, name) => {
      if (!of.policies.has(name)) absent(`Policy not found: ${name}`);
      return { policyName: name, policyArn: arn('iot', `policy/${name}`) };
    },
    DescribeProvisioningTemplate: (_, name) => {
      const { body, roleArn, isEnabled } = template(name);
      return {
        templateArn: arn('iot', `provisioningtemplate/${name}`),
        templateName: name,
        templateBody: body,
        provisioningRoleArn: roleArn,
        type: 'JITP',
        enabled: registry.isOn('template', name, isEnabled),
      };
    },
    UpdateProvisioningTemplate: ({ body }, name) => {
      const { enabled } = JSON.parse(body.toString('utf8') || '{}') as { enabled?: boolean };
      if (enabled !== undefined)
        registry.put({ switched: 'template', name: template(name).name, isOn: enabled });
      return {};
    },
    ListCACertificates: () => ({
      certificates: [...registry.authorities.values()].map(({ id, isActive }) => ({
        certificateArn: arn('iot', `cacert/${id}`),
        certificateId: id,
        status: isActive ? 'ACTIVE' : 'INACTIVE',
      })),
    }),
    DescribeCACertificate: (_, id) => {
      const { pem, isActive, registersByItself, templateName } = authority(id);
      const { validFrom, validTo } = new X509Certificate(pem);
      return {
        certificateDescription: {
          certificateArn: arn('iot', `cacert/${id}`),
          certificateId: id,
          certificatePem: pem,
          status: isActive ? 'ACTIVE' : 'INACTIVE',
          autoRegistrationStatus: registersByItself ? 'ENABLE' : 'DISABLE',
          certificateMode: 'SNI_ONLY',
          validity: { notBefore: Date.parse(validFrom) / 1_000, notAfter: Date.parse(validTo) / 1_000 },
        },
        ...(templateName === undefined ? {} : { registrationConfig: { templateName } }),
      };
    },
    UpdateCACertificate: ({ query }, id) => {
      const [status, registration] = [query.get('newStatus'), query.get('newAutoRegistrationStatus')];
      const known = authority(id);
      registry.put({
        authority: {
          ...known,
          isActive: status === null ? known.isActive : status === 'ACTIVE',
          registersByItself: registration === null ? known.registersByItself : registration === 'ENABLE',
        },
      });
      return {};
    },
  };
}

function absent(message: string): never {
  throw new AwsError('ResourceNotFoundException', message, { status: 404 });
}
