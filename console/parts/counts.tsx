import { useText } from '../app/context.ts';
import { count } from './format.ts';
import { Table } from './table.tsx';

/** Lines of a file, each with what was found in it. */
export function Lines({
  title,
  lines,
}: {
  title: string;
  lines: readonly { readonly [name: string]: unknown }[];
}) {
  const words = useText().upload;
  const rows: Record<string, unknown>[] = lines.map((line, index) => ({ ...line, index }));
  const shown = (value: unknown): string =>
    value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  const has = (name: string) => lines.some((line) => line[name] !== undefined);
  const columns = [
    ['line', words.line],
    ['reason', words.reason],
    ['measure', words.inspect.column],
    ['detail', words.detail],
    ['value', words.inspect.value],
    ['text', words.text],
  ] as const;
  return (
    <Table
      caption={title}
      nothing=""
      rows={rows}
      keyOf={({ index }) => String(index)}
      columns={columns
        .filter(([name]) => has(name))
        .map(([name, column]) => ({
          name,
          title: column,
          number: name === 'line',
          cell: (line: Record<string, unknown>) =>
            name === 'text' || name === 'value' ? (
              <code>{shown(line[name]).slice(0, 200)}</code>
            ) : (
              <span lang={name === 'detail' ? 'en' : undefined}>{shown(line[name])}</span>
            ),
        }))}
    />
  );
}

/** How many of each reason. */
export function Counts({ of, counts }: { of?: string; counts: Readonly<Record<string, number>> }) {
  return (
    <p>
      {of !== undefined && `${of}: `}
      {Object.entries(counts).map(([reason, number]) => (
        <span key={reason} class="mark">
          {reason} {count(number)}
        </span>
      ))}
    </p>
  );
}
