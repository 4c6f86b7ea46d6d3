import { useState } from 'preact/hooks';
import type { Answer } from '../../api/operations.ts';
import { useConsole, useIsOperator } from '../../app/context.ts';
import { useRoute } from '../../app/router.ts';
import { Confirm, Done } from '../../parts/confirm.tsx';
import { useDatasets } from '../../parts/dataset.tsx';
import { Exports } from '../../parts/exports.tsx';
import { ChoiceField } from '../../parts/fields.tsx';
import { clock, count } from '../../parts/format.ts';
import { useEveryPage, usePages } from '../../parts/pages.ts';
import { Problem } from '../../parts/problem.tsx';
import { Waiting } from '../../parts/waiting.tsx';

type File = Answer<'listRefusedFiles'>['files'][number];

/** Files that the page shows. */
const most = 100;

/** Files of which nothing was taken: why, what each probably is, and the ways out. */
export function Refused() {
  const { text } = useConsole();
  const words = text.rejects;
  const list = useDatasets();
  const dataset = useRoute().query.get('dataset') ?? undefined;
  const request = { operation: 'listRefusedFiles', parameters: { dataset, limit: '50' } } as const;
  const asked = usePages(request, 'files', most);
  const all = useEveryPage(request, 'files');
  const files = asked.value?.rows ?? [];
  return (
    <>
      <div class="controls">
        <ChoiceField
          name="dataset"
          label={text.dataset}
          options={list.value?.map(({ name }) => name) ?? []}
          all={text.alerts.all}
        />
      </div>
      <Waiting of={[list, asked]} />
      {asked.value?.more && <p class="about">{text.series.first(count(files.length))}</p>}
      {asked.value && files.length === 0 && <p class="nothing">{words.noneRefused}</p>}
      {files.map((file) => (
        <RefusedFile key={`${file.key} ${file.versionId}`} file={file} />
      ))}
      <Exports
        name="refused-files"
        requests={[request]}
        csv={async () => [
          ['key', 'versionId', 'arrivedAt', 'reason', 'detail', 'cause'],
          ...(await all()).map((each) => [
            ...[each.key, each.versionId, each.arrivedAt, each.reason, each.detail, each.cause],
          ]),
        ]}
      />
    </>
  );
}

function RefusedFile({ file }: { file: File }) {
  const words = useConsole().text.rejects;
  const { key, arrivedAt, reason, detail, cause, lines, hasEarlier, waysOut } = file;
  return (
    <section class="card" aria-label={key}>
      <h2>{key}</h2>
      <p>
        <span class="mark bad">{reason}</span> {clock(arrivedAt)} (UTC)
      </p>
      <p>{detail}</p>
      {cause !== undefined && (
        <p>
          {words.cause} {cause}
        </p>
      )}
      {lines.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <pre class="wraps" tabIndex={0}>
          {lines
            .map(({ line, text, detail: why }) => `${count(line)}  ${text}${why ? `\n   ↳ ${why}` : ''}`)
            .join('\n')}
        </pre>
      )}
      {hasEarlier && <p class="about">{words.hasEarlier}</p>}
      <p class="about">{waysOut.includes('accept') ? words.replaceOr : words.replace}</p>
      {waysOut.includes('accept') && <Accept file={key} />}
    </section>
  );
}

/** Asked once more: the lines that can be read may say something else than they should. */
function Accept({ file }: { file: string }) {
  const { text, api } = useConsole();
  const words = text.rejects;
  const isOperator = useIsOperator();
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<Answer<'acceptRefusedFile'>>();
  const [error, setError] = useState<unknown>();
  if (!isOperator) return <p class="about">{words.onlyOperators}</p>;
  const accept = async () => {
    setBusy(true);
    setError(undefined);
    try {
      setDone(await api.call('acceptRefusedFile', {}, { body: { key: file } }));
    } catch (fault) {
      setError(fault);
    }
    setBusy(false);
  };
  if (done !== undefined) return <Done>{words.accepted(count(done.valid), count(done.lines))}</Done>;
  return (
    <>
      <Confirm
        ask={words.accept}
        about={words.acceptAbout}
        now={words.acceptNow}
        busy={busy}
        onConfirm={() => void accept()}
      />
      {error !== undefined && <Problem error={error} />}
    </>
  );
}
