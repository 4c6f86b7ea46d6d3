import { flag, wholeNumber } from '../cli/options.ts';
import { defineVerb, type Verb } from '../cli/verb.ts';

export interface BenchOptions {
  readonly quick: boolean;
  readonly large: boolean;
  readonly all: boolean;
  /** At least 1. */
  readonly turns: number;
}

/** `npm run bench` as a verb: what is typed, and what `--help` prints. */
export function defineBench(run: (options: BenchOptions) => Promise<number>): Verb {
  return defineVerb({
    command: 'npm run bench --',
    summary: 'measures ValidateSegment and MergePartition against their peers',
    about: ['ValidateSegment and MergePartition against their peers, on the same files, in turns.'],
    options: {
      quick: flag({ help: 'a quarter of the lines and three turns' }),
      large: flag({ help: 'besides, one object of 128 MiB gzip in one call' }),
      turns: wholeNumber({ help: 'turns of each row; 5 by default, 3 with --quick', min: 1 }),
      all: flag({
        help: 'then also end-to-end, backfill, latency, growth, api and producer, one after the other; --quick is passed on to those that have it',
      }),
    },
    notes: ['bench/README.md says what each row is.'],
    examples: ['npm run bench -- --quick'],
    run: ({ turns, ...flags }) => run({ ...flags, turns: turns ?? (flags.quick ? 3 : 5) }),
  });
}
