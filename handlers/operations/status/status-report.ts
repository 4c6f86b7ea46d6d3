import type { Dataset } from '../../../core/dataset/dataset.ts';
import { dayMs } from '../../../core/time/duration.ts';
import type { ExecutionLister, ExecutionReader } from '../../../ports/executions.ts';
import type { FlowReader, PipeState, QueueCounts, StreamState } from '../../../ports/flow.ts';
import type { ObjectReader, VersionLister } from '../../../ports/objects.ts';
import type {
  FailedSegmentQueries,
  LedgerReader,
  PendingAlertQueries,
  PendingAlerts,
  StatisticsQueries,
} from '../../../ports/queries.ts';
import { ArrivedSpans, type ContestedReadings, contestedReadings } from '../contested-readings.ts';
import { type ExecutionHealth, executionHealth } from '../execution-health.ts';
import type { MachineArns } from '../machines.ts';
import { type NewestReadings, newestReadings } from '../newest-readings.ts';
import { type RecentObjects, recentObjects } from '../recent-objects.ts';
import { type SilentSeries, silentSeries } from '../silent-series.ts';
import { type RelayHealth, type RelayPorts, relayHealth } from './relay-health.ts';
import { type UnfoldedProjection, unfoldedProjections } from './unfolded-projections.ts';

export interface StatusPorts {
  readonly datasets: readonly Dataset[];
  readonly flow: FlowReader;
  readonly lister: VersionLister;
  readonly ledgers: LedgerReader;
  readonly segments: FailedSegmentQueries;
  readonly executions: ExecutionLister & Pick<ExecutionReader, 'describe'>;
  readonly machines: MachineArns;
  readonly alerts: PendingAlertQueries;
  readonly statistics: Pick<StatisticsQueries, 'countsOf' | 'ofPeriod' | 'ofSeries'>;
  /** Where there are streams. */
  readonly relay?: RelayPorts | undefined;
  readonly curated: ObjectReader;
  readonly rawBucket: string;
  readonly curatedBucket: string;
  /** The local days of a dataset that have partitions, in order. */
  storedDays(dataset: Dataset): Promise<readonly string[]>;
}

/** What an installation does at the moment. */
export interface StatusReport {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly stream: StreamState;
  /** Objects of records that Firehose could not deliver, of the last 14 days; at most 1,000 are counted. */
  readonly undeliverable: number;
  readonly objects: RecentObjects;
  readonly queue: QueueCounts;
  readonly pipe: PipeState | undefined;
  readonly deadLetters: { readonly ingest: number; readonly jobs: number; readonly events: number };
  readonly executions: ExecutionHealth;
  /** Of the state machine of the jobs of toons, in the last 24 hours. */
  readonly failedJobs: readonly string[];
  readonly alerts: PendingAlerts;
  /** `undefined` where there are no streams. */
  readonly relay: RelayHealth | undefined;
  /** What the readings themselves tell; `undefined` where that took longer than there was time. */
  readonly data: DataReport | undefined;
}

/** What is read of the sets. */
export interface DataReport {
  readonly newest: readonly NewestReadings[];
  readonly contested: readonly ContestedReadings[];
  /** Of each dataset that says how often its series report. */
  readonly silent: readonly SilentSeries[];
  /** Those that do not answer. */
  readonly projections: readonly UnfoldedProjection[];
}

const maxUndeliverable = 1_000;
const maxFailedJobs = 100;

/**
 * Asks every service. Nothing is changed, and no message is received.
 * @param options.dataIn resolves once the sets have had their time; without it they take as long as they need
 */
export async function statusReport(
  ports: StatusPorts,
  { nowMs, dataIn }: { nowMs: number; dataIn?: Promise<void> },
): Promise<StatusReport> {
  const { flow, lister, ledgers, rawBucket, machines } = ports;
  const arrivals = new ArrivedSpans();
  const stored = new Map(ports.datasets.map((dataset) => [dataset, ports.storedDays(dataset)]));
  const daysOf = async (dataset: Dataset) => stored.get(dataset) ?? [];
  // Begun with the others, since it needs nothing of them; a fault of it is told where it is awaited, or not at all where they fail.
  const silent = silentSeries({ ...ports, storedDays: daysOf }, ports.datasets, nowMs);
  for (const begun of [silent, ...stored.values()]) begun.catch(() => undefined);
  const [stream, undeliverable, objects, pipe, queues, executions, failedJobs, alerts, relay] =
    await Promise.all([
      flow.stream(),
      countUndeliverable(ports, nowMs),
      recentObjects({ lister, ledgers, rawBucket }, nowMs, {
        wholeDay: true,
        holding: (holding, arrived) => arrivals.add(holding, arrived),
      }),
      flow.pipe(),
      flow.queues(),
      executionHealth(ports, { machine: machines.ingest, nowMs }),
      failedJobsSince(ports, nowMs - dayMs),
      ports.alerts.pending(),
      ports.relay && relayHealth(ports.relay),
    ]);
  const data = dataReport({ ports, stored, silent, arrivals }, nowMs);
  return {
    at: new Date(nowMs).toISOString(),
    ...{ stream, undeliverable, objects, pipe, executions, failedJobs, alerts, relay },
    queue: queues.ingest,
    deadLetters: {
      ingest: messagesIn(queues.ingestDeadLetters),
      jobs: messagesIn(queues.jobDeadLetters),
      events: messagesIn(queues.busDeadLetters),
    },
    data: await (dataIn === undefined ? data : Promise.race([data, dataIn.then(() => undefined)])),
  };
}

const messagesIn = ({ visible, inFlight }: QueueCounts): number => visible + inFlight;

interface DataOf {
  readonly ports: StatusPorts;
  readonly stored: ReadonlyMap<Dataset, Promise<readonly string[]>>;
  readonly silent: Promise<readonly SilentSeries[]>;
  readonly arrivals: ArrivedSpans;
}

async function dataReport({ ports, stored, silent, arrivals }: DataOf, nowMs: number): Promise<DataReport> {
  const found = await Promise.all(
    Array.from(stored, async ([dataset, listed]) => {
      const days = await listed;
      return Promise.all([
        newestReadings(ports, dataset, { days, nowMs }),
        contestedReadings(ports, dataset, arrivals.daysOf(dataset, days)),
        unfoldedProjections(ports.statistics, dataset, days),
      ]);
    }),
  );
  return {
    newest: found.map(([newest]) => newest),
    contested: found.map(([, of]) => of),
    silent: await silent,
    projections: found.flatMap(([, , unfolded]) => unfolded),
  };
}

/** Firehose writes them under `errors/<type>/<yyyy/MM/dd>/`. */
async function countUndeliverable({ lister, rawBucket }: StatusPorts, nowMs: number): Promise<number> {
  let [seen, count] = [0, 0];
  for await (const { lastModifiedMs } of lister.list({ bucket: rawBucket, prefix: 'errors/' })) {
    if (lastModifiedMs > nowMs - 14 * dayMs) count += 1;
    seen += 1;
    if (seen === maxUndeliverable) break;
  }
  return count;
}

async function failedJobsSince({ executions, machines }: StatusPorts, sinceMs: number): Promise<string[]> {
  const { executions: failed } = await executions.list({
    ...{ stateMachineArn: machines.jobs, status: 'FAILED' as const, limit: maxFailedJobs },
  });
  return failed.filter(({ startDate }) => startDate.getTime() > sinceMs).map(({ name }) => name);
}
