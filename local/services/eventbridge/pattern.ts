/** Says whether a value matches. */
export type Matcher = (value: unknown) => boolean;

/** An operator that the local cloud does not evaluate: matching it wrongly would be worse than stopping. */
class UnknownPatternOperator extends Error {
  override readonly name = 'UnknownPatternOperator';

  constructor(operator: string) {
    super(`Pattern operator not supported: ${operator}`);
  }
}

/**
 * Compiles an EventBridge event pattern: every field must match one of its alternatives; of an array in the event one
 * element is enough; `$or` takes several patterns. Alternatives: a literal, `prefix`, `suffix`, `wildcard`, `exists`,
 * `anything-but`, `equals-ignore-case`, `numeric`. Throws UnknownPatternOperator, naming it.
 */
export function compilePattern(pattern: unknown): Matcher {
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern)) {
    throw new Error('An event pattern is an object.');
  }
  const fields = Object.entries(pattern).map(([name, value]): Matcher => {
    if (name === '$or' && Array.isArray(value)) {
      const patterns = value.map(compilePattern);
      return (event) => patterns.some((matches) => matches(event));
    }
    if (!Array.isArray(value)) {
      const below = compilePattern(value);
      return (event) => elements(event).some((each) => below(each[name]));
    }
    const alternatives = value.map(compileAlternative);
    return (event) => elements(event).some((each) => fieldMatches(each[name], alternatives));
  });
  return (event) => fields.every((matches) => matches(event));
}

/** A filter policy of SNS on message attributes: one level, the same operators. */
export function compileAlternatives(alternatives: unknown[]): Matcher {
  const compiled = alternatives.map(compileAlternative);
  return (value) => fieldMatches(value, compiled);
}

function elements(value: unknown): Record<string, unknown>[] {
  const all = Array.isArray(value) ? value : [value];
  const objects = all.filter((each) => typeof each === 'object' && each !== null);
  // A field that is absent still has to be asked about: `exists: false` is true of it.
  return objects.length > 0 ? (objects as Record<string, unknown>[]) : [{}];
}

function fieldMatches(value: unknown, alternatives: Matcher[]): boolean {
  const values = Array.isArray(value) && value.length > 0 ? value : [value];
  return alternatives.some((matches) => values.some(matches));
}

function compileAlternative(alternative: unknown): Matcher {
  if (typeof alternative !== 'object' || alternative === null) return (value) => value === alternative;
  const entries = Object.entries(alternative);
  const [operator, operand] = entries[0] ?? ['(none)', undefined];
  if (entries.length !== 1) throw new UnknownPatternOperator(entries.map(([name]) => name).join(' with '));
  switch (operator) {
    case 'prefix':
      return withIgnoredCase(operand, operator, (value, start) => value.startsWith(start));
    case 'suffix':
      return withIgnoredCase(operand, operator, (value, end) => value.endsWith(end));
    case 'equals-ignore-case':
      return onText((value) => value.toLowerCase() === String(operand).toLowerCase());
    case 'wildcard': {
      const expression = wildcard(String(operand));
      return onText((value) => expression.test(value));
    }
    case 'exists':
      return operand === true ? isLeaf : (value) => value === undefined;
    case 'anything-but':
      return anythingBut(operand);
    case 'numeric':
      return numeric(operand);
    default:
      throw new UnknownPatternOperator(operator);
  }
}

function isLeaf(value: unknown): boolean {
  return value !== undefined && (typeof value !== 'object' || value === null);
}

function onText(test: (value: string) => boolean): Matcher {
  return (value) => typeof value === 'string' && test(value);
}

/** `"text"` or `{"equals-ignore-case": "text"}`. */
function withIgnoredCase(
  operand: unknown,
  operator: string,
  test: (value: string, operand: string) => boolean,
): Matcher {
  if (typeof operand === 'string') return onText((value) => test(value, operand));
  const ignoring = (operand as Record<string, unknown> | null)?.['equals-ignore-case'];
  if (typeof ignoring !== 'string')
    throw new UnknownPatternOperator(`${operator} of ${JSON.stringify(operand)}`);
  return onText((value) => test(value.toLowerCase(), ignoring.toLowerCase()));
}

function wildcard(operand: string): RegExp {
  const source = operand.replace(/\\([*\\])|[.*+?^${}()|[\]\\]/gs, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return `\\${escaped}`;
    return found === '*' ? '.*' : `\\${found}`;
  });
  return new RegExp(`^${source}$`, 's');
}

function anythingBut(operand: unknown): Matcher {
  const all = Array.isArray(operand) ? operand : [operand];
  // {"prefix": ["a", "b"]}: none of them.
  const refused = all.flatMap((each): Matcher[] => {
    if (typeof each !== 'object' || each === null) return [compileAlternative(each)];
    return Object.entries(each).flatMap(([operator, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => compileAlternative({ [operator]: one })),
    );
  });
  return (value) => isLeaf(value) && !refused.some((matches) => matches(value));
}

const comparisons: Record<string, (value: number, bound: number) => boolean> = {
  '=': (value, bound) => value === bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
};

function numeric(operand: unknown): Matcher {
  if (!Array.isArray(operand) || operand.length === 0 || operand.length % 2 === 1) {
    throw new UnknownPatternOperator(`numeric of ${JSON.stringify(operand)}`);
  }
  const tests: ((value: number) => boolean)[] = [];
  for (let i = 0; i < operand.length; i += 2) {
    const compare = comparisons[String(operand[i])];
    const bound = operand[i + 1] as unknown;
    if (compare === undefined || typeof bound !== 'number') {
      throw new UnknownPatternOperator(`numeric ${operand[i]} ${bound}`);
    }
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}
