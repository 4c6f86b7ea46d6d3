import { useAsked, useConsole } from '../../app/context.ts';
import { address, changeQuery, useRoute } from '../../app/router.ts';
import { DatasetField, useDataset } from '../../parts/dataset.tsx';
import { Exports } from '../../parts/exports.tsx';
import { Star } from '../../parts/favourites.tsx';
import { Typed } from '../../parts/fields.tsx';
import { count, share } from '../../parts/format.ts';
import { Head } from '../../parts/head.tsx';
import { allPages } from '../../parts/pages.ts';
import { listed, patternOf } from '../../parts/sensor-ids.ts';
import { Table } from '../../parts/table.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { Days } from './days.tsx';
import { Stations } from './stations.tsx';

/** Sensors that the list has at most; a search finds the others. */
const most = 2_000;

/** Who has sent, since when and until when, how completely; and day by day. */
export default function Sensors() {
  const { text, api } = useConsole();
  const { query } = useRoute();
  const words = text.sensors;
  const chosen = useDataset();
  const dataset = chosen.value?.name;
  const find = query.get('find') ?? '';
  const tag = query.get('tag') ?? '';
  const silent = query.get('silent') ?? '';
  const asksFor = query.get('show');
  const request = {
    operation: 'listSensors',
    parameters: {
      dataset: dataset ?? '',
      sensor: find === '' ? undefined : patternOf(find),
      tag: tag === '' ? undefined : tag,
      silentFor: silent === '' ? undefined : `${silent} days`,
      limit: '1000',
    },
  } as const;
  const asked = useAsked(dataset && JSON.stringify(request), async (signal) => {
    let to: string | null = null;
    const { rows, more } = await allPages(async (cursor) => {
      const page = await api.call('listSensors', { ...request.parameters, cursor }, { signal });
      to = page.to;
      return { rows: page.sensors, cursor: page.cursor };
    }, most);
    return { rows, more, to: to as string | null };
  });
  const rows = asked.value?.rows ?? [];
  const hasPlaces = rows.some(({ latitude }) => latitude !== undefined);
  const shows =
    hasPlaces || asksFor === 'map' ? (['list', 'days', 'map'] as const) : (['list', 'days'] as const);
  const shown = shows.find((name) => name === asksFor) ?? 'list';
  const tags = [...new Set(rows.flatMap((sensor) => sensor.tags ?? []))].sort();
  return (
    <>
      <Head title={text.views.sensors} about={words.about} />
      <form
        class="controls"
        onSubmit={(event) => {
          event.preventDefault();
          const given = new FormData(event.currentTarget);
          changeQuery({
            find: String(given.get('find') ?? ''),
            silent: String(given.get('silent') ?? ''),
            page: undefined,
          });
        }}
      >
        <DatasetField chosen={dataset} clears={['find', 'tag', 'silent', 'month', 'page', 'gap', 'at']} />
        <label>
          {words.find}
          <Typed name="find" type="search" value={find} placeholder="pier-*" />
        </label>
        <label>
          {words.silentFor}
          <Typed name="silent" type="number" min="1" max="3650" value={silent} />
        </label>
        {(tags.length > 0 || tag !== '') && (
          <label>
            {words.tag}
            <select
              value={tag}
              onChange={(event) => changeQuery({ tag: event.currentTarget.value, page: undefined })}
            >
              <option value="">{words.anyTag}</option>
              {[...new Set([...tags, ...(tag === '' ? [] : [tag])])].map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
        <button type="submit">{text.search}</button>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in a row in all browsers */}
        <div class="segments" role="group" aria-label={words.show}>
          {shows.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={shown === name}
              onClick={() => changeQuery({ show: name === 'list' ? undefined : name })}
            >
              {words.shows[name]}
            </button>
          ))}
        </div>
      </form>
      <Waiting of={[chosen, asked]} />
      {asked.value && shown === 'list' && (
        <section class="card">
          <h2>{words.found(`${count(rows.length)}${asked.value.more ? '+' : ''}`)}</h2>
          {asked.value.more && <p class="about">{words.more(count(most))}</p>}
          <Table
            caption={text.views.sensors}
            nothing={words.nothing}
            rows={rows}
            keyOf={({ sensorId }) => sensorId}
            columns={[
              {
                name: 'sensor',
                title: text.sensor,
                by: ({ sensorId }) => sensorId,
                cell: ({ sensorId, name }) => (
                  <>
                    <Star dataset={dataset ?? ''} sensor={sensorId} />
                    <a href={address('/series', { dataset, sensor: listed([sensorId]) })}>
                      <bdi>{sensorId}</bdi>
                    </a>
                    {name !== undefined && <span class="unit"> {name}</span>}
                  </>
                ),
              },
              { name: 'tags', title: words.tags, cell: ({ tags }) => tags?.join(', ') ?? '' },
              {
                name: 'first',
                title: words.first,
                cell: ({ firstDay }) => firstDay ?? words.merging,
                by: ({ firstDay }) => firstDay ?? undefined,
              },
              {
                name: 'last',
                title: words.last,
                cell: ({ lastDay }) => lastDay ?? words.merging,
                by: ({ lastDay }) => lastDay ?? undefined,
              },
              {
                name: 'silent',
                title: words.silentDays,
                number: true,
                cell: ({ silentDays }) => (silentDays === undefined ? '' : count(silentDays)),
                by: ({ silentDays }) => silentDays,
              },
              {
                name: 'count',
                title: text.readings,
                number: true,
                cell: (row) => count(row.count),
                by: (row) => row.count,
              },
              {
                name: 'completeness',
                title: text.completeness,
                number: true,
                cell: ({ completeness }) =>
                  completeness === undefined ? (
                    ''
                  ) : (
                    <span class="completeness">
                      <meter min={0} max={1} value={completeness} aria-label={text.completeness} />
                      {share(completeness)}
                    </span>
                  ),
                by: ({ completeness }) => completeness,
              },
              {
                name: 'place',
                title: words.place,
                cell: ({ latitude, longitude }) =>
                  latitude === undefined || longitude === undefined
                    ? ''
                    : `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`,
              },
            ]}
          />
          <Exports name={`${dataset}-sensors`} requests={[request]} csv="api" />
        </section>
      )}
      {asked.value && dataset && shown === 'days' && (
        <Days dataset={dataset} sensors={rows.map(({ sensorId }) => sensorId)} newest={asked.value.to} />
      )}
      {asked.value && dataset && shown === 'map' && (
        <Stations dataset={dataset} stations={rows} request={request} />
      )}
    </>
  );
}
