import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { asFault, nameOf } from './store-faults.ts';

/** Firehose, EventBridge, SQS and Pipes repeat within minutes; what comes later is validated again, which changes nothing. */
const rememberedSeconds = 3_600;

/**
 * Remembers for an hour what `work` answered, by the part of its argument that `keyPath` (JMESPath) selects and by the function's
 * name. The answer must be what JSON can hold. A failure of `work` is not remembered, and comes out as it is. The table is the
 * idempotency table, which Powertools alone reads and writes; the role needs `dynamodb:PutItem`, `UpdateItem` and
 * `DeleteItem`.
 *
 * `run` throws:
 * - `IdempotencyAlreadyInProgressError` while another run is at it; a retry helps once that run has ended or its time is over
 * - `IdempotencyKeyError` for an argument without such a part: it is refused, not let through; a retry does not help
 * - `StoreUnavailable` when the table does not answer; a retry helps
 */
export function idempotent<Task, Outcome>(options: {
  client: DynamoDBClient;
  table: string;
  keyPath: string;
  work: (task: Task) => Promise<Outcome>;
}): {
  run: (task: Task) => Promise<Outcome>;
  /** To be called in each invocation: a run that timed out is then not in progress for longer than it could be. */
  registerContext: (context: Context) => void;
} {
  const config = new IdempotencyConfig({
    eventKeyJmesPath: options.keyPath,
    throwOnNoIdempotencyKey: true,
    expiresAfterSeconds: rememberedSeconds,
  });
  const persistenceStore = new DynamoDBPersistenceLayer({
    tableName: options.table,
    awsSdkV3Client: options.client,
  });
  const once = makeIdempotent(options.work, { config, persistenceStore });
  return {
    async run(task) {
      try {
        return await once(task);
      } catch (fault) {
        // Powertools wraps what went wrong under one name: what is under it tells whether a retry can help.
        throw nameOf(fault) === 'IdempotencyPersistenceLayerError'
          ? asFault((fault as Error).cause ?? fault)
          : fault;
      }
    },
    registerContext: (context) => config.registerLambdaContext(context),
  };
}
