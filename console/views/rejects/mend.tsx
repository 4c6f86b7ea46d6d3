import { useState } from 'preact/hooks';
import type { Answer } from '../../api/operations.ts';
import { useConsole } from '../../app/context.ts';
import { useDraft } from '../../app/draft.ts';
import { address } from '../../app/router.ts';
import { Act } from '../../parts/act.tsx';
import { useDatasets } from '../../parts/dataset.tsx';
import { count } from '../../parts/format.ts';
import { Problem } from '../../parts/problem.tsx';
import { listed } from '../../parts/sensor-ids.ts';
import { type Landed, land, placeOf, upload } from './upload.ts';

type Mendable = Answer<'getMendable'>['files'][number];
type Preview = Answer<'previewUpload'>;

/**
 * Lines to be edited, which land as a file of their own once all of them are valid.
 * @param of the key of the file that they come from
 */
export function Mend({ of, file }: { of: string; file: Mendable }) {
  const { text, api } = useConsole();
  const words = text.rejects;
  const list = useDatasets();
  const own = placeOf(file);
  const [content, setContent, sent] = useDraft(`mend ${of} ${file.name}`, file.content);
  const [dataset, setDataset] = useState(own.dataset ?? '');
  const [state, setState] = useState<'idle' | 'busy'>('idle');
  const [wrong, setWrong] = useState<Preview>();
  const [landed, setLanded] = useState<Landed>();
  const [error, setError] = useState<unknown>();
  const submit = async () => {
    setState('busy');
    setError(undefined);
    setWrong(undefined);
    try {
      const place = { ...own, dataset: dataset || (list.value?.[0]?.name ?? '') };
      const uploaded = await upload(api, file.name, content);
      const preview = await api.call(
        'previewUpload',
        { uploadId: uploaded.uploadId },
        { body: { dataset: place.dataset, name: place.folder + uploaded.name, examples: 20 } },
      );
      if (preview.refusal !== undefined || preview.accepted < preview.lines || preview.lines === 0)
        setWrong(preview);
      else {
        setLanded(await land(api, uploaded, place));
        sent();
      }
    } catch (fault) {
      setError(fault);
    }
    setState('idle');
  };
  return (
    <>
      <p class="about">{words.mendAbout}</p>
      <label class="field">
        <span>{words.content}</span>
        <textarea
          class="mend"
          rows={Math.min(20, content.split('\n').length + 1)}
          spellcheck={false}
          value={content}
          onInput={(event) => setContent(event.currentTarget.value)}
        />
      </label>
      <ul class="why">
        {file.lines.slice(0, 50).map(({ line, of, reason, detail }) => (
          <li key={`${line} ${of}`}>
            {words.why(count(line), count(of))} <strong>{reason}</strong>: {detail}
          </li>
        ))}
      </ul>
      <div class="controls">
        {own.dataset === undefined && (
          <label>
            {text.dataset}
            <select value={dataset} onChange={(event) => setDataset(event.currentTarget.value)}>
              {list.value?.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
        <Act class="primary" idle={state === 'busy' || landed !== undefined} onClick={() => void submit()}>
          {words.submit}
        </Act>
        {content !== file.content && landed === undefined && (
          <Act idle={state === 'busy'} onClick={() => setContent(file.content)}>
            {words.restore}
          </Act>
        )}
      </div>
      {state === 'busy' && <p role="status">{words.checking}</p>}
      {wrong !== undefined && <StillWrong preview={wrong} />}
      {error !== undefined && <Problem error={error} />}
      {landed !== undefined && <Outcome landed={landed} />}
    </>
  );
}

function StillWrong({ preview: { lines, accepted, refusal, rejected } }: { preview: Preview }) {
  const words = useConsole().text.rejects;
  return (
    <div class="problem" role="alert">
      <p>
        {refusal === undefined
          ? words.stillWrong(count(lines - accepted), count(lines))
          : `${refusal.detail}${refusal.cause === undefined ? '' : ` (${refusal.cause})`}`}
      </p>
      <ul>
        {rejected.examples.map((example) => (
          <li key={JSON.stringify(example)}>
            {String(example.line)}: {String(example.reason)}: {String(example.detail)}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What became of a file that has landed: its months, once they are there. */
function Outcome({ landed: { upload: of, place } }: { landed: Landed }) {
  const words = useConsole().text.rejects;
  const { lines, holds, state, error, refusal } = of;
  if (state === 'refused' || state === 'failed')
    return (
      <p class="problem" role="alert">
        {refusal?.detail ?? error}
      </p>
    );
  return (
    <p role="status">
      {words.landed(count(lines?.valid ?? 0), of.landed?.key ?? '')}{' '}
      {holds !== undefined && (
        <a
          href={address('/series', {
            dataset: place.dataset,
            sensor: listed(holds.sensors?.slice(0, 1) ?? []),
            period: 'month',
            from: holds.firstMonth,
            to: holds.lastMonth,
          })}
        >
          {words.months(holds.firstMonth, holds.lastMonth)}
        </a>
      )}
    </p>
  );
}
