import type * as z from 'zod/mini';

type RawIssue = z.core.$ZodRawIssue;

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};
const lengths: Readonly<Record<string, string>> = { string: 'characters', array: 'elements' };

/** What is wrong with a value and what would be accepted, where the schema itself has no words for it. */
export function issueWords(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${found(issue.input)}; accepted: ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `${found(issue.input)}; accepted: ${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `unknown members: ${issue.keys.slice(0, 10).map(quoted).join(', ')}; accepted: ${membersOf(issue.inst)}`;
    case 'too_small':
      return `${found(issue.input)}; accepted: ${bound('at least', issue.origin, issue.minimum)}`;
    case 'too_big':
      return `${found(issue.input)}; accepted: ${bound('at most', issue.origin, issue.maximum)}`;
    case 'invalid_key':
      return 'a name in it is too long or empty; accepted: 1 to 64 characters';
    case 'invalid_union':
      return `${found(issue.input)}; accepted: ${kindsOf(issue.errors).join(', ') || 'another value'}`;
    default:
      return `${found(issue.input)}; accepted: another value`;
  }
}

function bound(word: string, origin: string, limit: number | bigint): string {
  const unit = lengths[origin];
  return unit === undefined
    ? `${word} ${limit}`
    : `${word} ${limit} ${String(limit) === '1' ? unit.slice(0, -1) : unit}`;
}

/** What a value may be that is of several kinds: those that it is not at all. */
const kindsOf = (options: readonly (readonly z.core.$ZodIssue[])[]): string[] =>
  options.flatMap(([issue]) =>
    issue?.code === 'invalid_type' ? [kinds[issue.expected] ?? issue.expected] : [],
  );

/** The members that an object may have. */
function membersOf(schema: RawIssue['inst']): string {
  const { shape = {} } = (schema?._zod.def ?? {}) as { shape?: object };
  return Object.keys(shape).join(', ');
}

/** The value, or what kind of value it is where it is long. */
function found(value: unknown): string {
  if (value === undefined) return 'is missing';
  if (Array.isArray(value)) return `is a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'is an object';
  if (typeof value === 'string' && value.length > 40) return `is a text of ${value.length} characters`;
  return `is ${typeof value === 'string' ? quoted(value) : String(value)}`;
}

const quoted = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 37)}...` : text);
