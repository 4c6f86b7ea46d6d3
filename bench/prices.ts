/** us-east-1's of late 2026, in dollars. */
export const price = {
  firehoseGib: 0.029,
  s3Put: 5e-6,
  s3Get: 4e-7,
  sqsRequest: 4e-7,
  pipeRequest: 4e-7,
  standardTransition: 2.5e-5,
  expressRequest: 1e-6,
  lambdaRequest: 2e-7,
  /** Arm. */
  lambdaGbSecond: 1.33334e-5,
  dynamoWrite: 6.25e-7,
  dynamoRead: 1.25e-7,
  /** A GB and month, the standard class. */
  s3Storage: 0.023,
  dynamoStorage: 0.25,
} as const;

/**
 * States that an execution of the ingestion of the usual size enters, from `PlanIngest` to `IngestCompleted`: AWS bills each as a
 * transition of the Standard machine. What its maps start are Express executions. `test/e2e/executions.test.ts` counts them.
 */
export const transitions = 9;
