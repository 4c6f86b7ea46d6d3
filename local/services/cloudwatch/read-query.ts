import type { JsonInput } from '../../engine/protocol/json.ts';
import type { MetricQuery } from './queries.ts';

/** `[{ Name, Value }]` as an object. */
export function dimensionsOf(
  list: readonly { Name: string; Value?: string }[] | undefined,
): Record<string, string> {
  return Object.fromEntries((list ?? []).map(({ Name, Value = '' }) => [Name, String(Value)]));
}

/**
 * An element of MetricDataQueries, or of an alarm's Metrics: both have the same members.
 * @param refuse makes the error for what is not understood
 */
export function readQuery(query: JsonInput, refuse: (message: string) => Error): MetricQuery {
  const { Id, Label, ReturnData = true, Expression, MetricStat, AccountId } = query;
  if (typeof Id !== 'string' || !/^[a-z]\w*$/.test(Id))
    throw refuse(`${JSON.stringify(Id)} is no ID of a query: a letter a-z, then letters, digits and _.`);
  const common = {
    id: Id,
    returnData: ReturnData !== false,
    ...(Label === undefined ? {} : { label: String(Label) }),
  };
  if (typeof Expression === 'string') return { ...common, of: { kind: 'expression', text: Expression } };
  if (MetricStat === undefined) throw refuse(`The query ${Id} has neither a metric nor an expression.`);
  if (AccountId !== undefined && MetricStat === undefined)
    throw refuse(`The query ${Id} names another account.`);
  const { Metric, Stat, Period } = MetricStat;
  const periodSeconds = Number(Period);
  if (!(periodSeconds > 0) || periodSeconds % 60 !== 0)
    throw refuse(`The period of ${Id} has to be a multiple of 60 seconds.`);
  return {
    ...common,
    of: {
      kind: 'metric',
      metric: {
        namespace: String(Metric?.Namespace),
        name: String(Metric?.MetricName),
        dimensions: dimensionsOf(Metric?.Dimensions),
      },
      statistic: String(Stat),
      periodSeconds,
    },
  };
}
