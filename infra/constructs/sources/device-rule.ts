import { Aws, Stack, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnPolicy, CfnProvisioningTemplate, CfnTopicRule } from 'aws-cdk-lib/aws-iot';
import type { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { devicePolicyName, deviceTemplateName, deviceTopicRoot } from '../../../core/device-names.ts';
import type { Config } from '../../config.ts';
import { createDeadLetterQueue } from '../shared/guarded-resources.ts';
import { allow, onBehalfOf } from '../shared/permissions.ts';

/** What the service puts in the place of a variable of a policy of devices. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: IoT Core's syntax
const thingName = '${iot:Connection.Thing.ThingName}';

/**
 * From devices to the delivery stream: a topic rule, the policy that a device's certificate is attached to, and the template by which certificates of
 * the owner's own authority become devices when they are first shown.
 */
export class DeviceRule extends Construct {
  /** Takes what the rule could not deliver: base64 of JSON with the message in it. */
  readonly errors: Queue;
  readonly rule: CfnTopicRule;

  constructor(scope: Construct, id: string, props: { stream: CfnDeliveryStream; key: IKey; config: Config }) {
    super(scope, id);
    const { stream, key } = props;
    const { stage } = props.config;
    const iot = (resource: string, resourceName: string): string =>
      Stack.of(this).formatArn({ service: 'iot', resource, resourceName });
    const root = deviceTopicRoot(stage);
    const ruleName = root.replaceAll('-', '_'); // the one name that takes no hyphen
    this.errors = createDeadLetterQueue(this, key);
    Validations.of(this.errors).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is itself the dead-letter queue, of a topic rule.',
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('iot.amazonaws.com', { conditions: onBehalfOf(iot('rule', ruleName)) }),
    });
    allow(role, [
      { actions: ['firehose:PutRecord'], resources: [stream.attrArn] },
      { actions: ['sqs:SendMessage'], resources: [this.errors.queueArn] },
      { actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn], via: ['sqs'] },
    ]);
    this.rule = new CfnTopicRule(this, 'Rule', {
      ruleName,
      topicRulePayload: {
        description: 'Messages of devices to the delivery stream of Caudal',
        awsIotSqlVersion: '2016-03-23',
        // Only the rule writes the names of dataset and device: a message can't bring its own, as it could with `SELECT *, …`.
        sql: `SELECT decode(encode(*, 'base64'), 'base64') AS message, topic(2) AS topicDataset, topic(3) AS thing FROM '${root}/+/+'`,
        actions: [
          {
            firehose: {
              deliveryStreamName: stream.ref,
              roleArn: role.roleArn,
              separator: '\n',
              batchMode: false, // it would make a record, billed as 5 KiB, of each element of a list
            },
          },
        ],
        errorAction: { sqs: { queueUrl: this.errors.queueUrl, roleArn: role.roleArn, useBase64: true } },
      },
    });
    this.rule.node.addDependency(role);

    new CfnPolicy(this, 'Policy', {
      policyName: devicePolicyName(stage),
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: 'iot:Connect', Resource: iot('client', thingName) },
          { Effect: 'Allow', Action: 'iot:Publish', Resource: iot('topic', `${root}/*/${thingName}`) },
        ],
      },
    });

    const provisioning = new Role(this, 'Provisioning', {
      // Whether IoT Core names the template here or the authority that it is registered with depends on who begins: this account's, in any case.
      assumedBy: new ServicePrincipal('iot.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    allow(provisioning, [
      {
        actions: [
          'iot:AttachPolicy',
          'iot:AttachThingPrincipal',
          'iot:DescribeCertificate',
          'iot:UpdateCertificate',
        ],
        resources: [iot('cert', '*')],
        wildcard: 'A certificate is known by its fingerprint when a device first shows it.',
      },
      {
        actions: ['iot:CreateThing', 'iot:DescribeThing', 'iot:UpdateThing'],
        resources: [iot('thing', '*')],
        wildcard: 'A device has the name that its certificate says.',
      },
    ]);
    const template = new CfnProvisioningTemplate(this, 'Template', {
      templateName: deviceTemplateName(stage),
      description: 'Devices of Caudal, named as their certificates',
      enabled: true,
      provisioningRoleArn: provisioning.roleArn,
      templateType: 'JITP',
      templateBody: JSON.stringify(templateBody(devicePolicyName(stage))),
    });
    template.node.addDependency(provisioning);
  }
}

/** A certificate becomes active, and a thing of its common name has it. */
const templateBody = (policyName: string) => ({
  Parameters: {
    'AWS::IoT::Certificate::CommonName': { Type: 'String' },
    'AWS::IoT::Certificate::Id': { Type: 'String' },
  },
  Resources: {
    thing: {
      Type: 'AWS::IoT::Thing',
      Properties: { ThingName: { Ref: 'AWS::IoT::Certificate::CommonName' } },
    },
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'ACTIVE' },
    },
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: policyName } },
  },
});
