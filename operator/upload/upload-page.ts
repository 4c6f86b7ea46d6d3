import { datasets } from '#datasets';
import { countOf, formatCount } from '../../cli/format.ts';
import { renderTable } from '../../cli/table.ts';
import { sumDropped } from '../../core/lines/dropped-values.ts';
import type { PassedOver } from '../../core/lines/parse-totals.ts';
import { show } from '../../core/lines/rejection.ts';
import { localDay, monthOf } from '../../core/time/calendar.ts';
import { shortCause } from '../../ports/faults.ts';
import type { Segment } from '../../ports/keys.ts';
import type { LedgerEntry } from '../../ports/queries.ts';
import type { LandingFile } from './landing-files.ts';

/** A file and the object that it became. */
export interface UploadedFile {
  readonly file: LandingFile;
  readonly segment: Segment;
}

/** A file with what the ledger says of it; `undefined` when nothing has ingested it yet. */
interface FileOutcome extends UploadedFile {
  readonly ledger: LedgerEntry | undefined;
}

/** Whether a file was ingested, and any line of it accepted. */
export const wentWell = ({ ledger }: FileOutcome): boolean =>
  ledger?.state === 'Completed' && (ledger.counts?.valid ?? 0) > 0;

/** What became of the lines of each file. */
export function outcomesPage(outcomes: readonly FileOutcome[]): string {
  const rows = outcomes.map(({ file, ledger }) => {
    const { lines, valid, rejected } = ledger?.counts ?? {};
    const count = (of: number | undefined) => (of === undefined ? '' : formatCount(of));
    return [file.path, count(lines), count(valid), count(rejected), whatElse(ledger)];
  });
  const counts = ['lines', 'accepted', 'rejected'].map((title) => ({ title, align: 'right' }) as const);
  const page = [renderTable([{ title: 'file' }, ...counts, { title: '' }], rows)];
  if (outcomes.some(({ ledger }) => (ledger?.counts?.rejected ?? 0) > 0))
    page.push('', 'Show the rejected lines: npm run caudal -- rejects');
  if (outcomes.some(({ ledger }) => (ledger?.rejectedByReason['unknown-dataset'] ?? 0) > 0))
    page.push(
      '',
      'The installation does not know the dataset yet. Deploy it (npm run deploy), or wait until npm start has taken datasets/ in: then upload the file again.',
    );
  if (outcomes.some(({ ledger }) => ledger?.state === 'Refused'))
    page.push('', 'Show the refused files, and what to do: npm run caudal -- rejects');
  return page.join('\n');
}

/** The reasons for rejected lines, the most frequent first, or why there are no counts. */
function whatElse(ledger: LedgerEntry | undefined): string {
  if (ledger === undefined) return 'not ingested yet';
  if (ledger.state === 'Failed') return `failed: ${ledger.error ?? ''}: ${shortCause(ledger.cause, 160)}`;
  if (ledger.refusal !== undefined)
    return `refused, ${ledger.refusal.reason}: ${ledger.refusal.detail}${ledger.refusal.cause === undefined ? '' : `; likely: ${ledger.refusal.cause}`}`;
  const reasons = Object.entries(ledger.rejectedByReason)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${reason} ${formatCount(count)}`)
    .join(', ');
  const dropped = sumDropped(ledger.dropped);
  const { columns, passedOver, unterminated, unknownFields = [], withoutText = 0 } = ledger.notes ?? {};
  const unread = [...(columns?.unmapped ?? []), ...(columns?.parameters ?? []), ...unknownFields];
  const lacking = new Set([
    ...(columns?.absent ?? []),
    ...(ledger.holds ?? []).flatMap(({ absent = [] }) => absent),
  ]);
  return [
    spanOf(ledger),
    reasons,
    dropped === 0 ? '' : `${countOf(dropped, 'value')} dropped`,
    unread.length === 0 ? '' : `nothing reads ${unread.map((name) => show(name)).join(', ')}`,
    ...passedOverTexts(passedOver),
    lacking.size === 0 ? '' : `no value of ${[...lacking].join(', ')}`,
    withoutText === 0 ? '' : `the text of ${countOf(withoutText, 'rejected line')} was not kept`,
    unterminated ? 'no newline ends its last row: is it whole?' : '',
  ]
    .filter((text) => text !== '')
    .join('; ');
}

/** What of a table's rows is no line of its own, in words. */
export function passedOverTexts(passedOver: PassedOver | undefined): string[] {
  const { 'no-value': empty = 0, 'other-parameter': others = 0, filtered = 0, joined = 0 } = passedOver ?? {};
  return [
    empty === 0 ? '' : `${countOf(empty, 'time')} a sensor had no value`,
    others === 0 ? '' : `${countOf(others, 'row')} of other parameters passed over`,
    filtered === 0 ? '' : `${countOf(filtered, 'record')} taken out by filter or flag`,
    joined === 0 ? '' : `${countOf(joined, 'row')} joined to another of the same reading`,
  ].filter((text) => text !== '');
}

/** The months of the accepted readings, by the datasets' own time. */
function spanOf({ holds = [] }: LedgerEntry): string {
  const months = holds.flatMap(({ dataset, fromMs, toMs }) => {
    const timeZone = datasets.find(({ name }) => name === dataset)?.timeZone ?? 'UTC'; // no longer there
    return [fromMs, toMs].map((atMs) => monthOf(localDay(timeZone, atMs)));
  });
  months.sort();
  const [first = '', last = first] = [months[0], months.at(-1)];
  return first === last ? first : `${first} to ${last}`;
}
