import { createHash } from 'node:crypto';

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
