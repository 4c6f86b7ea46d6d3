import { AwsError } from '../../engine/calls.ts';

/** A page of a list: at most `limit` (60, as Cognito has it), and what names the next one. */
export function pageOf<Item>(
  items: readonly Item[],
  limit: unknown,
  token: unknown,
): { items: readonly Item[]; next: string | undefined } {
  const size = limit === undefined ? 60 : limit;
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || size > 60)
    throw new AwsError('InvalidParameterException', 'The limit of a page must be from 1 to 60.');
  const from = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(from) || from < 0 || from > items.length)
    throw new AwsError('InvalidParameterException', 'Invalid pagination token.');
  const end = from + size;
  return { items: items.slice(from, end), next: end < items.length ? String(end) : undefined };
}
