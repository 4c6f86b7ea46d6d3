import type { Dataset } from '../../core/dataset/dataset.ts';
import { partitionFromKey } from '../../core/partition/partition.ts';
import { type DaySpan, inSpan } from '../../core/time/day-span.ts';
import type { HttpAnswer, HttpRequest } from '../../handlers/api/http/messages.ts';
import { createOperate } from '../../handlers/api/operate/operate.ts';
import { createQueryOperations } from '../../handlers/api/query-operations/query-operations.ts';
import type { FlowReader } from '../../ports/flow.ts';
import type { RejectedLine } from '../../ports/rejected-lines.ts';
import { body, request } from './api-world.ts';
import { curatedBucket, IngestWorld, objectCreated, rawBucket } from './ingest-world.ts';
import { MemoryStatisticsQueries } from './memory-queries.ts';

const machines = { ingest: 'arn:stateMachine:caudal-ingest', jobs: 'arn:stateMachine:caudal-jobs' };

/** The functions `query-operations` and `operate` over stores in memory, and the ingestion that fills them. */
export class OperationsWorld extends IngestWorld {
  readonly faults: unknown[] = [];
  readonly #taken = new Set<string>();
  #runs = 0;
  /** What the services tell that are not in memory. */
  flow: FlowReader = {
    stream: async () => ({ name: 'readings', status: 'ACTIVE', bufferSeconds: 60 }),
    pipe: async () => ({ name: 'batches', state: 'RUNNING', reason: undefined, windowSeconds: 10 }),
    queues: async () => {
      const empty = { visible: 0, inFlight: 0 };
      return { ingest: empty, ingestDeadLetters: empty, jobDeadLetters: empty, busDeadLetters: empty };
    },
  };

  /** Ingests every version of a raw object that no run has taken. */
  async ingest(): Promise<void> {
    const messages: { body: string }[] = [];
    for (const prefix of ['raw/', 'landing/'])
      for await (const { key, versionId } of this.objects.list({ bucket: rawBucket, prefix })) {
        if (this.#taken.has(versionId)) continue;
        this.#taken.add(versionId);
        messages.push({ body: JSON.stringify(objectCreated(rawBucket, key, versionId)) });
      }
    if (messages.length > 0) await this.run(`run-${++this.#runs}`, messages);
  }

  /** Puts a raw object as something that has just arrived, and ingests it. @returns its version */
  async land(key: string, text: string | Uint8Array): Promise<string> {
    this.nowMs += 60_000;
    const versionId = this.objects.put(rawBucket, key, text);
    await this.ingest();
    return versionId;
  }

  /** Readings that one withdrawal may be about. */
  mostReadings = Number.POSITIVE_INFINITY;

  /** A function of the API that answers the routes of either. */
  get answer(): (sent: HttpRequest) => Promise<HttpAnswer> {
    const onFault = (fault: unknown) => void this.faults.push(fault);
    const clock = {
      nowMs: () => this.nowMs,
      pause: (_: number, ended?: AbortSignal) =>
        new Promise<void>((resolve) => ended?.addEventListener('abort', () => resolve())),
    };
    const executions = {
      list: async () => ({ executions: [] }),
      describe: async () => undefined,
      visits: async () => ({ visits: [], more: false }),
      lastState: async () => undefined,
      mapRuns: async () => [],
      failedChildren: async () => [],
      definition: async () => '{}',
      start: async () => 'started' as const,
      redrive: async () => 'refused' as const,
    };
    const { datasets, objects, jobs } = this;
    const failed = { failed: async () => [] };
    const ledgers = { ledger: async () => undefined, ledgers: jobs.ledgers.bind(jobs) };
    const common = { datasets, rawBucket, lister: objects, ledgers, clock };
    const statistics = this.#statistics();
    const query = createQueryOperations({
      ...{ executions, machines, clock, onFault, segments: failed },
      status: {
        ...{ ...common, executions, machines, statistics, curatedBucket, segments: failed, flow: this.flow },
        curated: objects,
        alerts: { pending: async () => ({ count: 0 }) },
        storedDays: async (dataset) => [...new Set(this.#partitions(dataset).map(({ day }) => day))],
      },
      rejects: { ...common, segments: objects, lines: (key) => this.#rejectedLines(key) },
      metrics: {
        ...{ clock, datasets: datasets.map(({ name }) => name), namespace: 'Caudal', isFull: true },
        reader: { read: async (queries) => queries.map(() => []) },
        subjects: {
          source: undefined,
          stream: 'readings',
          queue: 'objects',
          machine: machines.ingest,
          api: 'caudal',
        },
      },
    });
    const partitions = (dataset: Dataset, span: DaySpan) => this.#partitionsIn(dataset, span);
    const operate = createOperate({
      ...{ executions, machines, onFault },
      corrections: {
        ...{ ...common, statistics, curatedBucket, objects, partitions },
        ...{ segments: objects, curated: objects, uploads: objects, mostReadings: this.mostReadings },
      },
    });
    return (sent) => (sent.method === 'POST' ? operate(sent) : query(sent));
  }

  async get(path: string, headers: Record<string, string> = {}) {
    const answer = await this.answer(request('GET', path, { headers }));
    const isJson = answer.headers['content-type']?.includes('json');
    return { ...answer, value: isJson ? body(answer) : undefined };
  }

  async post(path: string, sent: object, user?: HttpRequest['user']) {
    const answer = await this.answer(
      request('POST', path, { body: JSON.stringify(sent), ...(user === undefined ? {} : { user }) }),
    );
    return { ...answer, value: body(answer) };
  }

  /** Readings of a series' month; `undefined` where it has none. */
  countOf(dataset: Dataset, sensorId: string, month: string): number | undefined {
    return this.statistics.items.get(`${dataset.storageName}#${sensorId}#${month}`)?.statistics.count;
  }

  #statistics(): MemoryStatisticsQueries {
    const queries = new MemoryStatisticsQueries();
    for (const [name, { statistics }] of this.statistics.items) {
      const [dataset = '', sensorId = '', period = ''] = name.split('#');
      queries.rows.push({ dataset, sensorId, period, statistics });
    }
    return queries;
  }

  #partitions(dataset: Dataset) {
    return this.objects
      .keys(curatedBucket, `curated/dataset=${dataset.storageName}/`)
      .flatMap((key) => partitionFromKey(dataset, key) ?? []);
  }

  async *#partitionsIn(dataset: Dataset, span: DaySpan) {
    for (const id of this.#partitions(dataset)) if (inSpan(id.day, span)) yield id;
  }

  async *#rejectedLines(key: string): AsyncGenerator<RejectedLine> {
    for (const line of (this.objects.text(curatedBucket, key) ?? '').split('\n'))
      if (line !== '') yield JSON.parse(line) as RejectedLine;
  }
}
