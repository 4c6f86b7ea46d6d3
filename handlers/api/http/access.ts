import type { HttpRequest } from './messages.ts';
import type { Problem } from './problem.ts';

/** What an access token allows on a route, without its resource server. */
export type RouteScope = 'read' | 'write' | 'operate';

/** The groups of people who sign in. A machine's client is in none: its scopes alone say what it may. */
export type UserGroup = 'viewer' | 'operator';

/** A group whose members a route is for: scopes are those of the page that someone signed in to, and the same for all of its users. */
const groupsFor: Readonly<Record<RouteScope, readonly UserGroup[]>> = {
  read: ['viewer', 'operator'],
  write: ['operator'],
  operate: ['operator'],
};

/** Why a route refuses a person; `undefined` for one in a group that it is for, for machines, and on public routes. */
export function refusalOf(
  scope: RouteScope | null,
  { user }: Pick<HttpRequest, 'user'>,
): Problem | undefined {
  if (scope === null || user === undefined) return undefined;
  const groups = groupsFor[scope];
  if (groups.some((group) => user.groups.includes(group))) return undefined;
  const [found, own] = [
    user.groups.slice(0, maxNamed).map((group) => JSON.stringify(group)),
    groups.join(' or '),
  ];
  return {
    problem: 'forbidden',
    detail: `this route is for users in the group ${own}, and this one is in ${found.length === 0 ? 'no group' : found.join(', ')}; an operator of the installation adds users to groups, and the next token has the new ones`,
    accepted: groups,
  };
}

/** Groups that a refusal names: a user may be in a hundred. */
const maxNamed = 5;

/** Whether a request is a person's who operates the installation, or a machine's. */
export const mayOperate = ({ user }: Pick<HttpRequest, 'user'>): boolean =>
  user === undefined || refusalOf('operate', { user }) === undefined;

/** Whose work a request is: the person's, or the machine's client id. `undefined` on public routes. */
export const callerOf = ({ user, clientId }: Pick<HttpRequest, 'user' | 'clientId'>): string | undefined =>
  user?.id ?? clientId;
