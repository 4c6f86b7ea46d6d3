import { createRequire } from 'node:module';
import { expect, test, vi } from 'vitest';
import { type ExpressionParser, rememberParsed } from './parsed-expressions.ts';

/** dynalite's parsers, as they are and with a memory. The memory is to make no difference but that of time. */
const require = createRequire(import.meta.url);
const isReserved = (name: string): boolean => name.toUpperCase() === 'COUNT';
const { compare } = require('dynalite/db') as { compare(operator: string, a: object, b: object): boolean };

function twins(name: string) {
  const { parse } = require(`dynalite/db/${name}`) as ExpressionParser;
  const own = { parse: vi.fn(parse) };
  const remembering: ExpressionParser = { parse: own.parse };
  rememberParsed(remembering);
  return { fresh: { parse }, remembering, parses: own.parse };
}

interface Asked {
  names?: Record<string, string>;
  values?: Record<string, object>;
}

/** The tree or what is wrong, and what was not used. */
function outcome(parser: ExpressionParser, text: string, { names, values }: Asked) {
  const context = {
    ...(names ? { attrNames: names } : {}),
    ...(values ? { attrVals: values } : {}),
    unusedAttrNames: Object.fromEntries(Object.keys(names ?? {}).map((name) => [name, true])),
    unusedAttrVals: Object.fromEntries(Object.keys(values ?? {}).map((name) => [name, true])),
    isReserved,
    compare,
  };
  let result: unknown;
  try {
    result = parser.parse(text, { context });
  } catch (error) {
    result = { thrown: String(error) };
  }
  return { result, names: context.unusedAttrNames, values: context.unusedAttrVals };
}

const n = (value: number) => ({ N: String(value) });
const conditions: [text: string, ...asked: Asked[]][] = [
  ['attribute_not_exists(version) OR version < :v', { values: { ':v': n(1) } }, { values: { ':v': n(2) } }],
  ['a = :v', { values: { ':v': n(1) } }, { values: { ':v': { S: 'x' } } }, { values: { ':w': n(1) } }],
  ['#a = :v AND NOT b.c[2] IN (:v, :w)', ...asks({ '#a': 'x' }), ...asks({ '#a': 'y' })],
  ['#a = :v', { names: { '#a': 'x', '#b': 'y' }, values: { ':v': n(1), ':w': n(2) } }],
  ['begins_with(a, :v)', { values: { ':v': { S: 'x' } } }, { values: { ':v': n(1) } }],
  ['attribute_type(a, :v)', { values: { ':v': { S: 'N' } } }, { values: { ':v': { S: 'no type' } } }],
  ['a BETWEEN :v AND :w', ...asks({}), { values: { ':v': n(3), ':w': n(2) } }],
  ['size(a) > :v', { values: { ':v': n(1) } }, { values: { ':v': n(9) } }],
  ['count = :v', { values: { ':v': n(1) } }],
  ['a = = :v', { values: { ':v': n(1) } }],
  ['a = :missing', { values: { ':v': n(1) } }],
];
const updates: [text: string, ...asked: Asked[]][] = [
  ['SET a = :v, b.c = if_not_exists(b.c, :w) REMOVE d', ...asks({})],
  ['SET #a = #a + :v ADD e :w', ...asks({ '#a': 'x' }), ...asks({ '#a': 'e' })],
  [
    'ADD a :v',
    { values: { ':v': n(1) } },
    { values: { ':v': { NS: ['1', '2'] } } },
    { values: { ':v': { S: 'x' } } },
  ],
  ['SET a = list_append(a, :v)', { values: { ':v': { L: [n(1)] } } }, { values: { ':v': n(1) } }],
  ['SET a = :v SET b = :v', { values: { ':v': n(1) } }],
];
function asks(names: Record<string, string>): Asked[] {
  const pairs = [
    [n(1), n(2)],
    [n(3), n(40)],
  ];
  return pairs.map(([v, w]) => ({ names, values: { ':v': v as object, ':w': w as object } }));
}

test.each([
  ['conditionParser', conditions],
  ['updateParser', updates],
] as const)('%s answers the same with a memory, at any time', (name, cases) => {
  const { fresh, remembering } = twins(name);
  for (let round = 0; round < 3; round++)
    for (const [text, ...asked] of cases)
      for (const each of asked)
        expect(outcome(remembering, text, each), text).toEqual(outcome(fresh, text, each));
});

test('an expression is parsed once for all values of one type', () => {
  const { remembering, parses } = twins('conditionParser');
  for (let v = 0; v < 10; v++) outcome(remembering, 'a < :v', { values: { ':v': n(v) } });
  expect(parses).toHaveBeenCalledTimes(1);
  outcome(remembering, 'a < :v', { values: { ':v': { S: 'x' } } });
  outcome(remembering, '#a < :v', { names: { '#a': 'a' }, values: { ':v': n(1) } });
  outcome(remembering, '#a < :v', { names: { '#a': 'b' }, values: { ':v': n(1) } });
  expect(parses).toHaveBeenCalledTimes(4);
});

test('a tree that its user changes is not what the next one gets', () => {
  const { fresh, remembering } = twins('conditionParser');
  const asked = { values: { ':v': n(1), ':w': n(2) } };
  const text = 'a = :v AND b > :w';
  for (let call = 0; call < 3; call++) {
    const { result } = outcome(remembering, text, asked);
    expect(result).toEqual(outcome(fresh, text, asked).result);
    const { expression } = result as { expression: { type: string; args: unknown[] } };
    expression.type = 'or';
    expression.args.length = 0;
  }
});

test('one value object under two names is not taken for one place', () => {
  const { fresh, remembering } = twins('conditionParser');
  const shared = n(1);
  for (const values of [
    { ':v': shared, ':w': shared },
    { ':v': n(1), ':w': n(2) },
  ]) {
    expect(outcome(remembering, 'a = :v AND b = :w', { values })).toEqual(
      outcome(fresh, 'a = :v AND b = :w', { values }),
    );
  }
});

test('expressions with values written into them do not pile up', () => {
  const { remembering, parses } = twins('conditionParser');
  const ask = (index: number) => outcome(remembering, `a${index} = :v`, { values: { ':v': n(1) } });
  for (let index = 0; index <= 1_000; index++) ask(index);
  ask(0);
  expect(parses).toHaveBeenCalledTimes(1_002);
});
