import { regionMissing } from './connection.ts';
import { wrapped } from './format.ts';
import { printError, printHelp } from './print.ts';
import { closestName, UsageError } from './usage-error.ts';
import type { Verb } from './verb.ts';

/** A program with verbs. */
export interface CommandLine {
  /** What is typed in front of a verb: `npm run caudal --`. */
  readonly command: string;
  /** Paragraphs above and below the list of verbs. */
  readonly about: readonly string[];
  readonly notes: readonly string[];
  /** Sorted by name. A verb is loaded when it is called, because the SDK's clients take their time. */
  readonly verbs: Readonly<Record<string, () => Promise<Verb>>>;
}

/** What is done when no verb is named, and how a fault is explained. */
export interface RunOptions {
  /** Runs when the first argument is no verb but an option, or there is none; its help is then the program's. */
  readonly withoutVerb?: Verb;
  /** A line for a fault that this program knows; `undefined` for others. */
  explain?(fault: unknown): string | undefined;
}

/**
 * Runs the verb that was typed, prints the help, or says what was not understood.
 * @returns the exit code: the verb's, 2 for a call that was not understood, 1 for a fault
 */
export async function runCommandLine(
  program: CommandLine,
  argv: readonly string[],
  { withoutVerb, explain }: RunOptions = {},
): Promise<number> {
  process.stdout.off('error', onOutputFault).on('error', onOutputFault);
  const [name, ...rest] = argv;
  if (withoutVerb !== undefined && (name === undefined || name.startsWith('-'))) {
    return runVerb(withoutVerb, argv, explain);
  }
  if (name === undefined || name === '--help' || name === '-h') {
    printHelp(await listOfVerbs(program));
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(program.verbs, name) ? program.verbs[name] : undefined;
  if (load === undefined) {
    const closest = closestName(name, Object.keys(program.verbs));
    const hint = closest === undefined ? '' : ` Did you mean ${closest}?`;
    printError(`There is no verb "${name}".${hint} ${program.command} --help lists all.`);
    return 2;
  }
  return runVerb(await load(), rest, explain);
}

/** Runs one verb; what it throws becomes a message and an exit code. */
export async function runVerb(
  verb: Verb,
  argv: readonly string[],
  explain: RunOptions['explain'] = () => undefined,
): Promise<number> {
  try {
    return await verb.run(argv);
  } catch (fault) {
    if (fault instanceof UsageError) {
      const command = / --( |$)/.test(verb.command) ? verb.command : `${verb.command} --`;
      printError(`${fault.message}\n${command} --help shows all options.`);
      return 2;
    }
    printError(explain(fault) ?? explainFault(fault));
    return 1;
  }
}

async function listOfVerbs({ command, about, notes, verbs }: CommandLine): Promise<string> {
  const loaded = await Promise.all(
    Object.entries(verbs).map(async ([name, load]) => [name, await load()] as const),
  );
  const width = Math.max(...loaded.map(([name]) => name.length));
  return [
    `Usage: ${command} <verb> [options]`,
    ...about.map(paragraph),
    loaded
      .map(([name, { summary }]) => {
        const lines = wrapped(summary, 80 - width - 4);
        return `  ${name.padEnd(width)}  ${lines.join(`\n${' '.repeat(width + 4)}`)}`;
      })
      .join('\n'),
    ...notes.map(paragraph),
  ].join('\n\n');
}

const paragraph = (text: string): string =>
  text
    .split('\n')
    .map((line) => wrapped(line, 80).join('\n'))
    .join('\n');

/** What went wrong, in one line that names the thing, and the way out where it is known. */
export function explainFault(fault: unknown): string {
  const {
    name = 'Error',
    message = String(fault),
    code,
    cause,
    stack,
  } = fault as Partial<Error> & {
    code?: string;
    cause?: { code?: string; message?: string };
  };
  if (code === 'ECONNREFUSED' || cause?.code === 'ECONNREFUSED' || /ECONNREFUSED/.test(message)) {
    const endpoint = process.env.AWS_ENDPOINT_URL ?? 'the endpoint';
    const { port } = URL.canParse(endpoint) ? new URL(endpoint) : { port: '' };
    const option = port === '' || port === '4566' ? '' : ` -- --port ${port}`;
    return `Nothing answers at ${endpoint}. Is the local cloud up? Start it with: npm start${option}`;
  }
  if (message === 'Region is missing') return regionMissing();
  if (name === 'CredentialsProviderError') {
    return 'No AWS credentials were found, and no local cloud is up. Start one with `npm start`, or set AWS_PROFILE and AWS_REGION.';
  }
  if (cause?.message !== undefined) return `${message}: ${cause.message}`;
  // A mistake of the program, not of the call or of a service: where it was is what helps whoever reads the report.
  const isMistake =
    fault instanceof TypeError || fault instanceof RangeError || fault instanceof ReferenceError;
  return isMistake && code === undefined && stack !== undefined ? stack : `${name}: ${message}`;
}

/** A reader that has seen enough, like `| head`, is no fault. */
function onOutputFault(fault: NodeJS.ErrnoException): void {
  if (fault.code === 'EPIPE') process.exit(0);
  throw fault;
}
