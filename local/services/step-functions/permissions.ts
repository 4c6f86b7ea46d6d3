import type { AwsRequest } from '../../engine/calls.ts';
import { type Acting, roleCaller } from '../../iam/permissions.ts';
import { type ServicePermissions, sameName } from '../../iam/service-permissions.ts';

const named = ({ input }: AwsRequest): string =>
  String(input.executionArn ?? input.mapRunArn ?? input.stateMachineArn);

export const stepFunctionsPermissions: ServicePermissions = {
  prefix: 'states',
  needs: sameName(
    'states',
    [
      'DescribeExecution',
      'DescribeMapRun',
      'DescribeStateMachine',
      'GetExecutionHistory',
      'ListExecutions',
      'ListMapRuns',
      'RedriveExecution',
      'StartExecution',
      'StopExecution',
    ],
    named,
  ),
  roles: {
    'AWS::StepFunctions::StateMachine': { service: 'states.amazonaws.com', roleProperty: 'RoleArn' },
  },
};

/** Throws when the role may not use the key of the state machine, as at the start of each execution on AWS. The caller needs nothing of it. */
export function requireMachineKey(
  acting: Acting,
  { roleArn, name, arn, keyArn }: { roleArn: string; name: string; arn: string; keyArn: string },
): void {
  const context = { 'kms:encryptioncontext:aws:states:statemachinearn': arn };
  for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
    acting.require(roleCaller(roleArn, name), 'kms', { action, resource: keyArn, context });
  }
}

/** Throws when the role of the state machine may not do what is no call to the endpoint. */
export function requireMachineAction(
  acting: Acting,
  { roleArn, name }: { roleArn: string; name: string },
  action: string,
  resource: string,
): void {
  acting.require(roleCaller(roleArn, name), 'states', { action, resource });
}
