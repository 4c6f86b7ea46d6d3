import { nameOf } from '../../adapters/store-faults.ts';
import { terminalWidth, wrapped } from '../../cli/format.ts';
import { withEndpoint } from '../../cli/print.ts';

/** How AWS's services say that somebody may not do something. */
const denied = /AccessDenied|AuthorizationError|NotAuthorized|UnauthorizedOperation|Forbidden/i;
/** How the local cloud says that it does not have an operation. */
const unavailable = /UnknownOperation|NotImplemented/;

/** Whether an error says that the caller may not do what it asked for. */
export const isDenied = (fault: unknown): boolean => denied.test(nameOf(fault));

/** Whether the operation is none that this endpoint has. */
export const isUnavailable = (fault: unknown): boolean => unavailable.test(nameOf(fault));

/** Runs a check; what it throws becomes its outcome, so that one that can't be made does not keep the others from being made. */
export async function attempt(name: string, run: () => Promise<Omit<Check, 'name'>>): Promise<Check> {
  try {
    return { name, ...(await run()) };
  } catch (fault) {
    const text = `${nameOf(fault)}: ${(fault as Error).message}`;
    if (isUnavailable(fault)) return { name, state: 'skip', text: 'not available here' };
    if (isDenied(fault))
      return {
        name,
        state: 'fail',
        text,
        fix: 'allow the caller to do this: an operator reads and starts everything',
      };
    return { name, state: 'fail', text };
  }
}

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** `skip`: it could not be told here, which is no fault. */
  readonly state: 'ok' | 'warn' | 'fail' | 'skip';
  readonly text: string;
  /** The way out, of anything but `ok`. */
  readonly fix?: string | undefined;
}

const marks: Readonly<Record<Check['state'], string>> = { ok: '✓', warn: '!', fail: '✗', skip: '–' };

/**
 * The checks one a line, each fault with its way out below. On a terminal what is longer goes on in the next line; a command stays whole, so
 * that it can be copied.
 */
export function checksText(checks: readonly Check[], width = terminalWidth()): string {
  const nameWidth = Math.max(...checks.map(({ name }) => name.length));
  const room = Math.max(20, width - nameWidth - 4);
  return checks
    .flatMap(({ name, state, text, fix }) => {
      const [first = '', ...rest] = text.split('\n').flatMap((line) => fitted(line, room));
      const [fixFirst = '', ...fixRest] =
        fix === undefined || state === 'ok' ? [] : wrapped(unitsOf(fix), room - 2);
      return [
        `${marks[state]} ${name.padEnd(nameWidth)}  ${first}`,
        ...[
          ...rest,
          ...(fixFirst === '' ? [] : [`→ ${fixFirst}`]),
          ...fixRest.map((line) => `  ${line}`),
        ].map((line) => `  ${' '.repeat(nameWidth)}  ${line}`),
      ];
    })
    .join('\n');
}

/** A line as lines that fit, those after the first one further in. */
function fitted(line: string, room: number): string[] {
  if (line.length <= room) return [line];
  const indent = /^ */.exec(line)?.[0] ?? '';
  const [first = '', ...rest] = wrapped(unitsOf(line.trimStart()), room - indent.length - 2);
  return [`${indent}${first}`, ...rest.map((more) => `${indent}  ${more}`)];
}

/** The words of a text, of which a command, up to a comma or semicolon, is one. */
function unitsOf(text: string): string[] {
  const units: string[] = [];
  let isCommand = false;
  for (const word of withEndpoint(text).split(' ')) {
    if (isCommand) units[units.length - 1] += ` ${word}`;
    else units.push(word);
    isCommand = (isCommand || /^(?:npm|aws|AWS_ENDPOINT_URL=.*)$/.test(word)) && !/[,;]$/.test(word);
  }
  return units;
}

/** 1 when anything needs somebody, else 0. */
export const exitCodeOf = (checks: readonly Check[], { warnings }: { warnings: boolean }): number =>
  checks.some(({ state }) => state === 'fail' || (warnings && state === 'warn')) ? 1 : 0;
