import * as z from 'zod/mini';
import type { HttpRequest } from './http.ts';
import type { ParameterProblem, Problem } from './problem.ts';

/** The parameters of a route, of its path and its query together, as an object schema that refuses other names. */
export type ParameterSchema = z.core.$ZodType<object, object> & {
  readonly shape: Readonly<Record<string, z.core.$ZodType>>;
};

export type Parameters<Value> =
  | { readonly kind: 'parameters'; readonly value: Value }
  | { readonly kind: 'problem'; readonly problem: Problem };

/**
 * Reads the parameters of a request by a schema. The description of each parameter's schema says what is accepted, so it
 * is written to be read in an error as well as in the OpenAPI document. Every fault is told, the first one by name.
 */
export function readParameters<Schema extends ParameterSchema>(
  schema: Schema,
  request: Pick<HttpRequest, 'pathParameters' | 'query'>,
): Parameters<z.core.output<Schema>> {
  const given: Record<string, string> = {};
  const errors: ParameterProblem[] = [];
  for (const [name, values] of Object.entries(request.query)) {
    if (values.length > 1 && Object.hasOwn(schema.shape, name)) {
      errors.push({
        parameter: name,
        detail: `${name} is given ${values.length} times`,
        accepted: 'it once',
      });
    }
    given[name] = values[0] ?? '';
  }
  Object.assign(given, request.pathParameters);
  const parsed = z.safeParse(schema, given);
  if (!parsed.success) errors.push(...faults(schema, given, parsed.error.issues));
  if (parsed.success && errors.length === 0) return { kind: 'parameters', value: parsed.data };
  const [first] = errors;
  return {
    kind: 'problem',
    problem: {
      kind: 'invalid-parameter',
      detail: errors.map(({ detail, accepted }) => `${detail}; accepted: ${accepted}`).join('. '),
      parameter: first?.parameter ?? '',
      accepted: first?.accepted ?? '',
      errors,
    },
  };
}

function faults(
  schema: ParameterSchema,
  given: Readonly<Record<string, string>>,
  issues: readonly z.core.$ZodIssue[],
): ParameterProblem[] {
  const known = Object.keys(schema.shape);
  const wrong = new Set(issues.map(({ path }) => String(path[0] ?? '')).filter((name) => name !== ''));
  const told = [...wrong].map((parameter) => {
    const value = Object.hasOwn(given, parameter) ? given[parameter] : undefined;
    const found = value === undefined ? 'missing' : JSON.stringify(clip(value));
    return { parameter, detail: `${parameter} is ${found}`, accepted: describe(schema.shape[parameter]) };
  });
  const unknown = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  for (const name of unknown.slice(0, 10)) {
    const parameter = clip(name);
    told.push({
      parameter,
      detail: `${JSON.stringify(parameter)} is not a parameter of this route`,
      accepted: known.length === 0 ? 'no parameters' : known.join(', '),
    });
  }
  return told;
}

function describe(schema: z.core.$ZodType | undefined): string {
  return (schema && z.globalRegistry.get(schema)?.description) ?? 'another value';
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
