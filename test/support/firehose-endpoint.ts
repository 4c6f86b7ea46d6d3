import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Random } from '../../producer/synthetic/random.ts';

/** Faults of the endpoint, each a probability from 0 to 1 of a request, but `failEntries` of an entry. */
export interface EndpointFaults {
  readonly seed?: number;
  readonly failEntries?: number;
  readonly throttle?: number;
  /** Answers 500 and takes nothing. */
  readonly fault?: number;
  /** Closes the connection before it takes anything, and after it took everything. */
  readonly closeBefore?: number;
  readonly closeAfter?: number;
  /** Takes everything and answers only after `lateMs`. */
  readonly late?: number;
  readonly lateMs?: number;
}

/** What it saw. Taken is what it kept; answered is what a client that waited was told of. */
interface EndpointCounts {
  requests: number;
  throttled: number;
  faults: number;
  closed: number;
  late: number;
  failedEntries: number;
  takenRecords: number;
  takenLines: number;
  takenBytes: number;
  /** Failed entries, records, lines and bytes in answers that were written while the client still listened. */
  answeredRecords: number;
  answeredLines: number;
  answeredBytes: number;
  /** Limits of the API that a request broke, by name. */
  violations: string[];
}

export interface FirehoseEndpoint {
  readonly url: string;
  readonly counts: EndpointCounts;
  faults: EndpointFaults;
  /** Each distinct line, and how often it came; kept unless `keepLines` is false. */
  readonly lines: ReadonlyMap<string, number>;
  /** Stops answering: connections are refused until `resume`. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
}

/** PutRecordBatch over HTTP with the API's limits checked, and faults on demand. */
export async function startFirehoseEndpoint(
  options: { faults?: EndpointFaults; keepLines?: boolean; stream?: string } = {},
): Promise<FirehoseEndpoint> {
  const { keepLines = true, stream = 'caudal-readings' } = options;
  const random = new Random(options.faults?.seed ?? 1, 'endpoint');
  const lines = new Map<string, number>();
  const timers = new Set<NodeJS.Timeout>();
  const counts: EndpointCounts = {
    requests: 0,
    throttled: 0,
    faults: 0,
    closed: 0,
    late: 0,
    failedEntries: 0,
    takenRecords: 0,
    takenLines: 0,
    takenBytes: 0,
    answeredRecords: 0,
    answeredLines: 0,
    answeredBytes: 0,
    violations: [],
  };

  const take = (data: Buffer): number => {
    const content = data.toString();
    if (!content.endsWith('\n')) counts.violations.push('a record does not end in a newline');
    let taken = 0;
    if (keepLines) {
      for (const line of content.slice(0, -1).split('\n')) {
        lines.set(line, (lines.get(line) ?? 0) + 1);
        taken += 1;
      }
    } else for (let at = data.indexOf(10); at >= 0; at = data.indexOf(10, at + 1)) taken += 1;
    counts.takenRecords += 1;
    counts.takenLines += taken;
    counts.takenBytes += data.length;
    return taken;
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    counts.requests += 1;
    const faults = endpoint.faults;
    const answer = (status: number, content: unknown) => {
      response.writeHead(status, {
        'content-type': 'application/x-amz-json-1.1',
        'x-amzn-requestid': `r${counts.requests}`,
      });
      response.end(JSON.stringify(content));
    };
    if (random.chance(faults.throttle ?? 0)) {
      counts.throttled += 1;
      return answer(random.chance(0.5) ? 503 : 400, {
        __type: 'ServiceUnavailableException',
        message: 'Slow down.',
      });
    }
    if (random.chance(faults.fault ?? 0)) {
      counts.faults += 1;
      return answer(500, { __type: 'InternalFailure', message: 'A fault on purpose.' });
    }
    if (random.chance(faults.closeBefore ?? 0)) {
      counts.closed += 1;
      request.socket.destroy();
      return;
    }
    const { DeliveryStreamName, Records } = JSON.parse(body) as {
      DeliveryStreamName: string;
      Records: { Data: string }[];
    };
    if (DeliveryStreamName !== stream) {
      return answer(400, { __type: 'ResourceNotFoundException', message: `no stream ${DeliveryStreamName}` });
    }
    const data = Records.map((record) => Buffer.from(record.Data, 'base64'));
    const broken = brokenLimit(data);
    if (broken !== undefined) {
      counts.violations.push(broken);
      return answer(400, { __type: 'InvalidArgumentException', message: broken });
    }
    const told = { records: 0, lines: 0, bytes: 0 };
    const entries = data.map((record) => {
      if (random.chance(faults.failEntries ?? 0)) {
        return { ErrorCode: 'ServiceUnavailableException', ErrorMessage: 'Slow down.' };
      }
      told.records += 1;
      told.lines += take(record);
      told.bytes += record.length;
      return { RecordId: `record-${counts.takenRecords}` };
    });
    const finish = () => {
      if (response.destroyed || request.socket.destroyed) return;
      counts.answeredRecords += told.records;
      counts.answeredLines += told.lines;
      const failed = entries.filter((entry) => 'ErrorCode' in entry).length;
      counts.failedEntries += failed;
      counts.answeredBytes += told.bytes;
      answer(200, {
        FailedPutCount: failed,
        RequestResponses: entries,
      });
    };
    if (random.chance(faults.closeAfter ?? 0)) {
      counts.closed += 1;
      request.socket.destroy();
    } else if (random.chance(faults.late ?? 0)) {
      counts.late += 1;
      const timer = setTimeout(() => {
        timers.delete(timer);
        finish();
      }, faults.lateMs ?? 60_000);
      timers.add(timer);
    } else finish();
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: Error) => {
      // A client that gave up midway; anything else is a fault of this endpoint and shows as a violation.
      if (!request.destroyed) counts.violations.push(String(error));
      response.destroy();
    });
  });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) =>
      server.once('error', reject).listen(port, '127.0.0.1', () => resolve()),
    );
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  const endpoint: FirehoseEndpoint = {
    url: `http://127.0.0.1:${port}`,
    counts,
    faults: options.faults ?? {},
    lines,
    pause: stop,
    resume: () => listen(port),
    async close() {
      for (const timer of timers) clearTimeout(timer);
      if (server.listening) await stop();
    },
  };
  return endpoint;
}

function brokenLimit(records: readonly Buffer[]): string | undefined {
  if (records.length < 1 || records.length > 500) return `${records.length} records; 1 to 500 are allowed`;
  const largest = Math.max(...records.map((record) => record.length));
  if (largest > 1_024_000) return `a record has ${largest} bytes; 1,024,000 are allowed`;
  const total = records.reduce((sum, record) => sum + record.length, 0);
  return total > 4_194_304 ? `${total} bytes in all; 4,194,304 are allowed` : undefined;
}

/** The environment that points AWS SDKs at an endpoint, with dummy credentials. */
export const awsEnvironment = (url: string) => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
});
