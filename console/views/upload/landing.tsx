import { useState } from 'preact/hooks';
import type { Answer } from '../../api/operations.ts';
import { Refused } from '../../api/problem.ts';
import { useAsked, useConsole } from '../../app/context.ts';
import { changeQuery, useRoute } from '../../app/router.ts';
import { Act } from '../../parts/act.tsx';
import { Counts, Lines } from '../../parts/counts.tsx';
import { useDatasets } from '../../parts/dataset.tsx';
import { Exports } from '../../parts/exports.tsx';
import { Typed } from '../../parts/fields.tsx';
import { count, measured, zoned } from '../../parts/format.ts';
import { Problem } from '../../parts/problem.tsx';
import { Table } from '../../parts/table.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { Refusal } from './refusal.tsx';

/** Where the file lands, what it would come to there, and the button that lands it. */
export function Landing({ upload, again }: { upload: Answer<'getUpload'>; again: () => void }) {
  const { text, api } = useConsole();
  const { query } = useRoute();
  const words = text.upload.land;
  const list = useDatasets();
  const { uploadId } = upload;
  const dataset = query.get('dataset') ?? '';
  const body = {
    dataset,
    ...(query.get('sensor') ? { sensor: query.get('sensor') } : {}),
    ...(query.get('as') ? { name: query.get('as') } : {}),
  };
  const asked = useAsked(
    dataset === '' ? undefined : `preview ${uploadId} ${JSON.stringify(body)}`,
    (signal) => api.call('previewUpload', { uploadId }, { signal, body }),
  );
  const preview = asked.value?.dataset === dataset ? asked.value : undefined;
  const isUnseen =
    asked.error instanceof Refused && asked.error.problem.type === 'urn:caudal:problem:file-too-large';
  return (
    <section class="card" aria-labelledby="landing">
      <h2 id="landing">{words.title}</h2>
      <form
        class="controls"
        onSubmit={(event) => {
          event.preventDefault();
          const given = new FormData(event.currentTarget);
          changeQuery(
            Object.fromEntries(
              ['dataset', 'sensor', 'as'].map((name) => [name, String(given.get(name) ?? '').trim()]),
            ),
          );
        }}
      >
        <label>
          {words.dataset}
          <select
            name="dataset"
            value={dataset}
            onChange={(event) => changeQuery({ dataset: event.currentTarget.value })}
          >
            <option value="">{words.choose}</option>
            {list.value?.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          {words.sensor}
          <Typed name="sensor" value={query.get('sensor') ?? ''} />
        </label>
        <label>
          {words.name}
          <Typed name="as" value={query.get('as') ?? ''} placeholder={upload.name} />
        </label>
        <button type="submit">{words.look}</button>
      </form>
      <p class="about">{dataset === '' ? words.first : words.nameHint}</p>
      <Waiting of={[list, asked]} />
      {preview && !asked.busy && <Preview preview={preview} />}
      {isUnseen && <p>{words.unseen}</p>}
      {((preview && !asked.busy) || isUnseen) && (
        <Land key={JSON.stringify(body)} uploadId={uploadId} body={body} preview={preview} again={again} />
      )}
      {dataset !== '' && (
        <Exports
          name={`preview-${uploadId}`}
          requests={[{ operation: 'previewUpload', parameters: { uploadId }, body }]}
          csv={() => {
            const measures = Object.keys(preview?.units ?? {});
            return [
              ['month', 'readings', ...measures.map((measure) => `${measure} mean`)],
              ...(preview?.months ?? []).map((row) => [
                ...[row.period, row.count],
                ...measures.map((measure) => row.measures[measure]?.mean),
              ]),
            ];
          }}
        />
      )}
    </section>
  );
}

function Land({
  uploadId,
  body,
  preview,
  again,
}: {
  uploadId: string;
  body: object;
  preview: Found | undefined;
  again: () => void;
}) {
  const { text, api } = useConsole();
  const words = text.upload.land;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  if (preview?.refusal) return <p>{words.withholds}</p>;
  if (preview?.accepted === 0) return <p>{words.nothing}</p>;
  const land = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await api.call('landUpload', { uploadId }, { body });
      again();
    } catch (fault) {
      setError(fault);
      setBusy(false);
    }
  };
  return (
    <>
      <p>
        <Act class="primary" idle={busy} onClick={() => void land()}>
          {preview ? words.land(count(preview.readings)) : words.landUnseen}
        </Act>
      </p>
      {error !== undefined && <Problem error={error} />}
    </>
  );
}

type Found = Answer<'previewUpload'>;

function Preview({ preview }: { preview: Found }) {
  const { text } = useConsole();
  const words = text.upload;
  if (preview.refusal) return <Refusal refusal={preview.refusal} title={words.refused} />;
  const rejected = total(preview.rejected.byReason);
  const dropped = Object.values(preview.dropped.byMeasure).reduce((sum, counts) => sum + total(counts), 0);
  const figures: readonly (readonly [string, number, string?])[] = [
    [words.lines, preview.lines],
    [words.accepted, preview.accepted],
    [words.rejected, rejected, rejected > 0 ? 'bad' : ''],
    [words.dropped, dropped, dropped > 0 ? 'warn' : ''],
    [words.contested, preview.contested.count, preview.contested.count > 0 ? 'warn' : ''],
    [words.sensors, preview.inAll.sensors],
  ];
  const at = (when: string | null) => (when === null ? '' : zoned(when, preview.timeZone));
  return (
    <>
      <dl class="figures">
        {figures.map(([name, value, look]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class={look}>{count(value)}</dd>
          </div>
        ))}
      </dl>
      <dl class="facts">
        <dt>{words.land.key}</dt>
        <dd>
          <code>{preview.key}</code>
        </dd>
        <dt>{words.from}</dt>
        <dd>{at(preview.first)}</dd>
        <dt>{words.to}</dt>
        <dd>{at(preview.last)}</dd>
      </dl>
      {preview.unknownFields && preview.unknownFields.length > 0 && (
        <p>{words.land.notRead(preview.unknownFields.join(', '))}</p>
      )}
      {preview.unterminated && <p>{words.land.cut}</p>}
      {rejected > 0 && (
        <>
          <h3>{words.land.byReason}</h3>
          <Counts counts={preview.rejected.byReason} />
          <Lines title={words.land.byReason} lines={preview.rejected.examples} />
        </>
      )}
      {dropped > 0 && (
        <>
          <h3>{words.land.droppedValues}</h3>
          {Object.entries(preview.dropped.byMeasure).map(([measure, counts]) => (
            <Counts key={measure} of={measure} counts={counts} />
          ))}
          <Lines title={words.land.droppedValues} lines={preview.dropped.examples} />
        </>
      )}
      <Months preview={preview} />
    </>
  );
}

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, each) => sum + each, 0);

function Months({ preview: { months, inAll, units } }: { preview: Found }) {
  const { text } = useConsole();
  const words = text.upload.land;
  return (
    <>
      <h3>{words.months}</h3>
      {inAll.months > months.length && (
        <p class="about">{words.firstOf(count(months.length), count(inAll.months))}</p>
      )}
      <Table
        caption={words.months}
        nothing=""
        rows={months}
        keyOf={({ period }) => period}
        columns={[
          { name: 'month', title: words.month, cell: ({ period }) => period },
          { name: 'readings', title: text.readings, number: true, cell: (row) => count(row.count) },
          ...Object.entries(units).map(([measure, unit]) => ({
            name: measure,
            title: `${words.measure}: ${measure}`,
            number: true,
            cell: ({ measures }: (typeof months)[number]) => {
              const mean = measures[measure]?.mean;
              return mean === undefined || mean === null ? '' : `${measured(mean)} ${unit}`;
            },
          })),
        ]}
      />
    </>
  );
}
