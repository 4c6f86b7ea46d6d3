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
  for (const [name, values] of Object.entries(request.query)) {
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
  if (!parsed.success) errors.push(...errorsOf(schema, given, parsed.error.issues));
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

function errorsOf(
  schema: ParameterSchema,
  given: Readonly<Record<string, string>>,
  issues: readonly z.core.$ZodIssue[],
): ParameterProblem[] {
  const known = Object.keys(schema.shape);
  const wrong = new Set(issues.map(({ path }) => String(path[0] ?? '')).filter((name) => name !== ''));
  const errors = [...wrong].map((parameter) => {
    const value = Object.hasOwn(given, parameter) ? given[parameter] : undefined;
    const found = value === undefined ? 'missing' : JSON.stringify(clip(value));
    return { parameter, detail: `${parameter} is ${found}`, accepted: describe(schema.shape[parameter]) };
  });
  const unknown = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  for (const name of unknown.slice(0, 10)) {
    const parameter = clip(name);
    errors.push({
      parameter,
      detail: `${JSON.stringify(parameter)} is not a parameter of this route`,
      accepted: known.length === 0 ? 'no parameters' : known.join(', '),
    });
  }
  return errors;
}

function describe(schema: z.core.$ZodType | undefined): string {
  return (schema && z.globalRegistry.get(schema)?.description) ?? 'another value';
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
