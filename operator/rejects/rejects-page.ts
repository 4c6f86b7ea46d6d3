import { countOf, formatCount } from '../../cli/format.ts';
import { oneLine } from '../../cli/print.ts';
import { renderTable } from '../../cli/table.ts';
import { optionWords, shellWord } from '../../core/shell-word.ts';
import type { CountedLines } from '../../handlers/operations/rejected-lines.ts';
import { keptRejects, type RejectedLine } from '../../ports/rejected-lines.ts';
import type { WrittenFile } from './fix-files.ts';

/** Counts rejected lines by file and reason, and keeps the first few. */
export class RejectsSummary {
  readonly #limit: number;
  readonly shown: RejectedLine[] = [];
  readonly byReason = new Map<string, number>();
  /** Files in the order in which they came: the newest first. */
  readonly byFile = new Map<string, { readonly key: string; readonly reasons: Map<string, number> }>();
  lines = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(line: RejectedLine): void {
    this.lines += 1;
    const version = `${line.key}\n${line.versionId}`;
    const file = this.byFile.get(version) ?? { key: line.key, reasons: new Map<string, number>() };
    this.byFile.set(version, file);
    for (const sums of [this.byReason, file.reasons]) sums.set(line.reason, (sums.get(line.reason) ?? 0) + 1);
    if (this.shown.length < this.#limit) this.shown.push(line);
  }
}

const shownCharacters = 200;
const shownFiles = 20;
const shorten = (text: string): string =>
  text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
const mostFirst = (sums: ReadonlyMap<string, number>) => [...sums].sort(([, a], [, b]) => b - a);

/** Sums by reason, then by file and reason, then lines under their objects. */
export function rejectsPage(summary: RejectsSummary, scope: string): string {
  const { lines, byReason, byFile, shown } = summary;
  if (lines === 0) return `No line was rejected (objects that arrived: ${scope}).`;
  const page = [
    `${countOf(lines, 'line')} rejected, in ${countOf(byFile.size, 'raw object')} (arrived: ${scope})`,
    '',
    renderTable(
      [{ title: 'reason' }, { title: 'lines', align: 'right' }],
      mostFirst(byReason).map(([reason, count]) => [reason, formatCount(count)]),
    ),
    '',
    filesTable(summary),
  ];
  let object = '';
  for (const { key, versionId, line, reason, detail, text } of shown) {
    if (`${key}\n${versionId}` !== object) page.push('', oneLine(key));
    object = `${key}\n${versionId}`;
    page.push(`  line ${line}  ${reason}: ${shorten(detail)}`);
    if (text !== '') page.push(`    ${oneLine(shorten(text))}`);
  }
  if (shown.length < lines)
    page.push('', `… and ${formatCount(lines - shown.length)} more: --limit, or --out FILE to fix them`);
  return page.join('\n');
}

/** A line for each reason of each file, the newest file first. */
function filesTable({ byFile }: RejectsSummary): string {
  const files = [...byFile.values()];
  const rows = files
    .slice(0, shownFiles)
    .flatMap(({ key, reasons }) =>
      mostFirst(reasons).map(([reason, count], index) => [
        index === 0 ? key : '',
        reason,
        formatCount(count),
      ]),
    );
  const table = renderTable(
    [{ title: 'file, the newest first' }, { title: 'reason' }, { title: 'lines', align: 'right' }],
    rows,
  );
  const more = files.length - shownFiles;
  return more > 0 ? `${table}\n… and ${countOf(more, 'more file')}: --from, --dataset or --reason` : table;
}

/** Of objects whose lines nobody has looked at yet: they are neither clean nor rejected. */
export function unvalidatedPage(keys: readonly string[]): string {
  return [
    ...keys.map(
      (key) =>
        `✗ ${oneLine(key)} is not validated yet, or validating it failed: nothing is known of its lines`,
    ),
    '  see: npm run caudal -- status',
  ].join('\n');
}

/** Which files were written, and how to go on. */
export function writtenPage({
  written,
  reasons,
}: {
  written: readonly WrittenFile[];
  reasons: string;
}): string {
  return [
    ...written.map(({ path, lines }) => `${path}  ${countOf(lines, 'line')}`),
    `${reasons}  why each was rejected`,
    '',
    'Fix the lines, or take them out, then:',
    ...written.map(
      ({ path, folder }) =>
        `  npm run caudal -- rejects ${optionWords('--submit', path)}${folder === 'landing/' ? '' : ` --into ${shellWord(folder)}`}`,
    ),
  ].join('\n');
}

/** What is only counted: an object keeps so many of its rejected lines. */
export function countedPage(counted: readonly CountedLines[]): string {
  const lines = counted.reduce((sum, { withoutText }) => sum + withoutText, 0);
  return [
    `${countOf(lines, 'more line')} rejected and only counted, past what is kept of one object: ${formatCount(keptRejects.lines)} lines, 16 MiB of text. Their raw objects have them:`,
    ...counted
      .slice(0, shownFiles)
      .map(
        ({ key, versionId, withoutText }) =>
          `  ${oneLine(key)} (version ${versionId})  ${formatCount(withoutText)}`,
      ),
    ...(counted.length > shownFiles
      ? [`  … and ${countOf(counted.length - shownFiles, 'more object')}`]
      : []),
  ].join('\n');
}

/** What can't be fixed by editing a line. */
export function otherLines(others: readonly RejectedLine[]): string {
  return [
    `${formatCount(others.length)} are not lines that an edit could fix; upload their objects again as they should be:`,
    ...others
      .slice(0, 20)
      .map(
        ({ key, line, reason, detail }) => `  ${oneLine(key)} line ${line}: ${reason}: ${shorten(detail)}`,
      ),
    ...(others.length > 20 ? [`  … and ${formatCount(others.length - 20)} more`] : []),
  ].join('\n');
}
