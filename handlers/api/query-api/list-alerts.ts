import type { Dataset } from '../../../core/dataset/dataset.ts';
import type { Station } from '../../../core/dataset/stations.ts';
import { monthOf } from '../../../core/time/calendar.ts';
import {
  type AlertPosition,
  type AlertQueries,
  type AlertRow,
  type AlertState,
  alertStateOf,
  type StatisticsQueries,
} from '../../../ports/queries.ts';
import { checkSpan, isWithin, shift } from '../answers/span.ts';
import { instant } from '../answers/statistics-row.ts';
import type { AnswerOf } from '../contract/routes.ts';
import { csvOf } from '../http/csv.ts';
import { encodeCursor, readCursor } from '../http/cursor.ts';
import { problemOf } from '../http/problem.ts';
import type { Outcome } from '../http/router.ts';
import { everySensor, type Selection, selectedBy, unknownAmong } from './selected.ts';

export interface AlertsQuery extends Selection {
  readonly from: string;
  readonly to: string;
  readonly rule?: string | undefined;
  readonly state?: AlertState | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

type Page = AnswerOf<'listAlerts'>;

/** Reads of one request: a month or 1 MB each. The span has 121 months at most, so that without filters none ends a page early. */
const maxReads = 130;

/** `GET /datasets/{dataset}/alerts`: by day and rule, a month at a time. */
export async function listAlerts(
  {
    alerts,
    statistics,
  }: { readonly alerts: AlertQueries; readonly statistics: Pick<StatisticsQueries, 'hasSeries'> },
  dataset: Dataset,
  query: AlertsQuery,
  stations: readonly Station[],
): Promise<Outcome<Page>> {
  const { from, to, sensor, tag, rule, state, limit } = query;
  const span = { period: 'day', from, to } as const;
  const wrong = checkSpan(span);
  if (wrong) return wrong;
  const rules = Object.keys(dataset.alerts);
  if (rule !== undefined && !rules.includes(rule)) {
    const accepted = rules.length === 0 ? 'none: the dataset has no rules' : rules;
    return problemOf('invalid-parameter', {
      parameter: 'rule',
      found: `rule is ${JSON.stringify(rule)}`,
      accepted,
    });
  }
  const selected = selectedBy(query, stations);
  if ('problem' in selected) return selected;
  const filters = [sensor, tag, rule, state].map((value) => value ?? '');
  const identity = ['alerts', dataset.storageName, from, to, ...filters];
  const position = readCursor(identity, query.cursor, (parts) => {
    return parts.length === 0 || (parts.length === 3 && isWithin(span, parts[0] ?? ''));
  });
  if ('problem' in position) return position;
  // A station may have a tag and no readings yet.
  if (query.cursor === undefined && tag === undefined && selected.ids !== undefined) {
    const unknown = await unknownAmong(statistics, dataset, [...selected.ids]);
    if (unknown) return unknown;
  }
  const [day = from, ofRule = '', sensorId = ''] = position;
  let next: { from: string; after: AlertPosition | undefined } | undefined = {
    from: day,
    after: ofRule === '' ? undefined : { day, rule: ofRule, sensorId },
  };
  const rows: AlertRow[] = [];
  for (let reads = 0; next !== undefined && rows.length < limit && reads < maxReads; reads++) {
    const nextMonth: string = `${shift('month', monthOf(next.from), 1)}-01`;
    const end = nextMonth <= to ? shift('day', nextMonth, -1) : to;
    const rest = limit - rows.length;
    const page = await alerts.ofDays({
      dataset,
      ...next,
      to: end,
      wants: selected === everySensor ? undefined : selected.has,
      rule,
      state,
      limit: rest,
    });
    rows.push(...page.rows);
    if (page.last !== undefined) next = { from: page.last.day, after: page.last };
    else next = nextMonth <= to ? { from: nextMonth, after: undefined } : undefined;
  }
  const place = next && [next.from, next.after?.rule ?? '', next.after?.sensorId ?? ''];
  const page: Page = {
    dataset: dataset.name,
    from,
    to,
    alerts: rows.map((row) => alert(dataset, row)),
    cursor: place === undefined ? null : encodeCursor(identity, place),
  };
  return { value: page, next: page.cursor, csv: () => alertsCsv(page) };
}

function alert(dataset: Dataset, row: AlertRow): Page['alerts'][number] {
  const { day, rule, sensorId, content, createdAt, sentAt } = row;
  const { measure, threshold, count, worst, worstAt, withdrawn } = content;
  const isSilence = dataset.alerts[rule]?.noDataFor !== undefined;
  const unit = isSilence ? 'min' : (dataset.measures[measure]?.unit ?? '');
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
    state: alertStateOf(row),
    withdrawn,
    createdAt,
    sentAt: sentAt ?? null,
  };
}

/** `withdrawn` is in `state`. */
const columns = [
  ...(['day', 'rule', 'sensorId', 'measure', 'unit', 'threshold', 'count', 'worst', 'worstAt'] as const),
  ...(['state', 'createdAt', 'sentAt'] as const),
];

const alertsCsv = ({ alerts }: Page): string =>
  csvOf([columns, ...alerts.map((row) => columns.map((name) => row[name]))]);
