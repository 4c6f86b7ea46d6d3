import { useAsked, useConsole, useIsOperator } from '../../app/context.ts';
import { address } from '../../app/router.ts';
import { useDatasets } from '../../parts/dataset.tsx';
import { Exports } from '../../parts/exports.tsx';
import { favourites } from '../../parts/favourites.tsx';
import { ago, count, measured, share } from '../../parts/format.ts';
import { Head } from '../../parts/head.tsx';
import { listed } from '../../parts/sensor-ids.ts';
import { Sparkline } from '../../parts/sparkline.tsx';
import { dayOf } from '../../parts/time.ts';
import { Waiting } from '../../parts/waiting.tsx';
import { lookAt, lookAtFavourite, lookAtIngestions } from './look.ts';
import { useRepeated } from './repeated.ts';
import { Status } from './status.tsx';

/** What comes in, who is silent, what was refused, and what runs. */
export default function Now() {
  const { text } = useConsole();
  const list = useDatasets();
  const kept = favourites();
  return (
    <>
      <Head title={text.views.now} about={text.now.about} />
      <Waiting of={[list]} />
      <Status />
      <Ingestions />
      <div class="cards">
        {list.value?.map(({ name }) => (
          <Dataset key={name} name={name} />
        ))}
      </div>
      <section class="card" aria-labelledby="favourites">
        <h2 id="favourites">{text.now.favourites}</h2>
        {kept.length === 0 ? <p class="nothing">{text.now.noFavourites}</p> : <Favourites kept={kept} />}
      </section>
    </>
  );
}

function Ingestions() {
  const { text, api } = useConsole();
  const words = text.now;
  const asked = useRepeated('ingestions', (signal) => lookAtIngestions(api, signal));
  const isOperator = useIsOperator();
  const { value } = asked;
  return (
    <section class="card" aria-labelledby="ingestions">
      <h2 id="ingestions">{words.ingestions}</h2>
      <Waiting of={[asked]} quiet />
      {value?.jobs === 0 && (
        <p>
          {words.nothingCame}{' '}
          {isOperator && (
            <>
              <a href={address('/upload')}>{words.uploadOne}</a>.{' '}
            </>
          )}
          {words.orSend} <code>npm run producer -- --count 1000</code>
        </p>
      )}
      {value && (
        <dl class="figures">
          <div>
            <dt>{words.running}</dt>
            <dd>{count(value.running)}</dd>
          </div>
          <div>
            <dt>{words.failed(value.jobs)}</dt>
            <dd class={value.failed > 0 ? 'bad' : ''}>{count(value.failed)}</dd>
          </div>
          <div>
            <dt>{words.lines}</dt>
            <dd>{count(value.lines)}</dd>
          </div>
          <div>
            <dt>{words.rejected}</dt>
            <dd>{value.lines === 0 ? '–' : share(value.rejected / value.lines)}</dd>
          </div>
          <div>
            <dt>{words.refused}</dt>
            <dd>{count(value.refused)}</dd>
          </div>
          <div>
            <dt>{words.newestJob}</dt>
            <dd>{value.newestAt === undefined ? '–' : ago(value.newestAt, Date.now())}</dd>
          </div>
        </dl>
      )}
      <Exports
        name="ingestions"
        requests={value?.requests ?? []}
        csv={() => [
          ['running', 'failed', 'lines', 'rejected', 'refused', 'newest'],
          value
            ? [value.running, value.failed, value.lines, value.rejected, value.refused, value.newestAt]
            : [],
        ]}
      />
    </section>
  );
}

function Dataset({ name }: { name: string }) {
  const { text, api } = useConsole();
  const words = text.now;
  const asked = useRepeated(name, (signal) => lookAt(api, name, signal));
  const { value } = asked;
  const ofKind = words.kinds[value?.kind ?? 'readings'];
  return (
    <section class={value?.sensors === 0 ? 'card empty' : 'card'} aria-labelledby={`dataset-${name}`}>
      <div class="head">
        <h2 id={`dataset-${name}`}>
          <a href={address('/series', { dataset: name })}>{name}</a>
        </h2>
        {value?.newestDay && <span class="mark">{ofKind.newest(value.newestDay, value.newestHour)}</span>}
      </div>
      <Waiting of={[asked]} quiet />
      {value && value.sensors === 0 && <p class="nothing">{ofKind.nothingYet}</p>}
      {value && value.sensors > 0 && (
        <>
          <Sparkline values={value.days} name={words.sparkline(value.measure, value.days.length)} />
          <p class="unit">{words.sparkline(value.measure, value.days.length)}</p>
          <dl class="figures">
            <div>
              <dt>{ofKind.all}</dt>
              <dd>{count(value.readings)}</dd>
            </div>
            <div>
              <dt>{ofKind.perMinute}</dt>
              <dd title={words.perMinuteOf(value.newestDay ?? '')}>
                {measured(Number(value.perMinute.toPrecision(3)))}
              </dd>
            </div>
            <div>
              <dt>{ofKind.of}</dt>
              <dd>
                <a href={address('/sensors', { dataset: name })}>
                  {count(value.sensors)}
                  {value.moreSensors ? '+' : ''}
                </a>
              </dd>
            </div>
            <div>
              <dt>{words.silent(value.silentDays)}</dt>
              <dd class={value.silent > 0 ? 'warn' : ''}>
                <a href={address('/sensors', { dataset: name, silent: value.silentDays })}>
                  {count(value.silent)}
                </a>
              </dd>
            </div>
            <div>
              <dt>{words.alerts}</dt>
              <dd>
                <a href={address('/alerts', { dataset: name, from: value.alertsFrom, to: value.newestDay })}>
                  {count(value.alerts)}
                  {value.moreAlerts ? '+' : ''}
                </a>
              </dd>
            </div>
            <div>
              <dt>{text.contested}</dt>
              <dd>{value.readings === 0 ? '–' : share(value.contested / value.readings)}</dd>
            </div>
          </dl>
          <Exports
            name={`${name}-now`}
            requests={value.requests}
            csv={() => [
              [
                ...[
                  'dataset',
                  'newestDay',
                  'newestHour',
                  'readings',
                  'readingsPerMinute',
                  'sensors',
                  'silent',
                ],
                ...['alerts', 'contested'],
              ],
              [
                ...[name, value.newestDay, value.newestHour, value.readings, value.perMinute, value.sensors],
                ...[value.silent, value.alerts, value.contested],
              ],
            ]}
          />
        </>
      )}
    </section>
  );
}

type Kept = ReturnType<typeof favourites>;

/** What is known of them; one that is not answered takes none of the others with it. */
function Favourites({ kept }: { kept: Kept }) {
  const { text, api } = useConsole();
  const asked = useAsked(JSON.stringify(kept), (signal) =>
    Promise.all(kept.map((each) => lookAtFavourite(api, each, signal).catch(() => undefined))),
  );
  const looks = asked.value;
  return (
    <>
      <ul class="favourites">
        {kept.map(({ dataset, sensor }, index) => {
          const look = looks?.[index];
          return (
            <li key={`${dataset} ${sensor}`}>
              <a
                href={address('/series', {
                  ...{ dataset, sensor: listed([sensor]), period: 'raw' },
                  ...{ from: look?.day, to: look?.day },
                })}
              >
                {sensor}
              </a>
              <span class="unit">{dataset}</span>
              {look ? (
                <>
                  <strong>
                    {look.latest === undefined ? '–' : measured(look.latest)}{' '}
                    <span class="unit">{look.unit}</span>
                  </strong>
                  <span class="unit">
                    {look.at === undefined ? '' : `${dayOf(Date.parse(look.at), look.timeZone)}`}
                  </span>
                  <Sparkline values={look.values} name={text.now.lastReadings(sensor)} />
                </>
              ) : (
                looks && <span class="unit">{text.problem.noAnswer}</span>
              )}
            </li>
          );
        })}
      </ul>
      <Exports
        name="favourites"
        requests={(looks ?? []).flatMap((look) => look?.requests ?? [])}
        csv={() => [
          ['dataset', 'sensor', 'measure', 'latest', 'unit', 'at'],
          ...kept.map(({ dataset, sensor }, index) => {
            const look = looks?.[index];
            return [dataset, sensor, look?.measure, look?.latest, look?.unit, look?.at];
          }),
        ]}
      />
    </>
  );
}
