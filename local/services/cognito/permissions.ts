import { type AwsRequest, arn } from '../../engine/calls.ts';
import { type ServicePermissions, sameName } from '../../iam/service-permissions.ts';

const pool = ({ input }: AwsRequest): string => arn('cognito-idp', `userpool/${input.UserPoolId ?? ''}`);

export const cognitoPermissions: ServicePermissions = {
  prefix: 'cognito-idp',
  needs: sameName('cognito-idp', ['ListUserPoolClients', 'DescribeUserPoolClient'], pool),
};
