/** What is looked at. */
export type StatusName =
  | 'delivery'
  | 'undeliverable'
  | 'queue'
  | 'pipe'
  | 'dead-letters'
  | 'executions'
  | 'objects'
  | 'gone'
  | 'refused'
  | 'alerts'
  | 'jobs'
  | 'relay'
  | 'rejected'
  | 'dropped'
  | 'contested'
  | 'ahead'
  | 'silent'
  | 'projections';

/** `attention`: somebody should look; `fault`: somebody is needed; `unknown`: it could not be told in the time there was. */
type StatusState = 'ok' | 'attention' | 'fault' | 'unknown';

/** One thing that was looked at, judged. */
export interface StatusLine {
  readonly name: StatusName;
  readonly state: StatusState;
  /** What it is judged by. Units are in the names; shares are from 0 to 1, times ISO 8601 in UTC. */
  readonly figures: Readonly<Record<string, number | string>>;
  /** The first objects, executions or series that it is about. */
  readonly about: readonly string[];
  /** How many there are of them. */
  readonly aboutInAll: number;
  /** The way out of anything but `ok`: what to run, and where it is described. */
  readonly command?: string;
  readonly see?: string;
}

const named = 10;

/** The first of what a line is about. */
export const aboutOf = (all: readonly string[]) => ({
  about: all.slice(0, named),
  aboutInAll: all.length,
});

/** What commands of the operator begin with. */
export const verb = 'npm run caudal --';
