import type { Service } from '../engine/calls.ts';
import type { BusEvent } from '../services/eventbridge/service.ts';
import type { S3 } from '../services/s3/service.ts';
import type { Sqs } from '../services/sqs/service.ts';

/**
 * What may go wrong in a local cloud. Each member is given a connection between two parts and returns the one that takes its
 * place. Only a test asks for it (`CloudOptions.faults`): a cloud without it has no faults but its own.
 */
export interface Faults {
  /** A service as the endpoint calls it. */
  service(service: Service): Service;
  /** S3's events on their way to EventBridge. */
  publish(publish: Publish): Publish;
  /** Events on their way from EventBridge to a target. */
  deliver(deliver: Deliver): Deliver;
  /** S3 as Firehose writes to it. */
  firehoseBucket(s3: S3): S3;
  /** The queue as pipes read it. */
  pipeQueues(queues: Sqs): Sqs;
  /** StartExecution as pipes call it. */
  pipeStart(start: PipeStart): PipeStart;
}

type Publish = (event: BusEvent) => Promise<void>;
type Deliver = (targetArn: string, event: unknown) => Promise<void>;
type PipeStart = (stateMachineArn: string, input: string) => string;

/** What an injector of faults can reach of the cloud that it is put into. */
export interface FaultTarget {
  /** Kills the function environment whose calls carry this session token; false when there is none. */
  kill(sessionToken: string): boolean;
  /** Lets the invocation whose calls carry this session token run into its timeout at once; false when there is none. */
  timeOut(sessionToken: string): boolean;
  /** A message for a queue, named by its ARN. */
  send(queueArn: string, body: string, options: { delaySeconds: number }): void;
}

/** Every connection as it is. */
export const noFaults: Faults = {
  service: (service) => service,
  publish: (publish) => publish,
  deliver: (deliver) => deliver,
  firehoseBucket: (s3) => s3,
  pipeQueues: (queues) => queues,
  pipeStart: (start) => start,
};
