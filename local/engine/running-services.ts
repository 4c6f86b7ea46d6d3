import type { PermissionsByService } from '../iam/service-permissions.ts';
import { ignore, ignoredTypes } from '../template/ignored.ts';
import type { Provisioners, ProvisionOptions } from '../template/resource.ts';
import type { Service } from './calls.ts';
import { registry, type ServiceEntry, type Services } from './services.ts';
import type { Surroundings } from './surroundings.ts';

const names = Object.keys(registry) as (keyof Services)[];
const entries = Object.values(registry) as ServiceEntry<never>[];

/** What the services' permissions are, for local/iam. */
export const permissionsByService: PermissionsByService = Object.fromEntries(
  entries.flatMap(({ permissions }) => (permissions ? [[permissions.prefix, permissions]] : [])),
);

/** Each service is created when it is first asked for. */
export function createServices(surroundings: Surroundings): Services {
  const services = {} as Services;
  for (const name of names) {
    let running: Services[typeof name] | undefined;
    const get = () => (running ??= registry[name].create(surroundings, services));
    Object.defineProperty(services, name, { enumerable: true, get });
  }
  return services;
}

/** Those that answer at the endpoint: all but API Gateway and CloudFront, which have separate ports. */
export function servicesOnEndpoint({ apigateway, cloudfront, ...services }: Services): Service[] {
  return Object.values(services);
}

/** How each resource type of a template is made, of all services. */
export function provisionersOf(services: Services, options: ProvisionOptions): Provisioners {
  const policies = entries.flatMap(({ permissions }) =>
    Object.keys({ ...permissions?.policies, ...permissions?.statements }),
  );
  return Object.assign(
    {},
    ignoredTypes,
    ...policies.map((type) => ({ [type]: ignore('local/iam reads and enforces it') })),
    ...livesOf(services).map((life) => life.provisioners(options)),
  );
}

export function startServices(services: Services): void {
  for (const life of livesOf(services)) life.start();
}

/**
 * Ends what works by itself, while the endpoint still answers: an execution that is interrupted goes on at the next
 * start, one whose call found no endpoint would have failed.
 */
export async function stopServices(services: Services): Promise<void> {
  for (const life of livesOf(services).toReversed()) await life.stop();
}

/** Closes the stores, once nothing calls them any more. */
export async function closeServices(services: Services): Promise<void> {
  for (const life of livesOf(services).toReversed()) await life.close();
}

/** What the registry says of each service, with the service that runs. */
function livesOf(services: Services) {
  return names.map((name) => lifeOf(name, services));
}

function lifeOf<Name extends keyof Services>(name: Name, services: Services) {
  const entry = registry[name];
  const running = services[name];
  return {
    provisioners: (options: ProvisionOptions) => entry.provision?.(running, options),
    start: () => entry.start?.(running),
    stop: async () => entry.stop?.(running),
    close: async () => entry.close?.(running),
  };
}
