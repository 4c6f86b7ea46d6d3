import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

/** One request that clients repeat, each as soon as its last answer has come. */
export interface Load {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly status: number;
  readonly clients: number;
  /** Answers of this time are not counted: cold starts and compilation. */
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface Measured {
  /** Of each answer whose request began after the warm-up, in ms, sorted. */
  readonly latenciesMs: Float64Array;
  /** Answers with another status than the expected one, by status; connections that broke, by their code. */
  readonly others: Readonly<Record<string, number>>;
  /** From the end of the warm-up to the last answer. */
  readonly elapsedMs: number;
}

/** Runs the load on keep-alive connections, one a client. */
export async function runLoad(load: Load): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.clients });
  const latencies: number[] = [];
  const others: Record<string, number> = {};
  const begin = performance.now() + load.warmUpMs;
  const end = begin + load.measureMs;
  let last = begin;
  const client = async (): Promise<void> => {
    for (let start = performance.now(); start < end; start = performance.now()) {
      const status = await send(load, agent).catch(
        (broken: NodeJS.ErrnoException) => broken.code ?? 'broken',
      );
      if (start < begin) continue;
      last = performance.now();
      if (status === load.status) latencies.push(last - start);
      else others[status] = (others[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: load.clients }, client));
  agent.destroy();
  return { latenciesMs: Float64Array.from(latencies).sort(), others, elapsedMs: last - begin };
}

function send({ url, method, headers, body }: Load, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

// In a thread of its own, so that the clients do not wait for the cloud's own work.
if (parentPort) parentPort.postMessage(await runLoad(workerData as Load));
