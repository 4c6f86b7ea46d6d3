import type { Answer } from '../../api/operations.ts';
import { useAsked, useConsole } from '../../app/context.ts';
import { useDraft } from '../../app/draft.ts';
import { changeQuery, useRoute } from '../../app/router.ts';
import { Exports, saveFile } from '../../parts/exports.tsx';
import { Typed } from '../../parts/fields.tsx';
import { count, sizeOf } from '../../parts/format.ts';
import { Opening } from '../../parts/opening.tsx';
import { Table } from '../../parts/table.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { Refusal } from './refusal.tsx';

type Found = Answer<'inspectUpload'>;

/** What the owner of a file may say about it: in the address, under the names that the API has for it. */
const answers = ['zone', 'dateOrder', 'decimal', 'ofSensor', 'sensorColumn', 'newName'] as const;
const memberOf = (name: (typeof answers)[number]) =>
  name === 'ofSensor' ? 'sensor' : name === 'newName' ? 'name' : name;

/** How the file is written, by what it shows; what only its owner can know is asked. */
export function Inspection({ upload: { uploadId } }: { upload: Answer<'getUpload'> }) {
  const { text, api } = useConsole();
  const { query } = useRoute();
  const words = text.upload.inspect;
  const body = Object.fromEntries(
    answers.flatMap((name) => (query.get(name) ? [[memberOf(name), query.get(name)]] : [])),
  );
  const asked = useAsked(`inspect ${uploadId} ${JSON.stringify(body)}`, (signal) =>
    api.call('inspectUpload', { uploadId }, { signal, body }),
  );
  const found = asked.value;
  return (
    <section class="card" aria-labelledby="inspection">
      <h2 id="inspection">{words.title}</h2>
      <Waiting of={[asked]} />
      {found && (
        <>
          <p class="about">
            {found.looksAt.isWhole ? words.whole : words.looksAt(sizeOf(found.looksAt.bytes))}
          </p>
          <Questions found={found} />
          {found.refusal && <Refusal refusal={found.refusal} title={text.upload.refused} />}
          {found.readings.length > 0 && <Readings found={found} />}
          <Findings found={found} />
          {found.source !== null && <Source proposed={found.source} name={String(found.definition.name)} />}
        </>
      )}
      <Exports
        name={`inspect-${uploadId}`}
        requests={[{ operation: 'inspectUpload', parameters: { uploadId }, body }]}
        csv={() => {
          const readings: readonly Readonly<Record<string, unknown>>[] = found?.readings ?? [];
          const names = namesOf(readings);
          return [names, ...readings.map((reading) => names.map((name) => reading[name]))];
        }}
      />
    </section>
  );
}

/** What the API asks stands first, in its own words; what it did not ask may be said all the same. */
function Questions({ found }: { found: Found }) {
  const { text } = useConsole();
  const { query } = useRoute();
  const words = text.upload.inspect;
  const asked = new Map(found.questions.map((question) => [question.subject, question]));
  const columns = [
    ...found.unread.map(({ column }) => column),
    ...found.measures.flatMap(({ column }) => (typeof column === 'string' ? [column] : [])),
  ];
  const said = (name: (typeof answers)[number]) => query.get(name) ?? '';
  const question = (subject: Found['questions'][number]['subject']) => {
    const one = asked.get(subject);
    return (
      one && (
        <p class="question" lang="en">
          {one.text}
        </p>
      )
    );
  };
  const choice = (
    name: 'dateOrder' | 'decimal',
    label: string,
    options: Readonly<Record<string, string>>,
  ) => (
    <label>
      {label}
      <select name={name} key={said(name)} defaultValue={said(name)}>
        <option value="">{words.choose}</option>
        {Object.entries(options).map(([value, shown]) => (
          <option key={value} value={value}>
            {shown}
          </option>
        ))}
      </select>
    </label>
  );
  const typed = (name: 'zone' | 'ofSensor' | 'sensorColumn' | 'newName', label: string, hint = '') => (
    <label>
      {label}
      <Typed name={name} value={said(name)} placeholder={hint} list={`${name}-list`} />
    </label>
  );
  return (
    <form
      class={found.questions.length > 0 ? 'answers asked' : 'answers'}
      onSubmit={(event) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget);
        changeQuery(Object.fromEntries(answers.map((name) => [name, String(given.get(name) ?? '').trim()])));
      }}
    >
      {found.questions.length > 0 && <h3>{words.questions}</h3>}
      {found.questions.map(({ subject }) => question(subject))}
      <div class="controls">
        {typed('zone', words.zone, 'Europe/Madrid')}
        {choice('dateOrder', words.dateOrder, words.orders)}
        {choice('decimal', words.decimal, words.marks)}
        {typed('ofSensor', words.ofSensor)}
        {typed('sensorColumn', words.sensorColumn)}
        {typed('newName', words.name, 'inspected')}
        <button type="submit" class={found.questions.length > 0 ? 'primary' : ''}>
          {found.questions.length > 0 ? words.answer : words.again}
        </button>
      </div>
      <p class="about">
        {words.zone}: {words.zoneHint}.
      </p>
      <datalist id="zone-list">
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <datalist id="sensorColumn-list">
        {columns.map((column) => (
          <option key={column} value={column} />
        ))}
      </datalist>
    </form>
  );
}

function Findings({ found: { findings, unread } }: { found: Found }) {
  const { text } = useConsole();
  const words = text.upload.inspect;
  const mark = { certain: 'good', guessed: 'warn', asked: 'going' } as const;
  return (
    <Opening name="findings" summary={`${words.findings} (${count(findings.length)})`}>
      <Table
        caption={words.findings}
        nothing=""
        rows={findings}
        keyOf={({ subject, value }) => `${subject} ${value}`}
        columns={[
          { name: 'subject', title: words.finding, cell: ({ subject }) => <span lang="en">{subject}</span> },
          { name: 'value', title: words.value, cell: ({ value }) => value },
          {
            name: 'certainty',
            title: words.certainty,
            cell: ({ certainty }) => (
              <span class={`mark ${mark[certainty]}`}>{words.certainties[certainty]}</span>
            ),
          },
          { name: 'why', title: words.why, cell: ({ reason }) => <span lang="en">{reason}</span> },
        ]}
      />
      {unread.length > 0 && (
        <>
          <h3>{words.unread}</h3>
          <Table
            caption={words.unread}
            nothing=""
            rows={unread}
            keyOf={({ column }) => column}
            columns={[
              { name: 'column', title: words.column, cell: ({ column }) => column },
              { name: 'why', title: words.why, cell: ({ reason }) => <span lang="en">{reason}</span> },
            ]}
          />
        </>
      )}
    </Opening>
  );
}

/** Members that any of the readings has. */
const namesOf = (readings: readonly object[]): string[] => [
  ...new Set(readings.flatMap((reading) => Object.keys(reading))),
];

function Readings({ found }: { found: Found }) {
  const { text } = useConsole();
  const title = text.upload.inspect.readings(found.readings.length, count(found.accepted ?? 0));
  const rows: Record<string, unknown>[] = found.readings.map((reading, index) => ({ ...reading, index }));
  const names = namesOf(found.readings);
  return (
    <>
      <h3>{title}</h3>
      <Table
        caption={title}
        nothing=""
        rows={rows}
        keyOf={({ index }) => String(index)}
        columns={names.map((name) => ({
          name,
          title: name,
          number: found.readings.some((reading) => typeof reading[name] === 'number'),
          cell: (reading: Record<string, unknown>) => String(reading[name] ?? ''),
        }))}
      />
    </>
  );
}

/** The dataset that was made for the file: corrected here, and saved as a file of the project. */
function Source({ proposed, name }: { proposed: string; name: string }) {
  const { text } = useConsole();
  const words = text.upload.inspect;
  const [source, setSource] = useDraft(`source ${name}`, proposed);
  return (
    <Opening name="source" summary={words.source}>
      <p>{words.sourceAbout}</p>
      <ol>
        {words.steps(name).map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <p>{words.into(words.anExisting)}</p>
      <textarea
        class="source"
        aria-label={`datasets/${name}.ts`}
        spellcheck={false}
        rows={Math.min(30, source.split('\n').length + 1)}
        value={source}
        onInput={(event) => setSource(event.currentTarget.value)}
      />
      <div class="exports">
        <button type="button" onClick={() => saveFile(`${name}.ts`, [source], 'text/plain')}>
          {words.save} {name}.ts
        </button>
        {source !== proposed && (
          <button type="button" onClick={() => setSource(proposed)}>
            {words.restore}
          </button>
        )}
      </div>
    </Opening>
  );
}
