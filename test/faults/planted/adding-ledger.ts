import { type Changes, updateExpression as rightExpression } from '../../../adapters/dynamodb/items.ts';

/** Adds a segment's counts to what is there, where the right one overwrites: a repeated run counts twice. */
export function updateExpression({ set = {}, add = {}, ...rest }: Changes) {
  const { lines, valid, ...others } = set as { lines?: number; valid?: number };
  if (lines === undefined || valid === undefined) return rightExpression({ set, add, ...rest });
  return rightExpression({ set: others, add: { ...add, lines, valid }, ...rest });
}
