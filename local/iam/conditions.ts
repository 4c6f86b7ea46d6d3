/** One operator on one key of a statement's `Condition`; it holds when one of the values does. */
export interface Condition {
  operator: string;
  /** In lower case: AWS does not tell the case of keys apart. */
  key: string;
  values: readonly string[];
}

/** What a call says of itself, by condition key in lower case. */
export type Context = Readonly<Record<string, string>>;

/** Whether a call's value meets one of the statement's. */
const operators: Readonly<Record<string, (actual: string, wanted: string) => boolean>> = {
  StringEquals: (actual, wanted) => actual === wanted,
  StringNotEquals: (actual, wanted) => actual !== wanted,
  StringLike: (actual, wanted) => globOf(wanted)(actual),
  ArnEquals: arnLike,
  ArnLike: arnLike,
  Bool: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
  NumericLessThan: (actual, wanted) => Number(actual) < Number(wanted),
};

/** Those that hold where none of the values is the call's, and where the call has none. */
const negated: ReadonlySet<string> = new Set(['StringNotEquals']);

/** The keys that calls carry here. A condition on another would never hold, or always, whatever AWS does. */
const keys: ReadonlySet<string> = new Set([
  'aws:securetransport',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourcevpc',
  'aws:viaawsservice',
  'kms:encryptioncontext:aws:logs:arn',
  'kms:encryptioncontext:aws:states:statemachinearn',
  'kms:encryptioncontext:sourcearn',
  'kms:viaservice',
  'lambda:functionurlauthtype',
  'lambda:invokedviafunctionurl',
  's3:prefix',
  's3:tlsversion',
]);

/** Begins the key of a tag of the role that calls. */
export const principalTag = 'aws:principaltag/';

/** Calls `refuse` with the name of an operator, key or variable that is not evaluated. */
export function parseConditions(
  block: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  refuse: (what: string) => never,
): Condition[] {
  return Object.entries(block).flatMap(([operator, entries]) => {
    if (!Object.hasOwn(operators, operator)) refuse(`the condition operator ${operator}`);
    return Object.entries(entries).map(([name, value]) => {
      const key = name.toLowerCase();
      if (!keys.has(key) && !key.startsWith(principalTag)) refuse(`the condition key ${name}`);
      const values = (Array.isArray(value) ? value : [value]).map(String);
      const variable = values.find((each) => each.includes('$' + '{'));
      if (variable !== undefined) refuse(`the policy variable in ${variable}`);
      return { operator, key, values };
    });
  });
}

/** Whether every condition holds. One on a key that the call does not carry does not hold, unless it is about what must not be. */
export function hold(conditions: readonly Condition[], context: Context): boolean {
  return conditions.every(({ operator, key, values }) => {
    const actual = context[key];
    const meets = (wanted: string): boolean =>
      actual !== undefined && operators[operator]?.(actual, wanted) === true;
    if (negated.has(operator)) return actual === undefined || values.every(meets);
    return values.some(meets);
  });
}

/** Part by part: a `*` does not reach over a colon, except in the last part. */
function arnLike(actual: string, wanted: string): boolean {
  const [parts, patterns] = [arnParts(actual), arnParts(wanted)];
  return patterns.every((pattern, index) => globOf(pattern)(parts[index] ?? ''));
}

function arnParts(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}

const compiled = new Map<string, (text: string) => boolean>();

/** A test for a pattern with `*` (any characters, also none) and `?` (one), over the whole text. */
export function globOf(pattern: string): (text: string) => boolean {
  const known = compiled.get(pattern);
  if (known) return known;
  const source = pattern
    .replace(/[.+^$()|[\]{}\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 's');
  const test = /[*?]/.test(pattern)
    ? (text: string) => expression.test(text)
    : (text: string) => text === pattern;
  // Patterns come from the template, so there are as many as it has.
  compiled.set(pattern, test);
  return test;
}
