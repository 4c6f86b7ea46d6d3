import { useMemo } from 'preact/hooks';
import type { Request } from '../../api/client.ts';
import type { Answer } from '../../api/operations.ts';
import { useAsked, useConsole } from '../../app/context.ts';
import { Chart } from '../../parts/chart.tsx';
import { Exports } from '../../parts/exports.tsx';
import { count, instant, zoned } from '../../parts/format.ts';
import { usePages } from '../../parts/pages.ts';
import { apart } from '../../parts/sensor-ids.ts';
import { Table } from '../../parts/table.tsx';
import { addDays, startOf } from '../../parts/time.ts';
import { Waiting } from '../../parts/waiting.tsx';
import { countsSource, eventsOf, kindsOf } from './event-counts.ts';
import { maxRows, type Period, statisticsRequest } from './span.ts';
import { Numbers, shownRows } from './tables.tsx';
import { keepZoom, useZoom } from './zoom.ts';

interface Part {
  readonly definition: Answer<'getDataset'>;
  readonly timeZone: string;
  /** Days of the zone, both included. */
  readonly from: string;
  readonly to: string;
  readonly sensors: readonly string[];
}

/** How many events there were: all of them and by their texts, or of each of some entities. */
export function EventCounts(part: Part & { readonly period: Exclude<Period, 'raw'> }) {
  const { text } = useConsole();
  const words = text.series;
  const { definition, period, sensors, from, to, timeZone } = part;
  const zoom = useZoom();
  const request = statisticsRequest({
    dataset: definition.name,
    period,
    sensors,
    quantiles: false,
    from,
    to,
  });
  const asked = usePages(request, 'statistics', maxRows);
  const rows = asked.value?.rows;
  const source = useMemo(
    () =>
      rows &&
      countsSource({
        ...{ rows, sensors, period, timeZone, all: words.events },
        span: [startOf(from, timeZone), startOf(addDays(to, 1), timeZone)],
      }),
    [rows, text],
  );
  const who = sensors.length === 0 ? words.allSensors : sensors.map(apart).join(', ');
  const name = words.name(words.events, who, words.periods[period], from, to);
  return (
    <section class="card" aria-busy={asked.busy}>
      <h2>{name}</h2>
      <Waiting of={[asked]} />
      {source && rows?.length !== 0 && (
        <>
          <ul class="chips">
            {source.lines.map(({ label, colour }) => (
              <li key={label} class={`chip colour-${(colour % 8) + 1}`}>
                <bdi>{label}</bdi>
              </li>
            ))}
          </ul>
          <Chart
            name={name}
            unit={words.events}
            timeZone={timeZone}
            source={source}
            zoom={zoom}
            onZoom={keepZoom}
          />
        </>
      )}
      {rows?.length === 0 && <p class="nothing">{words.noEvents}</p>}
      {asked.value?.more && <p>{words.moreRows(maxRows)}</p>}
      {rows && rows.length > 0 && (
        <Numbers
          summary={words.numbers(count(rows.length))}
          table={(caption) => (
            <>
              {rows.length > shownRows && <p class="about">{words.first(count(shownRows))}</p>}
              <Table
                caption={caption}
                nothing={words.noEvents}
                rows={rows.slice(0, shownRows)}
                keyOf={(row) => `${row.period} ${row.sensorId}`}
                columns={[
                  { name: 'period', title: words.period, cell: (row) => row.period, by: (row) => row.period },
                  {
                    name: 'sensor',
                    title: definition.entity ?? text.sensor,
                    cell: ({ sensorId, sensors: merged }) => sensorId ?? words.merged(merged ?? 0),
                    by: ({ sensorId }) => sensorId,
                  },
                  {
                    name: 'count',
                    title: words.events,
                    number: true,
                    cell: (row) => count(row.count),
                    by: (row) => row.count,
                  },
                  ...kindsOf(rows).map((kind) => ({
                    name: kind,
                    title: kind,
                    number: true,
                    cell: (row: (typeof rows)[number]) => count(eventsOf(row, kind)),
                    by: (row: (typeof rows)[number]) => eventsOf(row, kind),
                  })),
                ]}
              />
            </>
          )}
        />
      )}
      <Exports name={`${definition.name}-${period}-${from}-${to}`} requests={[request]} csv="api" />
    </section>
  );
}

/** Events that the page shows of an entity; CSV has all. */
const mostEvents = 1_000;

/** The events of some entities, each in their order, and what they come to by the dataset's projections. */
export function Events({ definition, timeZone, from, to, sensors }: Part) {
  return sensors.map((sensor) => <OfEntity key={sensor} {...{ definition, timeZone, from, to, sensor }} />);
}

type OfEntityProps = Omit<Part, 'sensors'> & { readonly sensor: string };

function OfEntity({ definition, timeZone, from, to, sensor }: OfEntityProps) {
  const { text } = useConsole();
  const words = text.series;
  const request = {
    operation: 'listReadings',
    parameters: { dataset: definition.name, sensor, from, to, limit: String(mostEvents) },
  } as const satisfies Request;
  const asked = usePages(request, 'readings', mostEvents);
  const name = words.name(words.events, apart(sensor), words.each, from, to);
  return (
    <>
      {Object.entries(definition.projections ?? {}).map(([projection, { summary }]) => (
        <Projection
          key={projection}
          {...{ dataset: definition.name, projection, summary, sensor, timeZone, to }}
        />
      ))}
      <section class="card" aria-busy={asked.busy}>
        <h2>{name}</h2>
        <Waiting of={[asked]} />
        {asked.value?.more && <p class="about">{words.first(count(asked.value.rows.length))}</p>}
        {asked.value && (
          <Table
            caption={name}
            nothing={words.noEvents}
            rows={asked.value.rows.map((row, index) => ({ ...row, index }))}
            keyOf={({ index }) => String(index)}
            columns={[
              {
                name: 'time',
                title: `${text.time} (${timeZone})`,
                cell: ({ timestamp }) => instant(timestamp, timeZone),
              },
              ...[...Object.keys(definition.measures), ...Object.keys(definition.attributes)].map(
                (attribute) => ({
                  name: attribute,
                  title: attribute,
                  cell: (row: Readonly<Record<string, unknown>>) => String(row[attribute] ?? ''),
                }),
              ),
              {
                name: 'contested',
                title: text.contested,
                cell: ({ contested }) => (contested ? text.yes : ''),
              },
            ]}
          />
        )}
        <Exports name={`${definition.name}-events-${from}-${to}`} requests={[request]} csv="api" />
      </section>
    </>
  );
}

interface ProjectionProps {
  readonly dataset: string;
  readonly projection: string;
  readonly summary: string;
  readonly sensor: string;
  readonly timeZone: string;
  readonly to: string;
}

/** What the events of an entity come to at the end of the span, or now where that is still to come. */
function Projection({ dataset, projection, summary, sensor, timeZone, to }: ProjectionProps) {
  const { text, api } = useConsole();
  const words = text.series;
  const endMs = startOf(addDays(to, 1), timeZone) * 1_000 - 1;
  const request = {
    operation: 'getProjection',
    parameters: {
      ...{ dataset, projection, entity: sensor },
      asOf: endMs < Date.now() ? new Date(endMs).toISOString() : undefined,
    },
  } as const satisfies Request;
  const asked = useAsked(JSON.stringify(request), (signal) =>
    api.call('getProjection', request.parameters, { signal }),
  );
  const found = asked.value;
  return (
    <section class="card" aria-busy={asked.busy}>
      <h2>{words.projection(projection, apart(sensor))}</h2>
      <p class="about" lang="en">
        {summary}
      </p>
      <Waiting of={[asked]} />
      {found && (
        <>
          <p class="about">{words.projected(count(found.events), found.from, zoned(found.asOf, timeZone))}</p>
          <State of={found.state} name={projection} />
        </>
      )}
      <Exports
        name={`${dataset}-${projection}`}
        requests={[request]}
        csv={() => [['member', 'value'], ...(found ? plainOf(found.state) : [])]}
      />
    </section>
  );
}

type Members = Readonly<Record<string, unknown>>;
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A state as the projection gives it: its members, those of members in a list of their own, and lists of the same as tables. */
function State({ of, name }: { of: Members; name: string }) {
  const { text } = useConsole();
  return (
    <dl class="facts">
      {Object.entries(of).map(([member, value]) => (
        <>
          <dt>{member}</dt>
          <dd>
            {isMembers(value) ? (
              <State of={value} name={`${name}.${member}`} />
            ) : Array.isArray(value) && value.every(isMembers) ? (
              <Table
                caption={`${name}.${member}`}
                nothing={text.datasets.none}
                rows={value.map((each, index) => ({ ...each, index }) as Members)}
                keyOf={({ index }) => String(index)}
                columns={[...new Set(value.flatMap((each) => Object.keys(each)))].map((column) => ({
                  name: column,
                  title: column,
                  cell: (row: Members) => saidOf(row[column]),
                }))}
              />
            ) : (
              saidOf(value)
            )}
          </dd>
        </>
      ))}
    </dl>
  );
}

/** Each plain value of a state, with the way to it: `byEmployee.3.completed`. */
function plainOf(value: unknown, way: readonly string[] = []): (readonly unknown[])[] {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([member, of]) => plainOf(of, [...way, member]))
    : [[way.join('.'), value]];
}

function saidOf(value: unknown): string {
  if (typeof value === 'number' && Number.isInteger(value)) return count(value);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '–');
}
