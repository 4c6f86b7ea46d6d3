import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Interceptor, Service } from '../../../local/engine/calls.ts';
import { createEndpoint, type EndpointOptions } from '../../../local/engine/endpoint.ts';

/** What an SDK client needs to reach the endpoint; nothing else differs from AWS. */
interface Reach {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

export interface Served {
  reach: Reach;
  port: number;
  faults: unknown[];
  close(): Promise<void>;
}

/** Serves the services on a free port. */
export async function serve(
  services: Service[],
  interceptors: Interceptor[] = [],
  options: Pick<EndpointOptions, 'secretOf'> = {},
): Promise<Served> {
  const faults: unknown[] = [];
  const endpoint = createEndpoint({
    ...options,
    services,
    interceptors,
    onFault: (fault) => faults.push(fault),
  });
  const { port } = await endpoint.listen(0);
  return {
    reach: {
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'LKIAtest', secretAccessKey: 'local' },
    },
    port,
    faults,
    close: () => endpoint.close(),
  };
}

/** A directory of its own for a test. */
export function scratch(): { directory: string; remove(): Promise<void> } {
  const directory = mkdtempSync(join(tmpdir(), 'caudal-local-'));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** Waits until the condition holds; fails after five seconds, naming it. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
