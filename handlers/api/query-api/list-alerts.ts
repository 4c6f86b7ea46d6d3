import type { Dataset } from '../../../core/dataset/dataset.ts';
import { monthOf } from '../../../core/time/calendar.ts';
import type { AlertPosition, AlertQueries, AlertRow } from '../../../ports/queries.ts';
import type { AnswerOf } from '../contract/routes.ts';
import { encodeCursor, readCursor } from '../http/cursor.ts';
import type { Outcome } from '../http/router.ts';
import { checkSpan, isWithin, shift } from './span.ts';
import { instant } from './statistics-row.ts';

export interface AlertsQuery {
  readonly from: string;
  readonly to: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** `GET /datasets/{dataset}/alerts`: by day and rule. Reads a month at a time: at most 121 of them, as the span is bounded. */
export async function listAlerts(
  queries: AlertQueries,
  dataset: Dataset,
  query: AlertsQuery,
): Promise<Outcome<AnswerOf<'listAlerts'>>> {
  const span = { period: 'day', from: query.from, to: query.to } as const;
  const wrong = checkSpan(span);
  if (wrong) return wrong;
  const identity = ['alerts', dataset.storageName, query.from, query.to];
  const position = readCursor(identity, query.cursor, (parts) => {
    const last = positionOf(parts);
    return parts.length === 0 || (last !== undefined && isWithin(span, last.day));
  });
  if ('problem' in position) return position;
  let after = positionOf(position);
  const rows: AlertRow[] = [];
  let from = after?.day ?? query.from;
  while (from <= query.to && rows.length <= query.limit) {
    const nextMonth = `${shift('month', monthOf(from), 1)}-01`;
    const to = nextMonth <= query.to ? shift('day', nextMonth, -1) : query.to;
    // One more than is answered tells whether there is a next page.
    const limit = query.limit + 1 - rows.length;
    const page = await queries.ofDays({ dataset, from, to, after, limit });
    rows.push(...page.rows);
    after = page.rows.at(-1);
    if (!page.more || after === undefined) {
      after = undefined;
      from = nextMonth;
    }
  }
  const shown = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? shown.at(-1) : undefined;
  const page: AnswerOf<'listAlerts'> = {
    dataset: dataset.name,
    from: query.from,
    to: query.to,
    alerts: shown.map((row) => alert(dataset, row)),
    cursor: last === undefined ? null : encodeCursor(identity, [last.day, last.rule, last.sensorId]),
  };
  return { value: page, next: page.cursor };
}

function positionOf([day, rule, sensorId]: readonly string[]): AlertPosition | undefined {
  return day === undefined || rule === undefined || sensorId === undefined
    ? undefined
    : { day, rule, sensorId };
}

function alert(dataset: Dataset, { day, rule, sensorId, content, createdAt, sentAt }: AlertRow) {
  const { measure, threshold, count, worst, worstAt, withdrawn } = content;
  const unit = dataset.measures[measure]?.unit ?? '';
  return {
    day,
    rule,
    sensorId,
    measure,
    unit,
    threshold,
    count,
    worst,
    worstAt: instant(worstAt),
    withdrawn,
    createdAt,
    sentAt: sentAt ?? null,
  };
}
