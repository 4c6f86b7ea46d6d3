import type { Answer } from '../../api/operations.ts';
import { useText } from '../../app/context.ts';
import { took } from '../../parts/format.ts';
import { Opening } from '../../parts/opening.tsx';
import { box, layOut } from './layout.ts';

type Execution = Answer<'getExecution'>;
type Visit = Execution['visits'][number];
type Graph = Execution['graph'];

/** The states of an execution's machine from top to bottom, with what became of those that it has visited. */
export function StateGraph({ execution, nowMs }: { execution: Execution; nowMs: number }) {
  const text = useText();
  const words = text.executions;
  const { startAt, states } = execution.graph;
  const { width, height, places, lines } = layOut(startAt, states);
  const last = new Map<string, Visit>();
  const times = new Map<string, number>();
  for (const visit of execution.visits) {
    last.set(visit.state, visit);
    times.set(visit.state, (times.get(visit.state) ?? 0) + 1);
  }
  const gone = new Set(
    execution.visits.slice(1).map((visit, index) => `${execution.visits[index]?.state}\n${visit.state}`),
  );
  // A state whose fault the machine has caught is left as any other; that it failed is what is looked for here.
  const caught = new Set(
    lines.filter(({ from, to, by }) => by === 'catch' && gone.has(`${from}\n${to}`)).map(({ from }) => from),
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="scroll" tabIndex={0} aria-label={words.graph}>
      <svg
        class="states"
        role="img"
        aria-label={words.graphOf(
          execution.name,
          execution.visits.map(({ state, outcome }) => `${state}: ${words.outcomes[outcome]}`).join(', '),
        )}
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
      >
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerUnits="userSpaceOnUse"
            markerWidth="9"
            markerHeight="9"
            orient="auto"
          >
            <path d="M0 0L8 4L0 8z" />
          </marker>
        </defs>
        {lines.map(({ from, to, by, path }) => (
          <path
            key={`${from} ${to}`}
            class={`way ${by}${gone.has(`${from}\n${to}`) ? ' gone' : ''}`}
            d={path}
            marker-end="url(#arrow)"
          />
        ))}
        {places.map(({ name, x, y }) => {
          const visit = last.get(name);
          return (
            <g
              key={name}
              class={`state ${caught.has(name) ? 'caught' : (visit?.outcome ?? 'unvisited')}`}
              transform={`translate(${x} ${y})`}
            >
              <rect width={box.width} height={box.height} rx="7" />
              <text x="12" y="21">
                {name}
              </text>
              <text class="detail" x="12" y="39">
                {visit === undefined
                  ? (states.find((state) => state.name === name)?.type ?? '')
                  : detailOf(visit, times.get(name) ?? 1, nowMs, words, caught.has(name))}
              </text>
            </g>
          );
        })}
      </svg>
    </section>
  );
}

function detailOf(
  visit: Visit,
  times: number,
  nowMs: number,
  words: ReturnType<typeof useText>['executions'],
  isCaught: boolean,
): string {
  const end = visit.leftAt === null ? nowMs : Date.parse(visit.leftAt);
  return [
    isCaught ? words.caught : words.outcomes[visit.outcome],
    visit.outcome === 'failed' ? '' : took(end - Date.parse(visit.enteredAt)),
    visit.items === undefined ? '' : words.ofItems(visit.items.succeeded, visit.items.total),
    visit.faultCount > 0 ? words.faults(visit.faultCount) : '',
    times > 1 ? `×${times}` : '',
  ]
    .filter(Boolean)
    .join(' · ');
}

/** What a map does with each item, as words: its states in the order in which they are. */
export function MapStates({ graph }: { graph: Graph }) {
  const words = useText().executions;
  const maps = graph.states.flatMap(({ name, items }) => (items === undefined ? [] : [{ name, items }]));
  return (
    <>
      {maps.map(({ name, items }) => (
        <Opening key={name} name={name} summary={words.eachItem(name)}>
          <ul>
            {items.states.map((state) => (
              <li key={state.name}>
                {state.name} ({state.type})
                {state.transitions.length > 0 &&
                  ` → ${[...new Set(state.transitions.map(({ to }) => to))].join(', ')}`}
              </li>
            ))}
          </ul>
        </Opening>
      ))}
    </>
  );
}
