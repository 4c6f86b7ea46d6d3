import {
  commandGiBSeconds,
  commandRequests,
  commitsASnapshot,
  factBytes,
  idleRelay,
  snapshotUnits,
  storedBytes,
} from './commands.ts';
import { type PageShape, requestsOf } from './execution.ts';
import { functionsOf, queryFunction } from './functions.ts';
import { price } from './prices.ts';
import { watching, watchingPrice } from './watching.ts';
import { daySeconds, monthDays, type Workload } from './workload.ts';

/** One service's part of the bill. Dollars. */
interface Charge {
  readonly service: string;
  /** What is billed, by a name for people; of a month. */
  readonly requests: Readonly<Record<string, number>>;
  readonly perMonth: number;
  readonly perMillionReadings: number;
}

export interface Bill {
  readonly charges: readonly Charge[];
  readonly perMonth: number;
  readonly perMillionReadings: number;
  /** Dollars a month for what is there, whatever arrives, by how much the installation watches itself; not in the sums. */
  readonly standing: { readonly full: number; readonly basic: number };
}

const gib = 2 ** 30;
/** Measured: `node bench/growth.ts`, readings of two measures in a partition; gzip of lines. */
const partitionBytesAReading = 2.15;
const gzipRatio = 11;
/** A line in the log of each call and those of Lambda itself. Not measured on AWS. */
const logBytesACall = 1_500;
/** What DynamoDB, SQS and S3 ask of the key: once in five minutes for each function and table that it uses, nine of them, and three more. */
const keyRequests = 12;
const keySeconds = 300;
/** An hour is how long a token is valid; a client keeps it. */
const tokensADay = 24;
/** Clients for machines, the reader and the writer; a test compares it with the templates. */
export const machineClients = 2;
/** Of a person who looks at the console on each of 20 days: 300 requests of the API, assumed, each through CloudFront and its function, some 4 KiB. */
const ofPerson = { requests: 6_000, bytes: 4_096 };
/** The polls of five receivers of the pipe that find nothing: one in 20 s. */
export const idlePolls = (5 * daySeconds * monthDays) / 20;

/** Silent series are looked for every five minutes, and of the shipped datasets one has a rule about them. */
const looks = (daySeconds * monthDays) / 300;
/** Of one: 1.73 GiB for some 0.3 s, assumed; a query of half a unit for each of 32 days, and the files of eight shards of three days. */
const look = { gibSeconds: 0.52, readUnits: 16, gets: 24 };
/** Calls of the relay of streams, one a minute, in a month; of an idle one, which asks each of four logs for what is pending, assumed 60 ms. */
const relays = (daySeconds * monthDays) / 60;
const relay = { gibSeconds: 0.03, readUnits: idleRelay.readUnits };

/** What a month costs. */
export function billOf(workload: Workload): Bill {
  const { executions, shape, readings, queries, people, commands } = workload;
  const looked = people * ofPerson.requests;
  const asked = queries + looked;
  const { calls, writeUnits, readUnits } = requestsOf(shape);
  const monthly = (action: string): number => executions * (calls[action] ?? 0);
  const seconds = functionsOf(workload);
  const query = queryFunction(shape);
  const interval = (daySeconds * monthDays) / executions;
  const stored = storedGiB(workload);
  const lambdaGiBSeconds = executions * seconds.gibSeconds + asked * query.gibSeconds;
  const s3Puts = monthly('s3:PutObject');
  const s3Gets = monthly('s3:GetObject') + monthly('s3:HeadObject');
  const sqs = ['SendMessage', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].reduce(
    (sum, action) => sum + monthly(`sqs:${action}`),
    0,
  );
  const events = monthly('events:PutEvents') + monthly('events:ObjectCreated');
  const invocations = monthly('lambda:Invoke') + asked;
  const units = {
    written: executions * writeUnits,
    read: executions * readUnits + asked * query.readUnits,
  };
  const kms = executions * keyRequests * Math.min(1, interval / keySeconds);
  const logs = (invocations * logBytesACall) / gib;
  const tokens = Math.min(queries + commands, tokensADay * monthDays);
  const charge = (service: string, requests: Record<string, number>, perMonth: number): Charge => ({
    service,
    requests,
    perMonth,
    perMillionReadings: (perMonth / readings) * 1e6,
  });
  const charges = [
    charge(
      'Firehose',
      { records: workload.records, 'GiB billed': workload.billedBytes / gib },
      (workload.billedBytes / gib) * price.firehoseGiB,
    ),
    charge('S3', { PUT: s3Puts, GET: s3Gets }, s3Puts * price.s3Put + s3Gets * price.s3Get),
    charge(
      'SQS, Pipes, EventBridge',
      { requests: sqs, batches: monthly('pipes:Request'), events },
      sqs * price.sqsRequest + monthly('pipes:Request') * price.pipeRequest + events * price.event,
    ),
    charge(
      'Step Functions',
      { transitions: monthly('states:Transition'), children: monthly('states:ExpressExecution') },
      monthly('states:Transition') * price.standardTransition +
        monthly('states:ExpressExecution') * price.expressRequest,
    ),
    charge(
      'Lambda',
      { calls: invocations, 'GiB-s': lambdaGiBSeconds },
      invocations * price.lambdaRequest + lambdaGiBSeconds * price.lambdaGiBSecond,
    ),
    charge(
      'DynamoDB',
      { 'units written': units.written, 'units read': units.read },
      units.written * price.dynamoWriteUnit + units.read * price.dynamoReadUnit,
    ),
    charge('API, tokens', { requests: asked, tokens }, asked * price.restRequest + tokens * price.token),
    ...(people === 0
      ? []
      : [
          charge(
            'people, CloudFront',
            { people, requests: looked },
            people * price.person +
              looked * (price.cdnRequest + price.edgeFunction + (ofPerson.bytes / gib) * price.cdnGiB),
          ),
        ]),
    ...(commands === 0 ? [] : [charge('streams', ...commandsBill(commands))]),
    charge('KMS, logs', { requests: kms, 'GiB of logs': logs }, kms * price.kmsRequest + logs * price.logGiB),
    charge(
      'storage',
      { 'GiB in S3': stored.s3, 'GiB in DynamoDB': stored.dynamo },
      stored.s3 * price.s3StoredGiB + stored.dynamo * (price.dynamoStoredGiB + price.dynamoRecoveryGiB),
    ),
  ];
  // A workload is of one dataset.
  const standing = (which: 'full' | 'basic'): number =>
    price.kmsKey +
    machineClients * price.machineClient +
    watchingPrice(watching(which, 1)) +
    idlePolls * price.sqsRequest +
    looks *
      (price.lambdaRequest +
        look.gibSeconds * price.lambdaGiBSecond +
        look.readUnits * price.dynamoReadUnit +
        look.gets * price.s3Get) +
    relays *
      (price.lambdaRequest +
        relay.gibSeconds * price.lambdaGiBSecond +
        relay.readUnits * price.dynamoReadUnit);
  const perMonth = charges.reduce((sum, each) => sum + each.perMonth, 0);
  return {
    charges,
    perMonth,
    perMillionReadings: (perMonth / readings) * 1e6,
    standing: { full: standing('full'), basic: standing('basic') },
  };
}

/** Of commands alone: their events are lines of a dataset, which are ingested as all lines are. */
function commandsBill(commands: number): [requests: Record<string, number>, perMonth: number] {
  const { writeUnits, readUnits } = commandRequests;
  const written = commands * (writeUnits.table + writeUnits.indexes + snapshotUnits / commitsASnapshot);
  const read = commands * readUnits;
  return [
    { commands, 'units written': written, 'units read': read },
    written * price.dynamoWriteUnit +
      read * price.dynamoReadUnit +
      commands *
        (price.restRequest +
          price.lambdaRequest +
          commandGiBSeconds * price.lambdaGiBSecond +
          (factBytes / gib) * price.firehoseGiB +
          (logBytesACall / gib) * price.logGiB +
          (storedBytes / gib) * (price.dynamoStoredGiB + price.dynamoRecoveryGiB)),
  ];
}

/** What a month leaves: raw objects, partitions, and pages of its days and itself. It goes on to cost as much each month. */
function storedGiB({ lineBytes, readings, measures, shape, shards }: Workload): {
  s3: number;
  dynamo: number;
} {
  const pagesOf = ({ depth, otherDayPageBytes, monthPageBytes }: PageShape): number =>
    shards * 2 ** depth * (monthDays * otherDayPageBytes + monthPageBytes);
  const { projections } = shape;
  return {
    s3: (lineBytes / gzipRatio + readings * measures * partitionBytesAReading) / gib,
    dynamo: (pagesOf(shape) + (projections === undefined ? 0 : pagesOf(projections))) / gib,
  };
}
