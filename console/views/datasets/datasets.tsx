import { useAsked, useConsole } from '../../app/context.ts';
import { address } from '../../app/router.ts';
import { DatasetField, useDataset } from '../../parts/dataset.tsx';
import { Exports } from '../../parts/exports.tsx';
import { measured, spelled } from '../../parts/format.ts';
import { Head } from '../../parts/head.tsx';
import { Opening } from '../../parts/opening.tsx';
import { Table } from '../../parts/table.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { questionsFor } from './questions.ts';

/** One dataset: its definition, how its files are written, and how to ask SQL of it. */
export default function Datasets() {
  const { text, api } = useConsole();
  const chosen = useDataset();
  const name = chosen.value?.name;
  const asked = useAsked(name, (signal) => api.call('getDataset', { dataset: name ?? '' }, { signal }));
  const dataset = asked.value?.name === name ? asked.value : undefined;
  const words = text.datasets;
  return (
    <>
      <Head title={text.views.datasets} about={words.about} />
      <div class="controls">
        <DatasetField chosen={name} clears={['open']} />
      </div>
      <Waiting of={[chosen, asked]} />
      {dataset && (
        <>
          <section class="card" aria-labelledby="definition">
            <h2 id="definition">{dataset.name}</h2>
            <dl class="facts">
              <dt>{words.timeZone}</dt>
              <dd>{dataset.timeZone}</dd>
              <dt>{words.expectedEvery}</dt>
              <dd>{dataset.expectedEvery ? spelled(dataset.expectedEvery) : words.notSaid}</dd>
              <dt>{words.missing}</dt>
              <dd>{dataset.missing.length === 0 ? words.none : dataset.missing.join(', ')}</dd>
              <dt>{words.generation}</dt>
              <dd>{dataset.generation}</dd>
              <dt>{words.shards}</dt>
              <dd>{dataset.shards}</dd>
            </dl>
            <p class="links">
              <a href={address('/series', { dataset: dataset.name })}>{text.views.series}</a>
              <a href={address('/sensors', { dataset: dataset.name })}>{text.views.sensors}</a>
              <a href={address('/alerts', { dataset: dataset.name })}>{text.views.alerts}</a>
            </p>
          </section>

          <section class="card" aria-labelledby="measures">
            <h2 id="measures">{words.measures}</h2>
            <Table
              caption={words.measures}
              nothing={words.none}
              rows={Object.entries(dataset.measures)}
              keyOf={([measure]) => measure}
              columns={[
                { name: 'measure', title: text.measure, cell: ([measure]) => measure },
                { name: 'unit', title: text.unit, cell: ([, { unit }]) => unit },
                { name: 'min', title: words.lowest, number: true, cell: ([, { min }]) => measured(min) },
                { name: 'max', title: words.highest, number: true, cell: ([, { max }]) => measured(max) },
                {
                  name: 'optional',
                  title: words.without,
                  cell: ([, { optional }]) => (optional ? words.valueDropped : words.readingRejected),
                },
              ]}
            />
            {Object.keys(dataset.attributes).length > 0 && (
              <Table
                caption={words.attributes}
                nothing={words.none}
                rows={Object.entries(dataset.attributes)}
                keyOf={([attribute]) => attribute}
                columns={[
                  { name: 'attribute', title: words.attribute, cell: ([attribute]) => attribute },
                  {
                    name: 'length',
                    title: words.characters,
                    number: true,
                    // Of events there are others than texts: their type, or the only texts that there can be.
                    cell: ([, { maxLength, type, values }]) => maxLength ?? type ?? values?.join(', '),
                  },
                  {
                    name: 'optional',
                    title: words.without,
                    cell: ([, { optional }]) => (optional ? words.valueDropped : words.readingRejected),
                  },
                ]}
              />
            )}
          </section>

          <section class="card" aria-labelledby="rules">
            <h2 id="rules">{words.rules}</h2>
            <Table
              caption={words.rules}
              nothing={words.none}
              rows={Object.entries(dataset.alerts)}
              keyOf={([rule]) => rule}
              columns={[
                { name: 'rule', title: text.rule, cell: ([rule]) => rule },
                { name: 'measure', title: text.measure, cell: ([, { measure }]) => measure },
                {
                  name: 'limit',
                  title: words.breach,
                  cell: ([, rule]) => words.limit(inWords(rule), dataset.measures[rule.measure]?.unit ?? ''),
                },
                {
                  name: 'sensors',
                  title: text.views.sensors,
                  cell: ([, { sensors }]) => sensors ?? words.all,
                },
                { name: 'since', title: words.since, cell: ([, { since }]) => since ?? '' },
              ]}
            />
          </section>

          <section class="card" aria-labelledby="files">
            <h2 id="files">{words.files}</h2>
            <p class="about">{words.filesAbout}</p>
            {dataset.csv && <Json name="csv" title="csv" value={dataset.csv} />}
            {dataset.formats.map((format, index) => (
              <Json
                key={String(format.match ?? index)}
                name={`format-${index}`}
                title={String(format.match ?? '')}
                value={format}
              />
            ))}
            <Json name="schema" title={words.schema} value={dataset.reading} />
          </section>

          <section class="card" aria-labelledby="sql">
            <h2 id="sql">SQL</h2>
            <p class="about">{words.sqlAbout}</p>
            {questionsFor(dataset).map(({ title, sql }) => (
              <div class="question" key={title}>
                <h3>{words.questions[title]}</h3>
                {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
                <pre tabIndex={0}>{sql}</pre>
              </div>
            ))}
          </section>

          <Exports
            name={`${dataset.name}-measures`}
            requests={[{ operation: 'getDataset', parameters: { dataset: dataset.name } }]}
            csv={() => [
              ['measure', 'unit', 'min', 'max', 'optional'],
              ...Object.entries(dataset.measures).map(([measure, { unit, min, max, optional }]) => [
                measure,
                unit,
                min,
                max,
                optional,
              ]),
            ]}
          />
        </>
      )}
    </>
  );
}

/** A rule with its durations in the page's words. */
function inWords<Rule extends Readonly<Record<string, unknown>>>(rule: Rule): Rule {
  const durations = ['lasting', 'noDataFor', 'within'].flatMap((name) =>
    typeof rule[name] === 'string' ? [[name, spelled(rule[name])]] : [],
  );
  return { ...rule, ...Object.fromEntries(durations) };
}

function Json({ name, title, value }: { name: string; title: string; value: unknown }) {
  return (
    <Opening name={name} class="json" summary={title}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <pre tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>
    </Opening>
  );
}
