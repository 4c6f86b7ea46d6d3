import { parseExpression, type TimeSeries } from './expression.ts';
import type { MetricId } from './metric-store.ts';

/** A metric or an expression over others, as GetMetricData and alarms name them. */
export interface MetricQuery {
  id: string;
  label?: string;
  returnData: boolean;
  of:
    | { kind: 'metric'; metric: MetricId; statistic: string; periodSeconds: number }
    | { kind: 'expression'; text: string };
}

/** Reads a metric in a span. */
export type ReadMetric = (
  metric: MetricId,
  statistic: string,
  span: { fromMs: number; toMs: number },
) => number | undefined;

/**
 * The series of the queries, by id. All periods are of one length: alarms have one, and so has each use of the API here.
 * @param times begins of the periods, oldest first
 * @throws {ExpressionNotUnderstood} and an Error for an id that there is not, or that needs itself
 */
export function evaluateQueries(
  queries: readonly MetricQuery[],
  { times, periodMs, read }: { times: readonly number[]; periodMs: number; read: ReadMetric },
): Map<string, TimeSeries> {
  const done = new Map<string, TimeSeries>();
  const under = new Set<string>();
  const series = (id: string): TimeSeries => {
    const known = done.get(id);
    if (known !== undefined) return known;
    const query = queries.find((each) => each.id === id);
    if (query === undefined || under.has(id))
      throw new Error(`there is no metric or expression with the id ${id}`);
    under.add(id);
    const found = compute(query);
    done.set(id, found);
    return found;
  };
  const compute = ({ of }: MetricQuery): TimeSeries => {
    if (of.kind === 'expression') return parseExpression(of.text)({ times, series });
    return new Map(
      times.flatMap((fromMs): [number, number][] => {
        const value = read(of.metric, of.statistic, { fromMs, toMs: fromMs + periodMs });
        return value === undefined ? [] : [[fromMs, value]];
      }),
    );
  };
  for (const { id } of queries) series(id);
  return done;
}
