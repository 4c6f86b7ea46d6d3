import { setTimeout as pause } from 'node:timers/promises';
import { createProgress } from '../../cli/progress.ts';
import { renderTable } from '../../cli/table.ts';
import type { JobClient, JobState, ToonOutcome } from './job-client.ts';

const pollMs = 500;

/** Shows a job's progress on standard error until it ends: a bar on a terminal, elsewhere a line every five seconds. */
export async function followJob(client: JobClient, jobId: string): Promise<JobState> {
  let job = await client.state(jobId);
  const progress = createProgress({ total: job.total, elsewhere: 'lines' });
  const figures = () => `${job.processed} of ${job.total} toons, ${job.failed} failed`;
  progress.update(figures, job.processed);
  while (job.state === 'Pending' || job.state === 'Processing') {
    await pause(pollMs);
    job = await client.state(jobId);
    progress.update(figures, job.processed);
  }
  progress.stop();
  return job;
}

/** What became of the toons: a line a type, and below the failed ones with their reasons (at most 20). */
export function renderOutcomes(outcomes: readonly ToonOutcome[]): string {
  const rows = [...Map.groupBy(outcomes, ({ type }) => type)].sort(([a], [b]) => (a < b ? -1 : 1));
  const times = (of: readonly ToonOutcome[]) => of.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  const table = renderTable(
    [
      { title: 'type' },
      { title: 'toons', align: 'right' },
      { title: 'failed', align: 'right' },
      { title: 'KiB', align: 'right' },
      { title: 'median ms', align: 'right' },
      { title: 'longest ms', align: 'right' },
    ],
    rows.map(([type, of]) => [
      type,
      String(of.length),
      String(of.filter(({ state }) => state === 'Failed').length),
      String(Math.round(of.reduce((sum, { bytes = 0 }) => sum + bytes, 0) / 1024)),
      String(times(of)[Math.floor(of.length / 2)] ?? 0),
      String(times(of).at(-1) ?? 0),
    ]),
  );
  const failures = outcomes.filter(({ state }) => state === 'Failed').slice(0, 20);
  const named = failures.map(({ toonId, reason, detail }) => `${toonId}: ${reason ?? ''}: ${detail ?? ''}`);
  return [table, ...(named.length === 0 ? [] : ['', ...named])].join('\n');
}
