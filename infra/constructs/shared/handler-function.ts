import { Duration, RemovalPolicy, Size, Tags, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  type CfnFunction,
  type Code,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Config } from '../../config.ts';
import { insideTag, interfacePermissions, placeOf } from './function-place.ts';
import { allow, type Permission } from './permissions.ts';

/** The deployable code of a folder under `handlers/`. */
export type HandlerCode = (handler: string) => Code;

export interface HandlerFunctionProps {
  /** Folder under `handlers/`. */
  readonly handler: string;
  readonly description: string;
  readonly code: HandlerCode;
  readonly config: Config;
  readonly key: IKey;
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
  /** Size of /tmp; Lambda gives 512 MiB when this is not set. */
  readonly temporaryMiB?: number;
  /** Environments that are its own, and the most it may have. 0 or left out: it shares the account's. */
  readonly reservedConcurrency?: number;
  /** Only what this function reads; the logger's variables are added. */
  readonly environment: Readonly<Record<string, string>>;
  readonly permissions: readonly Permission[];
}

/**
 * One Lambda function of a folder under `handlers/`, with a role and a log group of its own. The role starts from nothing:
 * no managed policy, no grant that widens to a family of actions.
 */
export class HandlerFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: HandlerFunctionProps) {
    super(scope, id);
    const place = placeOf(this);
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.config.logRetentionDays,
      encryptionKey: props.key,
      removalPolicy: RemovalPolicy.DESTROY, // logs explain an installation; without it they explain nothing
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.function = new LambdaFunction(this, 'Function', {
      description: props.description,
      code: props.code(props.handler),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMiB,
      timeout: Duration.seconds(props.timeoutSeconds),
      ...(props.temporaryMiB === undefined
        ? {}
        : { ephemeralStorageSize: Size.mebibytes(props.temporaryMiB) }),
      // Left out unless it is wanted: a new account has 10 executions in all, and any reservation fails to deploy there.
      ...(props.reservedConcurrency ? { reservedConcurrentExecutions: props.reservedConcurrency } : {}),
      role,
      logGroup,
      tracing: Tracing.ACTIVE,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        POWERTOOLS_SERVICE_NAME: 'caudal',
        POWERTOOLS_LOG_LEVEL: props.config.logLevel,
        ...props.environment,
      },
    });
    allow(role, [
      { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] },
      ...props.permissions,
      ...(place === undefined ? [] : interfacePermissions(this)),
    ]);
    if (place !== undefined) {
      const { subnetIds, securityGroupId } = place;
      // On the L1: the L2 property wants the VPC itself, of which an owner's network tells the ids alone.
      const resource = this.function.node.defaultChild as CfnFunction;
      resource.vpcConfig = { subnetIds: [...subnetIds], securityGroupIds: [securityGroupId] };
      resource.node.addDependency(role); // Lambda tries the role when the function is created
      Tags.of(role).add(insideTag, 'inside');
    }
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'xray:PutTraceSegments and xray:PutTelemetryRecords know no resource to name.',
    });
  }
}
