import type { ExecutionReader, ExecutionStarting } from '../../../ports/executions.ts';
import { executionArnOf, type MachineArns, machinesOf } from '../../operations/machines.ts';
import { redrive, redriving } from '../../operations/redrive.ts';
import { corrections } from '../contract/corrections.ts';
import { redriving as redrivingRoutes } from '../contract/executions.ts';
import type { RoutesOf } from '../contract/routes.ts';
import type { HttpAnswer, HttpRequest } from '../http/messages.ts';
import type { Problem } from '../http/problem.ts';
import { createRouter } from '../http/router.ts';
import { acceptRefusedFile, type CorrectPorts, withdrawReadings } from './correct.ts';

export interface OperatePorts {
  readonly corrections: CorrectPorts;
  readonly executions: Pick<ExecutionReader, 'describe' | 'lastState'> & ExecutionStarting;
  readonly machines: MachineArns;
  readonly onFault: (fault: unknown, request: HttpRequest) => void;
}

/** What operators do: every route that the contract gives to `operate`. */
export function createOperate(ports: OperatePorts): (request: HttpRequest) => Promise<HttpAnswer> {
  const { executions, machines, onFault } = ports;
  return createRouter<RoutesOf<'operate'>>({
    routes: { ...redrivingRoutes, ...corrections },
    endpoints: {
      async redriveExecution({ name, machine: only }) {
        for (const machine of machinesOf(machines, only)) {
          const executionArn = executionArnOf(machine, name);
          const description = await executions.describe(executionArn);
          if (description === undefined) continue;
          const found = { description, last: await executions.lastState(executionArn) };
          const way = redriving(found, machines.ingest);
          // One that was continued already runs: whoever asked twice gets the same answer.
          if (way.kind === 'none' && description.status === 'RUNNING' && (description.redriveCount ?? 0) > 0)
            return { value: { execution: name, machine: machine.name, way: 'continue', why: way.why } };
          if (way.kind === 'none') return notRedrivable(way.why);
          const redriven = await redrive(executions, found, way);
          if (redriven.kind === 'refused') return notRedrivable(redriven.why);
          const execution = redriven.executionArn.split(':').at(-1) ?? name;
          return { value: { execution, machine: machine.name, way: way.kind, why: way.why } };
        }
        return {
          problem: 'not-found',
          detail: `unknown execution ${JSON.stringify(name)}; GET /executions lists them, for 90 days`,
          parameter: 'name',
        };
      },
      acceptRefusedFile: (_, request) => acceptRefusedFile(ports.corrections, request),
      withdrawReadings: (_, request) => withdrawReadings(ports.corrections, request),
    },
    onFault,
  });
}

const notRedrivable = (why: string): Problem => ({
  problem: 'not-redrivable',
  detail: why,
  parameter: 'name',
});
