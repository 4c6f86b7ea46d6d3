import { useConsole } from '../../app/context.ts';
import { address, navigate, useRoute } from '../../app/router.ts';
import { useDatasets } from '../../parts/dataset.tsx';
import { Exports } from '../../parts/exports.tsx';
import { ChoiceField, chosenOf, DayField, SearchField } from '../../parts/fields.tsx';
import { clock, count } from '../../parts/format.ts';
import { Head } from '../../parts/head.tsx';
import { usePages } from '../../parts/pages.ts';
import { Table } from '../../parts/table.tsx';
import { addDays } from '../../parts/time.ts';
import { Waiting } from '../../parts/waiting.tsx';
import { RejectedFile } from './file.tsx';
import { Refused } from './refused.tsx';
import { Withdraw } from './withdraw.tsx';

const shows = ['lines', 'refused', 'withdraw'] as const;
/** Files that the page shows; CSV has all. */
const most = 500;

/** What was not taken and why, and what corrects it. */
export default function Rejects() {
  const { text } = useConsole();
  const words = text.rejects;
  const { query } = useRoute();
  const key = query.get('key');
  const show = chosenOf(query, 'show', shows) ?? 'lines';
  if (key !== null && show === 'lines')
    return <RejectedFile key={key} file={key} version={query.get('version') ?? undefined} />;
  return (
    <>
      <Head title={text.views.rejects} about={words.about}>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in a row in all browsers */}
        <div class="segments" role="group" aria-label={text.sensors.show}>
          {shows.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={show === name}
              // What else the address says is about what was shown; days of one list are none of another's.
              onClick={() =>
                navigate(
                  address('/rejects', {
                    show: name === 'lines' ? undefined : name,
                    dataset: query.get('dataset') ?? undefined,
                  }),
                )
              }
            >
              {words.shows[name]}
            </button>
          ))}
        </div>
      </Head>
      {show === 'lines' && <Lines />}
      {show === 'refused' && <Refused />}
      {show === 'withdraw' && <Withdraw />}
    </>
  );
}

/** Sums by file and reason. */
function Lines() {
  const { text } = useConsole();
  const words = text.rejects;
  const { query } = useRoute();
  const list = useDatasets();
  const to = query.get('to') ?? new Date().toISOString().slice(0, 10);
  const from = query.get('from') ?? addDays(to, -29);
  const request = {
    operation: 'listRejects',
    parameters: {
      ...{ from, to, limit: '200' },
      dataset: query.get('dataset') ?? undefined,
      file: query.get('file') ?? undefined,
    },
  } as const;
  const asked = usePages(request, 'files', most);
  const files = asked.value?.rows ?? [];
  const sums = new Map<string, number>();
  for (const { byReason } of files)
    for (const [reason, lines] of Object.entries(byReason)) sums.set(reason, (sums.get(reason) ?? 0) + lines);
  const rows = files.flatMap((file) =>
    Object.entries(file.byReason).map(([reason, lines], index) => ({ ...file, reason, lines, index })),
  );
  return (
    <>
      <div class="controls">
        <ChoiceField
          name="dataset"
          label={text.dataset}
          options={list.value?.map(({ name }) => name) ?? []}
          all={text.alerts.all}
        />
        <DayField name="from" value={from} />
        <DayField name="to" value={to} />
        <SearchField name="file" label={words.file} />
      </div>
      <Waiting of={[list, asked]} />
      {asked.value && (
        <section class="card">
          <h2>
            {words.found(count([...sums.values()].reduce((sum, of) => sum + of, 0)), count(files.length))}
          </h2>
          {asked.value.more && <p class="about">{words.first(count(files.length))}</p>}
          {sums.size > 0 && (
            <p class="marks">
              {[...sums]
                .sort(([, a], [, b]) => b - a)
                .map(([reason, lines]) => (
                  <span key={reason} class="mark warn">
                    {reason} {count(lines)}
                  </span>
                ))}
            </p>
          )}
          <Table
            caption={text.views.rejects}
            nothing={words.none}
            rows={rows}
            keyOf={({ key, versionId, reason }) => `${key} ${versionId} ${reason}`}
            columns={[
              {
                name: 'file',
                title: words.file,
                by: ({ key }) => key,
                cell: ({ key, versionId, index }) =>
                  index === 0 ? (
                    <a href={address('/rejects', { key, version: versionId })}>{key}</a>
                  ) : (
                    <span class="same">{key}</span>
                  ),
              },
              {
                name: 'reason',
                title: words.reason,
                cell: ({ reason }) => reason,
                by: ({ reason }) => reason,
              },
              {
                name: 'lines',
                title: words.lines,
                number: true,
                cell: ({ lines }) => count(lines),
                by: ({ lines }) => lines,
              },
              {
                name: 'arrived',
                title: words.arrived,
                cell: ({ arrivedAt }) => clock(arrivedAt),
                by: ({ arrivedAt }) => arrivedAt,
              },
            ]}
          />
          <Exports name={`rejects-${from}-${to}`} requests={[request]} csv="api" />
        </section>
      )}
    </>
  );
}
