import { useEffect, useState } from 'preact/hooks';
import type { Answer } from '../../api/operations.ts';
import { useAsked, useConsole, useIsOperator } from '../../app/context.ts';
import { Confirm, Done } from '../../parts/confirm.tsx';
import { Exports } from '../../parts/exports.tsx';
import { clock, count as number, took } from '../../parts/format.ts';
import { Head } from '../../parts/head.tsx';
import { Opening } from '../../parts/opening.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Table } from '../../parts/table.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { MapStates, StateGraph } from './graph.tsx';

/** Between two looks at an execution that runs. */
const lookMs = 2_000;

/** One execution: the graph of its states, what failed in it, and how to run it on. */
export function Execution({ name, machine }: { name: string; machine: 'ingest' | 'jobs' | undefined }) {
  const { text, api } = useConsole();
  const words = text.executions;
  const [looks, setLooks] = useState(0);
  const parameters = { name, machine };
  const asked = useAsked(`${name} ${looks}`, (signal) => api.call('getExecution', parameters, { signal }));
  const found = asked.value?.name === name ? asked.value : undefined;
  const runs = found?.endedAt === null;
  useEffect(() => {
    if (!runs || asked.busy) return;
    const timer = setTimeout(() => setLooks((before) => before + 1), lookMs);
    return () => clearTimeout(timer);
  }, [runs, asked.busy, looks]);
  return (
    <>
      <Head title={words.one(name)}>
        <a href="/executions">{words.allOfThem}</a>
      </Head>
      <Waiting of={[asked]} quiet />
      {found && (
        <>
          <Summary execution={found} again={() => setLooks((before) => before + 1)} />
          <section class="card" aria-labelledby="states">
            <h2 id="states">{words.states}</h2>
            <StateGraph execution={found} nowMs={Date.now()} />
            <MapStates graph={found.graph} />
            <Visits execution={found} />
          </section>
          <Failures execution={found} />
          <Exports
            name={`execution-${name}`}
            requests={[{ operation: 'getExecution', parameters }]}
            csv={() => [
              ['state', 'type', 'outcome', 'enteredAt', 'leftAt', 'faults'],
              ...found.visits.map((each) => [
                ...[each.state, each.type, each.outcome, each.enteredAt, each.leftAt, each.faultCount],
              ]),
            ]}
          />
        </>
      )}
    </>
  );
}

type Found = Answer<'getExecution'>;

function Summary({ execution, again }: { execution: Found; again: () => void }) {
  const words = useConsole().text.executions;
  const { machine, status, startedAt, endedAt, redrives, error, cause, counts } = execution;
  const end = endedAt === null ? Date.now() : Date.parse(endedAt);
  return (
    <section class="card" aria-labelledby="summary">
      <h2 id="summary">
        <span class={`status ${status}`}>{words.statuses[status]}</span>
      </h2>
      <dl class="facts">
        <dt>{words.machine}</dt>
        <dd>{words.machines[machine]}</dd>
        <dt>{words.started}</dt>
        <dd>{clock(startedAt)}</dd>
        <dt>{words.took}</dt>
        <dd>{took(end - Date.parse(startedAt))}</dd>
        {redrives > 0 && (
          <>
            <dt>{words.redrives}</dt>
            <dd>{redrives}</dd>
          </>
        )}
        {error !== undefined && (
          <>
            <dt>{words.error}</dt>
            <dd>
              {error}: {cause}
            </dd>
          </>
        )}
        {Object.entries(counts).map(([count, value]) => (
          <>
            <dt>{words.counts[count] ?? <code>{count}</code>}</dt>
            <dd>{number(value)}</dd>
          </>
        ))}
      </dl>
      <Redrive key={`${machine} ${execution.name}`} execution={execution} again={again} />
    </section>
  );
}

/**
 * What is wrong is fixed first: so it is asked once more, with what will happen. What was done stays to be read when the
 * execution runs again, and so has nothing to redrive.
 */
function Redrive({ execution, again }: { execution: Found; again: () => void }) {
  const { text, api } = useConsole();
  const words = text.executions;
  const isOperator = useIsOperator();
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<Answer<'redriveExecution'>>();
  const [error, setError] = useState<unknown>();
  const { name, machine } = execution;
  const isOffered = execution.redrive.way !== 'none';
  if (!isOffered && !busy && done === undefined && error === undefined) return null;
  if (!isOperator) return <p class="about">{words.onlyOperators}</p>;
  const redrive = async () => {
    setBusy(true);
    setError(undefined);
    try {
      setDone(await api.call('redriveExecution', { name, machine }));
      again();
    } catch (fault) {
      setError(fault);
    }
    setBusy(false);
  };
  return (
    <>
      {(isOffered || busy) && done === undefined && (
        <Confirm
          ask={words.redrive}
          about={`${execution.redrive.why} ${words.fixFirst}`}
          now={words.redriveNow}
          busy={busy}
          onConfirm={() => void redrive()}
        />
      )}
      {done !== undefined && (
        <Done>
          {words.runs} <a href={`/executions/${encodeURIComponent(done.execution)}`}>{done.execution}</a>
        </Done>
      )}
      {error !== undefined && <Problem error={error} />}
    </>
  );
}

function Visits({ execution }: { execution: Found }) {
  const words = useConsole().text.executions;
  return (
    <Opening name="visits" summary={words.visits}>
      <Table
        caption={words.visits}
        nothing={words.none}
        rows={execution.visits.map((visit, index) => ({ ...visit, index }))}
        keyOf={({ index }) => String(index)}
        columns={[
          { name: 'state', title: words.state, cell: ({ state }) => state },
          { name: 'outcome', title: words.outcome, cell: ({ outcome }) => words.outcomes[outcome] },
          { name: 'entered', title: words.started, cell: ({ enteredAt }) => clock(enteredAt) },
          {
            name: 'took',
            title: words.took,
            number: true,
            cell: ({ enteredAt, leftAt }) =>
              leftAt === null ? '' : took(Date.parse(leftAt) - Date.parse(enteredAt)),
          },
          {
            name: 'faults',
            title: words.faultsOnTheWay,
            cell: ({ faults }) => faults.map(({ error, cause }) => `${error}: ${cause}`).join('; '),
          },
        ]}
      />
    </Opening>
  );
}

function Failures({ execution: { failedItems, failedSegments } }: { execution: Found }) {
  const words = useConsole().text.executions;
  if (failedItems.count === 0 && failedSegments.length === 0) return null;
  const rows = [
    ...failedSegments.map(({ key, error, cause }) => ({ what: key, error, cause })),
    ...failedItems.first.map(({ map, error, cause, input }) => ({ what: `${map}: ${input}`, error, cause })),
  ];
  return (
    <section class="card" aria-labelledby="failures">
      <h2 id="failures">{words.failed}</h2>
      <Table
        caption={words.failed}
        nothing={words.none}
        rows={rows.map((row, index) => ({ ...row, index }))}
        keyOf={({ index }) => String(index)}
        columns={[
          { name: 'what', title: words.item, cell: ({ what }) => what },
          { name: 'error', title: words.error, cell: ({ error }) => error },
          { name: 'cause', title: words.cause, cell: ({ cause }) => cause },
        ]}
      />
    </section>
  );
}
