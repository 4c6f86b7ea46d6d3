import { countOf, formatBytes, formatCount } from '../../cli/format.ts';
import { renderTable } from '../../cli/table.ts';
import { shortCause } from '../../ports/faults.ts';
import { type Check, checksText } from '../shared/checks.ts';
import { type DataBounds, dataChecks, longDuration } from './data-checks.ts';
import type { StatusReport } from './status-report.ts';

/** Alerts that nobody was notified of by then are late. */
const lateMs = 20 * 60_000;
/** What an execution may take, beside the freshness that is configured. */
const executionMs = 60_000;
const shownObjects = 10;

/** What an installation does, with a mark and a way out for each thing that needs somebody. */
export function statusChecks(report: StatusReport, bounds: DataBounds): Check[] {
  return [
    delivery(report),
    ...(report.undeliverable === 0 ? [] : [undeliverable(report)]),
    queue(report),
    pipe(report),
    deadLetters(report),
    executions(report),
    ...failedObjects(report),
    ...refusedFiles(report),
    alerts(report),
    ...(report.failedJobs.length === 0 ? [] : [jobs(report)]),
    ...dataChecks(report, bounds),
  ];
}

/** The whole page. */
export function statusPage(report: StatusReport, bounds: DataBounds): string {
  const nowMs = Date.parse(report.at);
  const rows = report.newest.map(({ dataset, timestampMs, sensorId }) => [
    dataset,
    timestampMs === undefined ? 'none' : new Date(timestampMs).toISOString().slice(0, 19).replace('T', ' '),
    sensorId ?? '',
    timestampMs === undefined ? '' : ageText(nowMs - timestampMs),
  ]);
  return [
    `Caudal at ${report.where}, ${report.at.slice(0, 19).replace('T', ' ')} UTC`,
    '',
    checksText(statusChecks(report, bounds)),
    '',
    renderTable(
      [{ title: 'dataset' }, { title: 'newest reading (UTC)' }, { title: 'sensor' }, { title: 'age' }],
      rows,
    ),
  ].join('\n');
}

const ageText = (ms: number): string =>
  ms < 0 ? `${longDuration(-ms)} ahead of now` : `${longDuration(ms)} ago`;

function delivery({ stream, objects: { lastHour, newestMs }, at }: StatusReport): Check {
  const newest =
    newestMs === undefined
      ? 'no object in the last day'
      : `newest object ${ageText(Date.parse(at) - newestMs)}`;
  const rate = `in the last hour ${countOf(lastHour.objects, 'object')} (${formatBytes(lastHour.bytes)}), ${countOf(lastHour.lines, 'line')}, ${(lastHour.lines / 3_600).toFixed(1)}/s`;
  return {
    name: 'delivery',
    state: stream.status === 'ACTIVE' ? 'ok' : 'fail',
    text: `${stream.name} is ${stream.status}; ${newest}; ${rate}`,
    fix: 'the stream takes no readings: npm run caudal -- doctor',
  };
}

const undeliverable = ({ undeliverable: count }: StatusReport): Check => ({
  name: 'undeliverable',
  state: 'warn',
  text: `${countOf(count, 'object')} under errors/ in the last 14 days: records that Firehose could not deliver`,
  fix: 'docs/runbook.md, caudal-delivery-late',
});

/**
 * An object that waits for longer than it took to gather shows that less is ingested than arrives, or that its message is lost: it is late
 * once the next one is there, and the pipe's window and an execution's time have passed too.
 */
function queue({
  queue: { visible, inFlight },
  objects: { waiting, oldestWaiting },
  stream,
  pipe: of,
  at,
}: StatusReport): Check {
  const messages = `${countOf(visible, 'message')} waiting, ${formatCount(inFlight)} in flight`;
  if (oldestWaiting === undefined)
    return { name: 'queue', state: 'ok', text: `${messages}; every object is validated` };
  const ageMs = Date.parse(at) - oldestWaiting.arrivedMs;
  const allowedMs = 1_000 * (stream.bufferSeconds + (of?.windowSeconds ?? 0)) + executionMs;
  return {
    name: 'queue',
    state: ageMs > allowedMs ? 'fail' : 'ok',
    text: `${messages}; ${countOf(waiting, 'object')} not ingested yet, the oldest for ${longDuration(ageMs)}, ${longDuration(allowedMs)} may pass: ${oldestWaiting.key}`,
    fix: 'docs/runbook.md, caudal-queue-late; when its message is lost: npm run caudal -- replay',
  };
}

function pipe({ pipe: of }: StatusReport): Check {
  if (of === undefined) {
    return { name: 'pipe', state: 'fail', text: 'no pipe reads the queue', fix: 'npm run deploy' };
  }
  return {
    name: 'pipe',
    state: of.state === 'RUNNING' ? 'ok' : 'fail',
    text: `${of.state}${of.reason === undefined ? '' : `: ${of.reason}`}`,
    fix: `aws pipes start-pipe --name ${of.name}`,
  };
}

function deadLetters({ deadLetters: { ingest, jobs: ofJobs, events } }: StatusReport): Check {
  const option = ingest > 0 ? '' : ofJobs > 0 ? ' --queue jobs' : ' --queue events';
  return {
    name: 'dead letters',
    state: ingest > 0 ? 'fail' : ofJobs + events > 0 ? 'warn' : 'ok',
    text: `${formatCount(ingest)} about objects, ${formatCount(ofJobs)} about jobs${events === 0 ? '' : `, ${countOf(events, 'event')} of the bus`}`,
    fix: `npm run caudal -- dead-letters list${option}`,
  };
}

function executions({ executions: { running, failed, open }, at }: StatusReport): Check {
  const head = `${formatCount(running)} running, ${formatCount(failed)} failed in the last 14 days`;
  if (open.length === 0) {
    return {
      name: 'executions',
      state: 'ok',
      text: failed === 0 ? head : `${head}, all of them fixed since`,
    };
  }
  const shown = open
    .slice(0, 5)
    .map(({ name, status, startedMs }) => `${name}  ${status} ${ageText(Date.parse(at) - startedMs)}`);
  const more = open.length > shown.length ? [`… and ${formatCount(open.length - shown.length)} more`] : [];
  return {
    name: 'executions',
    state: 'fail',
    text: [`${head}, ${formatCount(open.length)} of them open:`, ...shown, ...more].join('\n'),
    fix: `npm run caudal -- executions ${open[0]?.name}, fix the cause, then: npm run caudal -- redrive ${open[0]?.name}`,
  };
}

function failedObjects({ executions: { failedObjects: found } }: StatusReport): Check[] {
  if (found.length === 0) return [];
  const shown = found
    .slice(0, shownObjects)
    .map(({ key, error, cause }) => `${key}  ${error}: ${shortCause(cause, 160)}`);
  const more = found.length > shown.length ? [`… and ${formatCount(found.length - shown.length)} more`] : [];
  return [
    {
      name: 'objects',
      state: 'fail',
      text: [
        `${countOf(found.length, 'object')} not validated, and kept in the raw bucket:`,
        ...shown,
        ...more,
      ].join('\n'),
      fix: 'docs/runbook.md, caudal-ingest-failed, has what to do by error',
    },
  ];
}

function refusedFiles({ objects: { refused } }: StatusReport): Check[] {
  if (refused.length === 0) return [];
  const shown = refused
    .slice(0, shownObjects)
    .map(({ key, refusal }) => `  ${key}: ${refusal.reason}: ${refusal.detail}`);
  const more =
    refused.length > shown.length ? [`  … and ${formatCount(refused.length - shown.length)} more`] : [];
  return [
    {
      name: 'refused',
      state: 'fail',
      text: [
        `${countOf(refused.length, 'file')} of the last day, of which nothing is taken:`,
        ...shown,
        ...more,
      ].join('\n'),
      fix: 'see why, and what to do: npm run caudal -- rejects',
    },
  ];
}

function alerts({ alerts: { count, oldest }, at }: StatusReport): Check {
  const ageMs = oldest === undefined ? 0 : Date.parse(at) - Date.parse(oldest);
  return {
    name: 'alerts',
    state: ageMs > lateMs ? 'fail' : 'ok',
    text:
      oldest === undefined
        ? 'none pending'
        : `${formatCount(count)} pending, the oldest for ${longDuration(ageMs)}`,
    fix: 'the next execution sends them; is SNS refusing them? npm run caudal -- executions',
  };
}

const jobs = ({ failedJobs }: StatusReport): Check => ({
  name: 'jobs of toons',
  state: 'warn',
  text: `${countOf(failedJobs.length, 'job')} failed in the last 24 hours, ${failedJobs[0]} last`,
  fix: 'docs/runbook.md, caudal-jobs-failed',
});
