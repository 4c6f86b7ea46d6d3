import { type Acting, serviceCaller, sourceContext } from '../../iam/permissions.ts';
import type { ServicePermissions } from '../../iam/service-permissions.ts';

export const apiGatewayPermissions: ServicePermissions = {
  prefix: 'apigateway',
  roles: {
    'AWS::ApiGateway::Account': { service: 'apigateway.amazonaws.com', roleProperty: 'CloudWatchRoleArn' },
  },
};

/** Throws when API Gateway, as itself, may not invoke the function for a method. */
export function requireInvocation(acting: Acting, functionArn: string, methodArn: string): void {
  acting.require(serviceCaller('apigateway'), 'lambda', {
    action: 'lambda:InvokeFunction',
    resource: functionArn,
    context: sourceContext(methodArn),
  });
}
