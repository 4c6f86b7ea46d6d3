import { Aws, Fn, RemovalPolicy } from 'aws-cdk-lib';
import { CfnRoute, type ISubnet } from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  CfnFirewall,
  CfnFirewallPolicy,
  CfnLoggingConfiguration,
  CfnRuleGroup,
} from 'aws-cdk-lib/aws-networkfirewall';
import { Construct } from 'constructs';
import { ofStage } from '../../../core/stage.ts';
import type { Config } from '../../config.ts';
import { interfaceServices } from './called-services.ts';
import type { PrivateNetwork } from './private-network.ts';

/** Domains that the group of rules has room for. */
const capacity = 100;

/**
 * AWS Network Firewall between functions and interface endpoints: it lets through TLS to the names of the services that are called, and
 * nothing else. What goes through the gateways of S3 and DynamoDB does not pass it: no route can be put before a gateway.
 */
export class Inspection extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { network, config }: { network: PrivateNetwork; config: Config },
  ) {
    super(scope, id);
    const { stage } = config;
    const names = new CfnRuleGroup(this, 'Names', {
      ruleGroupName: ofStage('caudal-names', stage),
      description: 'Services that functions of Caudal call',
      type: 'STATEFUL',
      capacity,
      ruleGroup: {
        statefulRuleOptions: { ruleOrder: 'STRICT_ORDER' },
        rulesSource: {
          rulesSourceList: {
            generatedRulesType: 'ALLOWLIST',
            targetTypes: ['TLS_SNI'],
            targets: interfaceServices(config).map(
              ({ endpoint, host = endpoint }) => `${host}.${Aws.REGION}.${Aws.URL_SUFFIX}`,
            ),
          },
        },
      },
    });
    const policy = new CfnFirewallPolicy(this, 'Policy', {
      firewallPolicyName: ofStage('caudal-inspection', stage),
      firewallPolicy: {
        statelessDefaultActions: ['aws:forward_to_sfe'],
        statelessFragmentDefaultActions: ['aws:forward_to_sfe'],
        statefulEngineOptions: { ruleOrder: 'STRICT_ORDER', streamExceptionPolicy: 'DROP' },
        statefulDefaultActions: ['aws:drop_established', 'aws:alert_established'],
        statefulRuleGroupReferences: [{ resourceArn: names.attrRuleGroupArn, priority: 1 }],
      },
    });
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: ofStage('/aws/vendedlogs/caudal-inspection', stage),
      retention: config.accessLogDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // One a zone, which costs as much as one over both: the order of one's endpoints is not told, so a template could not say which is where.
    const passages = network.zones.map(({ firewall: subnet }, index) => {
      const name = index === 0 ? 'First' : 'Second';
      const firewall = new CfnFirewall(this, name, {
        firewallName: ofStage(`caudal-${name.toLowerCase()}`, stage),
        firewallPolicyArn: policy.attrFirewallPolicyArn,
        vpcId: network.vpc.vpcId,
        subnetMappings: [{ subnetId: (subnet as ISubnet).subnetId }],
        deleteProtection: false, // it holds nothing, and the functions' network goes with it
      });
      new CfnLoggingConfiguration(this, `${name}Logging`, {
        firewallArn: firewall.attrFirewallArn,
        loggingConfiguration: {
          logDestinationConfigs: [
            {
              logType: 'ALERT',
              logDestinationType: 'CloudWatchLogs',
              logDestination: { logGroup: logGroup.logGroupName },
            },
          ],
        },
      });
      return Fn.select(1, Fn.split(':', Fn.select(0, firewall.attrEndpointIds))); // `<zone>:<endpoint>`
    });
    // There and back by the firewall of the function's zone, whichever zone's endpoint it calls: a firewall has to see both directions.
    for (const [at, { functions }] of network.zones.entries()) {
      for (const [to, { endpoints }] of network.zones.entries()) {
        const passage = passages[at] as string;
        route(this, `There${at + 1}${to + 1}`, functions, endpoints, passage);
        route(this, `Back${at + 1}${to + 1}`, endpoints, functions, passage);
      }
    }
  }
}

function route(scope: Construct, id: string, from: ISubnet, to: ISubnet, vpcEndpointId: string): void {
  new CfnRoute(scope, id, {
    routeTableId: from.routeTable.routeTableId,
    destinationCidrBlock: to.ipv4CidrBlock,
    vpcEndpointId,
  });
}
