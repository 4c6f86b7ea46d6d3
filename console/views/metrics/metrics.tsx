import type { Answer } from '../../api/operations.ts';
import { useAsked, useConsole, useText } from '../../app/context.ts';
import { useRoute } from '../../app/router.ts';
import { Exports } from '../../parts/exports.tsx';
import { ChoiceField, chosenOf } from '../../parts/fields.tsx';
import { clock, count, sizeOf, took } from '../../parts/format.ts';
import { Head } from '../../parts/head.tsx';
import { Sparkline } from '../../parts/sparkline.tsx';
import { Table } from '../../parts/table.tsx';
import { Waiting } from '../../parts/waiting.tsx';

type Found = Answer<'getMetrics'>;
type Row = Found['metrics'][number];

const spans = ['hour', 'day'] as const;
const groups = ['flow', 'freshness', 'rejects', 'api'] as const;

/** A value in its unit. */
const shown = (unit: Row['unit'], value: number): string => {
  if (unit === 'Bytes') return sizeOf(value);
  if (unit === 'Seconds') return took(value * 1_000);
  return unit === 'Milliseconds' ? took(value) : count(value);
};

/** What the installation did in the last hour or day, by CloudWatch. */
export default function Metrics() {
  const { text, api } = useConsole();
  const words = text.metrics;
  const { query } = useRoute();
  const span = chosenOf(query, 'span', spans) ?? 'hour';
  const asked = useAsked(span, (signal) => api.call('getMetrics', { span }, { signal }));
  const found = asked.value;
  return (
    <>
      <Head title={text.views.metrics} about={words.about}>
        <button type="button" onClick={asked.again}>
          {text.refresh}
        </button>
      </Head>
      <div class="controls">
        <ChoiceField name="span" label={words.span} options={spans} titles={words.spans} />
      </div>
      <Waiting of={[asked]} />
      {found && (
        <>
          <p class="about">{words.to(clock(found.to))}</p>
          {groups.map((group) => (
            <Group key={group} group={group} found={found} />
          ))}
        </>
      )}
      <Exports
        name={`metrics-${span}`}
        requests={[{ operation: 'getMetrics', parameters: { span } }]}
        csv={() => [
          ['name', 'dataset', 'unit', 'value', 'from', 'to'],
          ...(found?.metrics ?? []).map(({ name, dataset = '', unit, value }) => [
            ...[name, dataset, unit, value ?? '', found?.from ?? '', found?.to ?? ''],
          ]),
        ]}
      />
    </>
  );
}

function Group({ group, found }: { readonly group: Row['group']; readonly found: Found }) {
  const words = useText().metrics;
  const rows = found.metrics.filter((row) => row.group === group);
  const isByDataset = rows.some(({ dataset }) => dataset !== undefined);
  const [from, to] = [clock(found.from), clock(found.to)];
  return (
    <section class="card metrics" aria-label={words.groups[group]}>
      <h2>{words.groups[group]}</h2>
      <Table
        caption={words.groups[group]}
        nothing={words.nothing}
        rows={rows}
        keyOf={({ name, dataset = '' }) => `${name} ${dataset}`}
        columns={[
          { name: 'metric', title: words.metric, cell: ({ name }) => words.names[name] },
          ...(isByDataset
            ? [{ name: 'dataset', title: words.dataset, cell: ({ dataset }: Row) => dataset ?? '' }]
            : []),
          {
            name: 'value',
            title: words.value,
            number: true,
            cell: ({ unit, value }) => (value === null ? words.nothing : shown(unit, value)),
          },
          {
            name: 'course',
            title: words.course,
            cell: ({ name, dataset, values }) => (
              <Sparkline
                name={words.courseOf([words.names[name], dataset].filter(Boolean).join(', '), from, to)}
                values={values.map((value) => value ?? undefined)}
              />
            ),
          },
        ]}
      />
    </section>
  );
}
