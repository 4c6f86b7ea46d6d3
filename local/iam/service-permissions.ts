import type { AwsRequest } from '../engine/calls.ts';
import type { Resource } from '../template/resource.ts';
import type { Context } from './conditions.ts';
import type { Statement } from './policy.ts';

/** A permission that an operation takes. */
export interface Need {
  /** `s3:GetObject` */
  action: string;
  /** ARN */
  resource: string;
  /** Condition keys that only this operation has, in lower case. */
  context?: Context;
  /** What is asked of the resource's key; default: what `ServicePermissions.keyActions` has for the action. */
  keyActions?: readonly string[];
}

/** What each operation of a service needs, by the operation's name. */
export type Needs = Readonly<Record<string, (request: AwsRequest) => readonly Need[]>>;

type ByType<Value> = Readonly<Record<string, Value>>;
type Properties = Resource['properties'];

/** A service, as itself, uses a key. */
export interface KeyUse {
  /** `logs.us-east-1.amazonaws.com` */
  service: string;
  /** `kms:Decrypt` */
  actions: readonly string[];
  context: Context;
}

/** How the permissions of one service work: described in the service's folder, enforced here. What is left out is not there. */
export interface ServicePermissions {
  /** The service in ARNs and actions, and its signing name: `states` of Step Functions. */
  prefix: string;
  /** What a role needs for a call. An operation that is not listed is refused to every role. */
  needs?: Needs;
  /** What a role needs to be given an answer, by its HTTP status. */
  needsOfAnswer?(request: AwsRequest, status: number): readonly Need[];
  /** What an action asks of the key that its resource is encrypted with, on behalf of the caller. */
  keyActions?: Readonly<Record<string, readonly string[]>>;
  /** The key that a resource's properties name. */
  keys?: ByType<(properties: Properties) => unknown>;
  /** The ARNs that a policy resource with a `PolicyDocument` is attached to. */
  policies?: ByType<(properties: Properties) => string[]>;
  /** The statement that a resource adds to the policy of the resource that the statement names. */
  statements?: ByType<(resource: Resource) => Statement>;
  /** The resource whose policy and key count for an ARN: the bucket of an object. Default: that of the ARN itself. */
  ownerOf?(arn: string): string;
  /** Who assumes the role of a resource, and the path of the property that names the role. */
  roles?: ByType<{ service: string; roleProperty: string }>;
  /** What a resource that is encrypted with a key of the template asks of it when it is created. */
  creation?: ByType<(ref: string) => KeyUse>;
  /** How a refusal is answered, and one of the key (`key`, 400). Default: AccessDeniedException, 400. */
  refusal?: { code: string; status: number; key?: string };
}

/** By prefix. */
export type PermissionsByService = Readonly<Record<string, ServicePermissions>>;

/** What the services say by resource type, in one table. */
export function collected<Member extends 'policies' | 'statements' | 'keys' | 'roles' | 'creation'>(
  services: PermissionsByService,
  member: Member,
): NonNullable<ServicePermissions[Member]> {
  return Object.assign({}, ...Object.values(services).map((service) => service[member]));
}

/** Operations whose permission has the operation's name, on the one resource that the call names. */
export function sameName(
  prefix: string,
  names: readonly string[],
  resourceOf: (request: AwsRequest) => string,
): Needs {
  return Object.fromEntries(names.map((name) => [name, taking(`${prefix}:${name}`, resourceOf)]));
}

/** An operation that takes this permission: a batch takes that of the single operation. */
export function taking(
  action: string,
  resourceOf: (request: AwsRequest) => string,
): (request: AwsRequest) => Need[] {
  return (request) => [{ action, resource: resourceOf(request) }];
}
