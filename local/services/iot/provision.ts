import {
  type Provisioners,
  physicalName,
  type Resource,
  unsupportedProperties,
} from '../../template/resource.ts';
import { parseRuleSql } from './rule-sql.ts';
import type { Iot } from './service.ts';
import type { TopicRule } from './topic-rule.ts';

/** Topic rules to delivery streams, policies of devices, and templates of just-in-time provisioning. */
export function provisionIot(iot: Iot): Provisioners {
  return {
    'AWS::IoT::TopicRule': (resource) => {
      const { stack, logicalId, properties } = resource;
      const name = properties.RuleName ?? physicalName(stack, logicalId).replaceAll('-', '_');
      const payload = { ...resource, properties: properties.TopicRulePayload };
      const { arn: Arn } = iot.createRule(named(resource, () => ruleOf(name, payload)));
      return { ref: name, attributes: { Arn } };
    },
    'AWS::IoT::Policy': (resource) => {
      const name = resource.properties.PolicyName ?? physicalName(resource.stack, resource.logicalId);
      const { arn: Arn } = named(resource, () => iot.createPolicy(name, resource.properties.PolicyDocument));
      return { ref: name, attributes: { Arn, Id: name } };
    },
    'AWS::IoT::ProvisioningTemplate': (resource) => {
      const { stack, logicalId, properties } = resource;
      unsupportedProperties(resource, ['PreProvisioningHook']);
      if (properties.TemplateType !== 'JITP')
        throw new Error(
          `${stack}/${logicalId}: the local cloud supports the TemplateType JITP, not ${properties.TemplateType ?? 'FLEET_PROVISIONING'}`,
        );
      const name = properties.TemplateName ?? physicalName(stack, logicalId, { maxLength: 36 });
      const { arn: TemplateArn } = named(resource, () =>
        iot.createTemplate({
          name,
          body: properties.TemplateBody,
          roleArn: properties.ProvisioningRoleArn,
          isEnabled: properties.Enabled !== false,
        }),
      );
      return { ref: name, attributes: { TemplateArn, Arn: TemplateArn } };
    },
  };
}

/** With the resource's name before what is wrong with it. */
function named<Made>({ stack, logicalId }: Resource, make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    throw new Error(`${stack}/${logicalId}: ${(error as Error).message}`, { cause: error });
  }
}

function ruleOf(name: string, payload: Resource): TopicRule {
  const { Sql, AwsIotSqlVersion, Actions = [], ErrorAction, RuleDisabled } = payload.properties;
  if (AwsIotSqlVersion !== '2016-03-23')
    throw new Error(`AwsIotSqlVersion ${AwsIotSqlVersion ?? '2015-10-08'} is not built; 2016-03-23 is`);
  const [action, ...more] = Actions as { Firehose?: Record<string, unknown> }[];
  const { Firehose: firehose, ...others } = action ?? {};
  const odd = [...Object.keys(others), ...more.map((each) => Object.keys(each)[0])][0];
  if (firehose === undefined || odd !== undefined)
    throw new Error(
      `a rule has one action here, Firehose${odd === undefined ? '' : `; ${odd} is not built`}`,
    );
  unsupportedProperties({ ...payload, type: 'AWS::IoT::TopicRule', properties: firehose }, ['BatchMode']);
  const { Sqs: sqs, ...otherErrors } = (ErrorAction ?? {}) as { Sqs?: Record<string, unknown> };
  const oddError = Object.keys(otherErrors)[0];
  if (oddError !== undefined) throw new Error(`${oddError} as an ErrorAction is not built; Sqs is`);
  return {
    name,
    sql: parseRuleSql(Sql),
    stream: String(firehose.DeliveryStreamName),
    roleArn: String(firehose.RoleArn),
    separator: String(firehose.Separator ?? ''),
    isEnabled: RuleDisabled !== true,
    onError: sqs && {
      queueUrl: String(sqs.QueueUrl),
      roleArn: String(sqs.RoleArn),
      useBase64: sqs.UseBase64 === true,
    },
  };
}
