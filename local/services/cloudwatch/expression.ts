/** Values by the time of their period, UTC ms. A period without data is not there. */
export type TimeSeries = ReadonlyMap<number, number>;

/** What an expression is computed over. */
export interface Scope {
  /** The begins of all periods. */
  readonly times: readonly number[];
  /** By id; throws where there is none of it. */
  series(id: string): TimeSeries;
}

type Value = number | TimeSeries;
type Node = (scope: Scope) => Value;

/** An expression that CloudWatch may take and this does not; the message names what. */
export class ExpressionNotUnderstood extends Error {
  override readonly name = 'ExpressionNotUnderstood';
}

const token = /\s*(?:(\d+(?:\.\d+)?(?:e[+-]?\d+)?)|([A-Za-z_]\w*)|(<=|>=|==|!=|&&|\|\||[-+*/<>(),]))/gy;

type Binary = (a: number, b: number) => number;

/** Weakest first. */
const levels: readonly Readonly<Record<string, Binary>>[] = [
  { '||': (a, b) => Number(a !== 0 || b !== 0), OR: (a, b) => Number(a !== 0 || b !== 0) },
  { '&&': (a, b) => Number(a !== 0 && b !== 0), AND: (a, b) => Number(a !== 0 && b !== 0) },
  {
    '<': (a, b) => Number(a < b),
    '>': (a, b) => Number(a > b),
    '<=': (a, b) => Number(a <= b),
    '>=': (a, b) => Number(a >= b),
    '==': (a, b) => Number(a === b),
    '!=': (a, b) => Number(a !== b),
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => (b === 0 ? Number.NaN : a / b) },
];

/** Functions of CloudWatch's metric math that are here. */
const functions: Readonly<Record<string, (scope: Scope, values: readonly Value[]) => Value>> = {
  IF: ({ times }, [condition = 0, then = 0, otherwise]) =>
    over(times, (at) => {
      const is = valueAt(condition, at);
      if (is === undefined) return undefined;
      if (is !== 0) return valueAt(then, at);
      return otherwise === undefined ? undefined : valueAt(otherwise, at);
    }),
  FILL: ({ times }, [filled = 0, by = 0]) => over(times, (at) => valueAt(filled, at) ?? valueAt(by, at)),
  ABS: ({ times }, [of = 0]) => over(times, (at) => mapped(valueAt(of, at), Math.abs)),
  CEIL: ({ times }, [of = 0]) => over(times, (at) => mapped(valueAt(of, at), Math.ceil)),
  FLOOR: ({ times }, [of = 0]) => over(times, (at) => mapped(valueAt(of, at), Math.floor)),
};

const mapped = (value: number | undefined, by: (value: number) => number): number | undefined =>
  value === undefined ? undefined : by(value);

const valueAt = (value: Value, at: number): number | undefined =>
  typeof value === 'number' ? value : value.get(at);

/** What has no value, such as a division by zero, is no data. */
function over(times: readonly number[], read: (at: number) => number | undefined): TimeSeries {
  return new Map(
    times.flatMap((at): [number, number][] => {
      const value = read(at);
      return value === undefined || !Number.isFinite(value) ? [] : [[at, value]];
    }),
  );
}

/**
 * Reads an expression of CloudWatch's metric math: ids, numbers, operators and some functions.
 * @throws {ExpressionNotUnderstood}
 */
export function parseExpression(text: string): (scope: Scope) => TimeSeries {
  const tokens = tokensOf(text);
  let next = 0;
  const fail = (): never => {
    throw new ExpressionNotUnderstood(
      `the local cloud does not understand the expression ${JSON.stringify(text)} at ${JSON.stringify(tokens[next] ?? 'its end')}; it has IDs, numbers, operators and ${Object.keys(functions).join(', ')}`,
    );
  };
  const take = (wanted: string): void => {
    if (tokens[next] !== wanted) fail();
    next++;
  };

  function level(at: number): Node {
    const operators = levels[at];
    if (operators === undefined) return operand();
    let left = level(at + 1);
    for (;;) {
      const binary = Object.hasOwn(operators, tokens[next] ?? '') ? operators[tokens[next] ?? ''] : undefined;
      if (binary === undefined) return left;
      next++;
      const [a, b] = [left, level(at + 1)];
      left = (scope) => combined(scope, binary, a(scope), b(scope));
    }
  }

  function operand(): Node {
    const word = tokens[next] ?? fail();
    if (word === '-') {
      next++;
      const of = operand();
      return (scope) => combined(scope, (a, b) => a - b, 0, of(scope));
    }
    if (word === '(') {
      next++;
      const inner = level(0);
      take(')');
      return inner;
    }
    if (/^\d/.test(word)) {
      next++;
      return () => Number(word);
    }
    if (!/^[A-Za-z_]/.test(word)) fail();
    if (tokens[next + 1] !== '(') {
      next++;
      return (scope) => scope.series(word);
    }
    const of = Object.hasOwn(functions, word) ? functions[word] : undefined;
    if (of === undefined) return fail();
    next += 2;
    const given = [level(0)];
    while (tokens[next] === ',') {
      next++;
      given.push(level(0));
    }
    take(')');
    return (scope) =>
      of(
        scope,
        given.map((each) => each(scope)),
      );
  }

  const whole = level(0);
  if (next < tokens.length) fail();
  return (scope) => {
    const value = whole(scope);
    return over(scope.times, (at) => valueAt(value, at));
  };
}

function combined({ times }: Scope, binary: Binary, a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') return binary(a, b);
  return over(times, (at) => {
    const [left, right] = [valueAt(a, at), valueAt(b, at)];
    return left === undefined || right === undefined ? undefined : binary(left, right);
  });
}

function tokensOf(text: string): string[] {
  const found: string[] = [];
  token.lastIndex = 0;
  const end = text.trimEnd().length;
  while (token.lastIndex < end) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (match === null)
      throw new ExpressionNotUnderstood(
        `the local cloud does not understand the expression ${JSON.stringify(text)} at ${JSON.stringify(text.slice(at, at + 20))}`,
      );
    found.push(match[1] ?? match[2] ?? match[3] ?? '');
  }
  return found;
}
