import { useAsked, useConsole } from '../../app/context.ts';
import { address, changeQuery, type Query, useRoute } from '../../app/router.ts';
import { Act } from '../../parts/act.tsx';
import { Exports } from '../../parts/exports.tsx';
import { count, share } from '../../parts/format.ts';
import { allPages } from '../../parts/pages.ts';
import { apart, exactly, listed } from '../../parts/sensor-ids.ts';
import { addDays, dayOf, daysBetween, lastDayOf, secondsOf } from '../../parts/time.ts';
import { Waiting } from '../../parts/waiting.tsx';
import { Gap } from './gap.tsx';
import { type DayRow, lookOf } from './look.ts';

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
      sensor: shown.map(exactly).join(','),
      limit: '1000',
    },
  } as const;
  const asked = useAsked(
    month === undefined || shown.length === 0 ? undefined : JSON.stringify(request),
    async (signal) => {
      const definition = api.call('getDataset', { dataset }, { signal });
      const { rows } = await allPages(async (cursor) => {
        const answer = await api.call('queryStatistics', { ...request.parameters, cursor }, { signal });
        return { rows: answer.statistics, cursor: answer.cursor };
      }, pageSensors * 31);
      const { timeZone, expectedEvery } = await definition;
      const byDay = new Map(rows.map((row) => [`${row.sensorId} ${row.period}`, row]));
      return { byDay, timeZone, everySeconds: secondsOf(expectedEvery) };
    },
  );
  if (month === undefined) return <p class="nothing">{words.nothing}</p>;
  // Of days that are not there nothing is asked.
  const go = (to: Query) => changeQuery({ ...to, gap: undefined });
  const gap = query.get('gap') ?? '';
  const hasChosen = gap.slice(0, 7) === month && shown.includes(gap.slice(11));
  const days = Array.from({ length: daysBetween(from, to) + 1 }, (_, index) => addDays(from, index));
  return (
    <section class="card">
      <div class="controls">
        <label>
          {words.month}
          <input
            type="month"
            value={month}
            onChange={(event) => event.currentTarget.value && go({ month: event.currentTarget.value })}
          />
        </label>
        {pages > 1 && (
          <p class="pages">
            <Act idle={page === 1} onClick={() => go({ page: page - 1 })}>
              {text.previous}
            </Act>
            {words.page(page, pages)}
            <Act idle={page === pages} onClick={() => go({ page: page + 1 })}>
              {text.next}
            </Act>
          </p>
        )}
      </div>
      <Waiting of={[asked]} />
      {asked.value && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <section class="scroll" tabIndex={0} aria-label={words.heatMap(month)}>
          <table class="heat" onKeyDown={moveAmongDays}>
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
              {shown.map((sensor, index) => (
                <tr key={sensor}>
                  <th scope="row" title={sensor}>
                    <a
                      href={address('/series', {
                        dataset,
                        sensor: listed([sensor]),
                        period: 'raw',
                        from,
                        to,
                      })}
                    >
                      <bdi>{sensor}</bdi>
                    </a>
                  </th>
                  {days.map((day) => (
                    <Day
                      key={day}
                      sensor={sensor}
                      day={day}
                      row={asked.value?.byDay.get(`${sensor} ${day}`)}
                      today={dayOf(Date.now(), asked.value?.timeZone ?? 'UTC')}
                      everySeconds={asked.value?.everySeconds}
                      isEntry={!hasChosen && index === 0 && day === from}
                    />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <p class="about">{text.gap.keys}</p>
      <p class="legend">
        <span>
          <i class="not-due" /> {text.gap.notDue}
        </span>
        {[0, 1, 2, 3, 4].map((level) => (
          <span key={level}>
            <i class={`level-${level}`} /> {words.levels[level]}
          </span>
        ))}
      </p>
      <Exports name={`${dataset}-days-${month}`} requests={[request]} csv="api" />
      {asked.value && <Gap dataset={dataset} />}
    </section>
  );
}

interface DayProps {
  readonly sensor: string;
  readonly day: string;
  readonly row: DayRow | undefined;
  readonly today: string;
  readonly everySeconds: number | undefined;
  /** Where the keyboard comes in when no day is chosen. */
  readonly isEntry: boolean;
}

function Day({ sensor, day, row, today, everySeconds, isEntry }: DayProps) {
  const { text } = useConsole();
  const { query } = useRoute();
  const look = lookOf({ row, day, today, everySeconds });
  const isChosen = query.get('gap') === `${day} ${sensor}`;
  const said =
    row !== undefined
      ? text.sensors.cell(count(row.count), row.completeness === undefined ? '' : share(row.completeness))
      : { 'to-come': text.gap.toCome, 'not-due': text.gap.notDue, of: text.sensors.noReadings }[
          look.startsWith('level') ? 'of' : (look as 'to-come' | 'not-due')
        ];
  const name = `${apart(sensor)}, ${day}: ${said}`;
  return (
    <td class={look}>
      {look === 'to-come' ? (
        <span class="hidden">{said}</span>
      ) : (
        <button
          type="button"
          title={name}
          aria-label={name}
          aria-pressed={isChosen}
          tabIndex={isChosen || isEntry ? 0 : -1}
          onClick={() => changeQuery({ gap: isChosen ? undefined : `${day} ${sensor}` }, 'replace')}
        />
      )}
    </td>
  );
}

const steps: Readonly<Record<string, readonly [rows: number, days: number]>> = {
  ...{ ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] },
  ...{ Home: [0, -31], End: [0, 31] },
};

/** The keyboard goes from day to day, over those that have nothing to say. */
function moveAmongDays(event: KeyboardEvent): void {
  const step = steps[event.key];
  const cell = (event.target as Element).closest('td');
  const row = cell?.parentElement;
  if (!step || !cell || !row) return;
  event.preventDefault();
  const [rows, days] = step;
  const cells = [...row.children];
  const beside = rows === 0 ? row : rows < 0 ? row.previousElementSibling : row.nextElementSibling;
  const among = [...(beside?.children ?? [])].map((each) => each.querySelector('button'));
  const at = cells.indexOf(cell) + days;
  const last = among.findLastIndex((button) => button !== null);
  among[Math.max(1, Math.min(at, last))]?.focus();
}
