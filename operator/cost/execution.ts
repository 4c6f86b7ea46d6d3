/** Pages of one kind that an execution works on. */
export interface PageShape {
  /** Pages that are written, over all partitions; all of them are also read before. */
  readonly dayPages: number;
  /** Pages that are looked at, over all units, … */
  readonly monthPages: number;
  /** … those of them that are folded and written, since days other than today changed or one ended, … */
  readonly foldedMonths: number;
  /** … and those of these of which a day ended: they are written twice. `handlers/ingest/merge-partition/open-days.ts`. */
  readonly closedMonths: number;
  /** How often a shard's pages are cut: see `docs/adr/statistics-pages.md`. */
  readonly depth: number;
  /** Bytes of an item: the day's that is written, the month's, and one of the month's other days. */
  readonly dayPageBytes: number;
  readonly monthPageBytes: number;
  readonly otherDayPageBytes: number;
}

/** What one execution of the ingestion works on, its pages of statistics among it. Means of several may be fractions. */
export interface ExecutionShape extends PageShape {
  readonly objects: number;
  readonly datasets: number;
  /** Months of a shard; each is merged for itself. */
  readonly units: number;
  /** Days of a shard, of which each has a file. */
  readonly partitions: number;
  /** Those of them whose dataset has rules about alerts, which are looked for. */
  readonly ruledPartitions: number;
  /** Invocations of MergePartition. */
  readonly children: number;
  /** States that the machine enters. */
  readonly transitions: number;
  /** Other days of the month that have pages. */
  readonly otherDays: number;
  /** Of the states of projections; absent where no dataset has any. */
  readonly projections?: PageShape | undefined;
}

/**
 * States that an execution of the usual size enters, from `PlanIngest` to `IngestCompleted`: AWS bills each as a transition of the
 * Standard machine. What its maps start are Express executions. `test/e2e/executions.test.ts` counts them.
 */
export const usualTransitions = 9;

/** Calls by the name of the action, of the functions, of the state machine and of what is between the bucket and it. */
type Calls = Readonly<Record<string, number>>;

export interface ExecutionRequests {
  readonly calls: Calls;
  /** Of DynamoDB: a kibibyte that is written, and four that are read consistently. */
  readonly writeUnits: number;
  readonly readUnits: number;
}

const writeUnitsOf = (bytes: number): number => Math.ceil(bytes / 1_024);
const readUnitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / 4_096));
/** SQS gives and removes ten messages a call. */
const messagesACall = 10;
/** Keys of a BatchGetItem. */
const keysACall = 100;

/**
 * What an execution asks for that nothing disturbs: no line is rejected, no alert is new or grows, nothing is repeated, nobody else
 * merges the same. `operator/cost/counted.test.ts` compares it with what the local cloud counts.
 */
export function requestsOf(shape: ExecutionShape): ExecutionRequests {
  const { objects, datasets, units, partitions, children, transitions, ruledPartitions, projections } = shape;
  const paged = [shape, ...(projections === undefined ? [] : [projections])].map((pages) =>
    requestsOfPages(shape, pages),
  );
  const sum = (of: keyof PageRequests): number => paged.reduce((total, pages) => total + pages[of], 0);
  const calls: Calls = {
    // Firehose's object, then parts; manifests of segments, part lists and units; two files of results for each of the two maps.
    's3:PutObject': objects + objects + 3 + 4 + partitions,
    // Validation and the plan read an object's; the merge a partition, its list and its ranges of each object's parts.
    's3:GetObject': 2 * objects + datasets + 4 + 3 + partitions + units + objects * partitions,
    's3:HeadObject': partitions,
    // The rejects of an earlier run; free.
    's3:DeleteObject': objects,
    // The job's announcement; ledger and idempotency record; parts in the inbox.
    'dynamodb:PutItem': 1 + 2 * objects + units + sum('puts'),
    // Job begun, counted, ended; segment in its job and idempotency record; lease taken and given back.
    'dynamodb:UpdateItem': 3 + 2 * objects + 2 * units,
    'dynamodb:DeleteItem': 1 + units,
    // The inbox three times, and whether others announced something; alerts of the day; the month's days; alerts pending, twice.
    'dynamodb:Query': 4 * units + ruledPartitions + sum('queries') + 2,
    // Pages of the day at once, those of the month as far as each leads to the next, with each that is folded the days that were written
    // unless all are read as they are; whether anything of the job still waits.
    'dynamodb:BatchGetItem': sum('batches') + 1,
    'lambda:Invoke': 3 + objects + children,
    'events:PutEvents': 1,
    'events:ObjectCreated': objects,
    'sqs:SendMessage': objects,
    'sqs:ReceiveMessage': Math.ceil(objects / messagesACall),
    'sqs:DeleteMessage': Math.ceil(objects / messagesACall),
    // Whether objects wait that parts are to come of.
    'sqs:GetQueueAttributes': units,
    'pipes:Request': 1,
    'states:Transition': transitions,
    'states:ExpressExecution': objects + children,
  };
  const written = 1 + 2 * objects + units + (3 + 2 * objects + 2 * units) + (1 + units);
  const writeUnits = written + sum('writeUnits');
  const readUnits =
    4 * units +
    ruledPartitions +
    1 + // pending alerts: two queries that need not be consistent, of half a unit each
    units +
    sum('readUnits');
  return { calls, writeUnits, readUnits };
}

interface PageRequests {
  readonly puts: number;
  readonly queries: number;
  readonly batches: number;
  readonly writeUnits: number;
  readonly readUnits: number;
}

/** What pages of one kind ask for: those of the states of projections are kept as those of the statistics are. */
function requestsOfPages(
  { units, partitions, otherDays }: ExecutionShape,
  { dayPages, monthPages, foldedMonths, closedMonths, depth, ...bytes }: PageShape,
): PageRequests {
  const { dayPageBytes, monthPageBytes, otherDayPageBytes } = bytes;
  const looks = 1 + closedMonths / Math.max(1, monthPages);
  const pagesAPartition = dayPages / Math.max(1, partitions);
  const writtenDays = partitions / Math.max(1, units);
  const daysOfPage = readUnitsOf(writtenDays * dayPageBytes + otherDays * otherDayPageBytes);
  return {
    puts: dayPages + foldedMonths + closedMonths,
    queries: foldedMonths,
    batches:
      partitions * Math.ceil(pagesAPartition / keysACall) +
      looks * units * (depth + 1) +
      (foldedMonths - closedMonths),
    writeUnits:
      dayPages * writeUnitsOf(dayPageBytes) + (foldedMonths + closedMonths) * writeUnitsOf(monthPageBytes),
    readUnits:
      dayPages * readUnitsOf(dayPageBytes) +
      looks * monthPages * readUnitsOf(monthPageBytes) +
      // All days of the month need not be consistent, and are read for half a unit; those that were written are read again.
      (foldedMonths - closedMonths) * (daysOfPage / 2 + writtenDays * readUnitsOf(dayPageBytes)) +
      closedMonths * daysOfPage,
  };
}
