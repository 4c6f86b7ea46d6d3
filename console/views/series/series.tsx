import { useMemo, useState } from 'preact/hooks';
import type { Request } from '../../api/client.ts';
import { type Asked, useAsked, useConsole } from '../../app/context.ts';
import { useRoute } from '../../app/router.ts';
import { Chart, type ChartSource } from '../../parts/chart.tsx';
import { useDataset } from '../../parts/dataset.tsx';
import { Exports } from '../../parts/exports.tsx';
import { chosenOf } from '../../parts/fields.tsx';
import { count } from '../../parts/format.ts';
import { Head } from '../../parts/head.tsx';
import { Problem } from '../../parts/problem.tsx';
import { apart, idsOf } from '../../parts/sensor-ids.ts';
import { addDays, lastDayOf, secondsOf, startOf } from '../../parts/time.ts';
import { Waiting } from '../../parts/waiting.tsx';
import { Controls } from './controls.tsx';
import { drawn } from './decimate.ts';
import { EventCounts, Events } from './events.tsx';
import { fetchReadings, maxReadings, type Readings, readingsRequest } from './readings.ts';
import { comparisons, earlier, maxRows, type Period, periods, statisticsRequest } from './span.ts';
import { type Group, type Row, statisticsSource } from './statistics-source.ts';
import { ReadingsTable, StatisticsTable } from './tables.tsx';
import { keepZoom, useZoom } from './zoom.ts';

const periodSeconds = { month: 31 * 86_400, day: 86_400, hour: 3_600, raw: 1 } as const;

/** Months, days, hours and readings of sensors, as lines over time. */
export default function Series() {
  const { text, api } = useConsole();
  const { query } = useRoute();
  const chosen = useDataset();
  const dataset = chosen.value?.name;
  const described = useAsked(dataset, (signal) =>
    api.call('getDataset', { dataset: dataset ?? '' }, { signal }),
  );
  const known = useAsked(dataset && `${dataset} sensors`, (signal) =>
    api.call('listSensors', { dataset: dataset ?? '', limit: '1000' }, { signal }),
  );
  const definition = described.value?.name === dataset ? described.value : undefined;
  const list = known.value?.dataset === dataset ? known.value : undefined;

  const measures = Object.keys(definition?.measures ?? {});
  const measure = chosenOf(query, 'measure', measures) ?? measures[0];
  const period = chosenOf(query, 'period', periods) ?? 'day';
  const named = idsOf(query.get('sensor')).slice(0, 8);
  // Readings are asked for by sensor: the first of them, where none is named.
  const sensors =
    named.length === 0 && period === 'raw' && list?.sensors[0] ? [list.sensors[0].sensorId] : named;
  const days = list?.sensors
    .flatMap(({ firstDay, lastDay }) => [firstDay, lastDay].filter((day) => day !== null))
    .sort();
  const from = query.get('from') ?? days?.[0] ?? (list?.from ? `${list.from}-01` : undefined);
  const to = query.get('to') ?? days?.at(-1) ?? (list?.to ? lastDayOf(list.to) : undefined);
  const timeZone = definition?.timeZone;
  const spanned = definition && timeZone && from && to ? { definition, timeZone, from, to } : undefined;
  // Events are counted, unless a measure of theirs is asked for.
  const isCounted = definition?.kind === 'events' && chosenOf(query, 'measure', measures) === undefined;
  const ready = spanned && measure && !isCounted ? { ...spanned, measure } : undefined;

  return (
    <>
      <Head title={text.views.series} about={isCounted ? text.series.aboutEvents : text.series.about} />
      <Controls
        dataset={dataset}
        sensors={named}
        known={list?.sensors ?? []}
        measures={measures}
        period={period}
        isCounted={isCounted}
        isEvents={definition?.kind === 'events'}
        from={from}
        to={to}
      />
      <Waiting of={[chosen, described, known]} />
      {list && (list.from === null || list.to === null) && query.get('from') === null && (
        <p class="nothing">{text.series.empty}</p>
      )}
      {spanned &&
        isCounted &&
        (period === 'raw' ? (
          <Events {...spanned} sensors={sensors} />
        ) : (
          <EventCounts {...spanned} period={period} sensors={named} />
        ))}
      {ready &&
        (period === 'raw' ? (
          <Raw {...ready} sensors={sensors} />
        ) : (
          <Periods {...ready} period={period} sensors={named} />
        ))}
    </>
  );
}

interface Part {
  readonly definition: {
    readonly name: string;
    readonly measures: Record<string, { unit: string }>;
    readonly alerts: Record<string, Rule>;
    readonly expectedEvery?: string | undefined;
  };
  readonly timeZone: string;
  readonly measure: string;
  readonly from: string;
  readonly to: string;
  readonly sensors: readonly string[];
}

interface Rule {
  readonly measure: string;
  readonly above?: number | undefined;
  readonly below?: number | undefined;
}

/** Limits of the measure, one line each. */
const limitsOf = ({ definition, measure }: Part): ChartSource['limits'] =>
  Object.entries(definition.alerts).flatMap(([label, rule]) =>
    rule.measure !== measure
      ? []
      : [rule.above, rule.below].filter((value) => value !== undefined).map((value) => ({ label, value })),
  );

/** After how long without anything something is missing. */
const gapOf = ({ definition }: Part, period: Period): number =>
  Math.max(periodSeconds[period], secondsOf(definition.expectedEvery) ?? (period === 'raw' ? 3_600 : 0)) *
  1.5;

function Periods(part: Part & { readonly period: Exclude<Period, 'raw'> }) {
  const { text, api } = useConsole();
  const { query } = useRoute();
  const { definition, period, sensors, measure, from, to, timeZone } = part;
  const zoom = useZoom();
  const shown = {
    range: query.get('range') !== 'no',
    deviation: query.get('deviation') === 'yes',
    quantiles: query.get('quantiles') === 'yes',
  };
  const compare = chosenOf(query, 'compare', comparisons);
  const before = compare && earlier({ from, to }, compare);
  const question = { dataset: definition.name, period, sensors, quantiles: shown.quantiles };
  const request = statisticsRequest({ ...question, from, to });
  // With the same columns: one CSV has the rows of both.
  const comparedRequest = before && statisticsRequest({ ...question, ...before });
  const requests: Request[] = comparedRequest ? [request, comparedRequest] : [request];

  const asked = useAsked(JSON.stringify(requests), async (signal) => {
    const rowsOf = async (each: typeof request): Promise<Row[]> => {
      const rows: Row[] = [];
      let cursor: string | undefined;
      do {
        const page = await api.call('queryStatistics', { ...each.parameters, cursor }, { signal });
        rows.push(...page.statistics);
        cursor = page.cursor ?? undefined;
      } while (cursor !== undefined && rows.length < maxRows);
      return rows;
    };
    const [rows = [], compared = []] = await Promise.all(
      [request, comparedRequest].map((each) => (each ? rowsOf(each as typeof request) : [])),
    );
    return { rows, compared };
  });
  const limits = useMemo(() => limitsOf(part), [definition, measure]);
  const source = useMemo(() => {
    if (!asked.value) return undefined;
    const groups = (rows: readonly Row[], shiftDays: number): Group[] => {
      const names = sensors.length > 1 ? sensors : [undefined];
      return names.map((name) => ({
        label: name ?? sensors[0] ?? text.series.allSensors,
        rows: name === undefined ? rows : rows.filter(({ sensorId }) => sensorId === name),
        shiftDays,
      }));
    };
    const earlierGroups = before ? groups(asked.value.compared, before.days) : [];
    return statisticsSource({
      groups: [
        ...groups(asked.value.rows, 0),
        ...earlierGroups.map((group) => ({ ...group, label: `${group.label} ${text.series.earlier}` })),
      ],
      measure,
      timeZone,
      shown,
      gapSeconds: gapOf(part, period),
      // A month stands at its first day, which may be before the first one that is asked for.
      span: [
        startOf(period === 'month' ? from.slice(0, 7) : from, timeZone),
        startOf(addDays(to, 1), timeZone),
      ],
      limits,
      words: text.series,
    });
  }, [asked.value, measure, JSON.stringify(shown), text]);
  const unit = definition.measures[measure]?.unit ?? '';
  const who = sensors.length === 0 ? text.series.allSensors : sensors.map(apart).join(', ');
  const name = text.series.name(measure, who, text.series.periods[period], from, to);
  return (
    <section class="card" aria-busy={asked.busy}>
      <div class="head">
        <h2>{name}</h2>
        {asked.busy && <span class="busy">{text.loading}</span>}
      </div>
      {asked.error !== undefined && <Problem error={asked.error} again={asked.again} />}
      {source && asked.value?.rows.length !== 0 && (
        <Chart name={name} unit={unit} timeZone={timeZone} source={source} zoom={zoom} onZoom={keepZoom} />
      )}
      {asked.value?.rows.length === 0 && <p class="nothing">{text.series.empty}</p>}
      {asked.value && asked.value.rows.length >= maxRows && <p>{text.series.moreRows(maxRows)}</p>}
      {asked.value && (
        <StatisticsTable rows={asked.value.rows} measure={measure} unit={unit} quantiles={shown.quantiles} />
      )}
      <Exports name={`${definition.name}-${period}-${from}-${to}`} requests={requests} csv="api" />
    </section>
  );
}

function Raw(part: Part) {
  const { text, api } = useConsole();
  const { definition, sensors, measure, from, to, timeZone } = part;
  const zoom = useZoom();
  const [progress, setProgress] = useState<{ share: number; readings: number }>();
  const [cancelled, setCancelled] = useState('');
  const span = useMemo(
    () => [startOf(from, timeZone), startOf(addDays(to, 1), timeZone)] as const,
    [from, to, timeZone],
  );
  const wanted = {
    dataset: definition.name,
    sensors,
    measure,
    from,
    to,
    beginSeconds: span[0],
    endSeconds: span[1],
  };
  const key = JSON.stringify(wanted);
  const asked: Asked<ReadonlyMap<string, Readings>> = useAsked(
    cancelled === key || sensors.length === 0 ? undefined : key,
    (signal) => fetchReadings(api, wanted, signal, (share, readings) => setProgress({ share, readings })),
  );
  const series = asked.value;
  const gapSeconds = gapOf(part, 'raw');
  const source = useMemo<ChartSource | undefined>(() => {
    if (!series) return undefined;
    const all = [...series.values()];
    return {
      lines: [...series.keys()].map((label, colour) => ({ label, colour, kind: 'main' })),
      bands: [],
      span,
      limits: limitsOf(part),
      marks: all.flatMap(({ points, contested }) =>
        contested.slice(0, 2_000).map((index) => ({ x: points.x[index] ?? 0, y: points.y[index] ?? 0 })),
      ),
      dataFor: (begin, end, columns) =>
        drawn(
          all.map(({ points }) => points),
          { from: begin, to: end, columns, gapSeconds },
        ),
    };
  }, [series]);
  const total = [...(series?.values() ?? [])].reduce((sum, { points }) => sum + points.length, 0);
  const unit = definition.measures[measure]?.unit ?? '';
  const name = text.series.name(measure, sensors.map(apart).join(', '), text.series.periods.raw, from, to);
  return (
    <section class="card" aria-busy={asked.busy}>
      <div class="head">
        <h2>{name}</h2>
        {series && !asked.busy && <span class="busy">{text.series.readings(count(total))}</span>}
      </div>
      {asked.busy && sensors.length > 0 && (
        <p class="progress">
          <progress value={progress?.share ?? 0} aria-label={text.loading} />
          {text.series.readings(count(progress?.readings ?? 0))}
          <button type="button" onClick={() => setCancelled(key)}>
            {text.cancel}
          </button>
        </p>
      )}
      {cancelled === key && (
        <p class="progress">
          {text.series.cancelled}
          <button type="button" onClick={() => setCancelled('')}>
            {text.again}
          </button>
        </p>
      )}
      {asked.error !== undefined && <Problem error={asked.error} again={asked.again} />}
      {series && [...series.values()].some(({ cut }) => cut) && <p>{text.series.cut(count(maxReadings))}</p>}
      {source && (
        <Chart name={name} unit={unit} timeZone={timeZone} source={source} zoom={zoom} onZoom={keepZoom} />
      )}
      {series && <ReadingsTable series={series} span={zoom ?? span} unit={unit} timeZone={timeZone} />}
      <Exports
        name={`${definition.name}-readings-${from}-${to}`}
        requests={sensors.map((sensor) => readingsRequest(wanted, sensor))}
        csv="api"
      />
    </section>
  );
}
