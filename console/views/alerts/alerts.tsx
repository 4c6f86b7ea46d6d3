import { useAsked, useConsole } from '../../app/context.ts';
import { address, useRoute } from '../../app/router.ts';
import { DatasetField, useDataset } from '../../parts/dataset.tsx';
import { Exports } from '../../parts/exports.tsx';
import { ChoiceField, chosenOf, DayField, SearchField } from '../../parts/fields.tsx';
import { count, instant, measured } from '../../parts/format.ts';
import { Head } from '../../parts/head.tsx';
import { usePages } from '../../parts/pages.ts';
import { listed, patternOf } from '../../parts/sensor-ids.ts';
import { Table } from '../../parts/table.tsx';
import { addDays } from '../../parts/time.ts';
import { Waiting } from '../../parts/waiting.tsx';

const states = ['pending', 'sent', 'withdrawn'] as const;
/** Alerts that the page shows; CSV has all. */
const most = 1_000;

/** Breaches of the dataset's rules: what raised each, and whether anybody was told. */
export default function Alerts() {
  const { text, api } = useConsole();
  const { query } = useRoute();
  const words = text.alerts;
  const chosen = useDataset();
  const dataset = chosen.value?.name;
  const described = useAsked(dataset, (signal) =>
    api.call('getDataset', { dataset: dataset ?? '' }, { signal }),
  );
  // Without days in the address: the thirty until the newest reading.
  const newest = useAsked(dataset && `${dataset} newest`, async (signal) => {
    const { sensors } = await api.call('listSensors', { dataset: dataset ?? '', limit: '1000' }, { signal });
    const day = sensors
      .flatMap(({ lastDay }) => lastDay ?? [])
      .sort()
      .at(-1);
    return { day: day ?? new Date().toISOString().slice(0, 10) };
  });
  const to = query.get('to') ?? newest.value?.day;
  const from = query.get('from') ?? (to === undefined ? undefined : addDays(to, -29));
  const state = chosenOf(query, 'state', states);
  const sensor = query.get('sensor');
  const request = {
    operation: 'listAlerts',
    parameters: {
      dataset: dataset ?? '',
      from: from ?? '',
      to: to ?? '',
      sensor: sensor === null ? undefined : patternOf(sensor),
      rule: query.get('rule') ?? undefined,
      state,
      limit: '1000',
    },
  } as const;
  const asked = usePages(dataset && from && to ? request : undefined, 'alerts', most);
  const rows = asked.value?.rows ?? [];
  const timeZone = described.value?.timeZone;
  return (
    <>
      <Head title={text.views.alerts} about={words.about} />
      <div class="controls">
        <DatasetField chosen={dataset} clears={['sensor', 'rule', 'state', 'from', 'to']} />
        <DayField name="from" value={from} />
        <DayField name="to" value={to} />
        <ChoiceField
          name="rule"
          label={text.rule}
          options={Object.keys(described.value?.alerts ?? {})}
          all={words.all}
        />
        <ChoiceField
          name="state"
          label={words.state}
          options={states}
          titles={words.states}
          all={words.all}
        />
        <SearchField name="sensor" label={text.sensor} />
      </div>
      <Waiting of={[chosen, described, newest, asked]} />
      {asked.value && (
        <section class="card">
          <div class="head">
            <h2>{words.found(`${count(rows.length)}${asked.value.more ? '+' : ''}`)}</h2>
            {timeZone !== undefined && <span class="unit">{words.clock(timeZone)}</span>}
          </div>
          {asked.value.more && <p class="about">{text.series.first(count(rows.length))}</p>}
          <Table
            caption={text.views.alerts}
            nothing={words.nothing}
            rows={rows}
            keyOf={({ day: on, rule, sensorId }) => `${on} ${rule} ${sensorId}`}
            columns={[
              { name: 'day', title: words.day, cell: (row) => row.day, by: (row) => row.day },
              {
                name: 'sensor',
                title: text.sensor,
                by: ({ sensorId }) => sensorId,
                cell: (row) => (
                  <a
                    href={address('/series', {
                      dataset,
                      sensor: listed([row.sensorId]),
                      measure: row.measure,
                      period: 'raw',
                      from: addDays(row.day, -2),
                      to: addDays(row.day, 2),
                    })}
                  >
                    <bdi>{row.sensorId}</bdi>
                  </a>
                ),
              },
              { name: 'rule', title: text.rule, cell: ({ rule }) => rule, by: ({ rule }) => rule },
              {
                name: 'worst',
                title: words.worst,
                number: true,
                cell: ({ worst, unit }) => (
                  <>
                    {measured(worst)} <span class="unit">{unit}</span>
                  </>
                ),
                by: ({ worst }) => worst,
              },
              {
                name: 'limit',
                title: words.limit,
                number: true,
                cell: ({ threshold, unit }) => (
                  <>
                    {measured(threshold)} <span class="unit">{unit}</span>
                  </>
                ),
              },
              {
                name: 'at',
                title: words.worstAt,
                cell: ({ worstAt }) => instant(worstAt, timeZone ?? 'UTC'),
                by: ({ worstAt }) => worstAt,
              },
              {
                name: 'count',
                title: words.breaches,
                number: true,
                cell: (row) => count(row.count),
                by: (row) => row.count,
              },
              {
                name: 'state',
                title: words.state,
                by: (row) => row.state,
                cell: (row) => (
                  <span class={`mark ${row.state === 'pending' ? 'warn' : ''}`}>
                    {words.states[row.state]}
                  </span>
                ),
              },
              {
                name: 'sent',
                title: words.sentAt,
                cell: ({ sentAt }) => (sentAt ? instant(sentAt, timeZone ?? 'UTC') : ''),
              },
            ]}
          />
          <Exports name={`${dataset}-alerts-${from}-${to}`} requests={[request]} csv="api" />
        </section>
      )}
    </>
  );
}
