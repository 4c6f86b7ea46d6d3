import { type AwsRequest, arn } from '../../engine/calls.ts';
import { type Acting, roleCaller } from '../../iam/permissions.ts';
import { type Origin, PolicyNotUnderstood, type Statement } from '../../iam/policy.ts';
import { type ServicePermissions, sameName, taking } from '../../iam/service-permissions.ts';
import type { Resource } from '../../template/resource.ts';
import type { FunctionConfiguration } from './function.ts';

const arnOf = (name: string): string => (name.startsWith('arn:') ? name : arn('lambda', `function:${name}`));
const invoked = ({ path }: AwsRequest): string =>
  arnOf(decodeURIComponent(/\/functions\/([^/]+)/.exec(path)?.[1] ?? ''));

export const lambdaPermissions: ServicePermissions = {
  prefix: 'lambda',
  needs: {
    Invoke: taking('lambda:InvokeFunction', invoked),
    ...sameName('lambda', ['GetFunction'], invoked),
  },
  statements: { 'AWS::Lambda::Permission': statementOf },
  roles: { 'AWS::Lambda::Function': { service: 'lambda.amazonaws.com', roleProperty: 'Role' } },
  refusal: { code: 'AccessDeniedException', status: 403 },
};

/** Whether a function may write to its log stream, by the function's role. */
export function logWriting(
  acting: Acting,
): (configuration: FunctionConfiguration, stream: string) => boolean {
  const decided = new Map<string, boolean>();
  return ({ role, name, logGroup }, stream) => {
    const resource = arn('logs', `log-group:${logGroup}:log-stream:${stream}`);
    const known = decided.get(resource);
    if (known !== undefined) return known;
    const allowed = ['logs:CreateLogStream', 'logs:PutLogEvents'].every((action) =>
      acting.allows(roleCaller(role, name), 'logs', { action, resource }),
    );
    decided.set(resource, allowed);
    return allowed;
  };
}

/** A function's permission as the statement of its policy that it becomes. */
function statementOf({ stack, logicalId, properties }: Resource): Statement {
  const { Action, FunctionName, Principal, SourceArn, SourceAccount, ...rest } = properties;
  const { FunctionUrlAuthType, InvokedViaFunctionUrl, ...others } = rest;
  const more = Object.keys(others)[0];
  if (more !== undefined) {
    throw new PolicyNotUnderstood(
      `${stack}/${logicalId}: local/iam does not evaluate ${more} of a permission.`,
    );
  }
  const origin: Origin = { stack, logicalId, property: '', statement: 0 };
  return {
    origin,
    effect: 'Allow',
    actions: [Action],
    resources: [arnOf(String(FunctionName))],
    principals: [{ kind: 'service', name: Principal }],
    conditions: [
      ...(SourceArn === undefined
        ? []
        : [{ operator: 'ArnLike', key: 'aws:sourcearn', values: [String(SourceArn)] }]),
      ...(SourceAccount === undefined
        ? []
        : [{ operator: 'StringEquals', key: 'aws:sourceaccount', values: [String(SourceAccount)] }]),
      ...(FunctionUrlAuthType === undefined
        ? []
        : [
            {
              operator: 'StringEquals',
              key: 'lambda:functionurlauthtype',
              values: [String(FunctionUrlAuthType)],
            },
          ]),
      ...(InvokedViaFunctionUrl === undefined
        ? []
        : [
            {
              operator: 'Bool',
              key: 'lambda:invokedviafunctionurl',
              values: [String(InvokedViaFunctionUrl)],
            },
          ]),
    ],
  };
}
