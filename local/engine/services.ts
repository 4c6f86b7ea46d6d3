import { join } from 'node:path';
import type { ServicePermissions } from '../iam/service-permissions.ts';
import { apiGatewayPermissions, requireInvocation } from '../services/apigateway/permissions.ts';
import { provisionApiGateway } from '../services/apigateway/provision.ts';
import { type ApiGateway, createApiGateway } from '../services/apigateway/service.ts';
import { athenaPermissions, rightsOf } from '../services/athena/permissions.ts';
import { provisionAthena } from '../services/athena/provision.ts';
import { type Athena, createAthena } from '../services/athena/service.ts';
import { type CloudFormation, createCloudFormation } from '../services/cloudformation/service.ts';
import { requireUrlInvocation } from '../services/cloudfront/permissions.ts';
import { provisionCloudFront } from '../services/cloudfront/provision.ts';
import { type CloudFront, createCloudFront } from '../services/cloudfront/service.ts';
import { cloudWatchPermissions, requireNotice } from '../services/cloudwatch/permissions.ts';
import { provisionCloudWatch } from '../services/cloudwatch/provision.ts';
import { type CloudWatch, createCloudWatch } from '../services/cloudwatch/service.ts';
import { deliverySample, measurementsOf, queueSample } from '../services/cloudwatch/service-metrics.ts';
import { cognitoPermissions } from '../services/cognito/permissions.ts';
import { provisionCognito } from '../services/cognito/provision.ts';
import { type Cognito, createCognito } from '../services/cognito/service.ts';
import { dynamoDbPermissions } from '../services/dynamodb/permissions.ts';
import { provisionDynamoDb } from '../services/dynamodb/provision.ts';
import { createDynamoDb, type DynamoDb } from '../services/dynamodb/service.ts';
import { eventBridgePermissions } from '../services/eventbridge/permissions.ts';
import { provisionEventBridge } from '../services/eventbridge/provision.ts';
import { createEventBridge, type EventBridge } from '../services/eventbridge/service.ts';
import { deliver, requireDelivery } from '../services/eventbridge/targets.ts';
import {
  firehosePermissions,
  mayLog,
  requireObject,
  requireSource,
} from '../services/firehose/permissions.ts';
import { provisionFirehose } from '../services/firehose/provision.ts';
import { createFirehose, type Firehose } from '../services/firehose/service.ts';
import {
  iotPermissions,
  requireErrorMessage,
  requireProvisioning,
  requireRecord,
} from '../services/iot/permissions.ts';
import { provisionIot } from '../services/iot/provision.ts';
import { createIot, type Iot } from '../services/iot/service.ts';
import { kinesisPermissions } from '../services/kinesis/permissions.ts';
import { provisionKinesis } from '../services/kinesis/provision.ts';
import { createKinesis, type Kinesis } from '../services/kinesis/service.ts';
import { sendDeadLetters } from '../services/lambda/dead-letters.ts';
import { urlAnswer, urlEvent } from '../services/lambda/function-url.ts';
import { lambdaPermissions, logWriting } from '../services/lambda/permissions.ts';
import { provisionLambda } from '../services/lambda/provision.ts';
import { createLambda, type Lambda } from '../services/lambda/service.ts';
import { logsPermissions } from '../services/logs/permissions.ts';
import { provisionLogs } from '../services/logs/provision.ts';
import { createLogs, type Logs } from '../services/logs/service.ts';
import { pipesPermissions, requirePipeAction } from '../services/pipes/permissions.ts';
import { provisionPipes } from '../services/pipes/provision.ts';
import { createPipes, type Pipes } from '../services/pipes/service.ts';
import { s3Permissions } from '../services/s3/permissions.ts';
import { provisionS3 } from '../services/s3/provision.ts';
import { createS3, type S3 } from '../services/s3/service.ts';
import { mayDeliver, snsPermissions } from '../services/sns/permissions.ts';
import { provisionSns } from '../services/sns/provision.ts';
import { createSns, type Sns } from '../services/sns/service.ts';
import { sqsPermissions } from '../services/sqs/permissions.ts';
import { provisionSqs } from '../services/sqs/provision.ts';
import { createSqs, type Sqs } from '../services/sqs/service.ts';
import {
  requireMachineAction,
  requireMachineKey,
  stepFunctionsPermissions,
} from '../services/step-functions/permissions.ts';
import { provisionStepFunctions } from '../services/step-functions/provision.ts';
import { createStepFunctions, type StepFunctions } from '../services/step-functions/service.ts';
import { stsPermissions } from '../services/sts/permissions.ts';
import { createSts } from '../services/sts/service.ts';
import type { Provisioners, ProvisionOptions } from '../template/resource.ts';
import type { Service } from './calls.ts';
import type { Surroundings } from './surroundings.ts';

/** Every service of the cloud, by AWS's name, to be used without HTTP as well. */
export interface Services {
  logs: Logs;
  sqs: Sqs;
  sns: Sns;
  dynamodb: DynamoDb;
  lambda: Lambda;
  stepFunctions: StepFunctions;
  pipes: Pipes;
  eventbridge: EventBridge;
  s3: S3;
  firehose: Firehose;
  kinesis: Kinesis;
  iot: Iot;
  cognito: Cognito;
  apigateway: ApiGateway;
  cloudfront: CloudFront;
  cloudwatch: CloudWatch;
  cloudformation: CloudFormation;
  athena: Athena;
  sts: Service;
}

export interface ServiceEntry<Running> {
  /** The other services are there when they are asked for. */
  create(surroundings: Surroundings, services: Services): Running;
  provision?(running: Running, options: ProvisionOptions): Provisioners;
  permissions?: ServicePermissions;
  /** Begins what works by itself; what a former process owes comes first. */
  start?(running: Running): void;
  /** Ends what works by itself. */
  stop?(running: Running): Promise<void>;
  /** Closes the store, once nothing calls the service any more. */
  close?(running: Running): void | Promise<void>;
}

/**
 * The services, wired to each other: what each is, how a template makes its resources, what its calls need. A new service is a
 * folder in local/services, a line in `Services` and its entry here. They are started in this order, each after those that it
 * feeds, and ended in the reverse one.
 */
export const registry: { readonly [Name in keyof Services]: ServiceEntry<Services[Name]> } = {
  logs: {
    create: ({ directory }) => createLogs({ directory: join(directory, 'logs') }),
    provision: provisionLogs,
    permissions: logsPermissions,
    close: (logs) => logs.close(),
  },
  sqs: {
    create: ({ directory, endpointUrl }) => createSqs({ directory: join(directory, 'sqs'), endpointUrl }),
    provision: provisionSqs,
    permissions: sqsPermissions,
    close: (sqs) => sqs.close(),
  },
  sns: {
    create: ({ directory, acting }, { sqs }) =>
      createSns({
        directory: join(directory, 'sns'),
        queues: sqs,
        mayDeliver: (subscription) => mayDeliver(acting, subscription),
      }),
    provision: provisionSns,
    permissions: snsPermissions,
    close: (sns) => sns.close(),
  },
  dynamodb: {
    create: ({ directory }) => createDynamoDb({ directory: join(directory, 'dynamodb') }),
    provision: provisionDynamoDb,
    permissions: dynamoDbPermissions,
    close: (dynamodb) => dynamodb.close(),
  },
  lambda: {
    create(surroundings, services) {
      const { logs } = services;
      const { acting, logFiles, functionTimeScale } = surroundings;
      const mayWrite = logWriting(acting);
      return createLambda({
        endpointUrl: surroundings.endpointUrl,
        timeScale: surroundings.timeScale,
        clock: functionTimeScale === 1 ? undefined : { sinceMs: Date.now(), scale: functionTimeScale },
        compileCache: surroundings.compileCache,
        localText: surroundings.localText,
        concurrency: surroundings.concurrentFunctions,
        warm: surroundings.warmFunctions,
        observe: measurementsOf(() => services.cloudwatch).invocation,
        onGivenUp: sendDeadLetters(acting, {
          queues: services.sqs,
          onFault: surroundings.onFault,
          onLost: measurementsOf(() => services.cloudwatch).lostLetter,
        }),
        log(configuration, text, stream) {
          const { name, logGroup } = configuration;
          logFiles.write(name, text);
          if (!mayWrite(configuration, stream)) return;
          for (const message of text.split('\n')) {
            if (message === '') continue;
            logs.append({ group: logGroup, stream, message });
            services.cloudwatch.takeLogLine(message);
          }
        },
      });
    },
    provision: provisionLambda,
    permissions: lambdaPermissions,
    stop: (lambda) => lambda.close(),
  },
  stepFunctions: {
    create: ({ directory, acting, endpointUrl, timeScale, functionTimeScale, timeoutFactor }, services) =>
      createStepFunctions({
        places: services.lambda.places,
        observe: measurementsOf(() => services.cloudwatch).execution,
        directory: join(directory, 'states'),
        endpointUrl,
        timeScale,
        functionTimeScale,
        timeoutFactor,
        may: (machine, action, resource) => requireMachineAction(acting, machine, action, resource),
        mayUseKey: (machine) => requireMachineKey(acting, machine),
      }),
    provision: provisionStepFunctions,
    permissions: stepFunctionsPermissions,
    start: (stepFunctions) => stepFunctions.resume(),
    stop: (stepFunctions) => stepFunctions.close(),
  },
  pipes: {
    create: ({ directory, acting, faults, logFiles, timeScale }, services) =>
      createPipes({
        directory: join(directory, 'pipes'),
        queues: faults.pipeQueues(services.sqs),
        timeScale,
        start: faults.pipeStart((arn, input) => services.stepFunctions.start(arn, input)),
        put: (arn, records) => services.firehose.put(arn.split('/').at(-1) ?? '', records),
        onFailed: measurementsOf(() => services.cloudwatch).pipeFailure,
        may: (pipe, action) => requirePipeAction(acting, pipe, action),
        log: (text) => logFiles.write('pipes', text),
      }),
    provision: provisionPipes,
    permissions: pipesPermissions,
    start: (pipes) => pipes.begin(),
    stop: (pipes) => pipes.close(),
  },
  eventbridge: {
    create({ directory, acting, faults, onFault }, services) {
      const deliverTo = faults.deliver((arn, event) => deliver(services, arn, event));
      return createEventBridge({
        directory: join(directory, 'events'),
        async deliver(arn, event, rule) {
          requireDelivery(acting, arn, rule);
          await deliverTo(arn, event);
        },
        onFault,
        onGivenUp: measurementsOf(() => services.cloudwatch).givenUp,
      });
    },
    provision: provisionEventBridge,
    permissions: eventBridgePermissions,
    start: (eventbridge) => eventbridge.start(),
    close: (eventbridge) => eventbridge.close(),
  },
  s3: {
    create: ({ directory, faults, localText }, { eventbridge }) =>
      createS3({
        directory: join(directory, 's3'),
        onObjectCreated: faults.publish((event) => eventbridge.publish(event)),
        localText,
      }),
    provision: provisionS3,
    permissions: s3Permissions,
    start: (s3) => s3.start(),
    close: (s3) => s3.close(),
  },
  firehose: {
    create: ({ directory, acting, faults, timeScale, onFault }, services) =>
      createFirehose({
        onPut: measurementsOf(() => services.cloudwatch).put,
        sources: () => services.kinesis,
        mayRead: (stream, action) => requireSource(acting, stream, action),
        onRead: measurementsOf(() => services.cloudwatch).sourceRead,
        directory: join(directory, 'firehose'),
        s3: faults.firehoseBucket(services.s3),
        timeScale,
        mayDeliver: (stream, object) => requireObject(acting, stream, object),
        logFailure(stream, message) {
          const { errorLog } = stream;
          if (errorLog !== undefined && mayLog(acting, stream, errorLog)) {
            services.logs.append({ ...errorLog, message });
          }
        },
        onFault,
      }),
    provision: provisionFirehose,
    permissions: firehosePermissions,
    start: (firehose) => firehose.start(),
    stop: (firehose) => firehose.close(),
  },
  kinesis: {
    create: ({ directory }, services) =>
      createKinesis({
        directory: join(directory, 'kinesis'),
        onPut: measurementsOf(() => services.cloudwatch).sourcePut,
      }),
    provision: provisionKinesis,
    permissions: kinesisPermissions,
    close: (kinesis) => kinesis.close(),
  },
  iot: {
    create: ({ directory, acting, logFiles, mqttPort }, services) =>
      createIot({
        directory: join(directory, 'iot'),
        port: mqttPort,
        deliver(rule, record) {
          requireRecord(acting, rule);
          services.firehose.put(rule.stream, [record]);
        },
        sendError(rule, body) {
          requireErrorMessage(acting, rule);
          services.sqs.send(rule.onError?.queueUrl ?? '', body);
        },
        mayProvision: (template, action, resource) =>
          requireProvisioning(acting, template, { action, resource }),
        log: (text) => logFiles.write('iot', text),
      }),
    provision: provisionIot,
    permissions: iotPermissions,
    stop: (iot) => iot.close(),
  },
  cognito: {
    create: ({ directory, localText }) => createCognito({ directory: join(directory, 'cognito'), localText }),
    provision: provisionCognito,
    permissions: cognitoPermissions,
  },
  apigateway: {
    create: ({ acting, logFiles, tokens }, services) =>
      createApiGateway({
        observe: measurementsOf(() => services.cloudwatch).answer,
        async invoke(name, event, { sourceArn, waiter }) {
          const { lambda } = services;
          requireInvocation(acting, lambda.find(name).arn, sourceArn);
          return lambda.invoke(name, event, waiter);
        },
        tokenRules: ({ authorization: { poolIds, scopes } }) => ({
          issuers: poolIds.map((id) => tokens().issuerOf(id)),
          keys: tokens().keys(),
          scopes,
          isClient: (clientId) => poolIds.some((id) => services.cognito.pools.get(id)?.clients.has(clientId)),
        }),
        accessLog: (line) => logFiles.write('api-access', `${line}\n`),
      }),
    provision: provisionApiGateway,
    permissions: apiGatewayPermissions,
  },
  cloudfront: {
    create: ({ acting, localText, logFiles }, { lambda }) =>
      createCloudFront({
        localText,
        async invokeUrl(urlId, request, distributionArn) {
          const url = lambda.urlOf(urlId);
          if (url === undefined) return { status: 404, headers: {}, body: Buffer.from('Not Found') };
          requireUrlInvocation(acting, lambda.find(url.functionName).arn, distributionArn);
          const event = urlEvent(url, request, Date.now());
          return urlAnswer(await lambda.invoke(url.functionName, JSON.stringify(event)));
        },
        accessLog: (line) => logFiles.write('console-access', `${line}\n`),
      }),
    provision: provisionCloudFront,
  },
  cloudwatch: {
    create: ({ directory, acting, alarmsByThemselves, onFault }, { sqs, sns, firehose }) =>
      createCloudWatch({
        directory: join(directory, 'cloudwatch'),
        sample: () => [...queueSample(sqs.load()), ...deliverySample(firehose.load())],
        byItself: alarmsByThemselves,
        notify(topicArn, alarmArn, notice) {
          requireNotice(acting, topicArn, alarmArn);
          sns.publish({ topicArn, ...notice }).catch(onFault);
        },
        onFault,
      }),
    provision: provisionCloudWatch,
    permissions: cloudWatchPermissions,
    start: (cloudwatch) => cloudwatch.start(),
    stop: async (cloudwatch) => cloudwatch.stop(),
    close: (cloudwatch) => cloudwatch.close(),
  },
  athena: {
    create: ({ directory, acting, roleOf }, { s3 }) =>
      createAthena({ directory, s3, rightsOf: (accessKeyId) => rightsOf(acting, roleOf(accessKeyId)) }),
    provision: provisionAthena,
    permissions: athenaPermissions,
    close: (athena) => athena.close(),
  },
  cloudformation: { create: () => createCloudFormation() },
  sts: { create: ({ identityOf }) => createSts({ identityOf }), permissions: stsPermissions },
};
