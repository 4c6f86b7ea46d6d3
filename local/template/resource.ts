import { createHash } from 'node:crypto';

/** A resource with its intrinsic functions evaluated. */
export interface Resource {
  stack: string;
  logicalId: string;
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation properties are as many shapes as there are resource types; each provisioner knows its own
  properties: Record<string, any>;
  metadata: Record<string, unknown>;
}

/** What a created resource answers to `Ref` and `Fn::GetAtt`. */
export interface Provisioned {
  ref: string;
  attributes?: Record<string, string>;
  /** Attributes that are lists. */
  lists?: Record<string, readonly string[]>;
}

/** Creates one resource. Creating what a former start left on disk is no error: it is found again. */
type Provisioner = (resource: Resource) => Provisioned | Promise<Provisioned>;

/** How the resources of a service are made, by the resource's type. */
export type Provisioners = Readonly<Record<string, Provisioner>>;

/** The servers of the local cloud. */
export type LocalServer = 'api' | 'console' | 'endpoint' | 'tokens';

/** What a service is told of the installation while its resources are made. */
export interface ProvisionOptions {
  /** The cloud assembly, which has the assets. */
  assembly: string;
  /** For files that provisioning writes. */
  directory: string;
  /** Multiplies the functions' timeouts. */
  timeoutFactor: number;
  /** Makes a resource a caller of the endpoint, with the rights of its role, and gives what it signs with. */
  registerCaller(
    resource: Resource,
    roleArn: string,
  ): { readonly accessKeyId: string; readonly secretAccessKey: string };
  /**
   * The local server that answers for an `https://…` address of the template.
   * @param path what is below that address there; default: the same
   */
  localAddress(address: string, server: LocalServer, path?: string): void;
}

/** Stops at properties that would change what a resource does and have no local behaviour, with their names. */
export function unsupportedProperties(
  { stack, logicalId, type, properties }: Resource,
  names: readonly string[],
): void {
  const found = names.filter((name) => properties[name] !== undefined && properties[name] !== false);
  if (found.length === 0) return;
  throw new Error(`${stack}/${logicalId}: the local cloud does not support ${found.join(', ')} of ${type}.`);
}

/**
 * The physical name of a resource that the template leaves to CloudFormation: `<stack>-<logicalId>-<suffix>`, as AWS
 * builds it, with a suffix that follows from the ids, so that a restart finds its data again. Cut to `maxLength`.
 */
export function physicalName(
  stack: string,
  logicalId: string,
  options: { maxLength?: number; lowerCase?: boolean } = {},
): string {
  const suffix = createHash('sha256')
    .update(`${stack}/${logicalId}`)
    .digest('hex')
    .slice(0, 12)
    .toUpperCase();
  const maxLength = options.maxLength ?? 64;
  const head = `${stack}-${logicalId}`.slice(0, maxLength - suffix.length - 1);
  const name = `${head}-${suffix}`;
  return options.lowerCase ? name.toLowerCase() : name;
}

/** An identifier of `length` characters that AWS would draw at random, derived from the ids instead. */
export function physicalId(stack: string, logicalId: string, length: number): string {
  const digest = createHash('sha256').update(`id/${stack}/${logicalId}`).digest();
  return BigInt(`0x${digest.toString('hex')}`)
    .toString(36)
    .slice(0, length);
}
