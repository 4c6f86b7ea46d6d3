/** Metrics of AWS's services as their own pages name them, of November 2026: a misspelt one would be an alarm that never sounds. */
export const awsMetrics: Readonly<Record<string, readonly string[]>> = {
  'AWS/ApiGateway': ['4XXError', '5XXError', 'Count', 'IntegrationLatency', 'Latency'],
  'AWS/DynamoDB': [
    'ConsumedReadCapacityUnits',
    'ConsumedWriteCapacityUnits',
    'ReadThrottleEvents',
    'WriteThrottleEvents',
  ],
  'AWS/EventBridge/Pipes': ['ExecutionFailed', 'ExecutionThrottled', 'Invocations'],
  'AWS/Events': [
    'FailedInvocations',
    'Invocations',
    'InvocationsFailedToBeSentToDlq',
    'InvocationsSentToDlq',
  ],
  'AWS/Firehose': [
    'DataReadFromKinesisStream.Bytes',
    'DataReadFromKinesisStream.Records',
    'DeliveryToS3.DataFreshness',
    'DeliveryToS3.Success',
    'IncomingBytes',
    'IncomingRecords',
    'KinesisMillisBehindLatest',
    'ThrottledGetRecords',
    'ThrottledRecords',
  ],
  'AWS/Kinesis': [
    'GetRecords.IteratorAgeMilliseconds',
    'IncomingRecords',
    'ReadProvisionedThroughputExceeded',
    'WriteProvisionedThroughputExceeded',
  ],
  'AWS/Lambda': ['Duration', 'Errors', 'Invocations', 'Throttles'],
  'AWS/SQS': ['ApproximateAgeOfOldestMessage', 'ApproximateNumberOfMessagesVisible'],
  'AWS/States': [
    'ExecutionThrottled',
    'ExecutionTime',
    'ExecutionsFailed',
    'ExecutionsStarted',
    'ExecutionsSucceeded',
    'ExecutionsTimedOut',
  ],
};
