import { parseArgs } from 'node:util';
import { datasets } from '#datasets';
import { exitCodeOf } from '../shared/check.ts';
import { reach } from '../shared/clients.ts';
import type { Verb } from '../shared/verb.ts';
import { statusChecks, statusPage } from './status-page.ts';
import { statusReport } from './status-report.ts';

/** `caudal status [--json]` */
export const status: Verb = {
  name: 'status',
  summary: 'tells what flows, what waits, what failed, and what to do about it',
  help: [
    'Usage: npm run caudal -- status [--json]',
    '',
    'Delivery stream, queue and dead letters, executions running and failed, objects that could not be ingested, alerts',
    'pending, the newest reading of each dataset. The exit code is 1 when something needs somebody.',
    '',
    '  --json         for machines',
    '',
    'Example: npm run caudal -- status',
  ].join('\n'),

  async run(argv) {
    const { values } = parseArgs({ args: argv, options: { json: { type: 'boolean', default: false } } });
    const report = await statusReport(await reach(), datasets, Date.now());
    const checks = statusChecks(report);
    console.log(values.json ? JSON.stringify({ ...report, checks }, null, 2) : statusPage(report));
    return exitCodeOf(checks, { warnings: false });
  },
};
