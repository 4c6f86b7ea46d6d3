import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessObserver } from '../iam/guard.ts';
import { createPermissions } from '../iam/permissions.ts';
import { createTokenServer, type TokenServer } from '../services/cognito/token-server.ts';
import type { SeededUser } from '../services/cognito/users.ts';
import { readAssembly } from '../template/assembly.ts';
import { type LoadedTemplate, loadTemplate } from '../template/load.ts';
import { replaceCode } from '../template/replace-code.ts';
import type { LocalServer } from '../template/resource.ts';
import { type Faults, type FaultTarget, noFaults } from '../testing/faults.ts';
import type { Interceptor } from './calls.ts';
import { createEndpoint } from './endpoint.ts';
import { lockDirectory } from './lock.ts';
import { createLogFiles } from './log-files.ts';
import { createPrincipals, type Principal } from './principals.ts';
import {
  closeServices,
  createServices,
  permissionsByService,
  provisionersOf,
  servicesOnEndpoint,
  startServices,
  stopServices,
} from './running-services.ts';
import type { Services } from './services.ts';

export interface CloudOptions {
  /** The cloud assembly, `cdk.out`. */
  assembly: string;
  /** Keeps everything: `state/`, `logs/`. One cloud at a time may use it. */
  directory: string;
  /** Default 4566, 4567, 4568, 4569 and 8883; 0 takes any free one. */
  ports?: { endpoint?: number; api?: number; token?: number; console?: number; mqtt?: number };
  /** Divides buffer times, windows, waits and the intervals of retries. Default 1. */
  timeScale?: number;
  /** The pace of the functions' clocks, timers and timeouts, for tests that wait for them. Default 1. */
  functionTimeScale?: number;
  /** Multiplies the timeouts of functions and of tasks, for a machine that is slower than AWS, or busy. Default 1. */
  timeoutFactor?: number;
  /** Invocations that run at a time, over all functions. Default: twice the cores, at least 4. */
  concurrentFunctions?: number;
  /** Function environments that may wait for work, at some 50 to 100 MB each. Default: twice those that may run at a time. */
  warmFunctions?: number;
  /** Users that each user pool has from the start, beside those that were made before. Default: none. */
  users?: readonly SeededUser[];
  /** Access keys besides `local` that may do everything, with their secrets, for tests that tell callers apart. */
  accounts?: Readonly<Record<string, string>>;
  /** False: alarms are looked at only when a test calls `services.cloudwatch.evaluate`. Default: each minute. */
  alarmsByThemselves?: boolean;
  /** Begins with empty stores and logs. */
  fresh?: boolean;
  /** Told of faults inside of the local cloud; default: a line in `logs/cloud.log`. */
  log?: (text: string) => void;
  /** Run around every call to the endpoint that the policies allow: fault injection. */
  interceptors?: Interceptor[];
  /** Told of each access of a role or a service, and of what the policies decide. */
  observeAccess?: AccessObserver;
  /** What goes wrong between the services, for tests. Default: nothing. */
  faults?: (target: FaultTarget) => Faults;
}

/** A running local cloud. */
export interface LocalCloud {
  /** For `AWS_ENDPOINT_URL`. */
  endpointUrl: string;
  /** With the stage, without a slash at its end. */
  apiUrl: string;
  tokenUrl: string;
  /** Where devices connect, `localhost:8883`, and the PEM file of the authority that they trust; undefined when the template has no topic rule. */
  mqtt: { endpoint: string; authorityFile: string } | undefined;
  /** Of the distribution, without a slash at its end; undefined when the template has none. */
  consoleUrl: string | undefined;
  /** By stack and the output's logical id; addresses of the API and the token endpoint are the local ones. */
  outputs: Record<string, Record<string, string>>;
  /** What the template came to, in order of creation. */
  resources: LoadedTemplate['resources'];
  /** Functions and state machines as callers of the endpoint, by access key id. */
  principals: ReadonlyMap<string, Principal>;
  services: Services;
  /**
   * Gives the functions the code of another assembly of the app, for invocations from now on.
   * @returns false, with nothing replaced, when the assemblies differ in more than code
   */
  replaceCode(assembly: string): boolean;
  /** Ends everything cleanly; what runs goes on at the next start. */
  close(): Promise<void>;
}

/**
 * Runs a synthesized app on this machine, on loopback only. Rejects, with everything closed again, when the assembly
 * has what the local cloud does not know, a port is taken, or the directory is in use.
 */
export async function startCloud(options: CloudOptions): Promise<LocalCloud> {
  const { assembly, directory, ports = {}, timeScale = 1, timeoutFactor = 1 } = options;
  const stacks = readAssembly(assembly);
  // Whatever has been begun is ended in reverse, whether the start fails or the cloud closes.
  const ends: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    ends.push(lockDirectory(directory));
    if (options.fresh) {
      for (const name of ['state', 'logs']) rmSync(join(directory, name), { recursive: true, force: true });
    }
    const logFiles = createLogFiles(join(directory, 'logs'));
    ends.push(() => logFiles.close());
    const log = options.log ?? ((text: string) => logFiles.write('cloud', text));
    const onFault = (fault: unknown) => {
      const told = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
      log(`${new Date().toISOString()} ${told}\n`);
    };

    let endpointUrl = '';
    let localText = (text: string) => text; // until the servers listen
    let tokens: TokenServer | undefined;
    const state = join(directory, 'state');
    const { principals, register, identityOf, secretOf } = createPrincipals({
      file: join(state, 'signing-secret'),
      accounts: options.accounts,
    });
    const permissions = createPermissions({
      services: permissionsByService,
      principals,
      observe: options.observeAccess,
      log: (text) => log(`${new Date().toISOString()} ${text}\n`),
    });
    const faults: Faults =
      options.faults?.({
        kill: (sessionToken) => services.lambda.kill(sessionToken),
        timeOut: (sessionToken) => services.lambda.timeOut(sessionToken),
        send: (queueArn, body, { delaySeconds }) => services.sqs.send(queueArn, body, { delaySeconds }),
      }) ?? noFaults;
    const services: Services = createServices({
      directory: state,
      // Of the bundles, so beside them: every cloud of the same sources shares it, and it goes when they go.
      compileCache: join(assembly, 'compile-cache'),
      endpointUrl: () => endpointUrl,
      localText: (text) => localText(text),
      timeScale,
      mqttPort: ports.mqtt ?? 8883,
      functionTimeScale: options.functionTimeScale ?? 1,
      timeoutFactor,
      concurrentFunctions: options.concurrentFunctions,
      alarmsByThemselves: options.alarmsByThemselves ?? true,
      warmFunctions: options.warmFunctions,
      faults,
      logFiles,
      identityOf,
      roleOf: (accessKeyId) => principals.get(accessKeyId ?? ''),
      tokens() {
        if (tokens) return tokens;
        throw new Error('The template is not loaded: no token can be checked before it.');
      },
      acting: permissions,
      onFault,
    });
    const endpoint = createEndpoint({
      services: servicesOnEndpoint(services).map(faults.service),
      secretOf,
      interceptors: [permissions.intercept, ...(options.interceptors ?? [])],
      onFault,
    });
    ends.push(() => closeServices(services));
    endpointUrl = `http://127.0.0.1:${await listen(endpoint, ports.endpoint ?? 4566, 'AWS endpoint')}`;
    ends.push(() => endpoint.close());
    ends.push(() => stopServices(services));

    const { apigateway, cloudfront, cognito } = services;
    const addresses: { from: string; to: LocalServer; path: string }[] = [];
    const provisioners = provisionersOf(services, {
      assembly,
      directory: state,
      timeoutFactor,
      registerCaller: register,
      localAddress: (from, to, path = '') => void addresses.push({ from, to, path }),
    });
    const { outputs, resources } = await loadTemplate(stacks, provisioners);
    permissions.enforce(resources);
    cognito.seedUsers(options.users ?? []);

    tokens = await createTokenServer({ directory: join(state, 'cognito'), cognito });
    const tokenOrigin = `http://127.0.0.1:${await listen(tokens, ports.token ?? 4568, 'token endpoint')}`;
    ends.push(() => tokens?.close());

    const apiOrigin = `http://127.0.0.1:${await listen(apigateway, ports.api ?? 4567, 'API')}`;
    ends.push(() => apigateway.close());

    let consoleOrigin: string | undefined;
    if (cloudfront.distribution() !== undefined) {
      consoleOrigin = `http://127.0.0.1:${await listen(cloudfront, ports.console ?? 4569, 'console')}`;
      ends.push(() => cloudfront.close());
    }

    await opening(ports.mqtt ?? 8883, 'MQTT broker', () => services.iot.listen());

    const origins = { api: apiOrigin, console: consoleOrigin, endpoint: endpointUrl, tokens: tokenOrigin };
    localText = (text) =>
      addresses.reduce((value, { from, to, path }) => value.replaceAll(from, `${origins[to]}${path}`), text);
    const local = localOutputs(outputs, localText);
    services.cloudformation.setStacks(stacksOf(local, resources));
    startServices(services);
    return {
      endpointUrl,
      apiUrl: `${apiOrigin}/${apigateway.restApi()?.stage ?? ''}`.replace(/\/$/, ''),
      tokenUrl: `${tokenOrigin}/oauth2/token`,
      consoleUrl: consoleOrigin,
      mqtt: mqttOf(services),
      outputs: local,
      resources,
      principals,
      services,
      replaceCode: (other) =>
        replaceCode({
          before: stacks,
          after: readAssembly(other),
          assembly: other,
          resources,
          lambda: services.lambda,
        }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function listen(
  server: { listen(port: number): Promise<{ port: number }> },
  wanted: number,
  name: string,
): Promise<number> {
  return opening(wanted, name, async () => (await server.listen(wanted)).port);
}

/** Runs what opens a port, and says which one where it can't. */
async function opening<Opened>(wanted: number, name: string, open: () => Promise<Opened>): Promise<Opened> {
  try {
    return await open();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const why = code === 'EADDRINUSE' ? 'is in use by another program' : 'may not be opened';
    throw new Error(
      `Port ${wanted} of the ${name} ${why}: stop it, or choose another port (0: any free one).`,
      {
        cause: error,
      },
    );
  }
}

const mqttOf = ({ iot: { endpoint, authorityFile } }: Services): LocalCloud['mqtt'] =>
  endpoint === undefined ? undefined : { endpoint, authorityFile };

/** The outputs with the addresses that exist only on AWS replaced by the local servers'. */
function localOutputs(
  outputs: LoadedTemplate['outputs'],
  local: (text: string) => string,
): LoadedTemplate['outputs'] {
  return Object.fromEntries(
    Object.entries(outputs).map(([stack, values]) => [
      stack,
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, local(value)])),
    ]),
  );
}

function stacksOf(outputs: LoadedTemplate['outputs'], resources: LoadedTemplate['resources']) {
  return Object.entries(outputs).map(([name, values]) => ({
    name,
    createdAt: new Date(),
    outputs: Object.entries(values).map(([key, value]) => ({ key, value })),
    resources: resources
      .filter(({ stack }) => stack === name)
      .map(({ logicalId, ref, type }) => ({ logicalId, physicalId: ref, type })),
  }));
}
