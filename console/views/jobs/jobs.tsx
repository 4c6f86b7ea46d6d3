import type { Answer } from '../../api/operations.ts';
import { useAsked, useConsole } from '../../app/context.ts';
import { useRoute } from '../../app/router.ts';
import { Act } from '../../parts/act.tsx';
import { Exports } from '../../parts/exports.tsx';
import { ChoiceField, chosenOf } from '../../parts/fields.tsx';
import { ago, count, zoned } from '../../parts/format.ts';
import { Head } from '../../parts/head.tsx';
import { allPages, useEveryPage, usePages } from '../../parts/pages.ts';
import { Table } from '../../parts/table.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import type { ViewProps } from '../view.ts';

const states = ['Pending', 'Processing', 'Completed', 'Failed'] as const;
const most = 500;
const look = { Pending: 'going', Processing: 'going', Completed: 'good', Failed: 'bad' } as const;

/** Jobs of toons: what was asked for, how far each is, and its results. */
export default function Jobs({ rest }: ViewProps) {
  return rest === '' ? <List /> : <Job jobId={rest} />;
}

function List() {
  const { text } = useConsole();
  const { query } = useRoute();
  const words = text.jobs;
  const state = chosenOf(query, 'state', states);
  const request = { operation: 'listJobs', parameters: { kind: 'toons', state, limit: '100' } } as const;
  const asked = usePages(request, 'jobs', most);
  const all = useEveryPage(request, 'jobs');
  const rows = asked.value?.rows ?? [];
  return (
    <>
      <Head title={text.views.jobs} about={words.about} />
      <div class="controls">
        <ChoiceField
          name="state"
          label={text.alerts.state}
          options={states}
          titles={words.states}
          all={text.alerts.all}
        />
      </div>
      <Waiting of={[asked]} />
      {asked.value && (
        <section class="card">
          {asked.value.more && <p class="about">{text.series.first(count(rows.length))}</p>}
          <Table
            caption={text.views.jobs}
            nothing={words.nothing}
            rows={rows}
            keyOf={({ jobId }) => jobId}
            columns={[
              {
                name: 'job',
                title: words.job,
                cell: ({ jobId }) => <a href={`/jobs/${encodeURIComponent(jobId)}`}>{jobId}</a>,
                by: ({ jobId }) => jobId,
              },
              {
                name: 'state',
                title: text.alerts.state,
                cell: (row) => <State of={row.state} />,
                by: (row) => row.state,
              },
              {
                name: 'total',
                title: words.toons,
                number: true,
                cell: ({ total }) => count(total),
                by: ({ total }) => total,
              },
              { name: 'client', title: words.client, cell: ({ clientId }) => clientId ?? '' },
              {
                name: 'created',
                title: words.created,
                cell: ({ createdAt }) => (
                  <span title={zoned(createdAt, 'UTC')}>{ago(createdAt, Date.now())}</span>
                ),
                by: ({ createdAt }) => createdAt,
              },
              { name: 'error', title: words.error, cell: ({ error }) => error ?? '' },
            ]}
          />
          <Exports
            name="jobs"
            requests={[request]}
            csv={async () => [
              ['jobId', 'state', 'total', 'clientId', 'createdAt', 'updatedAt', 'error'],
              ...(await all()).map((row) => [
                row.jobId,
                row.state,
                row.total,
                row.clientId,
                row.createdAt,
                row.updatedAt,
                row.error,
              ]),
            ]}
          />
        </section>
      )}
    </>
  );
}

function State({ of }: { of: (typeof states)[number] }) {
  const { text } = useConsole();
  return <span class={`mark ${look[of]}`}>{text.jobs.states[of]}</span>;
}

type Result = Answer<'listJobResults'>['results'][number];

function Job({ jobId }: { jobId: string }) {
  const { text, api } = useConsole();
  const words = text.jobs;
  const asked = useAsked(jobId, async (signal) => {
    const job = await api.call('getJob', { jobId }, { signal });
    const results =
      job.kind === 'ingest'
        ? { rows: [], more: false }
        : await allPages(async (cursor) => {
            const page = await api.call('listJobResults', { jobId, limit: '100', cursor }, { signal });
            return { rows: page.results, cursor: page.cursor };
          }, most);
    return { job, results };
  });
  const request = { operation: 'listJobResults', parameters: { jobId, limit: '100' } } as const;
  const all = useEveryPage(request, 'results');
  const job = asked.value?.job;
  const results = asked.value?.results.rows ?? [];
  return (
    <>
      <Head title={jobId}>
        <a href="/jobs">{text.views.jobs}</a>
        {job && <State of={job.state} />}
      </Head>
      <Waiting of={[asked]} quiet />
      {job && (
        <section class="card">
          <dl class="facts">
            <dt>{words.done}</dt>
            <dd>
              {count(job.processed)} / {count(job.total)}{' '}
              <progress max={1} value={job.progress} aria-label={words.done} />
            </dd>
            <dt>{words.failed}</dt>
            <dd>{count(job.failed)}</dd>
            <dt>{words.created}</dt>
            <dd>{zoned(job.createdAt, 'UTC')}</dd>
            {job.error !== undefined && (
              <>
                <dt>{words.error}</dt>
                <dd>
                  {job.error} {job.cause}
                </dd>
              </>
            )}
          </dl>
          <p>
            <Act idle={asked.busy} onClick={asked.again}>
              {text.refresh}
            </Act>
          </p>
          {asked.value?.results.more && <p class="about">{text.series.first(count(results.length))}</p>}
          <Table
            caption={words.results}
            nothing={words.noResults}
            rows={results}
            keyOf={({ toonId }) => toonId}
            columns={[
              { name: 'picture', title: words.picture, cell: (row) => <Thumbnail of={row} /> },
              { name: 'toon', title: words.toon, cell: ({ toonId }) => toonId, by: ({ toonId }) => toonId },
              { name: 'type', title: words.type, cell: ({ type }) => type, by: ({ type }) => type },
              {
                name: 'state',
                title: text.alerts.state,
                cell: (row) => <State of={row.state} />,
                by: (row) => row.state,
              },
              {
                name: 'bytes',
                title: words.bytes,
                number: true,
                cell: ({ bytes }) => (bytes === undefined ? '' : count(bytes)),
                by: ({ bytes }) => bytes,
              },
              { name: 'result', title: words.result, cell: (row) => <div class="said">{said(row)}</div> },
              {
                name: 'duration',
                title: words.duration,
                number: true,
                cell: ({ durationMs }) => count(durationMs),
                by: ({ durationMs }) => durationMs,
              },
            ]}
          />
          <Exports
            name={jobId}
            requests={[{ operation: 'getJob', parameters: { jobId } }, request]}
            csv={async () => [
              ['toonId', 'type', 'state', 'bytes', 'sha256', 'reason', 'detail', 'durationMs'],
              ...(job.kind === 'ingest' ? [] : await all()).map((row) => [
                row.toonId,
                row.type,
                row.state,
                row.bytes,
                row.sha256,
                row.reason,
                row.detail,
                row.durationMs,
              ]),
            ]}
          />
        </section>
      )}
    </>
  );
}

/** A link that works for an hour, of a picture that the installation made itself. */
function Thumbnail({ of }: { of: Result }) {
  const { text } = useConsole();
  const made = of.result?.thumbnail as { url?: string; width?: number; height?: number } | undefined;
  if (made?.url === undefined) return null;
  return (
    <img
      class="thumbnail"
      src={made.url}
      width={made.width}
      height={made.height}
      alt={text.jobs.thumbnail(of.toonId)}
      loading="lazy"
    />
  );
}

/** The members of a result that are plain values, or why there is none. */
function said({ result, reason, detail }: Result): string {
  if (reason !== undefined) return detail === undefined ? reason : `${reason}: ${detail}`;
  return Object.entries(result ?? {})
    .filter(([, value]) => typeof value !== 'object')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
