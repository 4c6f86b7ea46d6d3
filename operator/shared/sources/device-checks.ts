import {
  DescribeCACertificateCommand,
  DescribeProvisioningTemplateCommand,
  GetPolicyCommand,
  GetTopicRuleCommand,
  IoTClient,
  paginateListCACertificates,
} from '@aws-sdk/client-iot';
import { queueCounts } from '../../../adapters/flow.ts';
import { nameOf } from '../../../adapters/store-faults.ts';
import { stageOf } from '../../../cli/connection.ts';
import { countOf } from '../../../cli/format.ts';
import { devicePolicyName, deviceTemplateName } from '../../../core/device-names.ts';
import { attempt, type Check } from '../checks.ts';
import { queueName } from './pipe-checks.ts';
import type { SourceContext } from './source-context.ts';

const dayMs = 86_400_000;
/** New certificates have to reach devices before the authority's own ends. */
const soonMs = 30 * dayMs;
const deploy = 'npm run deploy';

/** The rule that takes what devices publish, what it could not put, and how certificates become devices. */
export function deviceChecks(context: SourceContext): Promise<Check>[] {
  const client = new IoTClient(context.found.settings);
  return [
    attempt('device rule', () => ofRule(client, context.output('DeviceRule'))),
    attempt('device errors', () => ofErrors(context, context.output('DeviceErrorQueue'))),
    attempt('device policy', () => ofPolicy(client, devicePolicyName(stageOf()))),
    attempt('provisioning', () => ofProvisioning(client, deviceTemplateName(stageOf()), context.nowMs)),
  ];
}

async function ofRule(client: IoTClient, ruleName: string): Promise<Omit<Check, 'name'>> {
  try {
    const { rule } = await client.send(new GetTopicRuleCommand({ ruleName }));
    if (rule?.ruleDisabled !== true) return { state: 'ok', text: `${ruleName} is enabled` };
    return {
      state: 'fail',
      text: `${ruleName} is disabled: what devices publish is acknowledged, and lost`,
      fix: `aws iot enable-topic-rule --rule-name ${ruleName}`,
    };
  } catch (fault) {
    // A rule that is not there is told as one that may not be seen.
    if (!/ResourceNotFound|Unauthorized/.test(nameOf(fault))) throw fault;
    return { state: 'fail', text: `there is no rule ${ruleName}, or it may not be seen`, fix: deploy };
  }
}

async function ofErrors({ found }: SourceContext, url: string): Promise<Omit<Check, 'name'>> {
  const { queue } = await queueCounts(found.sqs, { queue: url });
  const count = queue.visible + queue.inFlight;
  if (count === 0) return { state: 'ok', text: 'no message of a device was refused' };
  return {
    state: 'fail',
    text: `${countOf(count, 'message')} of devices could not be put, in ${queueName(url)}`,
    fix: `see why: aws sqs receive-message --queue-url ${url}; docs/runbook.md, caudal-device-errors`,
  };
}

async function ofPolicy(client: IoTClient, policyName: string): Promise<Omit<Check, 'name'>> {
  try {
    await client.send(new GetPolicyCommand({ policyName }));
    return { state: 'ok', text: `${policyName} is there` };
  } catch (fault) {
    if (nameOf(fault) !== 'ResourceNotFoundException') throw fault;
    return { state: 'fail', text: `there is no policy ${policyName}: no device may connect`, fix: deploy };
  }
}

async function ofProvisioning(
  client: IoTClient,
  templateName: string,
  nowMs: number,
): Promise<Omit<Check, 'name'>> {
  const { enabled } = await client.send(new DescribeProvisioningTemplateCommand({ templateName }));
  const found: { readonly state: 'fail' | 'warn'; readonly text: string; readonly fix: string }[] = [];
  if (!enabled)
    found.push({
      state: 'fail',
      text: `${templateName} is disabled: no new certificate becomes a device`,
      fix: `aws iot update-provisioning-template --template-name ${templateName} --enabled`,
    });
  let count = 0;
  for await (const { certificates = [] } of paginateListCACertificates({ client }, {})) {
    for (const { certificateId = '' } of certificates) {
      const { certificateDescription: of, registrationConfig } = await client.send(
        new DescribeCACertificateCommand({ certificateId }),
      );
      if (registrationConfig?.templateName !== templateName) continue;
      count += 1;
      const fault = authorityFault(certificateId, of ?? {}, nowMs);
      if (fault !== undefined) found.push(fault);
    }
  }
  const worst = found.find(({ state }) => state === 'fail') ?? found[0];
  if (worst !== undefined)
    return { state: worst.state, text: found.map(({ text }) => text).join('\n'), fix: worst.fix };
  if (count === 0)
    return { state: 'ok', text: `${templateName} is enabled; no authority of yours is registered with it` };
  return {
    state: 'ok',
    text: `${templateName} is enabled, for ${count === 1 ? 'one authority' : `${count} authorities`}`,
  };
}

/** What is wrong with an authority of the owner's, if anything is. */
function authorityFault(
  id: string,
  of: {
    readonly status?: string | undefined;
    readonly autoRegistrationStatus?: string | undefined;
    readonly validity?: { readonly notAfter?: Date | undefined } | undefined;
  },
  nowMs: number,
): { readonly state: 'fail' | 'warn'; readonly text: string; readonly fix: string } | undefined {
  const name = `the authority ${id.slice(0, 12)}…`;
  const update = `aws iot update-ca-certificate --certificate-id ${id}`;
  const leftMs = (of.validity?.notAfter?.getTime() ?? Number.POSITIVE_INFINITY) - nowMs;
  const until = of.validity?.notAfter?.toISOString().slice(0, 10);
  const renew = 'make a new authority and register it: docs/devices.md, Many devices';
  if (leftMs <= 0)
    return { state: 'fail', text: `${name} ended on ${until}: its certificates are not taken`, fix: renew };
  if (of.status !== 'ACTIVE')
    return {
      state: 'warn',
      text: `${name} is ${of.status}: none of its certificates becomes a device`,
      fix: `${update} --new-status ACTIVE`,
    };
  if (of.autoRegistrationStatus !== 'ENABLE')
    return {
      state: 'warn',
      text: `${name} does not register certificates by itself`,
      fix: `${update} --new-auto-registration-status ENABLE`,
    };
  if (leftMs < soonMs) return { state: 'warn', text: `${name} ends on ${until}`, fix: renew };
  return undefined;
}
