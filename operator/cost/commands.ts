/**
 * What a command of a stream asks for that nobody contends with, of a process that has decided another one of the stream before: the commit is
 * put, published and marked at once. `operator/cost/counted-events.test.ts` compares it with what the local cloud counts,
 * which counts no units of indexes.
 */
export const commandRequests = {
  calls: {
    /** The commit, and the entry of its log. */
    'dynamodb:PutItem': 2,
    /** The commit and the one before it, which has to be marked. */
    'dynamodb:BatchGetItem': 1,
    /** The commit without what makes it pending. */
    'dynamodb:BatchWriteItem': 1,
    'firehose:PutRecordBatch': 1,
    'lambda:Invoke': 1,
  },
  /** The commit, the entry, the commit again; and beside the table the commit into its two indexes, and out of that of those that are pending. */
  writeUnits: { table: 3, indexes: 3 },
  readUnits: 2,
} as const;

/** Of a kind of streams as reservations: each so many commits a snapshot is put. */
export const commitsASnapshot = 50;
/** Of a calendar of some hundred reservations, compressed; assumed. */
export const snapshotUnits = 5;
/** A function of a GiB that waits for five round trips of 6 ms to DynamoDB and one of 30 ms to Firehose; assumed. */
export const commandGiBSeconds = 0.08;
/** An event is a line of its own record, which Firehose bills as 5 KiB. */
export const factBytes = 5_120;
/** Commit, entry and a snapshot's part of it stay; assumed. */
export const storedBytes = 1_100;
/** An idle call of the relay asks each of four logs for what is pending: half a unit each. */
export const idleRelay = { calls: { 'dynamodb:Query': 4 }, readUnits: 2 } as const;
