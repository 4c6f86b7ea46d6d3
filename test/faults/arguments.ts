import { parseArgs } from 'node:util';

export interface Arguments {
  /** In order. */
  seeds: number[];
  workers: number;
  /** Print every fault. */
  verbose: boolean;
}

export const usage = [
  'Usage: npm run test:faults -- [options]',
  '',
  'Runs the whole local cloud under faults, once for each seed, and compares what is left with a fault-free run.',
  '',
  '  --seed N       one seed, with every fault that it brings',
  '  --from N       the first seed (default 1)',
  '  --seeds N      how many (default 200)',
  '  --workers N    clouds at a time (default 3: two cores, and each waits for locks and retries a third of its time)',
].join('\n');

/** @throws TypeError with what is accepted */
export function readArguments(argv: string[]): Arguments {
  const { values } = parseArgs({
    args: argv,
    options: {
      seed: { type: 'string' },
      from: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '200' },
      workers: { type: 'string', default: '3' },
    },
  });
  const number = (name: keyof typeof values, least: number): number => {
    const value = Number(values[name]);
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new TypeError(
      `--${name} takes a whole number from ${least} on, not "${values[name]}".\n\n${usage}`,
    );
  };
  if (values.seed !== undefined) return { seeds: [number('seed', 0)], workers: 1, verbose: true };
  const from = number('from', 0);
  const seeds = Array.from({ length: number('seeds', 1) }, (_, index) => from + index);
  return { seeds, workers: Math.min(number('workers', 1), seeds.length), verbose: false };
}
