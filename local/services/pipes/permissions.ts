import { type AwsRequest, arn } from '../../engine/calls.ts';
import { type Acting, roleCaller } from '../../iam/permissions.ts';
import { type ServicePermissions, sameName } from '../../iam/service-permissions.ts';
import type { PipeAction, PipeSettings } from './polling.ts';

const pipeOf = ({ path }: AwsRequest): string =>
  arn('pipes', `pipe/${decodeURIComponent(path.split('/')[3] ?? '')}`);

export const pipesPermissions: ServicePermissions = {
  prefix: 'pipes',
  needs: sameName('pipes', ['DescribePipe', 'StartPipe', 'StopPipe'], pipeOf),
  roles: { 'AWS::Pipes::Pipe': { service: 'pipes.amazonaws.com', roleProperty: 'RoleArn' } },
};

/** Throws when the pipe's role may not do this on its queue or its target. */
export function requirePipeAction(acting: Acting, pipe: PipeSettings, action: PipeAction): void {
  const [service = ''] = action.split(':');
  const resource = service === 'sqs' ? pipe.queueArn : pipe.target.arn;
  acting.require(roleCaller(pipe.roleArn, pipe.name), service, { action, resource });
}
