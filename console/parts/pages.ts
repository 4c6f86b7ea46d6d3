import type { Request } from '../api/client.ts';
import type { Answer, Called, Parameters } from '../api/operations.ts';
import { type Asked, useAsked, useConsole } from '../app/context.ts';

/** Pages one after the other, until there are no more, or `most` rows. */
export async function allPages<Row>(
  page: (
    cursor: string | undefined,
  ) => Promise<{ readonly rows: readonly Row[]; readonly cursor: string | null }>,
  most: number,
): Promise<Pages<Row>> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const next = await page(cursor);
    rows.push(...next.rows);
    cursor = next.cursor ?? undefined;
  } while (cursor !== undefined && rows.length < most);
  return { rows, more: cursor !== undefined };
}

interface Pages<Row> {
  readonly rows: readonly Row[];
  /** Whether there are further ones, which are not here. */
  readonly more: boolean;
}

/** The operations that answer by pages. */
type Paged = {
  [Name in Called]: Answer<Name> extends { readonly cursor: string | null } ? Name : never;
}[Called];

type RowOf<Rows> = Rows extends readonly (infer Row)[] ? Row : never;

/**
 * The rows of all pages of one request.
 * @param request `undefined` asks nothing
 * @param member of the answer, which has the rows
 */
export function usePages<Name extends Paged, Member extends keyof Answer<Name>>(
  request: (Request & { readonly operation: Name; readonly parameters: Parameters<Name> }) | undefined,
  member: Member,
  most: number,
): Asked<Pages<RowOf<Answer<Name>[Member]>>> {
  const { api } = useConsole();
  return useAsked(request && JSON.stringify(request), (signal) =>
    allPages(async (cursor) => {
      if (request === undefined) throw new Error('Nothing is asked without a request.');
      const page = await api.call(request.operation, { ...request.parameters, cursor }, { signal });
      return {
        rows: page[member] as readonly RowOf<Answer<Name>[Member]>[],
        cursor: (page as { readonly cursor: string | null }).cursor,
      };
    }, most),
  );
}
