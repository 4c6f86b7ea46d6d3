import { afterEach, describe, expect, it, test, vi } from 'vitest';
import {
  choice,
  day,
  decimalNumber,
  duration,
  flag,
  inGroup,
  instant,
  oneOf,
  port,
  share,
  text,
  wholeNumber,
} from './options.ts';
import { UsageError } from './usage-error.ts';
import { defineVerb } from './verb.ts';

afterEach(() => vi.restoreAllMocks());

const ran: unknown[] = [];
const verb = defineVerb({
  command: 'npm run caudal -- sample',
  summary: 'shows what a declaration gives',
  about: [`A paragraph ${'that is long enough to be broken somewhere '.repeat(4)}.`],
  positionals: {
    action: choice(['list', 'replay'], { help: 'what to do', required: true }),
    id: text({ help: 'one execution' }),
  },
  options: {
    'dry-run': flag({ help: 'starts nothing', short: 'n' }),
    limit: wholeNumber({ help: 'rows', min: 1, max: 1_000, default: 20 }),
    ...inGroup('How much', {
      rate: decimalNumber({ help: 'readings a second', min: 0.001 }),
      late: share({ help: 'how many', default: 0 }),
      wait: duration({ help: 'looks again for so long' }),
      since: instant({ help: 'from then on' }),
      from: day({ help: 'the first day' }),
    }),
    file: text({ valueName: 'FILE', help: 'what is read', repeatable: true }),
    port: port({ help: 'where', default: 4566 }),
    dataset: oneOf([{ name: 'air' }, { name: 'water' }], { help: 'only this one' }),
    status: choice(['RUNNING', 'FAILED', 'ABORTED'], { help: 'only these', valueName: 'S', anyCase: true }),
    stdin: flag({ help: 'reads standard input' }),
  },
  exclusive: [['file', 'stdin']],
  notes: ['A note.'],
  examples: ['npm run caudal -- sample list'],
  run: async (values) => {
    ran.push(values);
    return 1;
  },
});

const problem = (...argv: string[]): string => {
  try {
    verb.parse(argv);
  } catch (fault) {
    if (fault instanceof UsageError) return fault.message;
    throw fault;
  }
  return '';
};

describe('parsing', () => {
  it('gives defaults, and nothing for what was not typed', () => {
    expect(verb.parse(['list'])).toEqual({
      ...{ action: 'list', id: undefined, dryRun: false, limit: 20, rate: undefined, late: 0 },
      ...{ wait: undefined, since: undefined, from: undefined, file: [], port: 4566 },
      ...{ dataset: undefined, status: undefined, stdin: false },
    });
  });

  it('gives values of the kinds that were declared', () => {
    const argv =
      'replay x -n --limit 1_000 --rate 2.5 --late 2% --wait 90s --since 2024-01-01T00:00:00Z --from 2024-02-29';
    const rest = '--file a --file=b --port 0 --dataset water --status failed';
    expect(verb.parse(`${argv} ${rest}`.split(' '))).toEqual({
      ...{ action: 'replay', id: 'x', dryRun: true, limit: 1_000, rate: 2.5, late: 0.02, wait: 90_000 },
      ...{ since: Date.UTC(2024), from: '2024-02-29', file: ['a', 'b'], port: 0, dataset: { name: 'water' } },
      ...{ status: 'FAILED', stdin: false },
    });
  });

  it('gives the last argument all that follow, where it is repeatable', () => {
    const file = text({ help: 'what is read', required: true, repeatable: true });
    const many = defineVerb({
      ...{ command: 'many', summary: '', options: {}, examples: ['many a'], run: async () => 0 },
      positionals: { way: choice(['up', 'down'], { help: 'where', required: true }), file },
    });
    expect(many.parse(['up', 'a', 'b', 'a'])).toEqual({ way: 'up', file: ['a', 'b', 'a'] });
    expect(() => many.parse(['up'])).toThrow('<file> is missing');
    expect(many.help).toContain('Usage: many up|down <file>…');
  });

  it('takes everything behind -- as arguments, and a value that looks like an option behind =', () => {
    expect(verb.parse(['--file=-x', '--', 'list', '--odd'])).toMatchObject({ id: '--odd', file: ['-x'] });
  });

  it('takes a value below zero, such as an offset west of Greenwich', () => {
    expect(verb.parse(['list', '--file', '-05:00'])).toMatchObject({ file: ['-05:00'] });
    expect(problem('list', '--limit', '-5')).toMatch(/^--limit takes .*, not "-5"\.$/);
  });

  it('has types that follow from the declaration', async () => {
    const values = verb.parse(['list']);
    if (values === undefined) throw new Error('help was not asked for');
    const limit: number = values.limit;
    const files: readonly string[] = values.file;
    const action: 'list' | 'replay' = values.action;
    // @ts-expect-error it may be undefined
    const wait: number = values.wait;
    // @ts-expect-error it is no option
    const other = values.other;
    expect([limit, files, action, wait, other]).toEqual([20, [], 'list', undefined, undefined]);
  });
});

describe('a call that is not understood', () => {
  test.each([
    [['list', '--limit', 'many'], '--limit takes a whole number from 1 to 1000, not "many".'],
    [['list', '--limit', '0'], '--limit takes a whole number from 1 to 1000, not "0".'],
    [['list', '--limit', '1.5'], '--limit takes a whole number from 1 to 1000, not "1.5".'],
    [['list', '--rate', '0'], '--rate takes a number from 0.001 on, not "0".'],
    [['list', '--rate', 'Infinity'], '--rate takes a number from 0.001 on, not "Infinity".'],
    [['list', '--late', '101%'], '--late takes a share such as 2% or 0.02, not "101%".'],
    [['list', '--wait', '0s'], '--wait takes a length of time such as 10s, 15m, 1h, 7d or 2y, not "0s".'],
    [['list', '--since', 'noon'], '--since takes a time such as 2024-01-01T00:00:00Z, not "noon".'],
    [['list', '--from', '2023-02-29'], '--from takes a day as YYYY-MM-DD, not "2023-02-29".'],
    [['list', '--port', '65536'], '--port takes a port from 0 to 65535, not "65536".'],
    [['list', '--dataset', 'fire'], '--dataset takes air or water, not "fire".'],
    [['list', '--status', 'X'], '--status takes one of RUNNING, FAILED, ABORTED, not "X".'],
    [['list', '--file='], '--file takes a value (FILE), not "".'],
    [['list', '--limit'], '--limit needs a value: N.'],
    [
      ['list', '--limit', '--stdin'],
      '--limit needs a value (N), and "--stdin" looks like an option. If it is the value: --limit=--stdin',
    ],
    [['list', '--stdin=yes'], '--stdin takes no value, not "yes".'],
    [['list', '--file', 'a', '--stdin'], '--file and --stdin exclude each other: give one of them.'],
    [['list', '--limti', '3'], 'There is no option --limti. Did you mean --limit?'],
    [['list', '--frobnicate'], 'There is no option --frobnicate.'],
    [['list', '--constructor'], 'There is no option --constructor.'],
    [['list', '-x'], 'There is no option -x.'],
    [[], '<action> is missing: list or replay.'],
    [['lisst'], '<action> takes list or replay, not "lisst".'],
    [['list', 'x', 'y'], '"y" is one argument too many: npm run caudal -- sample takes only <action> <id>.'],
  ])('%j', (argv, message) => {
    expect(problem(...argv)).toBe(message);
  });
});

describe('help', () => {
  it('follows from the declaration', () => {
    expect(
      verb.help
        .split('\n\n')
        .filter((_, index) => index !== 1)
        .join('\n\n'),
    ).toBe(
      [
        'Usage: npm run caudal -- sample list|replay [id] [options]',
        '',
        '  list|replay     what to do',
        '  [id]            one execution',
        '  -n, --dry-run   starts nothing',
        '  --limit N       rows (1 to 1000; default 20)',
        '  --file FILE     what is read (may be repeated)',
        '  --port N        where (default 4566)',
        '  --dataset NAME  only this one (air, water)',
        '  --status S      only these (RUNNING, FAILED, ABORTED)',
        '  --stdin         reads standard input',
        '',
        'How much:',
        '  --rate N        readings a second',
        '  --late SHARE    how many (default 0)',
        '  --wait LENGTH   looks again for so long',
        '  --since TIME    from then on',
        '  --from DAY      the first day',
        '',
        'LENGTH is 500ms, 10s, 15m, 1h, 7d, 2w, 6mo (of 30 days) or 2y (of 365 days).',
        '',
        'A note.',
        '',
        'Example: npm run caudal -- sample list',
      ].join('\n'),
    );
    expect(Math.max(...verb.help.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(120);
  });

  it('is printed wherever it is asked for, and nothing runs', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    ran.length = 0;
    for (const argv of [['--help'], ['-h'], ['list', '--limit', 'many', '-h']]) {
      expect(await verb.run(argv)).toBe(0);
    }
    expect(log).toHaveBeenCalledTimes(3);
    expect(log).toHaveBeenCalledWith(verb.help);
    expect(ran).toEqual([]);
    expect(await verb.run(['list'])).toBe(1);
    expect(ran).toHaveLength(1);
  });
});

test('help fits 80 columns; a command is never broken', () => {
  const long = verb.help.split('\n').filter((line) => line.length > 80 && !line.includes('npm run'));
  expect(long).toEqual([]);
  const several = defineVerb({
    command: 'npm run caudal -- sample',
    summary: 'has many ways to call it',
    usage: [
      '[--dataset NAME] [--from DAY] [--to DAY] [--file NAME] [--reason REASON] [--json]',
      '--submit FILE',
    ],
    options: {},
    examples: ['npm run caudal -- sample'],
    run: async () => 0,
  });
  expect(several.help.split('\n').slice(0, 3)).toEqual([
    'Usage: npm run caudal -- sample [--dataset NAME] [--from DAY] [--to DAY]',
    '         [--file NAME] [--reason REASON] [--json]',
    '       npm run caudal -- sample --submit FILE',
  ]);
});
