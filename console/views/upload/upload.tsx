import { useEffect, useRef, useState } from 'preact/hooks';
import { useConsole, useIsOperator } from '../../app/context.ts';
import { share, sizeOf } from '../../parts/format.ts';
import { Head } from '../../parts/head.tsx';
import { Problem } from '../../parts/problem.tsx';
import type { ViewProps } from '../view.ts';
import { mostBytes, NotSent } from './send.ts';
import { send, tell, useSending } from './sending.ts';
import { Uploaded } from './uploaded.tsx';

/** A file goes up, is looked at, lands, and becomes months. `/upload/<id>` is the file with that id. */
export default function Upload({ rest }: ViewProps) {
  const { text } = useConsole();
  const isOperator = useIsOperator();
  return (
    <>
      <Head title={text.views.upload} about={text.upload.about}>
        {rest !== '' && <a href="/upload">{text.upload.another}</a>}
      </Head>
      {!isOperator && <p class="card">{text.upload.onlyOperators}</p>}
      {isOperator && (rest === '' ? <Chooser /> : <Uploaded key={rest} uploadId={rest} />)}
    </>
  );
}

/** Takes a file that is chosen or dropped, and sends it. */
function Chooser() {
  const { text, api } = useConsole();
  const words = text.upload;
  const [over, setOver] = useState(false);
  const { progress, error, arrived } = useSending();
  const input = useRef<HTMLInputElement>(null);
  const stop = useRef<HTMLButtonElement>(null);
  const isSending = progress !== undefined;
  // The field and the button that cancels take turns, and so does the keyboard.
  const wasSending = useRef(isSending);
  useEffect(() => {
    if (wasSending.current !== isSending) (isSending ? stop : input).current?.focus();
    wasSending.current = isSending;
  }, [isSending]);

  // A file that is dropped beside its place would be shown by the browser instead of the page.
  useEffect(() => {
    const kept = (event: Event) => event.preventDefault();
    for (const type of ['dragover', 'drop']) addEventListener(type, kept);
    return () => {
      for (const type of ['dragover', 'drop']) removeEventListener(type, kept);
    };
  }, []);

  const take = async (files: FileList | null | undefined) => {
    const [file, ...others] = files ?? [];
    if (file === undefined || progress) return;
    const unfit = whyNot(file, others.length, words);
    if (unfit !== undefined) return tell({ error: new Error(unfit) });
    await send(api, file, {
      cancelled: words.cancelled,
      fault: (fault) => (fault instanceof NotSent ? new Error(saidOf(fault, words)) : fault),
    });
  };

  return (
    <section class="card" aria-labelledby="choose">
      <h2 id="choose">{words.choose}</h2>
      {progress ? (
        <div class="sending">
          <p id="sending">{words.sending(progress.file.name)}</p>
          <progress aria-labelledby="sending" max={progress.file.size} value={progress.bytes} />
          <p class="about">
            {words.sent(share(Math.min(1, progress.bytes / progress.file.size)), sizeOf(progress.file.size))}
          </p>
          <button ref={stop} type="button" onClick={progress.stop}>
            {text.cancel}
          </button>
        </div>
      ) : (
        // The field in it takes files from the keyboard; dropping is for those who have a mouse.
        // biome-ignore lint/a11y/noStaticElementInteractions: see above
        <div
          class={over ? 'drop over' : 'drop'}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            void take(event.dataTransfer?.files);
          }}
        >
          <label for="file">{words.drop}</label>
          <input
            ref={input}
            id="file"
            type="file"
            onChange={(event) => {
              void take(event.currentTarget.files);
              event.currentTarget.value = ''; // so that the same file may be chosen again
            }}
          />
          <p class="about">{words.limits}</p>
        </div>
      )}
      {arrived !== undefined && (
        <p>
          <a href={`/upload/${arrived.uploadId}`} onClick={() => tell({})}>
            {words.arrived(arrived.name)}
          </a>
        </p>
      )}
      {error !== undefined && <Problem error={error} />}
    </section>
  );
}

type Words = ReturnType<typeof useConsole>['text']['upload'];

function whyNot(file: File, others: number, words: Words): string | undefined {
  if (others > 0) return words.oneFile;
  if (file.size === 0) return words.empty(file.name);
  return file.size > mostBytes ? words.tooLarge(file.name) : undefined;
}

const saidOf = ({ status, message }: NotSent, words: Words): string =>
  status === 0 ? words.noConnection : words.notSent(status, message);
