import { datasets } from '#datasets';
import { print } from '../../cli/print.ts';
import { defineVerb } from '../../cli/verb.ts';
import { exitCodeOf } from '../shared/checks.ts';
import { openInstallation } from '../shared/open-installation.ts';
import { jsonOption } from '../shared/options.ts';
import { statusChecks, statusPage } from './status-page.ts';
import { statusReport } from './status-report.ts';

/** `caudal status` */
export const status = defineVerb({
  command: 'npm run caudal -- status',
  summary: 'shows what flows, what waits, what failed, and what to do about it',
  about: [
    'Delivery stream, queue and dead letters, executions running and failed, objects that could not be ingested, alerts pending, the newest reading of each dataset. The exit code is 1 when something needs an operator.',
  ],
  options: jsonOption,
  examples: ['npm run caudal -- status'],
  async run({ json }) {
    const report = await statusReport(await openInstallation(), datasets, Date.now());
    const checks = statusChecks(report);
    print(json ? JSON.stringify({ ...report, checks }, null, 2) : statusPage(report));
    return exitCodeOf(checks, { warnings: false });
  },
});
