import { useEffect, useRef, useState } from 'preact/hooks';
import type { Answer } from '../../api/operations.ts';
import { useAsked, useConsole, useIsOperator } from '../../app/context.ts';
import { changeQuery, useRoute } from '../../app/router.ts';
import { Confirm, Done } from '../../parts/confirm.tsx';
import { DatasetField, useDataset } from '../../parts/dataset.tsx';
import { Exports } from '../../parts/exports.tsx';
import { Typed } from '../../parts/fields.tsx';
import { count, measured } from '../../parts/format.ts';
import { Problem } from '../../parts/problem.tsx';
import { Table } from '../../parts/table.tsx';
import { Waiting } from '../../parts/waiting.tsx';

type Effects = Answer<'withdrawReadings'>;
type Selection = Readonly<Record<string, string | boolean | undefined>>;

/** Between two looks at whether the change has been ingested. */
const lookMs = 2_000;

/** Takes a file, or a span of a series, out of all statistics, or brings it back; shown by month before it is done. */
export function Withdraw() {
  const { text } = useConsole();
  const words = text.rejects;
  const isOperator = useIsOperator();
  const { query } = useRoute();
  const ofFile = query.get('of') === 'file';
  const chosen = useDataset({ isOfView: !ofFile });
  const undo = query.get('undo') === 'yes';
  const value = (name: string) => query.get(name) ?? undefined;
  const selection: Selection = ofFile
    ? { key: value('key'), undo }
    : { dataset: chosen.value?.name, sensor: value('sensor'), from: value('from'), to: value('to'), undo };
  const isWhole = Object.values(selection).every((each) => each !== undefined && each !== '');
  /** The next preview follows from a button of this one, which goes with it: the keyboard goes on there. */
  const isFollowed = useRef(false);
  if (!isOperator) return <p class="about">{words.onlyOperators}</p>;
  return (
    <>
      <p class="about">{words.withdrawAbout}</p>
      <Waiting of={[chosen]} />
      <form
        class="controls"
        onSubmit={(event) => {
          event.preventDefault();
          const data = new FormData(event.currentTarget);
          const field = (name: string) => String(data.get(name) ?? '').trim();
          changeQuery({
            ...(ofFile
              ? { key: field('key') }
              : { sensor: field('sensor'), from: field('from'), to: field('to') }),
            undo: field('undo'),
            preview: 'yes',
          });
        }}
      >
        <label>
          {words.what}
          <select
            value={ofFile ? 'file' : 'series'}
            onChange={(event) => changeQuery({ of: event.currentTarget.value, preview: undefined })}
          >
            <option value="series">{words.aSeries}</option>
            <option value="file">{words.aFile}</option>
          </select>
        </label>
        {ofFile ? (
          <label>
            {words.key}
            <Typed
              name="key"
              required
              size={44}
              pattern="(raw|landing)/.+"
              value={value('key')}
              placeholder="landing/…/2026-03.csv"
            />
          </label>
        ) : (
          <>
            <DatasetField chosen={chosen.value?.name} clears={['preview']} />
            <label>
              {text.sensor}
              <Typed name="sensor" required value={value('sensor')} />
            </label>
            <label>
              {text.series.from}
              <Typed name="from" type="date" required value={value('from')} />
            </label>
            <label>
              {text.series.to}
              <Typed name="to" type="date" required value={value('to')} />
            </label>
          </>
        )}
        <label class="check">
          <input key={String(undo)} name="undo" type="checkbox" value="yes" defaultChecked={undo} />
          {words.bringBack}
        </label>
        <button type="submit">{words.preview}</button>
      </form>
      {query.get('preview') === 'yes' && isWhole && (
        <Preview
          key={JSON.stringify(selection)}
          selection={selection}
          undo={undo}
          takesFocus={isFollowed.current}
          onFollow={() => {
            isFollowed.current = true;
          }}
        />
      )}
    </>
  );
}

interface PreviewProps {
  readonly selection: Selection;
  readonly undo: boolean;
  readonly takesFocus: boolean;
  /** Before a button of it asks for the preview that undoes what was done. */
  readonly onFollow: () => void;
}

function Preview({ selection, undo, takesFocus, onFollow }: PreviewProps) {
  const { text, api } = useConsole();
  const words = text.rejects;
  const [looks, setLooks] = useState(0);
  const asked = useAsked(`${JSON.stringify(selection)} ${looks}`, (signal) =>
    api.call('withdrawReadings', {}, { signal, body: { ...selection, dryRun: true } }),
  );
  const [state, setState] = useState<'idle' | 'busy' | 'ingesting'>('idle');
  const [done, setDone] = useState<Effects>();
  const [error, setError] = useState<unknown>();
  const found = asked.value;
  const waits = state === 'ingesting' && found !== undefined && found.changes > 0;
  useEffect(() => {
    if (state !== 'ingesting' || asked.busy) return;
    if (!waits) {
      setState('idle');
      return;
    }
    const timer = setTimeout(() => setLooks((before) => before + 1), lookMs);
    return () => clearTimeout(timer);
  }, [state, waits, asked.busy, looks]);
  const confirm = async () => {
    setState('busy');
    setError(undefined);
    try {
      setDone(await api.call('withdrawReadings', {}, { body: { ...selection, digest: found?.digest } }));
      setState('ingesting');
      setLooks((before) => before + 1);
    } catch (fault) {
      setError(fault);
      setState('idle');
    }
  };
  const effects = done ?? found;
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    if (takesFocus) section.current?.focus();
  }, []);
  return (
    <section class="card" ref={section} tabIndex={-1} aria-labelledby="effects">
      <h2 id="effects">{done === undefined ? words.effects : words.changed}</h2>
      <Waiting of={[asked]} quiet />
      {effects !== undefined && <Effects effects={effects} />}
      {error !== undefined && <Problem error={error} />}
      {done === undefined && found !== undefined && found.changes > 0 && (
        <Confirm
          ask={undo ? words.bringBackDots : words.withdrawDots}
          about={words.sure}
          now={undo ? words.bringBackNow : words.withdrawNow}
          busy={state === 'busy'}
          onConfirm={() => void confirm()}
        />
      )}
      {done !== undefined && (
        <Done>{state === 'ingesting' ? words.ingesting : undo ? words.isBack : words.isWithdrawn}</Done>
      )}
      {done !== undefined && state === 'idle' && (
        <div class="confirm">
          <button
            type="button"
            onClick={() => {
              onFollow();
              changeQuery({ undo: undo ? undefined : 'yes' });
            }}
          >
            {undo ? words.withdrawAgain : words.undo}
          </button>
        </div>
      )}
      <Exports
        name="withdrawal"
        requests={[{ operation: 'withdrawReadings', parameters: {}, body: { ...selection, dryRun: true } }]}
        csv={() => [
          [
            ...['dataset', 'sensor', 'month', 'readingsBefore', 'readingsAfter', 'measure'],
            ...['meanBefore', 'meanAfter', 'maxBefore', 'maxAfter'],
          ],
          ...(effects ? changesByMeasure(effects) : []).map(({ of, measure, was, is }) => [
            ...[of.dataset, of.sensorId, of.month, of.before.count, of.after.count, measure],
            ...[was?.mean, is?.mean, was?.max, is?.max],
          ]),
        ]}
      />
    </section>
  );
}

/** The months, a row of each measure that there is before or after; events have none, and one row all the same. */
const changesByMeasure = ({ months }: Effects) =>
  months.flatMap((of) => {
    const names = new Set([...Object.keys(of.before.measures), ...Object.keys(of.after.measures)]);
    return (names.size === 0 ? [''] : [...names]).map((measure) => ({
      ...{ of, measure, was: of.before.measures[measure], is: of.after.measures[measure] },
    }));
  });

function Effects({ effects }: { effects: Effects }) {
  const { text } = useConsole();
  const words = text.rejects;
  const { withdrawn, restored, unchanged, heldByOthers, rejected, months, monthsInAll } = effects;
  const said = [
    withdrawn > 0 && words.withdraws(count(withdrawn)),
    restored > 0 && words.restores(count(restored)),
    unchanged > 0 && words.unchanged(count(unchanged)),
    heldByOthers > 0 && words.held(count(heldByOthers)),
    rejected.count > 0 && words.notTaken(count(rejected.count), rejected.first[0]?.detail ?? ''),
  ].filter((each) => each !== false);
  const change = (before: string, after: string) => (before === after ? before : `${before} → ${after}`);
  const shown = (value: number | undefined) => (value === undefined ? '–' : measured(value));
  const rows = changesByMeasure(effects).map(({ of, measure, was, is }) => ({
    ...{ dataset: of.dataset, sensorId: of.sensorId, month: of.month, measure },
    readings: change(count(of.before.count), count(of.after.count)),
    mean: change(shown(was?.mean), shown(is?.mean)),
    max: change(shown(was?.max), shown(is?.max)),
  }));
  return (
    <>
      {said.length === 0 ? <p>{words.nothingChanges}</p> : said.map((each) => <p key={each}>{each}</p>)}
      {rows.length > 0 && (
        <Table
          caption={words.effects}
          nothing={words.nothingChanges}
          rows={rows}
          keyOf={(row) => `${row.dataset} ${row.sensorId} ${row.month} ${row.measure}`}
          columns={[
            { name: 'dataset', title: text.dataset, cell: ({ dataset }) => dataset },
            { name: 'sensor', title: text.sensor, cell: ({ sensorId }) => sensorId },
            { name: 'month', title: text.sensors.month, cell: ({ month }) => month },
            { name: 'readings', title: text.readings, number: true, cell: ({ readings }) => readings },
            { name: 'measure', title: text.measure, cell: ({ measure }) => measure },
            { name: 'mean', title: text.series.mean, number: true, cell: ({ mean }) => mean },
            { name: 'max', title: text.series.max, number: true, cell: ({ max }) => max },
          ]}
        />
      )}
      {monthsInAll > months.length && <p class="about">{words.moreMonths(count(monthsInAll))}</p>}
    </>
  );
}
