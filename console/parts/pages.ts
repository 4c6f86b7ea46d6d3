/** Pages one after the other, until there are no more, or `most` rows. */
export async function allPages<Row>(
  page: (
    cursor: string | undefined,
  ) => Promise<{ readonly rows: readonly Row[]; readonly cursor: string | null }>,
  most: number,
): Promise<{ readonly rows: readonly Row[]; readonly more: boolean }> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const next = await page(cursor);
    rows.push(...next.rows);
    cursor = next.cursor ?? undefined;
  } while (cursor !== undefined && rows.length < most);
  return { rows, more: cursor !== undefined };
}
