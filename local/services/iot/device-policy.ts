import { globOf } from '../../iam/conditions.ts';
import { list } from '../../iam/policy.ts';

/** What a policy of IoT Core may ask of a connection. */
export interface Connection {
  readonly clientId: string;
  /** The thing of the client id's name, where the certificate is attached to it. */
  readonly thingName: string | undefined;
}

/** A policy's statements, read once. */
export type DevicePolicy = (
  connection: Connection,
  action: string,
  resource: string,
) => 'Allow' | 'Deny' | undefined;

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

const known = ['Sid', 'Effect', 'Action', 'Resource'];
const variables: Readonly<Record<string, (connection: Connection) => string | undefined>> = {
  'iot:ClientId': ({ clientId }) => clientId,
  'iot:Connection.Thing.ThingName': ({ thingName }) => thingName,
};

/** Reads a policy. @throws {Error} that names what is not evaluated: half understood, it would allow what AWS denies */
export function parseDevicePolicy(document: unknown): DevicePolicy {
  const statements = list((document as { Statement?: unknown } | undefined)?.Statement) as Statement[];
  for (const statement of statements) {
    const odd = Object.keys(statement).find((name) => !known.includes(name));
    if (odd !== undefined) throw new Error(`${odd} of a policy of devices is not evaluated`);
    for (const [, name = ''] of list(statement.Resource)
      .join(' ')
      .matchAll(/\$\{([^}]*)\}/g))
      if (!Object.hasOwn(variables, name)) throw new Error(`the policy variable ${name} is not evaluated`);
  }
  return (connection, action, resource) => {
    const matching = statements.filter(
      ({ Action, Resource }) =>
        list(Action).some((pattern) => globOf(String(pattern).toLowerCase())(action.toLowerCase())) &&
        list(Resource).some((pattern) => matches(String(pattern), resource, connection)),
    );
    if (matching.some(({ Effect }) => Effect === 'Deny')) return 'Deny';
    return matching.length > 0 ? 'Allow' : undefined;
  };
}

/** A variable without a value matches nothing; what it stands for is no pattern. */
function matches(pattern: string, resource: string, connection: Connection): boolean {
  let isWhole = true;
  const filled = pattern.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    const value = variables[name]?.(connection);
    if (value === undefined || /[*?]/.test(value)) isWhole = false;
    return value ?? '';
  });
  return isWhole && globOf(filled)(resource);
}
