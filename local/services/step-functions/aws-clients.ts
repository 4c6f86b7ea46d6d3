import { region } from '../../engine/calls.ts';
import { invocationTagHeader } from '../lambda/function.ts';

/** A client of any SDK package, as far as a generic call needs it. */
export interface AwsClient {
  send(command: unknown, options: { abortSignal: AbortSignal }): Promise<Record<string, unknown>>;
  destroy(): void;
}

type SdkModule = Record<string, new (argument: object) => Command>;

/** A command of any SDK package, as far as a header is added to its request. */
interface Command {
  middlewareStack: { add(middleware: Middleware, options: { step: 'build' }): void };
}
type Middleware = (next: Handler) => Handler;
type Handler = (args: { request: { headers: Record<string, string> } }) => Promise<object>;

/** The SDK's package for the service's name in an integration's resource, loaded when it is first called. */
const packages: Record<string, () => Promise<object>> = {
  dynamodb: () => import('@aws-sdk/client-dynamodb'),
  events: () => import('@aws-sdk/client-eventbridge'),
  eventbridge: () => import('@aws-sdk/client-eventbridge'),
  firehose: () => import('@aws-sdk/client-firehose'),
  lambda: () => import('@aws-sdk/client-lambda'),
  s3: () => import('@aws-sdk/client-s3'),
  sfn: () => import('@aws-sdk/client-sfn'),
  states: () => import('@aws-sdk/client-sfn'),
  sns: () => import('@aws-sdk/client-sns'),
  sqs: () => import('@aws-sdk/client-sqs'),
};

/** Whether calls to the service can be made. */
export function hasClient(service: string): boolean {
  return Object.hasOwn(packages, service);
}

interface CallerOptions {
  endpointUrl: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

/**
 * Calls of one principal to the local endpoint. A call is made once: what repeats it is the state's own Retry.
 */
export class AwsCaller {
  readonly #clients = new Map<string, Promise<{ client: AwsClient; module: SdkModule }>>();
  readonly #options: CallerOptions;

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  /**
   * Sends one command, `putItem` as well as `PutItem`. Rejects with the SDK's error.
   *
   * @param options.tag of an invocation, for `FunctionPlaces.onBegin`
   */
  async call(
    service: string,
    action: string,
    parameters: object,
    { signal, tag }: { signal: AbortSignal; tag?: string | undefined },
  ): Promise<Record<string, unknown>> {
    const { client, module } = await this.#client(service);
    const name = `${action.charAt(0).toUpperCase()}${action.slice(1)}Command`;
    const Command = module[name];
    if (!Command) throw new Error(`${service} has no ${name}`);
    const command = new Command(parameters);
    if (tag !== undefined)
      command.middlewareStack.add(withHeader(invocationTagHeader, tag), { step: 'build' });
    return client.send(command, { abortSignal: signal });
  }

  async close(): Promise<void> {
    for (const entry of this.#clients.values()) (await entry).client.destroy();
  }

  #client(service: string): Promise<{ client: AwsClient; module: SdkModule }> {
    const known = this.#clients.get(service);
    if (known) return known;
    const made = this.#create(service);
    this.#clients.set(service, made);
    return made;
  }

  async #create(service: string): Promise<{ client: AwsClient; module: SdkModule }> {
    const module = (await packages[service]?.()) as SdkModule;
    const name = Object.keys(module).find((key) => /^[A-Z]\w*Client$/.test(key) && key !== 'Client');
    const Client = (module as Record<string, new (argument: object) => unknown>)[String(name)];
    if (!Client) throw new Error(`no client for ${service}`);
    const client = new Client({
      region,
      endpoint: this.#options.endpointUrl,
      credentials: this.#options.credentials,
      maxAttempts: 1,
      forcePathStyle: true,
      // A map's children call at the same time; the default of 50 sockets would line them up with a warning.
      requestHandler: { httpAgent: { keepAlive: true, maxSockets: 1_000 } },
    }) as AwsClient;
    return { client, module };
  }
}

function withHeader(name: string, value: string): Middleware {
  return (next) => (args) => {
    args.request.headers[name] = value;
    return next(args);
  };
}
