import type { RouteScope, UserGroup } from '../http/access.ts';

/** Identifier of the resource server, and so the first part of each scope. */
export const resourceServer = 'caudal';

/** What an access token may allow: a route each, and `jobs` beside `read`. */
export const scopes = {
  read: 'Statistics, readings, alerts, datasets and jobs',
  write: 'Send readings and jobs',
  operate: 'Operate the installation: run again what failed, land, accept and withdraw files',
  jobs: 'Beside read: see the jobs of all clients',
} as const satisfies Readonly<Record<RouteScope | 'jobs', string>>;

/** A scope as tokens and methods name it: `caudal/read`. */
export const scopeName = (scope: keyof typeof scopes): string => `${resourceServer}/${scope}`;

/** The groups of people who sign in, and what each may. */
export const userGroups = {
  viewer: 'Sees everything, and changes nothing',
  operator: 'Sees everything, sends readings and jobs, and operates the installation',
} as const satisfies Readonly<Record<UserGroup, string>>;
