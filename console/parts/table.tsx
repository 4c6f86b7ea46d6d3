import type { ComponentChildren } from 'preact';
import { useText } from '../app/context.ts';
import { changeQuery, useRoute } from '../app/router.ts';

interface Column<Row> {
  /** In the address, when the rows are sorted by it. */
  readonly name: string;
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Numbers stand at the right. */
  readonly number?: boolean;
  /** By what the rows are sorted; without it they can't be. */
  readonly by?: (row: Row) => number | string | undefined;
}

interface TableProps<Row> {
  /** What the rows are, for those who do not see the table's place. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** What to say instead of rows. */
  readonly nothing: string;
}

/** A table that is sorted by the parameter `sort` of the address: a column's name, with `-` before it downward. */
export function Table<Row>({ caption, columns, rows, keyOf, nothing }: TableProps<Row>) {
  const text = useText();
  const sort = useRoute().query.get('sort') ?? '';
  const down = sort.startsWith('-');
  const sorted = columns.find(({ name, by }) => by && name === sort.replace(/^-/, ''));
  if (rows.length === 0) return <p class="nothing">{nothing}</p>;
  const by = sorted?.by;
  const ordered = by ? [...rows].sort((a, b) => compare(by(a), by(b)) * (down ? -1 : 1)) : rows;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    // biome-ignore lint/a11y/useSemanticElements: a fieldset does not scroll, and a section of its name would be a landmark beside the card's
    <div class="scroll stacks" tabIndex={0} role="group" aria-label={caption}>
      <table>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => {
              const isSorted = column === sorted;
              return (
                <th
                  key={column.name}
                  scope="col"
                  class={column.number ? 'number' : undefined}
                  aria-sort={isSorted ? (down ? 'descending' : 'ascending') : undefined}
                >
                  {column.by ? (
                    <button
                      type="button"
                      class="sort"
                      title={text.table.sort(column.title)}
                      onClick={() =>
                        changeQuery({ sort: isSorted && !down ? `-${column.name}` : column.name }, 'replace')
                      }
                    >
                      {column.title}
                      <span aria-hidden="true">{isSorted ? (down ? ' ↓' : ' ↑') : ''}</span>
                    </button>
                  ) : (
                    column.title
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {ordered.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.name} class={column.number ? 'number' : undefined} data-title={column.title}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What has no value comes last when the rows go up. */
function compare(a: number | string | undefined, b: number | string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}
