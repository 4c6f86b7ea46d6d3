import { countOf, formatCount } from '../../cli/format.ts';
import { shellWord } from '../../cli/print.ts';
import { renderTable } from '../../cli/table.ts';
import type { RejectedLine } from '../../handlers/ingest/validate-segment/rejects-file.ts';
import type { WrittenFile } from './fix-files.ts';

/** Counts rejected lines, and keeps the first few. */
export class RejectsSummary {
  readonly #limit: number;
  readonly shown: RejectedLine[] = [];
  readonly byReason = new Map<string, number>();
  readonly objects = new Set<string>();
  lines = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(line: RejectedLine): void {
    this.lines += 1;
    this.byReason.set(line.reason, (this.byReason.get(line.reason) ?? 0) + 1);
    this.objects.add(`${line.key}\n${line.versionId}`);
    if (this.shown.length < this.#limit) this.shown.push(line);
  }
}

const shownCharacters = 200;
const shorten = (text: string): string =>
  text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;

/** Sums by reason, then lines under their objects. */
export function rejectsPage(summary: RejectsSummary, scope: string): string {
  const { lines, byReason, objects, shown } = summary;
  if (lines === 0) return `No line was rejected (objects that arrived: ${scope}).`;
  const rows = [...byReason]
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => [reason, formatCount(count)]);
  const page = [
    `${countOf(lines, 'line')} rejected, in ${countOf(objects.size, 'raw object')} (arrived: ${scope})`,
    '',
    renderTable([{ title: 'reason' }, { title: 'lines', align: 'right' }], rows),
  ];
  let object = '';
  for (const { key, line, reason, detail, text } of shown) {
    if (key !== object) page.push('', key);
    object = key;
    page.push(`  line ${line}  ${reason}: ${shorten(detail)}`);
    if (text !== '') page.push(`    ${shorten(text)}`);
  }
  if (shown.length < lines)
    page.push('', `… and ${formatCount(lines - shown.length)} more: --limit, or --out FILE to fix them`);
  return page.join('\n');
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
        `  npm run caudal -- rejects --submit ${shellWord(path)}${folder === 'landing/' ? '' : ` --into ${shellWord(folder)}`}`,
    ),
  ].join('\n');
}

/** What can't be fixed by editing a line. */
export function otherLines(others: readonly RejectedLine[]): string {
  return [
    `${formatCount(others.length)} are not lines that an edit could fix; upload their objects again as they should be:`,
    ...others
      .slice(0, 20)
      .map(({ key, line, reason, detail }) => `  ${key} line ${line}: ${reason}: ${shorten(detail)}`),
    ...(others.length > 20 ? [`  … and ${formatCount(others.length - 20)} more`] : []),
  ].join('\n');
}
