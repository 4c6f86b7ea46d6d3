import { aboutOf, type StatusLine, verb } from './status-line.ts';
import type { DataReport, StatusReport } from './status-report.ts';

/** A commit that no log names by then is late: the schedule looks each minute. The relay itself fails then, which its alarm tells. */
const lateMs = 300_000;

/** What publishes the commits of streams; nothing where the installation has no streams. */
export function relayLines({ relay, at }: StatusReport): StatusLine[] {
  if (relay === undefined) return [];
  const { pending, oldest, rule } = relay;
  const waitsMs = oldest === undefined ? 0 : Math.max(0, Date.parse(at) - oldest.sinceMs);
  const isCalled = rule?.state === 'ENABLED';
  return [
    {
      name: 'relay',
      state: isCalled && waitsMs <= lateMs ? 'ok' : 'fault',
      figures: { pending, waitsMs, allowedMs: lateMs, rule: rule?.state ?? 'absent' },
      ...aboutOf(oldest === undefined ? [] : [`${oldest.stream}/${oldest.id}/${oldest.position}`]),
      ...(isCalled
        ? {}
        : { command: rule === undefined ? 'npm run deploy' : `aws events enable-rule --name ${rule.name}` }),
      see: 'docs/runbook.md#caudal-log-late',
    },
  ];
}

/** Projections that do not answer; nothing where all of them do. */
export function projectionLines({ projections }: DataReport): StatusLine[] {
  const [first] = projections;
  if (first === undefined) return [];
  return [
    {
      name: 'projections',
      // What is missing may be under way; what another version folded stays so until somebody has it folded.
      state: projections.some(({ outdated }) => outdated.length > 0) ? 'fault' : 'attention',
      figures: {
        projections: projections.length,
        outdatedMonths: projections.reduce((sum, { outdated }) => sum + outdated.length, 0),
        missingMonths: projections.reduce((sum, { missing }) => sum + missing.length, 0),
      },
      ...aboutOf(projections.map(({ dataset, projection }) => `${dataset} ${projection}`)),
      command: `${verb} reconcile --stores --dataset ${first.dataset} --fix`,
      see: 'docs/events.md#projections',
    },
  ];
}
