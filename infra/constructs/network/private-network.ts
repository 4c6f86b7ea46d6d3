import { Aws, CfnCondition, Fn, Stack, Tags } from 'aws-cdk-lib';
import {
  CfnSecurityGroupEgress,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type ISubnet,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ofStage } from '../../../core/stage.ts';
import type { Config } from '../../config.ts';
import type { FunctionPlace } from '../shared/function-place.ts';
import { type CalledService, gatewayServices, interfaceServices } from './called-services.ts';

/** 4,096 addresses that nothing else is connected to. */
const range = '10.64.0.0/20';
const https = Port.tcp(443);

/** Subnets of a zone, by their part. */
interface Zone {
  readonly functions: ISubnet;
  readonly endpoints: ISubnet;
  /** Where there is a firewall. */
  readonly firewall: ISubnet | undefined;
}

/**
 * A VPC of two zones without a way out: no internet gateway, no NAT, no peer. What functions call is reached through endpoints, each of
 * which lets through the actions that functions use, by this account and on its resources.
 */
export class PrivateNetwork extends Construct {
  readonly vpc: IVpc;
  readonly zones: readonly Zone[];
  readonly place: FunctionPlace;

  /** @param props.prefixLists of S3 and DynamoDB in the Region: a gateway's addresses, which CloudFormation does not tell */
  constructor(scope: Construct, id: string, props: { config: Config; prefixLists: readonly string[] }) {
    super(scope, id);
    const { config, prefixLists } = props;
    const isInspected = config.network === 'inspection';
    const tier = (name: string, cidrMask: number) => ({
      name,
      cidrMask,
      subnetType: SubnetType.PRIVATE_ISOLATED,
    });
    const vpc = new Vpc(this, 'Vpc', {
      vpcName: ofStage('caudal', config.stage),
      ipAddresses: IpAddresses.cidr(range),
      ...(config.zones.length > 0 ? { availabilityZones: [...config.zones] } : { maxAzs: 2 }),
      natGateways: 0,
      createInternetGateway: false,
      restrictDefaultSecurityGroup: false, // by a custom resource; no interface is in that group
      subnetConfiguration: [
        tier('functions', 22),
        tier('endpoints', 26), // apart, so that a firewall can come between
        ...(isInspected ? [tier('firewall', 28)] : []), // last: the others keep their addresses
      ],
    });
    this.vpc = vpc as IVpc; // the library's own types leave `undefined` out of an optional member
    const tierOf = (subnetGroupName: string) => this.vpc.selectSubnets({ subnetGroupName }).subnets;
    const endpoints = tierOf('endpoints');
    const firewalls = isInspected ? tierOf('firewall') : [];
    this.zones = tierOf('functions').map((functions, zone) => ({
      functions,
      endpoints: endpoints[zone] as ISubnet,
      firewall: firewalls[zone],
    }));

    const group = (name: string, description: string) =>
      new SecurityGroup(this, name, { vpc: this.vpc, description, allowAllOutbound: false });
    const ofFunctions = group('Functions', 'Functions of Caudal: to endpoints, S3 and DynamoDB');
    const ofEndpoints = group('Endpoints', 'Endpoints of Caudal: from functions');
    for (const { functions, endpoints: endpoint } of this.zones) {
      // By addresses: a rule that names a group does not hold for what comes through a firewall.
      ofFunctions.addEgressRule(Peer.ipv4(endpoint.ipv4CidrBlock), https, 'Endpoints of a zone');
      ofEndpoints.addIngressRule(Peer.ipv4(functions.ipv4CidrBlock), https, 'Functions of a zone');
    }
    for (const [index, destinationPrefixListId] of prefixLists.entries()) {
      new CfnSecurityGroupEgress(this, `Gateway${index + 1}`, {
        groupId: ofFunctions.securityGroupId,
        description: 'A service behind a gateway',
        destinationPrefixListId,
        ipProtocol: 'tcp',
        fromPort: 443,
        toPort: 443,
      });
    }

    const subnets = { subnetGroupName: 'functions' };
    const gateways = { s3: GatewayVpcEndpointAwsService.S3, dynamodb: GatewayVpcEndpointAwsService.DYNAMODB };
    for (const called of gatewayServices) {
      const gateway = this.vpc.addGatewayEndpoint(`Gateway-${called.endpoint}`, {
        service: gateways[called.endpoint],
        subnets: [subnets],
      });
      gateway.addToPolicy(onlyTo(this, called));
    }
    // The library knows these names too, but only where the Region is known when the template is made.
    const china = new CfnCondition(this, 'China', {
      expression: Fn.conditionEquals(Aws.PARTITION, 'aws-cn'),
    });
    const chinese = Fn.conditionIf(china.logicalId, 'cn.com.amazonaws', 'com.amazonaws').toString();
    for (const called of interfaceServices(config)) {
      const prefix = called.isOtherInChina ? chinese : 'com.amazonaws';
      const endpoint = new InterfaceVpcEndpoint(this, `Interface-${called.endpoint}`, {
        vpc: this.vpc,
        service: new InterfaceVpcEndpointAwsService(called.endpoint, prefix),
        subnets: { subnetGroupName: 'endpoints' },
        securityGroups: [ofEndpoints],
        open: false,
      });
      endpoint.addToPolicy(onlyTo(this, called));
      Tags.of(endpoint).add('Name', ofStage(`caudal ${called.endpoint}`, config.stage));
    }

    this.place = {
      vpcId: this.vpc.vpcId,
      subnetIds: this.zones.map(({ functions }) => functions.subnetId),
      securityGroupId: ofFunctions.securityGroupId,
    };
  }
}

/** Lets through the actions, asked by this account, and on what is its own: nobody's own credentials take data elsewhere. */
function onlyTo(scope: Construct, { actions, resource }: CalledService): PolicyStatement {
  const service = actions[0]?.split(':')[0] ?? '';
  return new PolicyStatement({
    effect: Effect.ALLOW,
    principals: [new AnyPrincipal()], // the condition names whose
    actions: [...actions],
    resources: resource ? ['*'] : [Stack.of(scope).formatArn({ service, resource: '*' })],
    conditions: {
      StringEquals: {
        'aws:PrincipalAccount': Aws.ACCOUNT_ID,
        ...(resource === 'without an account' ? { 'aws:ResourceAccount': Aws.ACCOUNT_ID } : {}),
      },
    },
  });
}
