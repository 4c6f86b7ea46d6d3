import type { Answer } from '../../api/operations.ts';
import { useConsole } from '../../app/context.ts';
import { Exports } from '../../parts/exports.tsx';
import { count, measured } from '../../parts/format.ts';
import { Waiting } from '../../parts/waiting.tsx';
import { useRepeated } from './repeated.ts';

type Line = Answer<'getStatus'>['lines'][number];

/** Where the console shows what a line is about. */
const places: Partial<Record<Line['name'], string>> = {
  executions: '/executions?status=FAILED',
  objects: '/executions?status=FAILED',
  refused: '/rejects?show=refused',
  rejected: '/rejects',
  jobs: '/jobs',
  alerts: '/alerts',
  silent: '/sensors?silent=1',
};
const marks = { fault: 'bad', attention: 'warn', unknown: '', ok: 'good' } as const;

/** What is wrong, and the way out; one line where nothing is. */
export function Status() {
  const { text, api } = useConsole();
  const words = text.status;
  const asked = useRepeated('status', (signal) => api.call('getStatus', {}, { signal }));
  const lines = asked.value?.lines ?? [];
  const wrong = lines.filter(({ state }) => state !== 'ok');
  return (
    <section class="card" aria-labelledby="status">
      <h2 id="status">{words.title}</h2>
      <Waiting of={[asked]} quiet />
      {asked.value && wrong.length === 0 && (
        <p>
          <span class="mark good">✓</span> {words.well(lines.length)}
        </p>
      )}
      {wrong.length > 0 && (
        <ul class="wrong">
          {wrong.map((line) => (
            <Wrong key={line.name} line={line} />
          ))}
        </ul>
      )}
      <Exports
        name="status"
        requests={[{ operation: 'getStatus', parameters: {} }]}
        csv={() => [
          ['name', 'state', 'figures', 'about', 'command'],
          ...lines.map(({ name, state, figures, about, command }) => [
            ...[name, state, JSON.stringify(figures), about.join('; '), command],
          ]),
        ]}
      />
    </section>
  );
}

function Wrong({ line: { name, state, figures, about, aboutInAll, command, see } }: { line: Line }) {
  const words = useConsole().text.status;
  const shown = Object.fromEntries(
    Object.entries(figures).map(([of, value]) => [of, typeof value === 'number' ? measured(value) : value]),
  );
  const place = places[name];
  return (
    <li>
      <span class={`mark ${marks[state]}`}>{words.states[state]}</span>{' '}
      {state === 'unknown' ? name : words.lines[name](shown)}{' '}
      {place !== undefined && <a href={place}>{words.look}</a>}
      {about.length > 0 && (
        <span class="about">
          {' '}
          {about.slice(0, 3).join(', ')}
          {aboutInAll > 3 && ` ${words.more(count(aboutInAll - 3))}`}
        </span>
      )}
      {place === undefined && command !== undefined && (
        <span class="about">
          {' '}
          {words.run} <code>{command}</code>
        </span>
      )}
      {place === undefined && command === undefined && see !== undefined && (
        <span class="about">
          {' '}
          {words.see} <code>{see}</code>
        </span>
      )}
    </li>
  );
}
