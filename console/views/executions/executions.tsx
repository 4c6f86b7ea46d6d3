import { useAsked, useConsole } from '../../app/context.ts';
import { address, changeQuery, useRoute } from '../../app/router.ts';
import { Exports } from '../../parts/exports.tsx';
import { ChoiceField, chosenOf } from '../../parts/fields.tsx';
import { clock, took } from '../../parts/format.ts';
import { Head } from '../../parts/head.tsx';
import { Table } from '../../parts/table.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { Execution } from './execution.tsx';

const statuses = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const;
const machines = ['ingest', 'jobs'] as const;

/** The executions of the state machines, or below this address one of them. */
export default function Executions({ rest }: { readonly rest: string }) {
  const machine = chosenOf(useRoute().query, 'machine', machines);
  return rest === '' ? <List /> : <Execution key={`${machine} ${rest}`} name={rest} machine={machine} />;
}

function List() {
  const { text, api } = useConsole();
  const words = text.executions;
  const { query } = useRoute();
  const parameters = {
    status: chosenOf(query, 'status', statuses),
    machine: chosenOf(query, 'machine', machines),
    limit: '50',
    cursor: query.get('cursor') ?? undefined,
  };
  const asked = useAsked(JSON.stringify(parameters), (signal) =>
    api.call('listExecutions', parameters, { signal }),
  );
  const found = asked.value;
  return (
    <>
      <Head title={text.views.executions} about={words.about}>
        <button type="button" onClick={asked.again}>
          {words.refresh}
        </button>
      </Head>
      <div class="controls">
        <ChoiceField
          name="status"
          label={words.status}
          options={statuses}
          titles={words.statuses}
          all={words.all}
          clears={['cursor']}
        />
        <ChoiceField
          name="machine"
          label={words.machine}
          options={machines}
          titles={words.machines}
          all={words.all}
          clears={['cursor']}
        />
      </div>
      <Waiting of={[asked]} />
      {found && (
        <section class="card" aria-label={text.views.executions}>
          <Table
            caption={text.views.executions}
            nothing={words.none}
            rows={found.executions}
            keyOf={({ name, machine }) => `${machine} ${name}`}
            columns={[
              {
                name: 'name',
                title: words.name,
                cell: ({ name, machine }) => (
                  <a href={address(`/executions/${encodeURIComponent(name)}`, { machine })}>{name}</a>
                ),
              },
              { name: 'machine', title: words.machine, cell: ({ machine }) => words.machines[machine] },
              {
                name: 'status',
                title: words.status,
                cell: ({ status }) => <span class={`status ${status}`}>{words.statuses[status]}</span>,
              },
              { name: 'started', title: words.started, cell: ({ startedAt }) => clock(startedAt) },
              {
                name: 'took',
                title: words.took,
                number: true,
                cell: ({ startedAt, endedAt }) =>
                  endedAt === null ? '' : took(Date.parse(endedAt) - Date.parse(startedAt)),
              },
            ]}
          />
          {found.cursor !== null && (
            <button type="button" onClick={() => changeQuery({ cursor: found.cursor ?? undefined })}>
              {words.older}
            </button>
          )}
        </section>
      )}
      <Exports
        name="executions"
        requests={[{ operation: 'listExecutions', parameters }]}
        csv={() => [
          ['name', 'machine', 'status', 'startedAt', 'endedAt', 'redrives'],
          ...(found?.executions ?? []).map((each) => [
            ...[each.name, each.machine, each.status, each.startedAt, each.endedAt, each.redrives],
          ]),
        ]}
      />
    </>
  );
}
