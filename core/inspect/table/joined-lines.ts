/** As the ingestion has it: a quote that is closed no sooner is one by mistake. */
const maxLines = 100;

/** A row of several lines. */
interface JoinedLine {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly text: string;
}

/**
 * The lines of a file in which quotes are closed in a later line, put together with line breaks between them.
 * @returns each of `lines`, those that went into an earlier one empty, and the rows of several; `undefined` where no row is
 */
export function joinedLines(
  lines: readonly string[],
): { readonly lines: readonly string[]; readonly rows: readonly JoinedLine[] } | undefined {
  const isOdd = (line: string) => (line.match(/"/g)?.length ?? 0) % 2 === 1;
  const all = [...lines];
  const rows: JoinedLine[] = [];
  for (let at = 0; at < lines.length; at++) {
    if (!isOdd(lines[at] ?? '')) continue;
    const length = lines.slice(at + 1, at + maxLines).findIndex(isOdd) + 2;
    if (length < 2) continue;
    const text = lines.slice(at, at + length).join('\n');
    all.fill('', at, at + length);
    all[at] = text;
    rows.push({ line: at + 1, text });
    at += length - 1;
  }
  return rows.length === 0 ? undefined : { lines: all, rows };
}
