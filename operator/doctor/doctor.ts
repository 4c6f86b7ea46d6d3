import { parseArgs } from 'node:util';
import { datasets } from '#datasets';
import { apiAccess } from '../../cli/api-access.ts';
import { connection } from '../../cli/connection.ts';
import { describeStacks } from '../../cli/installation.ts';
import { countOf } from '../../cli/table.ts';
import { attempt } from '../shared/attempt.ts';
import { type Check, checksText, exitCodeOf } from '../shared/check.ts';
import { reach } from '../shared/clients.ts';
import type { Verb } from '../shared/verb.ts';
import { checkApi } from './check-api.ts';
import { checkCaller } from './check-clock.ts';
import { checkConfiguration, checkStacks } from './check-configuration.ts';
import { checkPermissions } from './check-permissions.ts';
import { checkQuotas } from './check-quotas.ts';

/** `caudal doctor [--json]` */
export const doctor: Verb = {
  name: 'doctor',
  summary: 'checks configuration, permissions, clock, and quotas against the rate that is ingested',
  help: [
    'Usage: npm run caudal -- doctor [--json]',
    '',
    'Looks at the stacks and everything between the delivery stream and the API, makes a call of each kind that the verbs',
    'make, compares the clocks, and the quotas with what arrived in the last hour. Nothing is changed. Each fault comes',
    'with its way out; the exit code is then 1. A warning alone does not change it.',
    '',
    '  --json         for machines',
    '',
    'Example: npm run caudal -- doctor',
  ].join('\n'),

  async run(argv) {
    const { values } = parseArgs({ args: argv, options: { json: { type: 'boolean', default: false } } });
    const checks = await examine();
    if (values.json) console.log(JSON.stringify(checks, null, 2));
    else console.log(`${checksText(checks)}\n\n${verdict(checks)}`);
    return exitCodeOf(checks, { warnings: false });
  },
};

async function examine(): Promise<Check[]> {
  const { settings } = connection();
  const caller = await checkCaller(settings);
  const unsigned = caller.some(({ state }) => state === 'fail');
  const stacks = unsigned
    ? { name: 'stacks', state: 'skip' as const, text: 'not looked at: no call gets through' }
    : await attempt('stacks', async () => checkStacks(await describeStacks(settings)));
  if (stacks.state !== 'ok') return [...caller, stacks];
  const found = await reach();
  const rest = await Promise.all([
    checkConfiguration(found, datasets),
    apiAccess({}).then(checkApi),
    checkPermissions(found),
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
