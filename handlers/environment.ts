import { EnvironmentIncomplete } from '../ports/faults.ts';

/**
 * The named variables of an environment, none of them empty.
 * Throws `EnvironmentIncomplete` with the names of all that are missing.
 */
export function requireVariables<const Name extends string>(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly Name[],
): Record<Name, string> {
  const missing = names.filter((name) => !environment[name]);
  if (missing.length > 0)
    throw new EnvironmentIncomplete(`missing in the environment: ${missing.join(', ')}`);
  return Object.fromEntries(names.map((name) => [name, environment[name]])) as Record<Name, string>; // none is undefined, see above
}
