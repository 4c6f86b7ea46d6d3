import type { MetricQuery } from '../../../ports/meter.ts';
import type { SourceContext } from './source-context.ts';

const periodSeconds = 300;
const periods = 4;

/** The values of the last periods of five minutes, the oldest first and the one that runs last; `null` for one without data. */
export async function recent<const Queries extends readonly MetricQuery[]>(
  { metrics, nowMs }: Pick<SourceContext, 'metrics' | 'nowMs'>,
  queries: Queries,
): Promise<{ readonly [Index in keyof Queries]: readonly (number | null)[] }> {
  const periodMs = periodSeconds * 1_000;
  const toMs = (Math.floor(nowMs / periodMs) + 1) * periodMs;
  const found = await metrics.read(queries, { fromMs: toMs - periods * periodMs, toMs, periodSeconds });
  return found as { readonly [Index in keyof Queries]: readonly (number | null)[] }; // one for each query
}

/** The newest value of the last periods; undefined where there was no data. */
export async function latest(
  context: Pick<SourceContext, 'metrics' | 'nowMs'>,
  query: MetricQuery,
): Promise<number | undefined> {
  const [values] = await recent(context, [query]);
  return newestOf(values);
}

/** The newest value there is; undefined without one. */
export const newestOf = (values: readonly (number | null)[]): number | undefined =>
  values.findLast((value) => value !== null) ?? undefined;
