import { useState } from 'preact/hooks';
import { curlOf, isForOperators, type Request } from '../api/client.ts';
import { useConsole } from '../app/context.ts';
import { Act } from './act.tsx';

/** Of a CSV, the names of its columns first. */
type Rows = readonly (readonly unknown[])[];

interface ExportsProps {
  /** The requests whose answers the view shows. */
  readonly requests: readonly Request[];
  /** The name of the saved file, without `.csv`. */
  readonly name: string;
  /**
   * Where the rows of the CSV come from: `api` asks the same requests for CSV, page by page; a function gives the rows
   * of what is shown, of routes that have no CSV; without it there is none.
   */
  readonly csv?: 'api' | (() => Rows | Promise<Rows>);
}

/** What every view has: the commands that ask the same, and what it shows as CSV. */
export function Exports({ requests, name, csv }: ExportsProps) {
  const { api, config, text } = useConsole();
  const [shown, setShown] = useState(false);
  const [state, setState] = useState<'idle' | 'busy' | { readonly error: string }>('idle');
  const [copied, setCopied] = useState(false);
  const scope = requests.some(({ operation }) => isForOperators(operation)) ? ' --scope operate' : '';
  const commands = [
    `TOKEN=$(npm run -s caudal -- token${scope})`,
    ...requests.map((request) => curlOf(config, request)),
  ].join('\n');

  const save = async () => {
    if (csv === undefined) return;
    setState('busy');
    try {
      const parts = csv === 'api' ? await pagesOf(requests, api) : [rowsAsCsv(await csv())];
      saveFile(`${name}.csv`, parts);
      setState('idle');
    } catch (error) {
      setState({ error: error instanceof Error ? error.message : String(error) });
    }
  };

  return (
    <div class="exports">
      <button type="button" aria-expanded={shown} onClick={() => setShown(!shown)}>
        {text.exports.curl}
      </button>
      {csv !== undefined && (
        <Act idle={state === 'busy' || requests.length === 0} onClick={() => void save()}>
          {state === 'busy' ? text.exports.saving : 'CSV'}
        </Act>
      )}
      {typeof state === 'object' && <span role="alert">{state.error}</span>}
      {shown && (
        <div class="commands">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
          <pre tabIndex={0}>{commands}</pre>
          <button
            type="button"
            onClick={() => {
              void navigator.clipboard.writeText(commands).then(() => setCopied(true));
            }}
          >
            {copied ? text.exports.copied : text.exports.copy}
          </button>
        </div>
      )}
    </div>
  );
}

/** All pages of all requests; the header stands once for those that have the same. */
async function pagesOf(
  requests: readonly Request[],
  api: ReturnType<typeof useConsole>['api'],
): Promise<string[]> {
  const parts: string[] = [];
  let header: string | undefined;
  for (const request of requests) {
    let cursor: string | undefined;
    do {
      const page = await api.text(request, 'text/csv', cursor);
      const end = page.text.indexOf('\n') + 1;
      const own = page.text.slice(0, end);
      parts.push(own === header ? page.text.slice(end) : page.text);
      header = own;
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  return parts;
}

/** As RFC 4180 has it. */
function rowsAsCsv(rows: Rows): string {
  const cell = (value: unknown): string => {
    const content = value === undefined || value === null ? '' : String(value);
    return /[",\r\n]/.test(content) ? `"${content.replaceAll('"', '""')}"` : content;
  };
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** Gives a text to the browser, to keep as a file. */
export function saveFile(name: string, parts: readonly BlobPart[], type = 'text/csv'): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([...parts], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
