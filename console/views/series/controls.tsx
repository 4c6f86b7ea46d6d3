import { useRef, useState } from 'preact/hooks';
import { useText } from '../../app/context.ts';
import { changeQuery, useRoute } from '../../app/router.ts';
import { DatasetField } from '../../parts/dataset.tsx';
import { ChoiceField, DayField } from '../../parts/fields.tsx';
import { apart, listed } from '../../parts/sensor-ids.ts';
import { comparisons, type Period, periods } from './span.ts';

interface ControlsProps {
  readonly dataset: string | undefined;
  readonly sensors: readonly string[];
  readonly known: readonly { readonly sensorId: string; readonly name?: string | undefined }[];
  readonly measures: readonly string[];
  readonly period: Period;
  /** Events are shown, as what they are: they have no mean, and no band. */
  readonly isCounted: boolean;
  readonly isEvents: boolean;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** A span that changes leaves the zoom behind. */
const zoomed = ['x1', 'x2'];

/** What the chart shows, each in the address. */
export function Controls({
  dataset,
  sensors,
  known,
  measures,
  period,
  isCounted,
  isEvents,
  from,
  to,
}: ControlsProps) {
  const text = useText();
  const { query } = useRoute();
  const [typed, setTyped] = useState('');
  const words = text.series;
  const choose = (next: readonly string[]) => changeQuery({ sensor: listed(next) });
  const add = (sensor: string) => {
    if (sensor === '' || sensors.includes(sensor) || sensors.length >= 8) return;
    choose([...sensors, sensor]);
    setTyped('');
  };
  const field = useRef<HTMLInputElement>(null);
  const chips = useRef<HTMLUListElement>(null);
  const remove = (index: number) => {
    // The keyboard goes on to the next one, or the one before, or to the field that adds one.
    const buttons = chips.current?.querySelectorAll('button');
    (buttons?.[index + 1] ?? buttons?.[index - 1] ?? field.current)?.focus();
    choose(sensors.filter((_, other) => other !== index));
  };
  const check = (name: string, label: string, on: boolean, value: string | undefined) => (
    <label class="check">
      <input type="checkbox" checked={on} onChange={() => changeQuery({ [name]: value })} />
      {label}
    </label>
  );
  const flag = (name: 'deviation' | 'quantiles', label: string) =>
    check(name, label, query.get(name) === 'yes', query.get(name) === 'yes' ? undefined : 'yes');
  return (
    <div class="series-controls">
      <div class="controls">
        <DatasetField chosen={dataset} clears={['sensor', 'measure', 'from', 'to', 'x1', 'x2']} />
        {measures.length > 0 && (
          <ChoiceField
            name="measure"
            label={text.measure}
            options={measures}
            {...(isEvents ? { all: words.events } : {})}
          />
        )}
        <div class="field">
          <span id="period-label">{words.period}</span>
          {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in a row in all browsers */}
          <div class="segments" role="group" aria-labelledby="period-label">
            {periods.map((name) => (
              <button
                key={name}
                type="button"
                aria-pressed={name === period}
                onClick={() => changeQuery({ period: name, x1: undefined, x2: undefined })}
              >
                {name === 'raw' && isCounted ? words.oneByOne : words.periods[name]}
              </button>
            ))}
          </div>
        </div>
        <DayField name="from" value={from} clears={zoomed} />
        <DayField name="to" value={to} clears={zoomed} />
        {period !== 'raw' && !isCounted && (
          <ChoiceField
            name="compare"
            label={words.compare}
            options={comparisons}
            titles={{ before: words.compareBefore, year: words.compareYear }}
            all={words.compareNothing}
          />
        )}
      </div>
      <div class="controls">
        <form
          class="add"
          onSubmit={(event) => {
            event.preventDefault();
            add(typed.trim());
          }}
        >
          <label>
            {words.addSensor}
            <input
              ref={field}
              list="sensors"
              value={typed}
              onInput={(event) => {
                const value = event.currentTarget.value;
                setTyped(value);
                if (known.some(({ sensorId }) => sensorId === value)) add(value);
              }}
            />
          </label>
          <datalist id="sensors">
            {known.map(({ sensorId, name }) => (
              <option key={sensorId} value={sensorId}>
                {name}
              </option>
            ))}
          </datalist>
        </form>
        <ul class="chips" ref={chips} aria-label={text.views.sensors}>
          {sensors.map((sensor, index) => (
            <li key={sensor} class={`chip colour-${(index % 8) + 1}`}>
              <bdi>{sensor}</bdi>
              <button type="button" aria-label={words.remove(apart(sensor))} onClick={() => remove(index)}>
                ×
              </button>
            </li>
          ))}
          {sensors.length === 0 && period !== 'raw' && <li class="chip colour-1">{words.allSensors}</li>}
        </ul>
        {period !== 'raw' && !isCounted && (
          <>
            {check(
              'range',
              words.range,
              query.get('range') !== 'no',
              query.get('range') === 'no' ? undefined : 'no',
            )}
            {flag('deviation', words.deviation)}
            {flag('quantiles', words.quantiles)}
          </>
        )}
      </div>
    </div>
  );
}
