import type { Template } from 'aws-cdk-lib/assertions';
import type { Synthesized } from './synthesized.ts';

export interface Resource {
  readonly id: string;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation properties are as many shapes as there are resource types
  readonly properties: any;
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Record<string, Record<string, unknown>>;
}

/** The resources of a template, or of all templates, of one type or of all. */
export function resourcesOf(source: Template | Synthesized, type?: string): Resource[] {
  const templates = 'toJSON' in source ? [source] : Object.values<Template>({ ...source });
  return templates
    .flatMap((template) =>
      Object.entries(template.toJSON().Resources as Record<string, Record<string, unknown>>),
    )
    .map(([id, raw]) => ({ id, type: String(raw.Type), properties: raw.Properties ?? {}, raw }))
    .filter((resource) => type === undefined || resource.type === type);
}

/** The statements of identity policies, with the policy's logical id. */
export function identityStatements(source: Template | Synthesized): [id: string, statement: Statement][] {
  return resourcesOf(source, 'AWS::IAM::Policy').flatMap(({ id, properties }) =>
    (properties.PolicyDocument.Statement as Statement[]).map((statement): [string, Statement] => [
      id,
      statement,
    ]),
  );
}

/** One or many, as policies allow both, as many. */
export const many = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
