import { useAsked, useConsole } from '../../app/context.ts';
import { address, changeQuery, useRoute } from '../../app/router.ts';
import { Exports } from '../../parts/exports.tsx';
import { count, share } from '../../parts/format.ts';
import { allPages } from '../../parts/pages.ts';
import { Problem } from '../../parts/problem.tsx';
import { addDays, daysBetween, lastDayOf } from '../../parts/time.ts';

/** Sensors on one page of the heat-map. */
const pageSensors = 40;

interface DaysProps {
  readonly dataset: string;
  readonly sensors: readonly string[];
  /** The newest month that has readings. */
  readonly newest: string | null;
}

/** How complete each sensor's days of a month are: a row a sensor, a cell a day. */
export function Days({ dataset, sensors, newest }: DaysProps) {
  const { text, api } = useConsole();
  const { query } = useRoute();
  const words = text.sensors;
  const month = query.get('month') ?? newest ?? undefined;
  const pages = Math.max(1, Math.ceil(sensors.length / pageSensors));
  const page = Math.min(pages, Math.max(1, Number(query.get('page')) || 1));
  const shown = sensors.slice((page - 1) * pageSensors, page * pageSensors);
  const from = `${month}-01`;
  const to = month === undefined ? '' : lastDayOf(month);
  const request = {
    operation: 'queryStatistics',
    parameters: {
      dataset,
      period: 'day',
      from,
      to,
      by: 'sensor',
      sensor: shown.map((sensor) => sensor.replaceAll(/[\\,*]/g, '\\$&')).join(','),
      limit: '1000',
    },
  } as const;
  const asked = useAsked(
    month === undefined || shown.length === 0 ? undefined : JSON.stringify(request),
    async (signal) => {
      const { rows } = await allPages(async (cursor) => {
        const answer = await api.call('queryStatistics', { ...request.parameters, cursor }, { signal });
        return { rows: answer.statistics, cursor: answer.cursor };
      }, pageSensors * 31);
      return new Map(rows.map((row) => [`${row.sensorId} ${row.period}`, row]));
    },
  );
  if (month === undefined) return <p class="nothing">{words.nothing}</p>;
  const days = Array.from({ length: daysBetween(from, to) + 1 }, (_, index) => addDays(from, index));
  return (
    <section class="card">
      <div class="controls">
        <label>
          {words.month}
          <input
            type="month"
            value={month}
            onChange={(event) =>
              event.currentTarget.value && changeQuery({ month: event.currentTarget.value })
            }
          />
        </label>
        {pages > 1 && (
          <p class="pages">
            <button type="button" disabled={page === 1} onClick={() => changeQuery({ page: page - 1 })}>
              {text.previous}
            </button>
            {words.page(page, pages)}
            <button type="button" disabled={page === pages} onClick={() => changeQuery({ page: page + 1 })}>
              {text.next}
            </button>
          </p>
        )}
      </div>
      {asked.error !== undefined && <Problem error={asked.error} again={asked.again} />}
      {asked.value && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <section class="scroll" tabIndex={0} aria-label={words.heatMap(month)}>
          <table class="heat">
            <caption class="hidden">{words.heatMap(month)}</caption>
            <thead>
              <tr>
                <th scope="col">{text.sensor}</th>
                {days.map((day) => (
                  <th key={day} scope="col">
                    {Number(day.slice(8))}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((sensor) => (
                <tr key={sensor}>
                  <th scope="row">
                    <a
                      href={address('/series', {
                        dataset,
                        sensor: encodeURIComponent(sensor),
                        period: 'raw',
                        from,
                        to,
                      })}
                    >
                      {sensor}
                    </a>
                  </th>
                  {days.map((day) => {
                    const row = asked.value?.get(`${sensor} ${day}`);
                    const complete = row?.completeness ?? (row ? 1 : 0);
                    const said = row
                      ? words.cell(
                          count(row.count),
                          row.completeness === undefined ? '' : share(row.completeness),
                        )
                      : words.noReadings;
                    return (
                      <td
                        key={day}
                        class={`level-${row ? Math.max(1, Math.ceil(complete * 4)) : 0}`}
                        title={`${sensor}, ${day}: ${said}`}
                      >
                        <span class="hidden">{said}</span>
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <p class="legend">
        {[0, 1, 2, 3, 4].map((level) => (
          <span key={level}>
            <i class={`level-${level}`} /> {words.levels[level]}
          </span>
        ))}
      </p>
      <Exports name={`${dataset}-days-${month}`} requests={[request]} csv="api" />
    </section>
  );
}
