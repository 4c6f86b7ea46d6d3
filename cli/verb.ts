import { parseArgs } from 'node:util';
import { helpPage } from './help.ts';
import { flag, type Option, type Options } from './options.ts';
import { printHelp } from './print.ts';
import { closestName, UsageError } from './usage-error.ts';

/** One verb of a command line. */
export interface Verb<Values = unknown> {
  /** What is typed in front of the arguments: `npm run caudal -- status`. */
  readonly command: string;
  /** One line for a list of verbs. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  /**
   * The values of what was typed; `undefined` when `--help` is among it.
   * @param argv what stands behind the verb's name
   * @throws {UsageError}
   */
  parse(argv: readonly string[]): Values | undefined;
  /**
   * Parses and runs, or prints the help.
   * @returns the exit code: 0 for done, 1 for "it ran and something is wrong"
   * @throws {UsageError} for a call that cannot be carried out as typed
   */
  run(argv: readonly string[]): Promise<number>;
}

type Camel<Name> = Name extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Name;

/** The values of options by their names in camel case: `--dry-run` is `dryRun`. */
export type Values<Declared> = {
  readonly [Name in keyof Declared as Camel<Name>]: Declared[Name] extends Option<infer Value>
    ? Value
    : never;
};

/** What a verb declares once; parsing, types, help and usage checks follow from it. */
export interface VerbDeclaration<Declared extends Options, Positionals extends Options> {
  readonly command: string;
  readonly summary: string;
  /** Paragraphs between the usage and the options. */
  readonly about?: readonly string[];
  /** What is typed in front of the arguments of the usage line, for each way to call it; by default it follows from the options. */
  readonly usage?: readonly string[];
  /** Arguments without dashes, in their order; the last one may be repeatable. */
  readonly positionals?: Positionals;
  /** `help` is there by itself. */
  readonly options: Declared;
  /** Of each of these at most one may be given. */
  readonly exclusive?: readonly (readonly (keyof Declared & string)[])[];
  /** Paragraphs below the options. */
  readonly notes?: readonly string[];
  /** What is typed behind `command`, whole lines where it starts with another word than an option. */
  readonly examples: readonly [string, ...string[]];
  run(values: Values<Declared & Positionals>): Promise<number>;
}

/**
 * A verb out of its declaration.
 * @example
 * export const status = defineVerb({
 *   command: 'npm run caudal -- status',
 *   summary: 'shows what flows',
 *   options: { limit: wholeNumber({ help: 'rows to show', min: 1, default: 20 }) },
 *   examples: ['npm run caudal -- status --limit 5'],
 *   run: async ({ limit }) => { … },
 * });
 */
export function defineVerb<
  const Declared extends Options,
  const Positionals extends Options = Record<never, never>,
>(declaration: VerbDeclaration<Declared, Positionals>): Verb<Values<Declared & Positionals>> {
  const { command, summary } = declaration;
  const options: Options = {
    ...declaration.options,
    help: flag({ short: 'h', help: 'shows this' }),
  };
  const positionals: Options = declaration.positionals ?? {};
  const parse = (argv: readonly string[]) => {
    const given = readArguments(argv, options);
    if (given.options.has('help')) return undefined;
    for (const names of declaration.exclusive ?? []) checkExclusive(names, given.options);
    const values = [
      ...positionalValues(given.positionals, positionals, command),
      ...Object.entries(declaration.options).map(
        ([name, option]) => [camel(name), option.parse(`--${name}`, given.options.get(name) ?? [])] as const,
      ),
    ];
    return Object.fromEntries(values) as Values<Declared & Positionals>; // a value for each name declared
  };
  const help = helpPage(declaration);
  return {
    command,
    summary,
    help,
    parse,
    async run(argv) {
      const values = parse(argv);
      if (values !== undefined) return declaration.run(values);
      printHelp(help);
      return 0;
    },
  };
}

const camel = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

interface Given {
  /** By name; a text each time the option was given. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly positionals: readonly string[];
}

/** Takes the arguments apart. Not strict, as parseArgs calls it: what it then refuses, it refuses without a way out. */
function readArguments(argv: readonly string[], declared: Options): Given {
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(declared).map(([name, { isFlag, short }]) => [
        name,
        {
          type: isFlag ? ('boolean' as const) : ('string' as const),
          ...(short === undefined ? {} : { short }),
        },
      ]),
    ),
  });
  const options = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    const option = Object.hasOwn(declared, name) ? declared[name] : undefined;
    if (option === undefined) throw unknownOption(rawName, Object.keys(declared));
    if (option.isFlag && value !== undefined)
      throw new UsageError(`${rawName} takes no value, not "${value}".`);
    if (!option.isFlag && value === undefined)
      throw new UsageError(`${rawName} needs a value: ${option.valueName}.`);
    // No option begins with a digit, but offsets west of Greenwich and degrees below zero do.
    if (value !== undefined && inlineValue === false && /^-\D/.test(value)) {
      throw new UsageError(
        `${rawName} needs a value (${option.valueName}), and "${value}" looks like an option. If it is the value: ${rawName}=${value}`,
      );
    }
    options.set(name, [...(options.get(name) ?? []), value ?? '']);
  }
  return { options, positionals };
}

function unknownOption(rawName: string, names: readonly string[]): UsageError {
  const closest = rawName.startsWith('--') ? closestName(rawName.slice(2), names) : undefined;
  const hint = closest === undefined ? '' : ` Did you mean --${closest}?`;
  return new UsageError(`There is no option ${rawName}.${hint}`);
}

function checkExclusive(names: readonly string[], given: Given['options']): void {
  const both = names.filter((name) => given.has(name));
  if (both.length > 1)
    throw new UsageError(`--${both.join(' and --')} exclude each other: give one of them.`);
}

function positionalValues(
  texts: readonly string[],
  declared: Options,
  command: string,
): (readonly [name: string, value: unknown])[] {
  const entries = Object.entries(declared);
  const takesRest = entries.at(-1)?.[1].isRepeatable === true;
  const tooMany = takesRest ? undefined : texts[entries.length];
  if (tooMany !== undefined) {
    const wants = entries.map(([name]) => `<${name}>`).join(' ');
    throw new UsageError(
      `"${tooMany}" is one argument too many: ${command} takes ${wants === '' ? 'options only' : `only ${wants}`}.`,
    );
  }
  return entries.map(([name, option], index) => {
    const given = texts.slice(index, option.isRepeatable ? undefined : index + 1);
    return [camel(name), option.parse(`<${name}>`, given)] as const;
  });
}
