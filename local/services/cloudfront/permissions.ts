import { type Acting, serviceCaller, sourceContext } from '../../iam/permissions.ts';

/**
 * Throws when CloudFront may not invoke a function by its URL for a distribution. Since October 2025 that takes two permissions, of
 * which one without the other opens nothing.
 */
export function requireUrlInvocation(acting: Acting, functionArn: string, distributionArn: string): void {
  const source = sourceContext(distributionArn);
  const caller = serviceCaller('cloudfront');
  acting.require(caller, 'lambda', {
    action: 'lambda:InvokeFunctionUrl',
    resource: functionArn,
    context: { ...source, 'lambda:functionurlauthtype': 'AWS_IAM' },
  });
  acting.require(caller, 'lambda', {
    action: 'lambda:InvokeFunction',
    resource: functionArn,
    context: { ...source, 'lambda:invokedviafunctionurl': 'true' },
  });
}
