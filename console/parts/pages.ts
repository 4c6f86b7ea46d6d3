import type { Api, Request } from '../api/client.ts';
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

type Asking<Name extends Paged> = Request & {
  readonly operation: Name;
  readonly parameters: Parameters<Name>;
};

/** A page of a request, with its rows under one name. */
async function pageOf<Name extends Paged, Member extends keyof Answer<Name>>(
  api: Api,
  request: Asking<Name>,
  member: Member,
  { cursor, signal }: { cursor: string | undefined; signal?: AbortSignal },
) {
  const page = await api.call(request.operation, { ...request.parameters, cursor }, signal ? { signal } : {});
  return {
    rows: page[member] as readonly RowOf<Answer<Name>[Member]>[],
    cursor: (page as { readonly cursor: string | null }).cursor,
  };
}

/**
 * The rows of all pages of one request.
 * @param request `undefined` asks nothing
 * @param member of the answer, which has the rows
 */
export function usePages<Name extends Paged, Member extends keyof Answer<Name>>(
  request: Asking<Name> | undefined,
  member: Member,
  most: number,
): Asked<Pages<RowOf<Answer<Name>[Member]>>> {
  const { api } = useConsole();
  return useAsked(request && JSON.stringify(request), (signal) =>
    allPages((cursor) => {
      if (request === undefined) throw new Error('Nothing is asked without a request.');
      return pageOf(api, request, member, { cursor, signal });
    }, most),
  );
}

/** Asks for all rows of a request anew, also those that the page does not show: for the CSV of a route that has none. */
export function useEveryPage<Name extends Paged, Member extends keyof Answer<Name>>(
  request: Asking<Name>,
  member: Member,
): () => Promise<readonly RowOf<Answer<Name>[Member]>[]> {
  const { api } = useConsole();
  return async () =>
    (await allPages((cursor) => pageOf(api, request, member, { cursor }), Number.POSITIVE_INFINITY)).rows;
}
