import { randomUUID } from 'node:crypto';
import { accessOptions, apiAccess } from '../../cli/api-access.ts';
import { type ApiClient, createApiClient } from '../../cli/api-client.ts';
import { type InputFile, inputFileOf } from '../../cli/input-file.ts';
import { choice, flag, instant, text, wholeNumber } from '../../cli/options.ts';
import { print, printError } from '../../cli/print.ts';
import { createProgress } from '../../cli/progress.ts';
import { defineInstallationVerb } from '../../cli/stage.ts';
import { tokenSource } from '../../cli/token.ts';
import { UsageError } from '../../cli/usage-error.ts';
import { idPattern, reservedStreamId } from '../../core/streams/stream.ts';
import { jsonOption } from '../shared/options.ts';
import { type Imported, ImportStopped, importCommands } from './import-commands.ts';
import {
  type CommitRow,
  commitLine,
  commitsPage,
  countsLine,
  importPage,
  type ReservationRow,
  statePage,
} from './reservations-page.ts';

const actions = ['create', 'cancel', 'complete', 'show', 'history', 'import'] as const;
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
    'import FILE',
  ],
  positionals: {
    action: choice(actions, { help: 'what to do', valueName: 'ACTION', required: true }),
    file: text({
      help: 'import: of commands of many salons, a JSON object a line; a path, or - for standard input',
      valueName: 'FILE',
    }),
  },
  options: {
    salon: text({ help: 'whose calendar', ...id }),
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
    'A line of import: {"id":"salon-7","commandId":"b-1","name":"create","data":{…}}, the id being the salon’s; occurredAt and expected, the position that the calendar must be at, may be there too. What was committed before is counted as such, so that the same file may be given again.',
    'What the rules refuse ends with exit code 1 and the reason: a slot that is taken, a reservation that there is or is not. A reservation leaves what show tells 31 days after its slot, and stays in its history.',
  ],
  examples: [
    'npm run caudal -- reservations create --salon salon-7 --reservation r-1 --employee e-3 --user u-9 --start 2026-12-01T10:00:00Z --end 2026-12-01T10:30:00Z',
    'npm run caudal -- reservations show --salon salon-7',
    'npm run caudal -- reservations import bookings.ndjson',
  ],
  async run({ action, file: typed, json, firm, ...given }) {
    const isReading = action === 'show' || action === 'history';
    checkOptions(action, { ...given, typed });
    const file = typed === undefined ? undefined : inputFileOf(typed);
    const access = await apiAccess(given, { client: isReading ? 'reader' : 'writer' });
    const scope = isReading ? access.scopes.read : access.scopes.write;
    const api = createApiClient({ ...access, token: tokenSource(access, scope) });
    const kind = `/streams/${firm ? 'firm-reservations' : 'reservations'}`;
    if (file !== undefined) return importFile(file, { api, path: kind, json });
    const path = `${kind}/${given.salon}`;
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

async function importFile(
  file: InputFile,
  { api, path, json }: { api: ApiClient; path: string; json: boolean },
): Promise<number> {
  const progress = createProgress({ elsewhere: json ? 'nothing' : 'lines' });
  const imported: Imported = { committed: 0, repeated: 0, refused: [] };
  let stopped: ImportStopped | undefined;
  try {
    await importCommands({ api, path }, file.open(), imported, () =>
      progress.update(() => countsLine(imported)),
    );
  } catch (fault) {
    if (!(fault instanceof ImportStopped)) throw fault;
    stopped = fault;
  } finally {
    progress.stop();
  }
  print(json ? JSON.stringify({ ...imported, stopped: stopped?.message }, null, 2) : importPage(imported));
  if (stopped !== undefined) printError(stopped.message);
  return stopped === undefined && imported.refused.length === 0 ? 0 : 1;
}

interface State {
  readonly position: number;
  readonly head: number;
  readonly recordedAt: string;
  readonly partition: number;
  readonly state: { readonly reservations: readonly ReservationRow[] };
}

interface Given {
  /** The file. */
  readonly typed?: string | undefined;
  readonly salon?: string | undefined;
  readonly reservation?: string | undefined;
  readonly employee?: string | undefined;
  readonly user?: string | undefined;
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  readonly at?: string | undefined;
  readonly occurred?: number | undefined;
  readonly commandId?: string | undefined;
  readonly expect?: number | undefined;
}

const ofNew = ['employee', 'user', 'start', 'end'] as const;
const ofOne = ['salon', 'reservation', 'commandId', 'expect', 'at', 'occurred'] as const;

function checkOptions(action: (typeof actions)[number], given: Given): void {
  if ((action === 'import') !== (given.typed !== undefined))
    throw new UsageError(action === 'import' ? 'import needs a FILE.' : 'A FILE is for import.');
  if (action === 'import') {
    const idle = [...ofOne, ...ofNew].filter((name) => given[name] !== undefined);
    if (idle.length > 0)
      throw new UsageError(`Each line of the file says it: --${idle.join(' and --')} is for one command.`);
    return;
  }
  if (given.salon === undefined) throw new UsageError(`${action} needs --salon.`);
  if (given.salon === reservedStreamId)
    throw new UsageError(`No salon is called ${reservedStreamId}: a path of the API has that name.`);
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
