import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { ExecutionStarter } from '../../ports/toons.ts';
import { asFault, nameOf } from '../store-faults.ts';

/**
 * One execution a job, by its name: Step Functions keeps a name for 90 days and answers a second start of a running
 * execution with the first one, of an ended one with `ExecutionAlreadyExists`. The role needs `states:StartExecution`.
 */
export function createExecutionStarter(client: SFNClient, stateMachineArn: string): ExecutionStarter {
  return {
    async start({ jobId, request, toonTypes }) {
      const input = JSON.stringify({ jobId, request, toonTypes });
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name: jobId, input }));
      } catch (fault) {
        if (nameOf(fault) !== 'ExecutionAlreadyExists') throw asFault(fault);
      }
    },
  };
}
