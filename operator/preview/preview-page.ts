import { countOf, formatCount } from '../../cli/format.ts';
import { refusalText } from '../../cli/refusal-text.ts';
import { renderTable } from '../../cli/table.ts';
import type { Dataset } from '../../core/dataset/dataset.ts';
import type { DroppedCounts } from '../../core/dataset/reading.ts';
import { mayBeAccepted } from '../../core/lines/gate.ts';
import { show } from '../../core/lines/rejection.ts';
import type { PeriodPreview } from '../../core/preview/period-totals.ts';
import type { Preview, SensorPreview } from '../../core/preview/preview-segment.ts';
import { shellWord } from '../../core/shell-word.ts';
import {
  contentOf,
  type PreviewedFile,
  rowsOf,
  spanOf,
} from '../../handlers/api/inspect-file/preview-report.ts';
import { type Check, checksText } from '../shared/checks.ts';
import { passedOverTexts } from '../upload/upload-page.ts';

const shownSensors = 20;
const shownDays = 31;
const shownCharacters = 200;
const shorten = (text: string): string =>
  text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;

/** What a file would come to, for people. */
export function previewPage(dataset: Dataset, { file, key, preview }: PreviewedFile): string {
  const { totals, sensors, days, months } = preview;
  const head = `${file} as ${key}; nothing is sent`;
  if (totals.refusal !== undefined)
    return [
      head,
      ...refusalText(totals.refusal),
      ...(mayBeAccepted(totals.refusal)
        ? [
            '  Nothing of it would be taken. To see what it would come to if it was accepted as it is: --accept-unreadable',
          ]
        : ['  Nothing of it would be taken.']),
      '  how a dataset says what its files look like: docs/formats.md',
    ].join('\n');
  return [
    head,
    '',
    checksText(checksOf(dataset, preview)),
    ...section(rejectedLines(preview)),
    ...section(droppedValues(dataset, preview)),
    ...section(contestedReadings(dataset, preview)),
    ...section(sensorsTable(sensors)),
    ...section(periodsTable(dataset, months, 'month')),
    ...section(periodsTable(dataset, days.slice(0, shownDays), 'day')),
    ...(days.length > shownDays
      ? [`… and ${countOf(days.length - shownDays, 'more day')}: --json has all`]
      : []),
  ].join('\n');
}

const section = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? [] : ['', ...lines]);

/** What can be said in a line, with a mark where somebody should look. */
function checksOf(dataset: Dataset, preview: Preview): Check[] {
  const { totals, readings, repeated, superseded, contested, sensors } = preview;
  const { lines, valid, columns, passedOver, unknownFields = [], unterminated } = totals;
  const unread = [...(columns?.unmapped ?? []), ...(columns?.parameters ?? []), ...unknownFields];
  const absent = columns?.absent ?? [];
  const dropped = sumsOf(totals.dropped[dataset.name] ?? {});
  const { first, last } = spanOf(sensors);
  const span = first === null ? '' : `, ${shownTime(first)} to ${shownTime(last ?? first)} UTC`;
  return [
    {
      name: 'lines',
      state: valid === 0 ? 'fail' : valid < lines ? 'warn' : 'ok',
      text: `${formatCount(lines)}: ${formatCount(valid)} accepted, ${formatCount(lines - valid)} rejected`,
    },
    {
      name: 'readings',
      state: readings === 0 ? 'fail' : 'ok',
      text: `${formatCount(readings)} of ${countOf(sensors.length, 'sensor')}${span}`,
    },
    ...(repeated + superseded === 0
      ? []
      : [ok('repeated', `${formatCount(repeated)} the same again, ${formatCount(superseded)} superseded`)]),
    ...(contested.count === 0
      ? []
      : [warning('contested', `${countOf(contested.count, 'reading')} said in several ways`)]),
    ...(dropped.lost === 0
      ? []
      : [warning('dropped', `${countOf(dropped.lost, 'value')} of readings that are kept, shown below`)]),
    ...(dropped.empty === 0 ? [] : [ok('empty', `${countOf(dropped.empty, 'value')} with nothing there`)]),
    ...(unread.length === 0
      ? []
      : [warning('not read', `nothing reads ${unread.map((name) => show(name)).join(', ')}`)]),
    ...passedOverTexts(passedOver).map((text) => ok('no line', text)),
    ...(absent.length === 0 ? [] : [warning('absent', `there is no column of ${absent.join(', ')}`)]),
    ...(unterminated ? [warning('end', 'no newline ends the last row: is the file whole?')] : []),
  ];
}

const ok = (name: string, text: string): Check => ({ name, state: 'ok', text });
const warning = (name: string, text: string): Check => ({ name, state: 'warn', text });

function sumsOf(measures: DroppedCounts[string]): { lost: number; empty: number } {
  const sums = { lost: 0, empty: 0 };
  for (const { empty = 0, ...reasons } of Object.values(measures)) {
    sums.empty += empty;
    for (const count of Object.values(reasons)) sums.lost += count;
  }
  return sums;
}

/** Rejected lines by reason, with their examples. */
export function rejectedLines({ totals, rejected }: Preview): string[] {
  const reasons = Object.entries(totals.rejected).sort(([, a], [, b]) => b - a);
  if (reasons.length === 0) return [];
  const table = renderTable(
    [{ title: 'rejected' }, { title: 'lines', align: 'right' }],
    reasons.map(([reason, count]) => [reason, formatCount(count)]),
  );
  const examples = reasons.flatMap(([reason]) => rejected.filter((line) => line.reason === reason));
  return [
    table,
    '',
    ...examples.flatMap(({ line, reason, detail, text }) => [
      `  line ${line}  ${reason}: ${shorten(detail)}`,
      ...(text === '' ? [] : [`    ${shorten(text)}`]),
    ]),
  ];
}

/** Dropped values by measure and reason, with their examples. */
export function droppedValues(dataset: Dataset, { totals, dropped }: Preview): string[] {
  const rows = Object.entries(totals.dropped[dataset.name] ?? {}).flatMap(([measure, reasons]) =>
    Object.entries(reasons)
      .filter(([reason]) => reason !== 'empty')
      .map(([reason, count]) => {
        const examples = dropped.filter((each) => each.measure === measure && each.reason === reason);
        const shown = examples.map(({ line, value }) => `${shownValue(value)} in line ${line}`).join(', ');
        return [measure, reason, formatCount(count), shown];
      }),
  );
  if (rows.length === 0) return [];
  const titles = [
    { title: 'dropped' },
    { title: 'reason' },
    { title: 'values', align: 'right' },
    { title: 'such as' },
  ] as const;
  return [renderTable(titles, rows)];
}

/** JSON has no NaN and no infinity. */
const shownValue = (value: unknown): string => (typeof value === 'number' ? String(value) : show(value));

function contestedReadings(dataset: Dataset, { contested: { count, examples } }: Preview): string[] {
  if (count === 0) return [];
  const said = (reading: (typeof examples)[number]['kept']) => JSON.stringify(contentOf(dataset, reading));
  return [
    'contested: one sensor and one time, and other values; the first is kept',
    ...examples.flatMap(({ kept, others }) => [
      `  ${kept.sensorId} at ${new Date(kept.timestampMs).toISOString()}`,
      `    ${said(kept)}`,
      ...others.map((other) => `    ${said(other)}`),
    ]),
    ...(count > examples.length ? [`  … and ${formatCount(count - examples.length)} more`] : []),
  ];
}

function sensorsTable(sensors: readonly SensorPreview[]): string[] {
  if (sensors.length === 0) return [];
  const table = renderTable(
    [
      { title: 'sensor' },
      { title: 'readings', align: 'right' },
      { title: 'first (UTC)' },
      { title: 'last (UTC)' },
    ],
    sensors
      .slice(0, shownSensors)
      .map(({ sensorId, count, firstMs, lastMs }) => [
        shellWord(sensorId),
        formatCount(count),
        shownTime(new Date(firstMs).toISOString()),
        shownTime(new Date(lastMs).toISOString()),
      ]),
  );
  const more = sensors.length - shownSensors;
  return more > 0 ? [table, `… and ${countOf(more, 'more sensor')}: --json has all`] : [table];
}

const shownTime = (iso: string): string => iso.replace(/(?:\.000)?Z$/, '').replace('T', ' ');

/** A row a period and measure. */
function periodsTable(dataset: Dataset, periods: readonly PeriodPreview[], title: string): string[] {
  if (periods.length === 0) return [];
  const summaries = rowsOf(dataset, periods, ({ counts }) => ({ sensors: counts.length }));
  // Most events have nothing but their number.
  if (summaries.every(({ measures }) => Object.keys(measures).length === 0))
    return [
      renderTable(
        [{ title: `${title} (${dataset.timeZone})` }, { title: dataset.kind, align: 'right' }],
        summaries.map(({ period, count }) => [period, formatCount(count)]),
      ),
    ];
  const number = (value: number) => String(Number(value.toPrecision(6)));
  const rows = summaries.flatMap(({ period, count, measures }) =>
    Object.entries(measures).map(([name, of], at) => [
      ...(at === 0 ? [period, formatCount(count)] : ['', '']),
      `${name} (${dataset.measures[name]?.unit})`,
      formatCount(of.count),
      ...[of.mean, of.min, of.max, of.standardDeviation].map(number),
    ]),
  );
  const right = ['values', 'mean', 'min', 'max', 'std dev'].map(
    (name) => ({ title: name, align: 'right' }) as const,
  );
  const columns = [
    { title: `${title} (${dataset.timeZone})` },
    { title: 'readings', align: 'right' },
    { title: 'measure' },
    ...right,
  ] as const;
  return [renderTable(columns, rows)];
}
