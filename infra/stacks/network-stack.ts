import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { FlowLog } from '../constructs/network/flow-log.ts';
import { Inspection } from '../constructs/network/inspection.ts';
import { PrivateNetwork } from '../constructs/network/private-network.ts';
import type { FunctionPlace } from '../constructs/shared/function-place.ts';

/** The network that the functions run in, where an installation has one of its own. The stacks with functions are deployed after it. */
export class NetworkStack extends Stack {
  readonly place: FunctionPlace;

  constructor(scope: Construct, id: string, props: StackProps & { config: Config }) {
    super(scope, id, props);
    const { config } = props;
    const network = new PrivateNetwork(this, 'Network', { config, prefixLists: config.prefixLists });
    new FlowLog(this, 'Flows', { vpc: network.vpc, config });
    if (config.network === 'inspection') new Inspection(this, 'Inspection', { network, config });
    this.place = network.place;
    // Whether policies require it or not: CloudFormation takes away no export that another stack still imports.
    this.exportValue(network.vpc.vpcId);

    new CfnOutput(this, 'Vpc', { value: network.vpc.vpcId });
  }
}
