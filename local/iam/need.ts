import type { AwsRequest } from '../engine/calls.ts';
import type { Context } from './conditions.ts';

/** A permission that an operation takes. */
export interface Need {
  /** `s3:GetObject` */
  action: string;
  /** ARN */
  resource: string;
  /** Condition keys of the operation's own, in lower case. */
  context?: Context;
  /** What is asked of the resource's key; default: what the action asks of it, by keyActionsOf. */
  keyActions?: readonly string[];
}

/** What each operation of a service needs, by the operation's name. One that is not listed is refused to every role. */
export type Needs = Readonly<Record<string, (request: AwsRequest) => readonly Need[]>>;
