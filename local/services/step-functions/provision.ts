import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Provisioners,
  type ProvisionOptions,
  physicalName,
  type Resource,
} from '../../template/resource.ts';
import type { Definition } from './definition.ts';
import type { StepFunctions } from './service.ts';

/** Standard state machines. */
export function provisionStepFunctions(
  stepFunctions: StepFunctions,
  { assembly, registerCaller }: ProvisionOptions,
): Provisioners {
  return {
    'AWS::StepFunctions::StateMachine': (resource) => {
      const { stack, logicalId, properties } = resource;
      if (properties.StateMachineType === 'EXPRESS') {
        throw new Error(`${stack}/${logicalId}: the local cloud runs only state machines of type STANDARD`);
      }
      const name = properties.StateMachineName ?? physicalName(stack, logicalId, { maxLength: 80 });
      const { accessKeyId, secretAccessKey } = registerCaller(resource, properties.RoleArn);
      const machine = stepFunctions.createStateMachine({
        name,
        definition: definitionOf(resource, assembly),
        roleArn: properties.RoleArn,
        credentials: { accessKeyId, secretAccessKey },
        ...(properties.EncryptionConfiguration?.KmsKeyId === undefined
          ? {}
          : { keyArn: properties.EncryptionConfiguration.KmsKeyId }),
      });
      return { ref: machine.arn, attributes: { Arn: machine.arn, Name: name } };
    },
  };
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
