import { duration, share } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { statusReport } from '../../handlers/operations/status/status-report.ts';
import { attempt, type Check, exitCodeOf } from '../shared/checks.ts';
import { openInstallation } from '../shared/open-installation.ts';
import { jsonOption } from '../shared/options.ts';
import { sourceChecks } from '../shared/sources/source-checks.ts';
import { unreadKeysCheck } from '../shared/unread-keys.ts';
import { statusChecks, statusPage } from './status-page.ts';
import { statusPorts, whereOf } from './status-ports.ts';

/** `caudal status` */
export const status = defineInstallationVerb({
  command: 'npm run caudal -- status',
  summary: 'shows what flows, what waits, what failed, and what to do about it',
  about: [
    'Delivery stream, queue and dead letters, further ways in where there are any, executions running and failed, objects that could not be ingested, alerts pending, lines that were rejected, values that were dropped, contested readings, readings ahead of now, series that fell silent, the newest reading of each dataset. The exit code is 1 when something needs an operator.',
  ],
  options: {
    'max-rejected': share({
      help: 'the share of rejected lines of a dataset, in the last hour or day, above which somebody is needed',
      default: '20%',
    }),
    'max-dropped': share({
      help: 'the share of dropped values of a measure, in the last hour or day, above which somebody is needed',
      default: '20%',
    }),
    'max-contested': share({
      help: 'the share of contested readings of a series above which somebody is needed',
      default: '5%',
    }),
    'max-ahead': duration({ help: 'how far ahead of now a reading may be', default: '5m' }),
    ...jsonOption,
  },
  examples: ['npm run caudal -- status'],
  async run({ maxRejected, maxDropped, maxContested, maxAhead, json }) {
    const found = await openInstallation();
    const nowMs = Date.now();
    const [{ data, ...report }, sources] = await Promise.all([
      statusReport(statusPorts(found), { nowMs }),
      sourceChecks(found, nowMs),
    ]);
    const where = await whereOf(found);
    const bounds = { maxRejected, maxDropped, maxContested, maxAheadMs: maxAhead };
    const unread = await attempt('unread keys', () =>
      unreadKeysCheck(found.s3, found.installation.rawBucket),
    );
    const checks = [
      ...statusChecks({ ...report, data }, bounds),
      ...sourcesInShort(sources),
      ...(unread.state === 'ok' ? [] : [unread]),
    ];
    print(
      json
        ? JSON.stringify({ where, ...report, ...data, checks }, null, 2)
        : statusPage({ ...report, data }, where, checks),
    );
    return exitCodeOf(checks, { warnings: false });
  },
});

/** Of the further ways in only what is wrong; one line where nothing is. `doctor` shows each. */
function sourcesInShort(checks: readonly Check[]): Check[] {
  const wrong = checks.filter(({ state }) => state !== 'ok');
  if (wrong.length > 0 || checks.length === 0) return wrong;
  return [
    { name: 'sources', state: 'ok', text: 'further ways in take what comes, and nothing of them waits' },
  ];
}
