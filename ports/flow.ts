/**
 * What the services between a sensor and an execution tell of themselves. Nothing is changed, and no message is received. Each call throws
 * `StoreUnavailable` once the service throttles, answers 5xx or does not answer, and the SDK's own retries are spent.
 */
export interface FlowReader {
  /** The delivery stream. */
  stream(): Promise<StreamState>;
  /** The pipe that reads the queue of new objects; `undefined` when there is none. */
  pipe(): Promise<PipeState | undefined>;
  /** SQS's counts lag by seconds. */
  queues(): Promise<Readonly<Record<QueueName, QueueCounts>>>;
}

/** The queue of new objects, and where messages go that nobody could handle. */
export type QueueName = 'ingest' | 'ingestDeadLetters' | 'jobDeadLetters' | 'busDeadLetters';

export interface StreamState {
  readonly name: string;
  /** `ACTIVE` when all is well. */
  readonly status: string;
  /** How long it gathers readings before it writes an object. */
  readonly bufferSeconds: number;
}

export interface PipeState {
  readonly name: string;
  /** `RUNNING` when all is well. */
  readonly state: string;
  /** EventBridge's own words, when it has any. */
  readonly reason: string | undefined;
  /** How long it gathers objects before it starts an execution. */
  readonly windowSeconds: number;
}

/** A rule of EventBridge that calls something by a schedule. */
export interface RuleState {
  readonly name: string;
  /** `ENABLED` when all is well. */
  readonly state: string;
}

export interface QueueCounts {
  /** Waiting to be received. */
  readonly visible: number;
  /** Received and not deleted yet. */
  readonly inFlight: number;
}
