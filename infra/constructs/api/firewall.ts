import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { ofStage } from '../../../core/stage.ts';

export interface FirewallProps {
  readonly api: RestApi;
  readonly key: IKey;
  /** Requests of one address within five minutes, 10 to 2,000,000,000. */
  readonly ratePerAddress: number;
  readonly logDays: number;
  readonly stage: string | undefined;
}

/** A web ACL before the API with one rule: an address that sends more than its rate is answered with 403 until it sends less. */
export class Firewall extends Construct {
  constructor(scope: Construct, id: string, props: FirewallProps) {
    super(scope, id);
    const visible = (metricName: string) => ({
      cloudWatchMetricsEnabled: true,
      metricName: ofStage(metricName, props.stage),
      sampledRequestsEnabled: false, // samples show whole headers, tokens among them
    });
    const webAcl = new CfnWebACL(this, 'WebAcl', {
      description: 'Caudal: requests of one address to the API',
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visible('caudal-api'),
      rules: [
        {
          name: 'rate-per-address',
          priority: 0,
          action: { block: {} },
          statement: {
            rateBasedStatement: {
              aggregateKeyType: 'IP',
              limit: props.ratePerAddress,
              evaluationWindowSec: 300,
            },
          },
          visibilityConfig: visible('caudal-api-rate-per-address'),
        },
      ],
    });
    new CfnWebACLAssociation(this, 'OfTheApi', {
      resourceArn: props.api.deploymentStage.stageArn,
      webAclArn: webAcl.attrArn,
    });
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `aws-waf-logs-${Stack.of(this).stackName}`, // WAF logs only to a group with this prefix
      retention: props.logDays,
      encryptionKey: props.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: webAcl.attrArn,
      // WAF refuses the group's own attribute, which ends in `:*`.
      logDestinationConfigs: [
        Stack.of(this).formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: logGroup.logGroupName,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      redactedFields: [{ singleHeader: { Name: 'authorization' } }],
      // What is let through is in the API's access log.
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [
          {
            Behavior: 'KEEP',
            Requirement: 'MEETS_ANY',
            Conditions: [{ ActionCondition: { Action: 'BLOCK' } }],
          },
        ],
      },
    });
  }
}
