import { type DataBounds, dataLines } from './data-lines.ts';
import { relayLines } from './event-lines.ts';
import { aboutOf, type StatusLine, verb } from './status-line.ts';
import type { StatusReport } from './status-report.ts';

/** Alerts that nobody was notified of by then are late. */
const lateMs = 20 * 60_000;
/** What an execution may take, beside the freshness that is configured. */
const executionMs = 60_000;
const nothing = aboutOf([]);

/** Judges what an installation does. */
export function statusLines(report: StatusReport, bounds: DataBounds): StatusLine[] {
  return [
    delivery(report),
    ...(report.undeliverable === 0 ? [] : [undeliverable(report)]),
    queue(report),
    pipe(report),
    deadLetters(report),
    executions(report),
    ...failedObjects(report),
    ...goneObjects(report),
    ...refusedFiles(report),
    alerts(report),
    ...(report.failedJobs.length === 0 ? [] : [jobs(report)]),
    ...relayLines(report),
    ...dataLines(report, bounds),
  ];
}

function delivery({ stream, objects: { lastHour, newestMs } }: StatusReport): StatusLine {
  return {
    name: 'delivery',
    state: stream.status === 'ACTIVE' ? 'ok' : 'fault',
    figures: {
      status: stream.status,
      objectsLastHour: lastHour.objects,
      bytesLastHour: lastHour.bytes,
      linesLastHour: lastHour.lines,
      ...(newestMs === undefined ? {} : { newestObjectAt: new Date(newestMs).toISOString() }),
    },
    ...nothing,
    command: `${verb} doctor`,
  };
}

const undeliverable = ({ undeliverable: objects }: StatusReport): StatusLine => ({
  name: 'undeliverable',
  state: 'attention',
  figures: { objects },
  ...nothing,
  see: 'docs/runbook.md#caudal-delivery-late',
});

/** How long an object may wait until it is ingested: the next one is there, and the pipe's window and an execution's time have passed. */
export const allowedWaitMs = ({ stream, pipe: of }: Pick<StatusReport, 'stream' | 'pipe'>): number =>
  1_000 * (stream.bufferSeconds + (of?.windowSeconds ?? 0)) + executionMs;

/**
 * An object that waits for longer than it took to gather shows that less is ingested than arrives, or that its message is lost: it is late
 * once the next one is there, and the pipe's window and an execution's time have passed too.
 */
function queue(report: StatusReport): StatusLine {
  const {
    queue: { visible, inFlight },
    objects: { waiting, oldestWaiting },
    at,
  } = report;
  const waitsMs = oldestWaiting === undefined ? 0 : Date.parse(at) - oldestWaiting.arrivedMs;
  const allowedMs = allowedWaitMs(report);
  const arrivedOn = oldestWaiting && new Date(oldestWaiting.arrivedMs).toISOString().slice(0, 10);
  return {
    name: 'queue',
    state: waitsMs > allowedMs ? 'fault' : 'ok',
    figures: { visible, inFlight, waiting, waitsMs, allowedMs },
    ...aboutOf(oldestWaiting === undefined ? [] : [oldestWaiting.key]),
    see: 'docs/runbook.md#caudal-queue-late',
    ...(arrivedOn === undefined ? {} : { command: `${verb} replay --from ${arrivedOn} --to ${arrivedOn}` }),
  };
}

function pipe({ pipe: of }: StatusReport): StatusLine {
  if (of === undefined)
    return { name: 'pipe', state: 'fault', figures: {}, ...nothing, command: 'npm run deploy' };
  return {
    name: 'pipe',
    state: of.state === 'RUNNING' ? 'ok' : 'fault',
    figures: { state: of.state, ...(of.reason === undefined ? {} : { reason: of.reason }) },
    ...nothing,
    command: `aws pipes start-pipe --name ${of.name}`,
  };
}

function deadLetters({ deadLetters: { ingest, jobs: ofJobs, events } }: StatusReport): StatusLine {
  const option = ingest > 0 ? '' : ofJobs > 0 ? ' --queue jobs' : ' --queue events';
  return {
    name: 'dead-letters',
    state: ingest > 0 ? 'fault' : ofJobs + events > 0 ? 'attention' : 'ok',
    figures: { ingest, jobs: ofJobs, events },
    ...nothing,
    command: `${verb} dead-letters list${option}`,
  };
}

function executions({ executions: { running, failed, open } }: StatusReport): StatusLine {
  return {
    name: 'executions',
    state: open.length === 0 ? 'ok' : 'fault',
    figures: { running, failed, open: open.length },
    ...aboutOf(open.map(({ name }) => name)),
    ...(open[0] === undefined ? {} : { command: `${verb} redrive ${open[0].name}` }),
  };
}

function failedObjects({ executions: { failedObjects: found } }: StatusReport): StatusLine[] {
  if (found.length === 0) return [];
  return [
    {
      name: 'objects',
      state: 'fault',
      figures: { objects: found.length },
      ...aboutOf(found.map(({ key, error }) => `${key}: ${error}`)),
      see: 'docs/runbook.md#caudal-ingest-failed',
    },
  ];
}

function goneObjects({ executions: { goneObjects: found } }: StatusReport): StatusLine[] {
  if (found.length === 0) return [];
  return [
    {
      name: 'gone',
      state: 'attention',
      figures: { objects: found.length },
      ...aboutOf(found.map(({ key }) => key)),
      see: 'docs/runbook.md#caudal-ingest-failed',
    },
  ];
}

function refusedFiles({ objects: { refused, unlooked }, at }: StatusReport): StatusLine[] {
  if (refused.length === 0 && unlooked === undefined) return [];
  return [
    {
      name: 'refused',
      state: refused.length > 0 ? 'fault' : 'attention',
      figures: { files: refused.length, ...(unlooked === undefined ? {} : { unlookedAfter: unlooked }) },
      ...aboutOf(refused.map(({ key, refusal }) => `${key}: ${refusal.reason}`)),
      command: `${verb} rejects${unlooked === undefined ? '' : ` --from ${at.slice(0, 10)}`}`,
    },
  ];
}

function alerts({ alerts: { count, oldest }, at }: StatusReport): StatusLine {
  const waitsMs = oldest === undefined ? 0 : Date.parse(at) - Date.parse(oldest);
  return {
    name: 'alerts',
    state: waitsMs > lateMs ? 'fault' : 'ok',
    figures: { pending: count, waitsMs, allowedMs: lateMs },
    ...nothing,
    command: `${verb} executions`,
  };
}

const jobs = ({ failedJobs }: StatusReport): StatusLine => ({
  name: 'jobs',
  state: 'attention',
  figures: { failed: failedJobs.length },
  ...aboutOf(failedJobs),
  see: 'docs/runbook.md#caudal-jobs-failed',
});
