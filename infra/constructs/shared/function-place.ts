import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Permission } from './permissions.ts';

/** A network that functions run in. */
export interface FunctionPlace {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
}

/** The tag of a role that acts from within a network; its value is `inside`. */
export const insideTag = 'caudal:network';

const places = new WeakMap<IConstruct, FunctionPlace>();

/** Puts every function that is made below a construct from now on into a network. */
export const placeFunctions = (scope: IConstruct, place: FunctionPlace): void =>
  void places.set(scope, place);

/** The network for a function that is made in `scope`; undefined for none. */
export const placeOf = (scope: IConstruct): FunctionPlace | undefined =>
  scope.node.scopes.map((each) => places.get(each)).findLast((place) => place !== undefined);

/** What Lambda does with a function's role to connect its environments to the network. */
export function interfacePermissions(scope: IConstruct): Permission[] {
  const any = (resource: string): string =>
    Stack.of(scope).formatArn({ service: 'ec2', resource, resourceName: '*' });
  return [
    {
      actions: ['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface'],
      resources: ['network-interface', 'subnet', 'security-group'].map(any),
      wildcard: 'Lambda names the interfaces that it makes, and asks for them before the function is there.',
    },
    {
      actions: ['ec2:DescribeNetworkInterfaces'],
      resources: ['*'],
      wildcard: 'ec2:DescribeNetworkInterfaces knows no resource to name.',
    },
  ];
}
