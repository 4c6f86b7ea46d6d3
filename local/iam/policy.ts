import { accountId } from '../engine/calls.ts';
import { type Condition, parseConditions } from './conditions.ts';

/** Where a statement stands in the template: enough to find it there again. */
export interface Origin {
  stack: string;
  logicalId: string;
  /** Property of the resource that holds the document; `Policies.0.PolicyDocument` of an inline policy. */
  property: string;
  /** Position in the document's `Statement`, from 0. */
  statement: number;
}

/** Whom a statement of a resource's policy or of a trust policy speaks of. */
export type Principal =
  | { kind: 'everyone' }
  /** The account's root: leaves the decision to the identity policies of the account. */
  | { kind: 'account' }
  | { kind: 'role'; arn: string }
  | { kind: 'service'; name: string };

/** One statement, its lists always lists. */
export interface Statement {
  origin: Origin;
  effect: 'Allow' | 'Deny';
  /** Patterns with `*` and `?`; case does not matter. */
  actions: readonly string[];
  /** Patterns with `*` and `?`; `*` alone in a trust policy, which names none. */
  resources: readonly string[];
  /** Undefined in an identity policy. */
  principals: readonly Principal[] | undefined;
  conditions: readonly Condition[];
}

/** A policy says what local/iam does not evaluate. The message names the resource, the statement and what it is. */
export class PolicyNotUnderstood extends Error {
  override readonly name = 'PolicyNotUnderstood';
}

type Json = Record<string, unknown>;

const known = ['Sid', 'Effect', 'Action', 'Resource', 'Principal', 'Condition'];

/**
 * The statements of a policy document whose intrinsic functions are resolved.
 * Throws PolicyNotUnderstood for an element, principal, operator, condition key or policy variable that is not evaluated:
 * a policy that is half understood would allow what AWS denies.
 */
export function parsePolicy(
  document: unknown,
  { needs, ...place }: Omit<Origin, 'statement'> & { needs: 'resource' | 'principal' | 'both' },
): Statement[] {
  const statements = list((document as Json | undefined)?.Statement) as Json[];
  return statements.map((statement, index) => {
    const origin = { ...place, statement: index };
    const refuse = (what: string): never => {
      throw new PolicyNotUnderstood(
        `${place.stack}/${place.logicalId}, ${place.property}, statement ${index}: local/iam does not evaluate ${what}.`,
      );
    };
    for (const name of Object.keys(statement)) if (!known.includes(name)) refuse(name);
    const { Effect, Action, Resource, Principal, Condition = {} } = statement;
    if (Effect !== 'Allow' && Effect !== 'Deny') refuse(`Effect ${Effect}`);
    if (Action === undefined) refuse('a statement without Action');
    if (needs !== 'principal' && Resource === undefined) refuse('a statement without Resource');
    if ((needs === 'resource') !== (Principal === undefined)) {
      refuse(Principal === undefined ? 'a statement without Principal' : 'Principal in an identity policy');
    }
    const patterns = [...list(Action), ...list(Resource ?? '*')].map(String);
    const variable = patterns.find((pattern) => pattern.includes('$' + '{'));
    if (variable !== undefined) refuse(`the policy variable in ${variable}`);
    return {
      origin,
      effect: Effect as Statement['effect'],
      actions: list(Action).map(String),
      resources: list(Resource ?? '*').map(String),
      principals: Principal === undefined ? undefined : principalsOf(Principal, refuse),
      conditions: parseConditions(Condition as Record<string, Json>, refuse),
    };
  });
}

function principalsOf(value: unknown, refuse: (what: string) => never): Principal[] {
  if (value === '*') return [{ kind: 'everyone' }];
  return Object.entries(value as Json).flatMap(([kind, names]) =>
    list(names)
      .map(String)
      .map((name): Principal => {
        if (kind === 'Service') return { kind: 'service', name };
        if (kind === 'AWS' && name === '*') return { kind: 'everyone' };
        if (kind === 'AWS' && (name === accountId || name === `arn:aws:iam::${accountId}:root`)) {
          return { kind: 'account' };
        }
        if (kind === 'AWS' && name.startsWith(`arn:aws:iam::${accountId}:role/`))
          return { kind: 'role', arn: name };
        return refuse(`the principal ${kind} ${name}`);
      }),
  );
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}
