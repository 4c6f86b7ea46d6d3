import type { ExecutionListItem } from '@aws-sdk/client-sfn';
import { formatCount, wrapped } from '../cli/format.ts';
import { withEndpoint } from '../cli/print.ts';
import { renderTable } from '../cli/table.ts';
import { executionsPage } from '../operator/executions/execution-pages.ts';
import type { Reconciliation } from '../operator/reconcile/reconcile.ts';
import { equation } from '../operator/reconcile/reconcile-page.ts';
import type { Report as ProducerReport } from '../producer/report.ts';
import type { MonthReport } from './month-report.ts';

/** A month of all sensors or of one, as the API answers it. */
export interface MonthRow {
  readonly period: string;
  readonly count: number;
  readonly sensors?: number;
  readonly measures: Readonly<
    Record<string, { mean: number; standardDeviation: number; min: number; max: number }>
  >;
}

/** A month of all salons, as the API answers it. */
export interface BookingsRow {
  readonly period: string;
  readonly count: number;
  readonly sensors?: number;
  readonly counts: { readonly status?: Readonly<Record<string, number>> };
}

export interface AlertRow {
  readonly day: string;
  readonly rule: string;
  readonly sensorId: string;
  readonly worst: number;
  readonly unit: string;
  readonly sentAt: string | null;
}

/** Everything that the page after `npm start` tells. */
export interface DemoResults {
  readonly sent: ProducerReport;
  /** Of the events of bookings. */
  readonly bookings: ProducerReport;
  /** Lines of the uploaded file, without its header. */
  readonly uploadedLines: number;
  readonly executions: readonly ExecutionListItem[];
  readonly reconciliation: Reconciliation;
  readonly months: readonly MonthRow[];
  readonly salons: readonly BookingsRow[];
  /** Of one month of all salons. */
  readonly monthReport: MonthReport;
  readonly alerts: readonly AlertRow[];
  /** What does not add up, in words. */
  readonly faults: readonly string[];
}

const fixed = (value: number | undefined): string => value?.toFixed(3) ?? '';

/** The page: what was sent, what ran, whether it adds up, the months, the alerts. */
export function reportPage(results: DemoResults): string {
  const { sent, reconciliation: sum, executions, faults } = results;
  const rows: [string, string][] = [
    [
      'sent',
      `${formatCount(sent.lines)} lines: ${formatCount(sent.readings)} readings (${formatCount(sent.late)} late), ` +
        `${formatCount(sent.duplicates)} duplicates, ${formatCount(sent.invalid)} invalid; and a CSV file of ${results.uploadedLines}`,
    ],
    [
      'bookings',
      `${formatCount(results.bookings.lines)} lines: ${formatCount(results.bookings.readings)} events (${formatCount(results.bookings.late)} late), ` +
        `${formatCount(results.bookings.duplicates)} duplicates, ${formatCount(results.bookings.invalid)} invalid`,
    ],
    ['raw objects', `${formatCount(sum.objects)}, recounted from their bytes`],
    ['lines', equation(sum)],
    ['partitions', `${formatCount(sum.partitions)}, compared byte by byte with the recount`],
  ];
  const verdict =
    faults.length === 0
      ? '✓ everything adds up'
      : ['✗ does not add up:', ...faults.map((fault) => `  ${fault}`)].join('\n');
  return [
    ...rows.map(([name, value]) => `${name.padEnd(13)}${wrapped(value, 67).join(`\n${' '.repeat(13)}`)}`),
    verdict,
    '',
    executionsPage(executions.slice(0, shownExecutions), { now: new Date() }),
    '',
    'water-temperature by month, all sensors (°C)',
    monthsTable(results.months),
    '',
    'salon-bookings by month, all salons (events by status)',
    bookingsTable(results.salons),
    `report       ${results.monthReport.address}, with a page for each of ${results.monthReport.pages} salons`,
    '',
    alertsPart(results.alerts),
  ].join('\n');
}

function monthsTable(months: readonly MonthRow[]): string {
  return renderTable(
    [
      { title: 'month' },
      { title: 'sensors', align: 'right' },
      { title: 'readings', align: 'right' },
      { title: 'mean', align: 'right' },
      { title: 'min', align: 'right' },
      { title: 'max', align: 'right' },
      { title: 'sd', align: 'right' },
    ],
    months.map(({ period, sensors = 1, count, measures: { temperature: of } }) => [
      period,
      formatCount(sensors),
      formatCount(count),
      fixed(of?.mean),
      fixed(of?.min),
      fixed(of?.max),
      fixed(of?.standardDeviation),
    ]),
  );
}

function bookingsTable(months: readonly BookingsRow[]): string {
  const status = ['created', 'completed', 'cancelled'];
  return renderTable(
    [
      { title: 'month' },
      ...['salons', 'events', ...status].map((title) => ({ title, align: 'right' }) as const),
    ],
    months.map(({ period, sensors = 1, count, counts }) => [
      period,
      formatCount(sensors),
      formatCount(count),
      ...status.map((name) => formatCount(counts.status?.[name] ?? 0)),
    ]),
  );
}

const shownExecutions = 5;
const shownAlerts = 5;

function alertsPart(alerts: readonly AlertRow[]): string {
  const sent = alerts.filter((alert) => alert.sentAt !== null).length;
  const lines = alerts
    .slice(0, shownAlerts)
    .map(
      ({ day, sensorId, rule, worst, unit }) =>
        `  ${day}  ${sensorId}  ${rule}  ${worst.toPrecision(4)} ${unit}`,
    );
  const more =
    alerts.length > shownAlerts ? [`  … and ${formatCount(alerts.length - shownAlerts)} more`] : [];
  return [
    `alerts       ${formatCount(alerts.length)}, ${formatCount(sent)} published`,
    ...lines,
    ...more,
  ].join('\n');
}

/** Lines to paste: a token, then each query. */
export function curlPage(access: {
  apiUrl: string;
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  scope: string;
}): string {
  const get = (path: string) => `curl -sH "authorization: Bearer $TOKEN" '${access.apiUrl}${path}'`;
  return [
    'Paste these into another terminal:',
    '',
    `TOKEN=$(curl -s -u '${access.clientId}:${access.clientSecret}' -d grant_type=client_credentials -d 'scope=${access.scope}' ${access.tokenUrl} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    get('/temp?year=2024&month=1'),
    get('/sd?year=2024&month=1'),
    get('/maxdiff?year=2024&month=1'),
    get('/datasets/water-temperature/statistics?period=month&from=2023-11&to=2024-03&sensor=aquasense'),
    get('/datasets/salon-bookings/statistics?period=day&from=2026-05-01&to=2026-05-31&sensor=7'),
    get('/datasets/water-temperature/alerts?from=2024-01-01&to=2024-01-31'),
  ].join('\n');
}

/** Commands to paste, which reach this cloud wherever it listens. */
export function commandsPage(endpointUrl: string): string {
  const commands = [
    'What ran:        npm run caudal -- executions',
    'What flows:      npm run caudal -- status',
    'More readings:   npm run producer -- --count 1000',
  ].join('\n');
  return withEndpoint(commands, { ...process.env, AWS_ENDPOINT_URL: endpointUrl });
}
