import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The month of which the demonstration has bookings of every day. */
export const reportMonth = '2026-05';

/** A report of a month that was written. */
export interface MonthReport {
  /** Of the page that leads to those of the salons: an address that a browser on this machine opens. */
  readonly address: string;
  readonly pages: number;
}

/**
 * Writes the report of a month of bookings with the command that a person would type.
 * @throws {Error} with what the command said, where it ends otherwise than well
 */
export async function writeMonthReport(of: {
  readonly root: string;
  readonly endpointUrl: string;
  /** Under which reports are kept. */
  readonly directory: string;
  readonly signal: AbortSignal;
}): Promise<MonthReport> {
  const out = join(of.directory, 'reports');
  const verb = ['report', 'salon-bookings', '--month', reportMonth, '--out', out, '--json'];
  const child = spawn(process.execPath, [join(of.root, 'operator', 'main.ts'), ...verb], {
    cwd: of.root,
    env: { ...process.env, AWS_ENDPOINT_URL: of.endpointUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: of.signal,
  });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      printed[name] += chunk;
    });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0)
    throw new Error(`npm run caudal -- ${verb.join(' ')} ended with ${code}: ${printed.stderr}`);
  const { folder, pages } = JSON.parse(printed.stdout) as { folder: string; pages: readonly string[] };
  return { address: pathToFileURL(join(folder, 'index.html')).href, pages: pages.length };
}
