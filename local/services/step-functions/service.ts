import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import aslValidator from 'asl-validator';
import { AwsError, type Service } from '../../engine/calls.ts';
import { createJsonService } from '../../engine/protocol/json.ts';
import type { FunctionPlaces } from '../lambda/function.ts';
import { operationsOf } from './api.ts';
import { AwsCaller } from './aws-clients.ts';
import type { Definition } from './definition.ts';
import { type ExecutionObserver, Machine } from './machine.ts';
import { prepare } from './prepare.ts';

export interface StepFunctionsOptions {
  directory: string;
  endpointUrl: () => string;
  /** Where the functions of tasks run: waiting for one is not a task's time, and a map has no more children at a time. */
  places: FunctionPlaces;
  /** Divides waits and the intervals of retries. */
  timeScale: number;
  /** Whether a machine's role may do what is no call to the endpoint; throws when not. */
  may?: (machine: { roleArn: string; name: string }, action: string, resource: string) => void;
  /** Whether a machine's role may use its key; throws when not. */
  mayUseKey?: (machine: { roleArn: string; name: string; arn: string; keyArn: string }) => void;
  /** Told when an execution begins, and when it ends. */
  observe?: ExecutionObserver | undefined;
  /** The pace of the functions' clocks, which divides the waits for their locks. Default 1. */
  functionTimeScale?: number | undefined;
  /** Multiplies the timeouts of tasks. Default 1. */
  timeoutFactor?: number | undefined;
}

/** The state machines of the cloud and the Step Functions API over them. */
export interface StepFunctions extends Service {
  /** Throws when the definition is no valid ASL or asks for what the local cloud does not run. */
  createStateMachine(options: {
    name: string;
    definition: Definition;
    roleArn: string;
    /** What its calls are signed with. */
    credentials: { accessKeyId: string; secretAccessKey: string };
    /** Of the key that its executions are encrypted with. */
    keyArn?: string;
  }): Machine;
  /** By ARN. Throws StateMachineDoesNotExist. */
  machine(stateMachineArn: string): Machine;
  /** Starts an execution with a name of its own; durable when it returns. Throws as StartExecution does. */
  start(stateMachineArn: string, input: string): string;
  /** Goes on with what a former process left running. Call once the functions and services are there. */
  resume(): void;
  /** Interrupts running executions, which go on at the next start. */
  close(): Promise<void>;
}

/** Step Functions: Standard state machines over the ASL engine, with histories, map runs and redrive. */
export function createStepFunctions(options: StepFunctionsOptions): StepFunctions {
  const machines = new Map<string, Machine>();

  function machine(stateMachineArn: string): Machine {
    const found = machines.get(stateMachineArn);
    if (found) return found;
    throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${stateMachineArn}'`);
  }

  const service = createJsonService({
    name: 'states',
    version: '1.0',
    targetPrefix: 'AWSStepFunctions',
    operations: operationsOf({ machine, machines: () => [...machines.values()] }),
    resourceOf: (input) => input.stateMachineArn ?? input.executionArn ?? input.mapRunArn,
  });

  return {
    ...service,
    createStateMachine({ name, definition, roleArn, credentials, keyArn }) {
      const { isValid, errorsText } = aslValidator(definition as never, { checkArn: true, checkPaths: true });
      if (!isValid)
        throw new Error(`The definition of the state machine ${name} is not valid ASL: ${errorsText('; ')}`);
      const created: Machine = new Machine({
        name,
        roleArn,
        source: definition,
        prepared: prepare(definition, options),
        directory: join(options.directory, name),
        aws: new AwsCaller({ endpointUrl: options.endpointUrl(), credentials }),
        places: options.places,
        timeScale: options.timeScale,
        observe: options.observe,
        may: (action, resource) => options.may?.({ roleArn, name }, action, resource),
        mayStart: () => {
          if (keyArn !== undefined) options.mayUseKey?.({ roleArn, name, arn: created.arn, keyArn });
        },
      });
      machines.set(created.arn, created);
      return created;
    },
    machine,
    start: (stateMachineArn, input) => machine(stateMachineArn).start(randomUUID(), input).executionArn,
    resume: () => {
      for (const each of machines.values()) each.resume();
    },
    close: async () => {
      await Promise.all([...machines.values()].map((each) => each.close()));
    },
  };
}
