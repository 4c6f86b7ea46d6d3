import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AwsRequest, AwsResponse, Service } from '../engine/calls.ts';
import { passingError } from './aws-errors.ts';
import type { Fault, FaultKind } from './schedule.ts';

/** So long the function waits for an answer before its timeout is brought forward: what it has begun beside comes to its end. */
const hangMs = 250;

/** A call as faults are drawn for it. */
interface FaultyCall {
  service: string;
  request: AwsRequest;
  allowed: FaultKind[];
}

export interface ServiceFaults {
  /** What happens to the call, and a number in [0, 1) that chooses within it. */
  draw(call: FaultyCall): { fault: Fault; chance: number } | undefined;
  /** Kills the function that called. */
  kill(request: AwsRequest): void;
  /** The function that called has waited until its timeout. */
  timeOut(request: AwsRequest): void;
  /** Another writer does its work now, before the call does. */
  race(service: string, request: AwsRequest): Promise<void>;
}

/** The service with faults around its calls. */
export function faultyService(service: Service, faults: ServiceFaults): Service {
  return {
    ...service,
    async handle(request) {
      const drawn = faults.draw({
        service: service.name,
        request,
        allowed: allowedKinds(service.name, request),
      });
      if (drawn === undefined) return service.handle(request);
      const { fault, chance } = drawn;
      if (fault.kind === 'race') {
        const copy = await buffered(request);
        await faults.race(service.name, copy());
        return service.handle(copy());
      }
      if (fault.kind === 'repeat') return repeated(service, request);
      if (fault.kind === 'torn') return torn(await service.handle(request));
      if (fault.kind === 'hang') {
        await sleep(hangMs);
        faults.timeOut(request);
        return cut();
      }
      const response = fault.when === 'after' ? await service.handle(request) : undefined;
      if (fault.kind === 'delay') {
        await sleep(fault.ms);
        return response ?? service.handle(request);
      }
      if (response?.body instanceof Readable) response.body.destroy();
      if (fault.kind === 'fail') throw passingError(service.name, fault.when, chance);
      if (fault.kind === 'kill') faults.kill(request);
      return cut();
    },
  };
}

/** Which faults make sense for a call. */
function allowedKinds(
  service: string,
  { action, method, accessKeyId, headers, input }: AwsRequest,
): FaultKind[] {
  const kinds: FaultKind[] = ['fail', 'delay', 'repeat'];
  // A HEAD is answered before its body would break.
  if (method !== 'HEAD') kinds.push('cut');
  // The state machine is a role too, but not a process: it calls without a session token.
  if (accessKeyId?.startsWith('LKIA') && headers['x-amz-security-token'] !== undefined)
    kinds.push('kill', 'hang');
  if (service === 's3' && action === 'GetObject') kinds.push('torn');
  const { ConditionExpression, Statements } = input as { ConditionExpression?: string; Statements?: unknown };
  const conditional = headers['if-match'] ?? headers['if-none-match'] ?? ConditionExpression ?? Statements;
  if (conditional !== undefined) kinds.push('race');
  return kinds;
}

/** An invocation twice at the same time, as at-least-once delivery may do; any other call twice in a row. */
async function repeated(service: Service, request: AwsRequest): Promise<AwsResponse> {
  const copy = await buffered(request);
  if (request.action === 'Invoke') {
    const [first, second] = await Promise.allSettled([service.handle(copy()), service.handle(copy())]);
    if (second.status === 'fulfilled') return second.value;
    if (first.status === 'fulfilled') return first.value;
    throw second.reason;
  }
  const first = await service.handle(copy()).catch(() => undefined);
  if (first?.body instanceof Readable) first.body.destroy();
  return service.handle(copy());
}

/** A request whose body can be read more than once. */
async function buffered(request: AwsRequest): Promise<() => AwsRequest> {
  if (request.stream === undefined) return () => request;
  const chunks: Buffer[] = [];
  for await (const chunk of request.stream as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  return () => ({ ...request, stream: Readable.from(body.length === 0 ? [] : [body]) });
}

/** An answer that is never heard: the connection breaks in its place. */
function cut(): AwsResponse {
  return { status: 200, headers: { 'content-length': '1' }, body: breaking([]) };
}

/** The first half of the answer's body, and then the connection breaks. */
async function torn(response: AwsResponse): Promise<AwsResponse> {
  if (response.status >= 300) return response;
  const chunks: Buffer[] = [];
  if (response.body instanceof Readable)
    for await (const chunk of response.body) chunks.push(chunk as Buffer);
  else chunks.push(Buffer.from(response.body ?? ''));
  const body = Buffer.concat(chunks);
  const headers = { 'content-length': String(body.length), ...response.headers };
  return { ...response, headers, body: breaking([body.subarray(0, body.length / 2)]) };
}

function breaking(chunks: Buffer[]): Readable {
  return Readable.from(
    (async function* () {
      yield* chunks.filter((chunk) => chunk.length > 0);
      // What the endpoint takes for a connection that broke.
      throw Object.assign(new Error('injected: the connection breaks'), { code: 'ECONNRESET' });
    })(),
    { objectMode: false },
  );
}
