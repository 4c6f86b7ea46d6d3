import * as z from 'zod/mini';
import { type BodyRules, invalidBody, oddityOf, parseJsonBody, readBody } from './body.ts';
import { issueWords } from './issue-words.ts';
import type { HttpRequest } from './messages.ts';
import type { Problem } from './problem.ts';

/** An invalid part of a document. */
export interface InputIssue {
  /** Where it is: `toons[3].type`. */
  readonly parameter: string;
  /** What is wrong and what would be accepted, as `is 3; accepted: a text`, or the latter alone: `must be a day`. */
  readonly detail: string;
}

/** Issues reported at once: enough to correct a body, in an answer that stays small. */
const maxIssues = 20;

const acceptedJson = 'JSON of whole characters, at most 64 levels deep, without a member __proto__';

/** The JSON of a body, of any shape. `invalid-body` for what is no JSON, or JSON that is not passed on. */
export function readJson(request: HttpRequest, rules: BodyRules): { readonly value: unknown } | Problem {
  const body = readBody(request, rules);
  if ('problem' in body) return body;
  const parsed = parseJsonBody(body.text, 'a JSON object');
  const oddity = 'problem' in parsed ? undefined : oddityOf(parsed.value);
  return oddity === undefined ? parsed : invalidBody(`the body can't be taken: ${oddity}`, acceptedJson);
}

/** The JSON of a body by the schema of its route. `invalid-body` names the first issues. */
export function readJsonBody<Schema extends z.core.$ZodType>(
  request: HttpRequest,
  rules: BodyRules & { readonly schema: Schema },
): { readonly value: z.core.output<Schema> } | Problem {
  const json = readJson(request, rules);
  if ('problem' in json) return json;
  const parsed = z.safeParse(rules.schema, json.value, { error: issueWords });
  return parsed.success ? { value: parsed.data } : invalid(issuesOf(parsed.error));
}

/** The problem of a body that has issues. */
export function invalid(issues: readonly InputIssue[]): Problem {
  const [first] = issues;
  return {
    problem: 'invalid-body',
    detail: issues.map(({ parameter, detail }) => `${parameter}: ${detail}`).join('. '),
    parameter: first?.parameter ?? 'body',
    accepted: first === undefined ? '' : acceptedIn(first),
    errors: issues.map((issue) => ({ ...issue, accepted: acceptedIn(issue) })),
  };
}

/** Of what is wrong the part that says how it would be right: all of it, such as `names must differ`, where there are no parts. */
function acceptedIn({ detail }: InputIssue): string {
  const [, accepted] = /(?:^|; )accepted: (.*)$/s.exec(detail) ?? /^must (?:be )?(.*)$/s.exec(detail) ?? [];
  return accepted ?? detail;
}

/** The first issues of a refused document, with their paths as a reader of JSON writes them. */
export function issuesOf(error: z.core.$ZodError): InputIssue[] {
  return error.issues.slice(0, maxIssues).map(({ path, message }) => ({
    parameter:
      path
        .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
        .join('')
        .replace(/^\./, '') || 'body',
    detail: message,
  }));
}
