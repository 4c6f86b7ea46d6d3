/** What an expression of a template may refer to. Each function throws when the name is unknown. */
export interface Scope {
  ref(name: string): unknown;
  getAtt(logicalId: string, attribute: string): unknown;
  importValue(name: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, first: string, second: string): unknown;
}

/** What `AWS::NoValue` resolves to: the property or array item disappears. */
const noValue: unique symbol = Symbol('AWS::NoValue');

type Arguments = readonly unknown[];
type Intrinsic = (argument: unknown, scope: Scope) => unknown;

const intrinsics: Record<string, Intrinsic> = {
  Ref: (name, scope) => (name === 'AWS::NoValue' ? noValue : scope.ref(String(name))),
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, ...attribute] =
      typeof argument === 'string' ? argument.split('.') : (argument as string[]);
    return scope.getAtt(String(logicalId), attribute.join('.'));
  },
  'Fn::Sub': (argument, scope) => {
    const [text, variables] = Array.isArray(argument) ? (argument as [string, object]) : [argument, {}];
    return substitute(String(text), variables as Record<string, unknown>, scope);
  },
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = argument as [string, unknown];
    return (resolve(parts, scope) as Arguments).join(separator);
  },
  'Fn::Select': (argument, scope) => {
    const [index, list] = resolve(argument, scope) as [number | string, Arguments];
    if (list[Number(index)] === undefined)
      throw new Error(`Fn::Select: no item ${index} in a list of ${list.length}`);
    return list[Number(index)];
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = resolve(argument, scope) as [string, string];
    return text.split(separator);
  },
  'Fn::ImportValue': (argument, scope) => scope.importValue(String(resolve(argument, scope))),
  'Fn::FindInMap': (argument, scope) => {
    const [map, first, second] = resolve(argument, scope) as [string, string, string];
    return scope.mapping(map, first, second);
  },
  'Fn::If': (argument, scope) => {
    const [condition, yes, no] = argument as [string, unknown, unknown];
    return resolveOrNothing(scope.condition(condition) ? yes : no, scope);
  },
  'Fn::Equals': (argument, scope) => {
    const [left, right] = resolve(argument, scope) as [unknown, unknown];
    return JSON.stringify(left) === JSON.stringify(right);
  },
  'Fn::And': (argument, scope) => (argument as Arguments).every((item) => resolve(item, scope) === true),
  'Fn::Or': (argument, scope) => (argument as Arguments).some((item) => resolve(item, scope) === true),
  'Fn::Not': (argument, scope) => resolve((argument as Arguments)[0], scope) !== true,
  Condition: (argument, scope) => scope.condition(String(argument)),
  'Fn::Base64': (argument, scope) => Buffer.from(String(resolve(argument, scope))).toString('base64'),
  'Fn::GetAZs': (argument, scope) => {
    const region = resolve(argument, scope) || scope.ref('AWS::Region');
    return ['a', 'b', 'c'].map((zone) => `${region}${zone}`);
  },
};

/**
 * Evaluates a template value: objects and arrays deeply, intrinsic functions by their CloudFormation meaning.
 * Throws for an intrinsic that is not in the table, with its name.
 */
export function resolve(value: unknown, scope: Scope): unknown {
  const resolved = resolveOrNothing(value, scope);
  return resolved === noValue ? undefined : resolved;
}

function resolveOrNothing(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => resolveOrNothing(item, scope)).filter((item) => item !== noValue);
  }
  if (value === null || typeof value !== 'object') return value;
  const call = intrinsicOf(value);
  if (call) return call.function(call.argument, scope);
  const entries = Object.entries(value)
    .map(([key, item]) => [key, resolveOrNothing(item, scope)] as const)
    .filter(([, item]) => item !== noValue);
  return Object.fromEntries(entries);
}

function intrinsicOf(value: object): { function: Intrinsic; argument: unknown } | undefined {
  const [entry, ...more] = Object.entries(value);
  if (!entry || more.length > 0) return undefined;
  const [name, argument] = entry;
  // A policy statement's `Condition` is an object and no intrinsic: only a condition's name is one.
  if (name === 'Condition' && typeof argument !== 'string') return undefined;
  const known = Object.hasOwn(intrinsics, name) ? intrinsics[name] : undefined;
  if (known) return { function: known, argument };
  if (name.startsWith('Fn::')) {
    throw new Error(`${name} is an intrinsic function that local/template/intrinsics.ts does not evaluate.`);
  }
  return undefined;
}

function substitute(text: string, variables: Record<string, unknown>, scope: Scope): string {
  return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (Object.hasOwn(variables, name)) return String(resolve(variables[name], scope));
    const [logicalId, ...attribute] = name.split('.');
    return String(
      attribute.length > 0 ? scope.getAtt(String(logicalId), attribute.join('.')) : scope.ref(name),
    );
  });
}

/** The logical ids (and pseudo parameters) that a value refers to, for the order of creation. */
export function referencesIn(value: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) {
    for (const item of value) referencesIn(item, found);
  } else if (value !== null && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      if (key === 'Ref') found.add(String(item));
      else if (key === 'Fn::GetAtt')
        found.add(String(Array.isArray(item) ? item[0] : String(item).split('.')[0]));
      else {
        if (key === 'Fn::Sub') {
          const text = String(Array.isArray(item) ? item[0] : item);
          for (const match of text.matchAll(/\$\{([^!}][^}.]*)/g)) found.add(String(match[1]));
        }
        referencesIn(item, found);
      }
    }
  }
  return found;
}
