import { type AwsCaller, hasClient } from './aws-clients.ts';
import { type Json, StateError } from './definition.ts';

/** What a task's resource says to do. */
export interface Integration {
  service: string;
  action: string;
  /** What stands before the dot in its errors' names, as AWS writes it for this kind of integration. */
  errorPrefix: string;
  /** The resource of a function given by its ARN: the task's input is the event and its answer the result. */
  functionArn?: string;
}

const optimized: Record<string, { actions: string[]; errorPrefix: string }> = {
  lambda: { actions: ['invoke'], errorPrefix: 'Lambda' },
  dynamodb: { actions: ['getItem', 'putItem', 'updateItem', 'deleteItem'], errorPrefix: 'DynamoDB' },
  events: { actions: ['putEvents'], errorPrefix: 'EventBridge' },
  sns: { actions: ['publish'], errorPrefix: 'SNS' },
  sqs: { actions: ['sendMessage'], errorPrefix: 'SQS' },
  states: { actions: ['startExecution'], errorPrefix: 'StepFunctions' },
};

const sdkErrorPrefixes: Record<string, string> = {
  dynamodb: 'DynamoDb',
  eventbridge: 'EventBridge',
  firehose: 'Firehose',
  lambda: 'Lambda',
  s3: 'S3',
  sfn: 'Sfn',
  sns: 'Sns',
  sqs: 'Sqs',
};

/** Parses a task's resource; undefined when nothing here runs it. */
export function integrationOf(resource: string): Integration | undefined {
  if (/^arn:aws:lambda:[^:]*:[^:]*:function:/.test(resource)) {
    return { service: 'lambda', action: 'invoke', errorPrefix: 'Lambda', functionArn: resource };
  }
  const [, sdk, service, action] =
    /^arn:aws:states:::(aws-sdk:)?([a-z0-9]+):([A-Za-z]+)$/.exec(resource) ?? [];
  if (!service || !action || !hasClient(service)) return undefined;
  if (sdk) return { service, action, errorPrefix: sdkErrorPrefixes[service] ?? service };
  const known = optimized[service];
  return known?.actions.includes(action) ? { service, action, errorPrefix: known.errorPrefix } : undefined;
}

/** Whether a task with this resource can run here. */
export function isKnownResource(resource: string): boolean {
  return integrationOf(resource) !== undefined;
}

/**
 * Performs a task's integration through the local endpoint; an invocation carries the tag. Rejects with a StateError that has the name and cause that
 * Step Functions gives for it.
 */
export async function performIntegration(
  integration: Integration,
  input: Json,
  { aws, signal, tag }: { aws: AwsCaller; signal: AbortSignal; tag?: string | undefined },
): Promise<Json> {
  const { service, action, errorPrefix } = integration;
  let output: Record<string, unknown>;
  try {
    output = await aws.call(service, action, parametersFor(integration, input), { signal, tag });
  } catch (error) {
    throw asStateError(error, errorPrefix);
  }
  if (action === 'invoke') return functionOutput(integration, output);
  if (action === 'putEvents' && Number(output.FailedEntryCount) > 0) {
    throw new StateError('EventBridge.FailedEntry', JSON.stringify(output.Entries));
  }
  return plain(await withText(output), service);
}

/** The SDK's parameters: what Step Functions takes as JSON and the API wants as text is written as text. */
function parametersFor({ service, action, functionArn }: Integration, input: Json): object {
  if (functionArn) return { FunctionName: functionArn, Payload: JSON.stringify(input) };
  const parameters = { ...(input as Record<string, Json>) };
  const textFields: Record<string, string> = {
    'lambda:invoke': 'Payload',
    'sqs:sendMessage': 'MessageBody',
    'sns:publish': 'Message',
    'states:startExecution': 'Input',
  };
  const field = textFields[`${service}:${action}`];
  if (field && field in parameters && (field === 'Payload' || typeof parameters[field] !== 'string')) {
    parameters[field] = JSON.stringify(parameters[field]);
  }
  if (action === 'putEvents') {
    parameters.Entries = (parameters.Entries as Record<string, Json>[]).map((entry) =>
      typeof entry.Detail === 'string' ? entry : { ...entry, Detail: JSON.stringify(entry.Detail) },
    );
  }
  return service === 'states' || service === 'sfn'
    ? rekey(parameters, (key) => key.toLowerCase())
    : parameters;
}

function functionOutput({ functionArn }: Integration, output: Record<string, unknown>): Json {
  const text = Buffer.from((output.Payload as Uint8Array | undefined) ?? []).toString('utf8');
  const payload = (text === '' ? null : JSON.parse(text)) as Json;
  if (output.FunctionError) {
    const { errorType } = (payload ?? {}) as { errorType?: string };
    if (errorType) throw new StateError(errorType, text);
    throw new StateError(
      'Lambda.Unknown',
      `The cause could not be determined because Lambda did not return an error type. Returned payload: ${text}`,
    );
  }
  if (functionArn) return payload;
  return {
    ExecutedVersion: '$LATEST',
    Payload: payload,
    StatusCode: 200,
    ...metadata(output),
  };
}

/** Names as AWS gives them: `DynamoDB.ConditionalCheckFailedException`; without an answer, `….SdkClientException`. */
function asStateError(error: unknown, prefix: string): StateError {
  const { name, message, $response, $metadata } = error as Error & {
    $response?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  // The SDK adds $metadata, with its attempts, to the error of a connection that broke, too.
  const answered = $response !== undefined || $metadata?.httpStatusCode !== undefined;
  const base = answered && name && name !== 'Error' ? name : 'SdkClientException';
  return new StateError(`${prefix}.${base.endsWith('Exception') ? base : `${base}Exception`}`, message);
}

/** A body that is a stream (S3 GetObject) as the text that Step Functions puts into the state. */
async function withText(output: Record<string, unknown>): Promise<Record<string, unknown>> {
  const body = output.Body as { transformToString?: () => Promise<string> } | undefined;
  return body?.transformToString ? { ...output, Body: await body.transformToString() } : output;
}

function plain(output: Record<string, unknown>, service: string): Json {
  const { $metadata, ...members } = output;
  const json = JSON.parse(JSON.stringify({ ...members, ...metadata({ $metadata }) })) as Record<string, Json>;
  return service === 'states' || service === 'sfn' ? rekey(json, (key) => key.toUpperCase()) : json;
}

function metadata(output: { $metadata?: unknown }): { [key: string]: Json } {
  const { httpStatusCode, requestId } = (output.$metadata ?? {}) as {
    httpStatusCode?: number;
    requestId?: string;
  };
  return {
    SdkHttpMetadata: { HttpStatusCode: httpStatusCode ?? 200 },
    SdkResponseMetadata: { RequestId: requestId ?? '' },
  };
}

/** The Step Functions API writes its members with a small letter, its integration with a capital one. */
function rekey(members: Record<string, Json>, first: (letter: string) => string): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(members).map(([key, value]) => [`${first(key.charAt(0))}${key.slice(1)}`, value]),
  );
}
