import * as z from 'zod/mini';
import type { HttpRequest } from './messages.ts';
import type { ParameterProblem, Problem } from './problem.ts';

/** The parameters of a route, of its path and its query together, as an object schema that refuses other names. */
export type ParameterSchema = z.core.$ZodType<object, object> & {
  readonly shape: Readonly<Record<string, z.core.$ZodType>>;
};

/**
 * Reads the parameters of a request by a schema. The description of each parameter's schema says what is accepted, so it
 * is written to be read in an error as well as in the OpenAPI document. All errors are reported, the first one by name.
 */
export function readParameters<Schema extends ParameterSchema>(
  schema: Schema,
  request: Pick<HttpRequest, 'pathParameters' | 'query'>,
): { readonly value: z.core.output<Schema> } | Problem {
  const read = new Map<string, string>();
  const errors: ParameterProblem[] = [];
  const ofQuery = Object.keys(schema.shape).filter((name) => !Object.hasOwn(request.pathParameters, name));
  const unknown: string[] = [];
  for (const [name, values] of Object.entries(request.query)) {
    // Said by the path already: which of the two is meant nobody can know.
    if (Object.hasOwn(request.pathParameters, name)) {
      unknown.push(name);
      continue;
    }
    if (values.length > 1 && Object.hasOwn(schema.shape, name)) {
      errors.push({
        parameter: name,
        detail: `${name} is given ${values.length} times`,
        accepted: 'one value',
      });
    }
    read.set(name, values[0] ?? '');
  }
  for (const [name, value] of Object.entries(request.pathParameters)) read.set(name, value);
  const given = Object.fromEntries(read); // also of a name such as __proto__
  const parsed = z.safeParse(schema, given);
  if (!parsed.success) {
    errors.push(...wrongOf(schema, given, parsed.error.issues));
    unknown.push(
      ...parsed.error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [])),
    );
  }
  errors.push(...unknown.slice(0, maxUnknown).map((name) => unknownError(name, ofQuery)));
  if (parsed.success && errors.length === 0) return { value: parsed.data };
  const [first] = errors;
  return {
    problem: 'invalid-parameter',
    detail: errors.map(({ detail, accepted }) => `${detail}; accepted: ${accepted}`).join('. '),
    parameter: first?.parameter ?? '',
    accepted: first?.accepted ?? '',
    errors,
  };
}

/** Unknown parameters that are reported. */
const maxUnknown = 10;

function unknownError(name: string, known: readonly string[]): ParameterProblem {
  const parameter = clip(name);
  return {
    parameter,
    detail: `${JSON.stringify(parameter)} is not a parameter of this route`,
    accepted: known.length === 0 ? 'no parameters' : known.join(', '),
  };
}

function wrongOf(
  schema: ParameterSchema,
  given: Readonly<Record<string, string>>,
  issues: readonly z.core.$ZodIssue[],
): ParameterProblem[] {
  const wrong = new Set(issues.map(({ path }) => String(path[0] ?? '')).filter((name) => name !== ''));
  return [...wrong].map((parameter) => {
    const value = Object.hasOwn(given, parameter) ? given[parameter] : undefined;
    const found = value === undefined ? 'missing' : JSON.stringify(clip(value));
    const accepted = acceptedBy(schema.shape[parameter] ?? schema) ?? '';
    return { parameter, detail: `${parameter} is ${found}`, accepted };
  });
}

/**
 * What a schema says that it accepts. An optional one, or one that is read to another value, may have no words of its own: then those of what it wraps.
 * `undefined` where nobody has said it, which a test refuses of a parameter.
 */
export function acceptedBy(schema: z.core.$ZodType): string | undefined {
  const { innerType, out = innerType } = schema._zod.def as {
    innerType?: z.core.$ZodType;
    out?: z.core.$ZodType;
  };
  return z.globalRegistry.get(schema)?.description ?? (out && acceptedBy(out));
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
