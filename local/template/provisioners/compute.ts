import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arn } from '../../engine/calls.ts';
import type { Lambda } from '../../services/lambda/service.ts';
import type { Logs } from '../../services/logs/service.ts';
import type { Definition } from '../../services/step-functions/definition.ts';
import type { StepFunctions } from '../../services/step-functions/service.ts';
import type { Provisioner, Resource } from '../load.ts';
import { physicalName } from '../names.ts';
import { unsupportedProperties } from './unsupported.ts';

export interface ComputeServices {
  functions: Lambda;
  machines: StepFunctions;
  logs: Logs;
  /** The cloud assembly, which has the functions' assets. */
  assembly: string;
  /** Multiplies the functions' timeouts. */
  timeoutFactor: number;
  /** Where inline code is written. */
  inlineDirectory: string;
  /** Registers a caller and gives its access key id. */
  principal(resource: Resource, roleArn: string): string;
}

/** Functions, state machines and log groups. */
export function computeProvisioners(services: ComputeServices): Record<string, Provisioner> {
  const { functions, machines, logs, assembly, timeoutFactor } = services;
  return {
    'AWS::Lambda::Function': (resource) => {
      const { stack, logicalId, properties } = resource;
      unsupportedProperties(resource, ['Layers', 'ImageConfig', 'FileSystemConfigs']);
      if (!String(properties.Runtime).startsWith('nodejs')) {
        throw new Error(
          `${stack}/${logicalId}: the local cloud runs Node.js functions, not ${properties.Runtime}`,
        );
      }
      const name = properties.FunctionName ?? physicalName(stack, logicalId);
      const functionArn = arn('lambda', `function:${name}`);
      const logGroup = properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`;
      functions.createFunction({
        name,
        arn: functionArn,
        accessKeyId: services.principal(resource, properties.Role),
        role: properties.Role,
        directory: codeDirectory(resource, { assembly, inline: join(services.inlineDirectory, name) }),
        handler: properties.Handler,
        runtime: properties.Runtime,
        environment: properties.Environment?.Variables ?? {},
        memoryMiB: properties.MemorySize ?? 128,
        timeoutMs: (properties.Timeout ?? 3) * 1000 * timeoutFactor,
        logGroup,
        reservedConcurrency: properties.ReservedConcurrentExecutions,
      });
      return { ref: name, attributes: { Arn: functionArn } };
    },
    'AWS::StepFunctions::StateMachine': (resource) => {
      const { stack, logicalId, properties } = resource;
      if (properties.StateMachineType === 'EXPRESS') {
        throw new Error(`${stack}/${logicalId}: the local cloud runs state machines of type STANDARD`);
      }
      const name = properties.StateMachineName ?? physicalName(stack, logicalId, { maxLength: 80 });
      const machine = machines.createStateMachine({
        name,
        definition: definitionOf(resource, assembly),
        roleArn: properties.RoleArn,
        accessKeyId: services.principal(resource, properties.RoleArn),
      });
      return { ref: machine.arn, attributes: { Arn: machine.arn, Name: name } };
    },
    'AWS::Logs::LogGroup': ({ stack, logicalId, properties }) => {
      const name = properties.LogGroupName ?? physicalName(stack, logicalId, { maxLength: 512 });
      logs.createGroup(name);
      return { ref: name, attributes: { Arn: arn('logs', `log-group:${name}:*`) } };
    },
    // A stream is made when it is first written to.
    'AWS::Logs::LogStream': ({ stack, logicalId, properties }) => ({
      ref: properties.LogStreamName ?? physicalName(stack, logicalId),
    }),
  };
}

/** The asset's directory in the assembly, or one that is made for inline code. */
function codeDirectory(
  { stack, logicalId, properties }: Resource,
  { assembly, inline }: { assembly: string; inline: string },
): string {
  const { S3Key, ZipFile } = properties.Code ?? {};
  if (typeof ZipFile === 'string') {
    mkdirSync(inline, { recursive: true });
    // Inline code is CommonJS, whatever the project around .caudal is.
    writeFileSync(join(inline, 'package.json'), '{"type":"commonjs"}');
    writeFileSync(join(inline, 'index.js'), ZipFile);
    return inline;
  }
  const directory = join(assembly, `asset.${String(S3Key).replace(/\.zip$/, '')}`);
  if (existsSync(directory)) return directory;
  throw new Error(`${stack}/${logicalId}: the code ${S3Key} is not in ${assembly}`);
}

/** The definition with its substitutions, from the template or from an asset. */
function definitionOf({ stack, logicalId, properties }: Resource, assembly: string): Definition {
  const { Definition: object, DefinitionString, DefinitionS3Location, DefinitionSubstitutions } = properties;
  const text =
    DefinitionString ??
    (object && JSON.stringify(object)) ??
    readFileSync(join(assembly, `asset.${DefinitionS3Location?.Key}`), 'utf8');
  const substituted = String(text).replace(/\$\{([A-Za-z0-9]+)\}/g, (all, name: string) => {
    const value = DefinitionSubstitutions?.[name];
    // In JSON text: a quote or a backslash in the value must not end the string around it.
    return value === undefined ? all : JSON.stringify(String(value)).slice(1, -1);
  });
  const left = /\$\{[A-Za-z0-9]+\}/.exec(substituted);
  if (left) throw new Error(`${stack}/${logicalId}: the definition's ${left[0]} has no substitution`);
  return JSON.parse(substituted) as Definition;
}
