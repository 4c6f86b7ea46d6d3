import { countOf, formatCount, formatDuration, terminalWidth, wrapped } from '../../cli/format.ts';
import { renderTable } from '../../cli/table.ts';
import type { Bill } from './bill.ts';
import type { OptionPrice } from './option-prices.ts';
import { priceList } from './prices.ts';
import type { QuotaUse } from './quotas.ts';
import { daySeconds, monthDays, type Plan, type Settings, type Workload } from './workload.ts';

/** Quotas that are shown: those that are met first. */
const shownQuotas = 3;

const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });
/** A number for people, in three digits: `86.4K`. */
const about = (value: number): string => compact.format(value);

/** Dollars in two digits at least: `$1,248`, `$3.27`, `$0.016`; `$0` for nothing. */
function dollars(value: number): string {
  if (value === 0) return '$0';
  if (value >= 100) return `$${formatCount(Math.round(value))}`;
  if (value >= 0.095) return `$${value.toFixed(2)}`;
  return value < 0.0005 ? '<$0.001' : `$${value.toFixed(3)}`;
}

/** A length of time as it is planned: `5 min`, `1 h`, `90.0 s`. */
function seconds(value: number): string {
  if (value >= 3_600 && value % 3_600 === 0) return `${value / 3_600} h`;
  return value >= 60 && value % 60 === 0 ? `${value / 60} min` : formatDuration(value * 1_000);
}

/** What is priced, in a line or two. */
export function planText(
  plan: Plan,
  { settings, workload }: { settings: Settings; workload: Workload },
): string[] {
  const { sensors, measures, everySeconds, lingerSeconds, shards } = plan;
  const { bufferSeconds, bufferMiB, batchWindowSeconds } = settings;
  return [
    `${countOf(sensors, 'sensor')} of ${countOf(measures, 'measure')}, a reading every ${seconds(everySeconds)}, packed for ${seconds(lingerSeconds)}: ${about(workload.readings)} readings a month`,
    `An execution every ${seconds(Math.round((daySeconds * monthDays) / workload.executions))}, ${countOf(shards, 'shard')}: caudal:bufferSeconds ${bufferSeconds}, caudal:bufferMiB ${bufferMiB}, caudal:batchWindowSeconds ${batchWindowSeconds}`,
  ];
}

/** The bill, what it does not have, and the quotas. @param head what is priced */
export function costPage(head: readonly string[], bill: Bill, quotas: readonly QuotaUse[]): string {
  const first = quotas[0];
  const rows = bill.charges.map(({ service, requests, perMillionReadings, perMonth }) => [
    service,
    requestsText(requests),
    dollars(perMillionReadings),
    dollars(perMonth),
  ]);
  const table = renderTable(
    [
      { title: 'service' },
      { title: 'in a month' },
      { title: 'a million', align: 'right' },
      { title: 'a month', align: 'right' },
    ],
    [...rows, ['total', '', dollars(bill.perMillionReadings), dollars(bill.perMonth)]],
  );
  const limits = renderTable(
    [
      { title: 'limit' },
      { title: 'used', align: 'right' },
      { title: 'of', align: 'right' },
      { title: 'share', align: 'right' },
    ],
    quotas
      .slice(0, shownQuotas)
      .map(({ quota, used, value, share }) => [quota, about(used), about(value), shareText(share)]),
  );
  return [
    paragraphs(head),
    table,
    paragraphs([
      `"A million" is of readings. Beside it ${dollars(bill.standing.full)} a month, whatever arrives: clients, the key, alarms, metrics, polls, looks for silence, the relay of streams.`,
      `With caudal:observability basic, which has fewer alarms and metrics and no dashboard, it is ${dollars(bill.standing.basic)}.`,
      pricesText,
    ]),
    limits,
    ...(first === undefined ? [] : [paragraphs([firstText(first)])]),
  ].join('\n\n');
}

/** What each option of the configuration adds. */
export function optionsPage(prices: readonly OptionPrice[]): string {
  const table = renderTable(
    [
      { title: 'caudal:…' },
      { title: 'what it makes' },
      { title: 'a month', align: 'right' },
      { title: 'beside it, by use' },
    ],
    prices.map(({ option, makes, perMonth, byUse }) => [
      option,
      makes,
      perMonth < 0 ? `-${cents(-perMonth)}` : cents(perMonth),
      byUse.map(([each, of]) => `${dollars(each)} ${of}`).join(', '),
    ]),
  );
  return [
    table,
    paragraphs([
      'Each beside an installation as shipped, in which caudal:observability is full; of one dataset.',
      pricesText,
    ]),
  ].join('\n\n');
}

/** Of what is there all month. */
const cents = (value: number): string => (value === 0 ? '$0' : `$${value.toFixed(2)}`);

const pricesText = `Prices of ${priceList.region}, ${priceList.date}, no free tier: operator/cost/prices.ts.`;

const requestsText = (requests: Readonly<Record<string, number>>): string =>
  Object.entries(requests)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${about(count)} ${what}`)
    .join(', ');

const shareText = (share: number): string =>
  share > 0 && share < 0.005 ? '<1%' : `${formatCount(Math.round(share * 100))}%`;

const firstText = ({ quota, share, remedy }: QuotaUse): string =>
  share > 1 ? `Over the limit: ${quota}. Do: ${remedy}.` : `Met first: ${quota}. Then: ${remedy}.`;

const paragraphs = (texts: readonly string[]): string =>
  texts.flatMap((text) => wrapped(text, Math.min(terminalWidth(), 132))).join('\n');
