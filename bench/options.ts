import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly help: boolean;
  readonly quick: boolean;
  readonly large: boolean;
  readonly all: boolean;
  /** At least 1. */
  readonly turns: number;
}

/** What `--help` prints. */
export const help = `Usage: npm run bench [-- options]

ValidateSegment and MergePartition against their peers, on the same files, in turns.

  --quick     a quarter of the lines and three turns: under two minutes
  --large     besides, one object of 128 MiB gzip in one call
  --turns N   turns of each row; 5 by default, 3 with --quick
  --all       then also end-to-end, latency, growth, api and producer, one after the other; --quick is passed on to
              those that have it
  --help      this text

bench/README.md says what each row is.`;

/** A call that can't be carried out; the message is for who made it. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

/** @throws {OptionError} for an option that does not exist, or a value that makes no sense */
export function readOptions(args: string[]): BenchOptions {
  const { values } = parse(args);
  const { help, quick, large, all } = values;
  const turns = Number(values.turns ?? (quick ? 3 : 5));
  if (!Number.isInteger(turns) || turns < 1) {
    throw new OptionError(`--turns takes a whole number above 0, not "${values.turns}"`);
  }
  return { help, quick, large, all, turns };
}

function parse(args: string[]) {
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({
      args,
      options: { help: flag, quick: flag, large: flag, all: flag, turns: { type: 'string' } },
    });
  } catch (error) {
    throw new OptionError((error as Error).message); // parseArgs throws nothing else
  }
}
