import { join } from 'node:path';
import type { Permissions } from '../iam/permissions.ts';
import { type CloudFormation, createCloudFormation } from '../services/cloudformation/service.ts';
import { type Cognito, createCognito } from '../services/cognito/service.ts';
import { createDynamoDb, type DynamoDb } from '../services/dynamodb/service.ts';
import { createEventBridge, type EventBridge } from '../services/eventbridge/service.ts';
import { createFirehose, type Firehose } from '../services/firehose/service.ts';
import { functionSecret } from '../services/lambda/function.ts';
import { createLambda, type Lambda } from '../services/lambda/service.ts';
import { createLogs, type Logs } from '../services/logs/service.ts';
import { createPipes, type Pipes } from '../services/pipes/pipes.ts';
import { createPipesApi } from '../services/pipes/service.ts';
import { createS3, type S3 } from '../services/s3/service.ts';
import { createSns, type Sns } from '../services/sns/service.ts';
import { createSqs, type Sqs } from '../services/sqs/service.ts';
import { createStepFunctions, type StepFunctions } from '../services/step-functions/service.ts';
import { createSts, type Identity } from '../services/sts/service.ts';
import { type Faults, type FaultTarget, noFaults } from '../testing/faults.ts';
import type { Service } from './calls.ts';
import { deliver } from './deliver.ts';
import type { LogFiles } from './log-files.ts';

/** Every service of the cloud, to be used without HTTP as well. */
export interface CloudServices {
  s3: S3;
  dynamodb: DynamoDb;
  firehose: Firehose;
  queues: Sqs;
  topics: Sns;
  events: EventBridge;
  logs: Logs;
  functions: Lambda;
  machines: StepFunctions;
  pipes: Pipes;
  cognito: Cognito;
  cloudformation: CloudFormation;
}

export interface ServicesOptions {
  /** Holds each service's state in a folder of its own. */
  directory: string;
  compileCache: string;
  endpointUrl: () => string;
  /** Puts local addresses in the place of those that exist only on AWS. */
  localText: (text: string) => string;
  timeScale: number;
  /** The pace of the functions' clocks. */
  functionTimeScale: number;
  /** Multiplies the timeouts of the state machines' tasks. */
  timeoutFactor: number;
  concurrentFunctions?: number | undefined;
  warmFunctions?: number | undefined;
  faults?: ((target: FaultTarget) => Faults) | undefined;
  logFiles: LogFiles;
  identityOf(accessKeyId: string): Identity | undefined;
  permissions: Permissions;
  onFault(fault: unknown): void;
}

/** The services, wired to each other: objects to events, events to their targets, queues to state machines. */
export function createServices(options: ServicesOptions): { services: CloudServices; onEndpoint: Service[] } {
  const { endpointUrl, timeScale, functionTimeScale, logFiles, permissions, onFault } = options;
  const folder = (name: string) => join(options.directory, name);
  const logs = createLogs({ directory: folder('logs') });
  const queues = createSqs({ directory: folder('sqs'), endpointUrl });
  const topics = createSns({
    directory: folder('sns'),
    queues,
    mayDeliver: (subscription) => permissions.deliverFromTopic(subscription),
  });
  const functions = createLambda({
    endpointUrl,
    timeScale,
    clock: functionTimeScale === 1 ? undefined : { sinceMs: Date.now(), scale: functionTimeScale },
    compileCache: options.compileCache,
    localText: options.localText,
    concurrency: options.concurrentFunctions,
    warm: options.warmFunctions,
    log(configuration, text, stream) {
      const { name, logGroup } = configuration;
      logFiles.write(name, text);
      if (!permissions.writeLog(configuration, stream)) return;
      for (const message of text.split('\n')) {
        if (message !== '') logs.append({ group: logGroup, stream, message });
      }
    },
  });
  const machines = createStepFunctions({
    directory: folder('states'),
    endpointUrl,
    timeScale,
    functionTimeScale,
    timeoutFactor: options.timeoutFactor,
    may: (machine, action, resource) => permissions.runMachine(machine, action, resource),
  });
  const faults =
    options.faults?.({ kill: functions.kill, timeOut: functions.timeOut, send: queues.send }) ?? noFaults;
  const deliverTo = faults.deliver((arn, event) =>
    deliver({ queues, topics, functions, machines, logs }, arn, event),
  );
  const events = createEventBridge({
    directory: folder('events'),
    async deliver(arn, event, rule) {
      permissions.deliverFromRule(arn, rule);
      await deliverTo(arn, event);
    },
    onFault,
  });
  const s3 = createS3({
    directory: folder('s3'),
    onObjectCreated: faults.publish((event) => events.publish(event)),
    // What a function's links are signed with; of other callers the secret is not known, and not checked.
    secretOf: (accessKeyId) => (options.identityOf(accessKeyId) === undefined ? undefined : functionSecret),
  });
  const firehose = createFirehose({
    directory: folder('firehose'),
    s3: faults.firehoseBucket(s3),
    timeScale,
    mayDeliver: (stream, object) => permissions.deliverFromStream(stream, object),
    onFault,
  });
  const dynamodb = createDynamoDb({ directory: folder('dynamodb') });
  const cognito = createCognito({ directory: folder('cognito') });
  const cloudformation = createCloudFormation();
  const pipes = createPipes({
    queues: faults.pipeQueues(queues),
    timeScale,
    start: faults.pipeStart((arn, input) => machines.start(arn, input)),
    may: (pipe, action) => permissions.runPipe(pipe, action),
    log: (text) => logFiles.write('pipes', text),
  });
  const sts = createSts({ identityOf: options.identityOf });
  return {
    services: {
      s3,
      dynamodb,
      firehose,
      queues,
      topics,
      events,
      logs,
      functions,
      machines,
      pipes,
      cognito,
      cloudformation,
    },
    onEndpoint: [
      s3,
      dynamodb,
      firehose,
      queues,
      topics,
      events,
      logs,
      functions,
      machines,
      cognito,
      cloudformation,
      createPipesApi(pipes),
      sts,
    ].map(faults.service),
  };
}

/** Begins what works by itself, each after those that it feeds; what a former process owes comes first. */
export function beginServices({ machines, pipes, events, s3, firehose }: CloudServices): void {
  machines.resume();
  pipes.begin();
  events.start();
  s3.start();
  firehose.start();
}

/**
 * Ends what works by itself, while the endpoint still answers: an execution that is interrupted goes on at the next
 * start, one whose call found no endpoint would have failed.
 */
export async function endWorkers({ firehose, pipes, machines, functions }: CloudServices): Promise<void> {
  await firehose.close();
  await pipes.close();
  await machines.close();
  await functions.close();
}

/** Closes the stores, once nothing calls them any more. */
export async function endStores({
  s3,
  events,
  topics,
  queues,
  dynamodb,
  logs,
}: CloudServices): Promise<void> {
  await s3.close();
  await events.close();
  topics.close();
  queues.close();
  await dynamodb.close();
  logs.close();
}
