import type { Resource } from '../load.ts';

/** Stops at properties that would change what a resource does and have no local behaviour, with their names. */
export function unsupportedProperties(
  { stack, logicalId, type, properties }: Resource,
  names: readonly string[],
): void {
  const found = names.filter((name) => properties[name] !== undefined && properties[name] !== false);
  if (found.length === 0) return;
  throw new Error(
    `${stack}/${logicalId}: the local cloud has no ${found.join(', ')} of ${type} (local/provisioners/).`,
  );
}
