import { changed, type TemplatePolicies } from '../../../local/iam/load-policies.ts';
import type { Origin, Statement } from '../../../local/iam/policy.ts';

/** What can be taken from the policies by itself: a statement, an action or a resource of it, or one action on one resource. */
export interface Grant {
  statement: Statement;
  action?: string;
  resource?: string;
}

/** Every grant of every statement that allows something. */
export function grantsOf({ statements }: TemplatePolicies): Grant[] {
  const seen = new Set<string>();
  return statements
    .filter(({ effect }) => effect === 'Allow')
    .filter(({ origin }) => !seen.has(place(origin)) && seen.add(place(origin)))
    .flatMap((statement) => {
      const { actions, resources } = statement;
      const several = { actions: actions.length > 1, resources: resources.length > 1 };
      return [
        { statement },
        ...(several.actions ? actions.map((action) => ({ statement, action })) : []),
        ...(several.resources ? resources.map((resource) => ({ statement, resource })) : []),
        ...(several.actions && several.resources
          ? actions.flatMap((action) => resources.map((resource) => ({ statement, action, resource })))
          : []),
      ];
    });
}

/** The policies without the grant. */
export function without(policies: TemplatePolicies, grant: Grant): TemplatePolicies {
  const wanted = place(grant.statement.origin);
  return changed(policies, (statement) =>
    place(statement.origin) === wanted ? less(statement, grant) : [statement],
  );
}

function less(statement: Statement, { action, resource }: Grant): Statement[] {
  const otherActions = statement.actions.filter((each) => each !== action);
  const otherResources = statement.resources.filter((each) => each !== resource);
  if (action === undefined && resource === undefined) return [];
  if (resource === undefined) return [{ ...statement, actions: otherActions }];
  if (action === undefined) return [{ ...statement, resources: otherResources }];
  return [
    { ...statement, actions: otherActions },
    { ...statement, actions: [action], resources: otherResources },
  ];
}

/** `CaudalApi/FunctionsQueryApiRoleDefaultPolicy… PolicyDocument 2: dynamodb:Query on arn:…` */
export function nameOf({ statement, action, resource }: Grant): string {
  const what = `${action ?? statement.actions.join(',')} on ${resource ?? statement.resources.join(',')}`;
  return `${place(statement.origin)}: ${what}`;
}

function place({ stack, logicalId, property, statement }: Origin): string {
  return `${stack}/${logicalId} ${property} ${statement}`;
}
