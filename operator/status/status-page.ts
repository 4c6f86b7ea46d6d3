import { countOf, formatBytes, formatCount } from '../../cli/format.ts';
import { oneLine } from '../../cli/print.ts';
import { renderTable } from '../../cli/table.ts';
import type { DataBounds } from '../../handlers/operations/status/data-lines.ts';
import type { StatusLine, StatusName } from '../../handlers/operations/status/status-line.ts';
import { allowedWaitMs, statusLines } from '../../handlers/operations/status/status-lines.ts';
import type { StatusReport } from '../../handlers/operations/status/status-report.ts';
import { shortCause } from '../../ports/faults.ts';
import { type Check, checksText } from '../shared/checks.ts';
import {
  ahead,
  contested,
  dropped,
  longDuration,
  projections,
  rejected,
  silent,
  type Wording,
} from './data-texts.ts';

const shownObjects = 10;

const states = { ok: 'ok', attention: 'warn', fault: 'fail', unknown: 'skip' } as const;

/** The lines that have a space on the page. */
const titles: Partial<Record<StatusName, string>> = { 'dead-letters': 'dead letters', jobs: 'jobs of toons' };

/** What an installation does, with a mark and a way out for each thing that needs somebody. */
export const statusChecks = (report: StatusReport, bounds: DataBounds): Check[] =>
  statusLines(report, bounds).map((line) => ({
    name: titles[line.name] ?? line.name,
    state: states[line.state],
    ...(line.state === 'unknown' ? { text: 'not known' } : wordings[line.name](line, report, bounds)),
  }));

/** The whole page. @param where the endpoint, or the region on AWS */
export function statusPage(report: StatusReport, where: string, checks: readonly Check[]): string {
  const nowMs = Date.parse(report.at);
  const rows = (report.data?.newest ?? []).map(({ dataset, timestampMs, sensorId }) => [
    dataset,
    timestampMs === undefined ? 'none' : new Date(timestampMs).toISOString().slice(0, 19).replace('T', ' '),
    sensorId ?? '',
    timestampMs === undefined ? '' : ageText(nowMs - timestampMs),
  ]);
  return [
    `Caudal at ${where}, ${report.at.slice(0, 19).replace('T', ' ')} UTC`,
    '',
    checksText(checks),
    '',
    renderTable(
      [{ title: 'dataset' }, { title: 'newest reading (UTC)' }, { title: 'sensor' }, { title: 'age' }],
      rows,
    ),
  ].join('\n');
}

const ageText = (ms: number): string =>
  ms < 0 ? `${longDuration(-ms)} ahead of now` : `${longDuration(ms)} ago`;

/** What is said of each line. */
const wordings: Readonly<
  Record<StatusName, (line: StatusLine, report: StatusReport, bounds: DataBounds) => Wording>
> = {
  delivery: ({ command }, { stream, objects: { lastHour, newestMs }, at }) => {
    const newest =
      newestMs === undefined
        ? 'no object in the last day'
        : `newest object ${ageText(Date.parse(at) - newestMs)}`;
    const rate = `in the last hour ${countOf(lastHour.objects, 'object')} (${formatBytes(lastHour.bytes)}), ${countOf(lastHour.lines, 'line')}, ${(lastHour.lines / 3_600).toFixed(1)}/s`;
    return {
      text: `${stream.name} is ${stream.status}; ${newest}; ${rate}`,
      fix: `the stream takes no readings: ${command}`,
    };
  },
  undeliverable: (_, { undeliverable: count }) => ({
    text: `${countOf(count, 'object')} under errors/ in the last 14 days: records that Firehose could not deliver`,
    fix: 'docs/runbook.md, caudal-delivery-late',
  }),
  queue: ({ command }, report) => {
    const {
      queue: { visible, inFlight },
      objects: { waiting, oldestWaiting },
    } = report;
    const messages = `${countOf(visible, 'message')} waiting, ${formatCount(inFlight)} in flight`;
    if (oldestWaiting === undefined) return { text: `${messages}; every object is validated` };
    const ageMs = Date.parse(report.at) - oldestWaiting.arrivedMs;
    return {
      text: `${messages}; ${countOf(waiting, 'object')} not ingested yet, the oldest for ${longDuration(ageMs)}, ${longDuration(allowedWaitMs(report))} may pass: ${oneLine(oldestWaiting.key)}`,
      fix: `docs/runbook.md, caudal-queue-late; when its message is lost: ${command}`,
    };
  },
  pipe: ({ command = '' }, { pipe: of }) => ({
    text:
      of === undefined
        ? 'no pipe reads the queue'
        : `${of.state}${of.reason === undefined ? '' : `: ${of.reason}`}`,
    fix: command,
  }),
  'dead-letters': ({ command = '' }, { deadLetters: { ingest, jobs, events } }) => ({
    text: `${formatCount(ingest)} about objects, ${formatCount(jobs)} about jobs${events === 0 ? '' : `, ${countOf(events, 'event')} of the bus or posts to the webhook`}`,
    fix: command,
  }),
  executions: ({ command }, { executions: { running, failed, open }, at }) => {
    const head = `${formatCount(running)} running, ${formatCount(failed)} failed in the last 14 days`;
    if (open.length === 0) return { text: failed === 0 ? head : `${head}, all of them fixed since` };
    const shown = open
      .slice(0, 5)
      .map(({ name, status, startedMs }) => `${name}  ${status} ${ageText(Date.parse(at) - startedMs)}`);
    const more = open.length > shown.length ? [`… and ${formatCount(open.length - shown.length)} more`] : [];
    return {
      text: [`${head}, ${formatCount(open.length)} of them open:`, ...shown, ...more].join('\n'),
      fix: `npm run caudal -- executions ${open[0]?.name}, fix the cause, then: ${command}`,
    };
  },
  objects: (_, { executions: { failedObjects: found } }) => {
    const shown = found
      .slice(0, shownObjects)
      .map(({ key, error, cause }) => `${oneLine(key)}  ${error}: ${shortCause(cause, 160)}`);
    const more =
      found.length > shown.length ? [`… and ${formatCount(found.length - shown.length)} more`] : [];
    return {
      text: [
        `${countOf(found.length, 'object')} not validated, and kept in the raw bucket:`,
        ...shown,
        ...more,
      ].join('\n'),
      fix: 'docs/runbook.md, caudal-ingest-failed, has what to do by error',
    };
  },
  gone: (_, { executions: { goneObjects: found } }) => {
    const shown = found.slice(0, shownObjects).map(({ key }) => `  ${oneLine(key)}`);
    const more =
      found.length > shown.length ? [`  … and ${formatCount(found.length - shown.length)} more`] : [];
    return {
      text: [
        `${countOf(found.length, 'object')} of the last 14 days, of which that version was deleted before it was ingested; nothing of it counts:`,
        ...shown,
        ...more,
      ].join('\n'),
      fix: 'where it should count, upload it again; a redrive can do nothing',
    };
  },
  refused: ({ command }, { objects: { refused, unlooked } }) => {
    const shown = refused
      .slice(0, shownObjects)
      .map(({ key, refusal }) => `  ${oneLine(key)}: ${refusal.reason}: ${refusal.detail}`);
    const more =
      refused.length > shown.length ? [`  … and ${formatCount(refused.length - shown.length)} more`] : [];
    return {
      text: [
        `${countOf(refused.length, 'file')} of the last day, of which nothing is taken${shown.length > 0 ? ':' : ''}`,
        ...shown,
        ...more,
        ...(unlooked === undefined
          ? []
          : [
              `there are too many uploaded files to look at all of them here: none after ${oneLine(unlooked)} was`,
            ]),
      ].join('\n'),
      fix: `see why, and what to do: ${command}`,
    };
  },
  alerts: ({ command }, { alerts: { count, oldest }, at }) => ({
    text:
      oldest === undefined
        ? 'none pending'
        : `${formatCount(count)} pending, the oldest for ${longDuration(Date.parse(at) - Date.parse(oldest))}`,
    fix: `the next execution sends them; is SNS refusing them? ${command}`,
  }),
  jobs: (_, { failedJobs }) => ({
    text: `${countOf(failedJobs.length, 'job')} failed in the last 24 hours, ${failedJobs[0]} last`,
    fix: 'docs/runbook.md, caudal-jobs-failed',
  }),
  relay: ({ command }, { relay, at }) => {
    const { pending = 0, oldest, rule } = relay ?? {};
    const waiting =
      oldest === undefined
        ? 'every commit is in its log'
        : `${countOf(pending, 'commit')} in no log yet, the oldest for ${longDuration(Math.max(0, Date.parse(at) - oldest.sinceMs))}: ${oneLine(`${oldest.stream}/${oldest.id}/${oldest.position}`)}`;
    const called =
      rule === undefined
        ? '; no rule calls the relay'
        : rule.state === 'ENABLED'
          ? ''
          : `; its rule is ${rule.state}`;
    return {
      text: waiting + called,
      fix: `docs/runbook.md, caudal-log-late${command === undefined ? '' : `; ${command}`}`,
    };
  },
  projections,
  rejected,
  dropped,
  contested,
  ahead,
  silent,
};
