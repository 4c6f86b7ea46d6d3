import { countOf, formatCount } from '../../cli/format.ts';
import { renderTable } from '../../cli/table.ts';
import type { Imported, RefusedLine } from './import-commands.ts';

/** A reservation as the API shows it. */
export interface ReservationRow {
  readonly reservationId: string;
  readonly employeeId: string;
  readonly userId: string;
  readonly slotStart: string;
  readonly slotEnd: string;
  readonly status: string;
}

/** A commit as the API shows it. */
export interface CommitRow {
  readonly position: number;
  readonly recordedAt: string;
  readonly occurredAt: string;
  readonly events: readonly { readonly name: string; readonly data: Readonly<Record<string, string>> }[];
}

const columns = (...titles: string[]) => titles.map((title) => ({ title }));

export function statePage(
  of: { readonly position: number; readonly head: number; readonly recordedAt: string },
  reservations: readonly ReservationRow[],
): string {
  const asOf = of.position === of.head ? '' : `, of ${of.head}`;
  const head = `position ${of.position}${asOf}, recorded at ${of.recordedAt}: ${countOf(reservations.length, 'reservation')}`;
  if (reservations.length === 0) return head;
  const rows = [...reservations]
    .sort((a, b) => (a.slotStart < b.slotStart ? -1 : 1))
    .map((each) => [
      each.reservationId,
      each.status,
      each.employeeId,
      each.userId,
      each.slotStart,
      each.slotEnd,
    ]);
  return [
    head,
    '',
    renderTable(columns('reservation', 'status', 'employee', 'user', 'from', 'to'), rows),
  ].join('\n');
}

const eventsText = ({ events }: CommitRow): string =>
  events
    .map(({ name, data: { reservationId = '', employeeId, slotStart, slotEnd } }) =>
      slotStart === undefined
        ? `${reservationId} ${name}`
        : `${reservationId} ${name}: ${employeeId}, ${slotStart} to ${slotEnd}`,
    )
    .join('; ');

/** What a command came to. */
export const commitLine = (commit: CommitRow): string => `position ${commit.position}: ${eventsText(commit)}`;

export function commitsPage(commits: readonly CommitRow[]): string {
  if (commits.length === 0) return 'No commits.';
  const rows = commits.map((commit) => [
    String(commit.position),
    commit.recordedAt,
    commit.occurredAt === commit.recordedAt ? '' : commit.occurredAt,
    eventsText(commit),
  ]);
  return renderTable(columns('position', 'recorded', 'occurred', 'events'), rows);
}

/** What an import came to so far. */
export const countsLine = ({ committed, repeated, refused }: Imported): string =>
  `${formatCount(committed)} done, ${formatCount(repeated)} done already, ${formatCount(refused.length)} refused`;

/** The lines that were refused, and what all came to. */
export const importPage = (imported: Imported): string =>
  [...imported.refused.map(refusedLine), countsLine(imported)].join('\n');

const refusedLine = ({ line, id, commandId, reason, detail }: RefusedLine): string =>
  `line ${line}, ${commandId} of ${id}: ${reason === undefined ? '' : `${reason}: `}${detail}`;
