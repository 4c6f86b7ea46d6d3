import { useAsked, useConsole, useIsOperator } from '../../app/context.ts';
import { address } from '../../app/router.ts';
import { Exports, saveFile } from '../../parts/exports.tsx';
import { count } from '../../parts/format.ts';
import { Head } from '../../parts/head.tsx';
import { usePages } from '../../parts/pages.ts';
import { Table } from '../../parts/table.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { Mend } from './mend.tsx';

/** Lines that the page shows; CSV has all. */
const most = 1_000;

/** The rejected lines of one file with their reasons; they are mended below. */
export function RejectedFile({ file, version }: { file: string; version: string | undefined }) {
  const { text, api } = useConsole();
  const words = text.rejects;
  const isOperator = useIsOperator();
  const request = {
    operation: 'listRejectedLines',
    parameters: { key: file, version, limit: '200' },
  } as const;
  const asked = usePages(request, 'lines', most);
  const mendable = useAsked(JSON.stringify([file, version]), (signal) =>
    api.call('getMendable', { key: file, version }, { signal }),
  );
  return (
    <>
      <Head title={words.of(file)}>
        <a href="/rejects">{words.all}</a>
      </Head>
      <Waiting of={[asked]} />
      {asked.value && (
        <section class="card" aria-labelledby="lines">
          <h2 id="lines">
            {words.linesOf(`${count(asked.value.rows.length)}${asked.value.more ? '+' : ''}`)}
          </h2>
          <Table
            caption={words.lines}
            nothing={words.none}
            rows={asked.value.rows.map((row, index) => ({ ...row, index }))}
            keyOf={({ index }) => String(index)}
            columns={[
              { name: 'line', title: words.line, number: true, cell: ({ line }) => count(line) },
              { name: 'reason', title: words.reason, cell: ({ reason }) => reason },
              { name: 'detail', title: words.detail, cell: ({ detail }) => detail },
              { name: 'text', title: words.text, cell: (row) => <code>{row.text}</code> },
            ]}
          />
          <Exports name="rejected-lines" requests={[request]} csv="api" />
        </section>
      )}
      <Waiting of={[mendable]} />
      {mendable.value && (
        <Exports
          name="mendable-lines"
          requests={[{ operation: 'getMendable', parameters: { key: file, version } }]}
          csv={() => [
            ['file', 'line', 'of', 'reason', 'detail'],
            ...(mendable.value?.files ?? []).flatMap(({ name, lines }) =>
              lines.map(({ line, of, reason, detail }) => [name, line, of, reason, detail]),
            ),
          ]}
        />
      )}
      {mendable.value?.files.map((each) => (
        <section key={each.name} class="card" aria-label={words.mend}>
          <div class="head">
            <h2>{words.mend}</h2>
            <button type="button" onClick={() => saveFile(each.name, [bytesOf(each)], 'text/plain')}>
              {words.download}
            </button>
          </div>
          {!isOperator ? (
            <p class="about">{words.onlyOperators}</p>
          ) : each.encoding === 'base64' ? (
            <p class="about">{words.notText}</p>
          ) : (
            <Mend of={file} file={each} />
          )}
        </section>
      ))}
      {mendable.value && mendable.value.others.length > 0 && (
        <p class="about">{words.others(count(mendable.value.others.length))}</p>
      )}
      {mendable.value?.more && <p class="about">{words.moreToMend}</p>}
      <p>
        <a href={address('/rejects', { show: 'withdraw', of: 'file', key: file })}>{words.withdrawFile}</a>
      </p>
    </>
  );
}

function bytesOf({ encoding, content }: { encoding: 'utf-8' | 'base64'; content: string }): BlobPart {
  return encoding === 'utf-8'
    ? content
    : Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
}
