import { randomUUID } from 'node:crypto';
import { accessOptions, apiAccess } from '../../cli/api-access.ts';
import { type ApiClient, createApiClient } from '../../cli/api-client.ts';
import { choice, flag, instant, text, wholeNumber } from '../../cli/options.ts';
import { print } from '../../cli/print.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { tokenSource } from '../../cli/token.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { idPattern } from '../../core/streams/stream.ts';
import { jsonOption } from '../shared/options.ts';
import {
  type CommitRow,
  commitLine,
  commitsPage,
  type ReservationRow,
  statePage,
} from './reservations-page.ts';

const actions = ['create', 'cancel', 'complete', 'show', 'history'] as const;
const id = {
  valueName: 'ID',
  pattern: idPattern,
  accepted: '1 to 40 letters, digits, ".", "_" and "-", the first a letter or digit',
};

/** `caudal reservations` */
export const reservations = defineInstallationVerb({
  command: 'npm run caudal -- reservations',
  summary: 'creates, cancels and completes reservations of a salon, shows them and their history',
  about: [
    'No two reservations of an employee overlap, whoever asks at the same time: a salon’s calendar is a stream, and each command is decided against all of it. show also tells how the calendar was at a position, or at a time.',
  ],
  usage: [
    'create --salon ID --reservation ID --employee ID --user ID --start TIME --end TIME',
    'cancel|complete --salon ID --reservation ID',
    'show|history --salon ID [--reservation ID]',
  ],
  positionals: {
    action: choice(actions, { help: 'what to do', valueName: 'ACTION', required: true }),
  },
  options: {
    salon: text({ help: 'whose calendar', ...id, required: true }),
    reservation: text({ help: 'which reservation; a new one has an id of your choice', ...id }),
    employee: text({ help: 'of a new one: who serves', ...id }),
    user: text({ help: 'of a new one: for whom', ...id }),
    start: instant({ help: 'of a new one: when its slot begins' }),
    end: instant({ help: 'of a new one: when its slot ends, at most a day later' }),
    'command-id': text({
      help: 'makes a repeated call harmless; by default each call is a new command',
      ...id,
    }),
    expect: wholeNumber({ help: 'position that the calendar must be at, else nothing is done', min: 0 }),
    at: text({
      help: 'show: as of a position, or of what was recorded by a time',
      valueName: 'POSITION|TIME',
    }),
    occurred: instant({ help: 'show: only what had happened by then' }),
    firm: flag({ help: 'the calendar under the rule that what is completed is not canceled' }),
    ...jsonOption,
    ...accessOptions,
  },
  notes: [
    'What the rules refuse ends with exit code 1 and the reason: a slot that is taken, a reservation that there is or is not. A reservation leaves what show tells 31 days after its slot, and stays in its history.',
  ],
  examples: [
    'npm run caudal -- reservations create --salon salon-7 --reservation r-1 --employee e-3 --user u-9 --start 2026-12-01T10:00:00Z --end 2026-12-01T10:30:00Z',
    'npm run caudal -- reservations show --salon salon-7',
  ],
  async run({ action, json, firm, ...given }) {
    const isReading = action === 'show' || action === 'history';
    checkOptions(action, given);
    const access = await apiAccess(given, { client: isReading ? 'reader' : 'writer' });
    const scope = isReading ? access.scopes.read : access.scopes.write;
    const api = createApiClient({ ...access, token: tokenSource(access, scope) });
    const path = `/streams/${firm ? 'firm-reservations' : 'reservations'}/${given.salon}`;
    if (action === 'history') {
      const commits = await historyOf(api, path, given.reservation);
      print(json ? JSON.stringify({ commits }, null, 2) : commitsPage(commits));
      return 0;
    }
    if (action === 'show') {
      const state = await api.get<State>(path + queryOf(given));
      const shown = state.state.reservations.filter(
        ({ reservationId }) => given.reservation === undefined || reservationId === given.reservation,
      );
      print(
        json
          ? JSON.stringify({ ...state, state: { reservations: shown } }, null, 2)
          : statePage(state, shown),
      );
      return 0;
    }
    const headers = given.expect === undefined ? {} : { 'if-match': `"${given.expect}"` };
    const command = { commandId: given.commandId ?? randomUUID(), name: action, data: dataOf(action, given) };
    const commit = await api.post<CommitRow>(`${path}/commands`, command, headers);
    print(json ? JSON.stringify(commit, null, 2) : commitLine(commit));
    return 0;
  },
});

interface State {
  readonly position: number;
  readonly head: number;
  readonly recordedAt: string;
  readonly partition: number;
  readonly state: { readonly reservations: readonly ReservationRow[] };
}

interface Given {
  readonly salon: string;
  readonly reservation?: string | undefined;
  readonly employee?: string | undefined;
  readonly user?: string | undefined;
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  readonly at?: string | undefined;
  readonly occurred?: number | undefined;
}

const ofNew = ['employee', 'user', 'start', 'end'] as const;

function checkOptions(action: (typeof actions)[number], given: Given): void {
  const needed = action === 'create' ? ['reservation', ...ofNew] : ['reservation'];
  if (action !== 'show' && action !== 'history') {
    const missing = needed.filter((name) => given[name as keyof Given] === undefined);
    if (missing.length > 0) throw new UsageError(`${action} also needs --${missing.join(' and --')}.`);
  }
  const idle = ofNew.filter((name) => action !== 'create' && given[name] !== undefined);
  if (idle.length > 0) throw new UsageError(`--${idle.join(' and --')} are for create.`);
  if (action !== 'show' && (given.at !== undefined || given.occurred !== undefined))
    throw new UsageError('--at and --occurred are for show.');
}

function dataOf(action: string, { reservation, employee, user, start, end }: Given): object {
  if (action !== 'create') return { reservationId: reservation };
  const [slotStart, slotEnd] = [start, end].map((ms) => new Date(ms ?? 0).toISOString()); // both are given
  return { reservationId: reservation, employeeId: employee, userId: user, slotStart, slotEnd };
}

function queryOf({ at, occurred }: Given): string {
  const query = new URLSearchParams();
  if (at !== undefined) query.set('at', at);
  if (occurred !== undefined) query.set('occurred', new Date(occurred).toISOString());
  return query.size === 0 ? '' : `?${query}`;
}

async function historyOf(
  api: ApiClient,
  path: string,
  reservation: string | undefined,
): Promise<CommitRow[]> {
  const commits: CommitRow[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const page: { commits: CommitRow[]; cursor: string | null } = await api.get(
      `${path}/events?limit=1000${query}`,
    );
    commits.push(...page.commits);
    cursor = page.cursor;
  }
  if (reservation === undefined) return commits;
  return commits.filter(({ events }) => events.some(({ data }) => data.reservationId === reservation));
}
