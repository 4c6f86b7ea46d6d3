import { datasets } from '#datasets';
import { apiAccess } from '../../cli/api-access.ts';
import { connection } from '../../cli/connection.ts';
import { countOf } from '../../cli/format.ts';
import { describeStacks } from '../../cli/installation.ts';
import { print } from '../../cli/print.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { attempt, type Check, checksText, exitCodeOf } from '../shared/checks.ts';
import { openInstallation } from '../shared/open-installation.ts';
import { jsonOption } from '../shared/options.ts';
import { sourceChecks } from '../shared/sources/source-checks.ts';
import { unreadKeysCheck } from '../shared/unread-keys.ts';
import { checkApi, checkCaller } from './check-access.ts';
import { checkConfiguration, checkStacks } from './check-configuration.ts';
import { checkPermissions } from './check-permissions.ts';
import { checkQuotas } from './check-quotas.ts';

/** `caudal doctor` */
export const doctor = defineInstallationVerb({
  command: 'npm run caudal -- doctor',
  summary: 'checks configuration, permissions, clock, and quotas against the rate that is ingested',
  about: [
    'Looks at the stacks, everything between the delivery stream and the API, and each further way in that is switched on (the queue, Kafka, Kinesis, devices); makes a call of each kind that the verbs make, compares the clocks, and the quotas with what arrived in the last hour. Nothing is changed. Each fault comes with its fix; the exit code is then 1. A warning alone does not change it.',
  ],
  options: jsonOption,
  examples: ['npm run caudal -- doctor'],
  async run({ json }) {
    const checks = await examine();
    print(json ? JSON.stringify(checks, null, 2) : `${checksText(checks)}\n\n${verdict(checks)}`);
    return exitCodeOf(checks, { warnings: false });
  },
});

async function examine(): Promise<Check[]> {
  const { settings } = connection();
  const caller = await checkCaller(settings);
  const unsigned = caller.some(({ state }) => state === 'fail');
  const stacks = unsigned
    ? { name: 'stacks', state: 'skip' as const, text: 'not looked at: no call gets through' }
    : await attempt('stacks', async () => checkStacks(await describeStacks(settings), settings));
  if (stacks.state !== 'ok') return [...caller, stacks];
  const found = await openInstallation();
  const rest = await Promise.all([
    checkConfiguration(found, datasets),
    sourceChecks(found, Date.now()),
    apiAccess({}).then(checkApi),
    checkPermissions(found),
    attempt('unread keys', () => unreadKeysCheck(found.s3, found.installation.rawBucket)),
    checkQuotas(found, Date.now()),
  ]);
  return [...caller, stacks, ...rest.flat()];
}

function verdict(checks: readonly Check[]): string {
  const failed = checks.filter(({ state }) => state === 'fail').length;
  const warned = checks.filter(({ state }) => state === 'warn').length;
  if (failed === 0 && warned === 0) return '✓ all is well';
  if (failed === 0) return `! ${countOf(warned, 'warning')}`;
  return `✗ ${countOf(failed, 'fault')}${warned > 0 ? `, ${countOf(warned, 'warning')}` : ''}`;
}
