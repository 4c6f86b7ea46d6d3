import type { NumberNotation } from '../../formats/number-text.ts';

/** Whether a line is JSON, or the first of a document that is set out over several. */
export const beginsAsJson = (line: string): boolean =>
  /^\s*(?:\{\s*(?:["}]|$)|\[\s*(?:[[{"\]]|$))/.test(line);

export const insteadOfJson =
  'a table in a file of this name. Call it .ndjson or .json, or have the dataset describe it by json({ … }) in its formats, as inspect writes it';

/** What all of these rows have that can't be read. */
export function habitOf(
  rows: readonly (readonly string[])[],
  columns: number,
  { decimal }: NumberNotation,
): string | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const all = (cell: RegExp) => rows.every((row) => row.some((text) => cell.test(text)));
  if (decimal === ',' && all(/^\s*-?\d+\.\d+\s*$/))
    return "its numbers have a decimal point; accepted: a decimal comma, as the dataset's format says";
  if (decimal === '.' && all(/^\s*-?\d[\d.]*,\d+\s*$/))
    return "its numbers have a decimal comma, or commas between thousands; accepted: a decimal point and no commas, unless the dataset's format says otherwise";
  if (first.length !== columns && rows.every((row) => row.length === first.length))
    return `its rows have ${first.length} cells where the header has ${columns}`;
  if (decimal === '.' && all(/^\s*-?\d{1,3}(?:,\d{3})+(?:\.\d*)?\s*$/))
    return "its numbers have commas between thousands; accepted: a decimal point and no commas, unless the dataset's format says otherwise";
  if (all(/^\s*[<>\u2264\u2265]\s*\d/))
    return "it has values that are below or above a limit, such as <0.05, which are no numbers; where they stand for no value, list them in `nothing` of their columns in the dataset's format";
  return undefined;
}
