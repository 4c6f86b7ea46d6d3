import { AwsError } from '../../engine/calls.ts';
import { type Acting, serviceCaller, sourceContext } from '../../iam/permissions.ts';
import { type ServicePermissions, taking } from '../../iam/service-permissions.ts';

/** What reads metrics and alarms knows no resource to name. */
const everywhere = (): string => '*';

export const cloudWatchPermissions: ServicePermissions = {
  prefix: 'monitoring',
  needs: Object.fromEntries(
    ['DescribeAlarms', 'GetMetricData', 'ListMetrics'].map((name) => [
      name,
      taking(`cloudwatch:${name}`, everywhere),
    ]),
  ),
};

/** Refuses an alarm's notice where CloudWatch, as itself, may not publish it: by the topic's policy and its key's. */
export function requireNotice(acting: Acting, topicArn: string, alarmArn: string): void {
  const caller = serviceCaller('cloudwatch');
  const need = { action: 'sns:Publish', resource: topicArn, context: sourceContext(alarmArn) };
  if (!acting.allows(caller, 'sns', need))
    throw new AwsError(
      'AccessDenied',
      `${alarmArn} may not publish to ${topicArn}: its policy, or its key's, does not let CloudWatch.`,
    );
}
