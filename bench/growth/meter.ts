import { Readable, Transform } from 'node:stream';
import type { AwsResponse, Service } from '../../local/engine/calls.ts';

/** What functions asked of S3 and DynamoDB. Bytes are those of the bodies, both ways. */
export interface Usage {
  requests: number;
  /** From the stores to the functions. */
  bytesRead: number;
  /** From the functions to the stores. */
  bytesWritten: number;
  /** Requests by name, as `dynamodb:PutItem`. */
  readonly byAction: Record<string, number>;
}

export interface Meter {
  /** Counts from here on. */
  reset(): void;
  usage(): Usage;
}

/** Puts a meter before services of a running cloud. The operator's own calls are not counted, only those of roles. */
export function meterOf(services: readonly Service[]): Meter {
  let current = empty();
  for (const service of services) {
    const handle = service.handle.bind(service);
    service.handle = async (request) => {
      if (!request.accessKeyId?.startsWith('LKIA')) return handle(request);
      const action = `${service.name}:${request.action}`;
      current.requests += 1;
      current.byAction[action] = (current.byAction[action] ?? 0) + 1;
      current.bytesWritten += Number(request.headers['content-length'] ?? 0);
      const response = await handle(request);
      return { ...response, body: counted(response.body ?? '') };
    };
  }
  function counted(body: NonNullable<AwsResponse['body']>): NonNullable<AwsResponse['body']> {
    if (!(body instanceof Readable)) {
      current.bytesRead += Buffer.byteLength(body);
      return body;
    }
    const counting = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        current.bytesRead += chunk.length;
        done(null, chunk);
      },
    });
    body.once('error', (error) => counting.destroy(error));
    return body.pipe(counting);
  }
  return {
    reset() {
      current = empty();
    },
    usage: () => current,
  };
}

const empty = (): Usage => ({ requests: 0, bytesRead: 0, bytesWritten: 0, byAction: {} });
