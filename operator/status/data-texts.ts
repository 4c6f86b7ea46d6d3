import { countOf, formatCount, formatDuration } from '../../cli/format.ts';
import { oneLine } from '../../cli/print.ts';
import type { ContestedCounts } from '../../handlers/operations/contested-readings.ts';
import type { DropCounts, LineCounts } from '../../handlers/operations/recent-lines.ts';
import { aheadOf, type DataBounds, rejectedCounts } from '../../handlers/operations/status/data-lines.ts';
import type { StatusLine } from '../../handlers/operations/status/status-line.ts';
import type { DataReport, StatusReport } from '../../handlers/operations/status/status-report.ts';

/** What a person is told of a line, and the way out of it. */
export interface Wording {
  readonly text: string;
  readonly fix?: string;
}

const shownSeries = 10;

/** Of less than two days in the usual way, else in days. */
export const longDuration = (ms: number): string =>
  ms < 48 * 3_600_000 ? formatDuration(ms) : `${formatCount(Math.round(ms / 86_400_000))} days`;

const noData: DataReport = { newest: [], contested: [], silent: [], projections: [] };

export function rejected(
  { state, command }: StatusLine,
  { objects: { lines, withoutText } }: StatusReport,
  { maxRejected }: DataBounds,
): Wording {
  const { all, affected } = rejectedCounts(lines);
  const text = (hour: LineCounts, day: LineCounts) =>
    `last hour ${shareText(hour)}, last day ${shareText(day)}`;
  return {
    text: [
      text(all.lastHour, all.lastDay),
      ...affected.map(
        ({ dataset, lastHour, lastDay }) =>
          `${dataset ?? 'that name no dataset, of all lines'}: ${text(lastHour, lastDay)}`,
      ),
      ...(withoutText === 0
        ? []
        : [
            `the text of ${formatCount(withoutText)} of the last day was not kept: their objects have too many`,
          ]),
    ].join('\n'),
    fix: `${state === 'fault' ? `above ${percent(maxRejected)} (--max-rejected)` : 'some name no dataset'}: ${command}, which sums them by file and reason`,
  };
}

const shareText = ({ lines, rejected: count }: LineCounts): string => shareOf(count, lines, 'line');

const shareOf = (count: number, of: number, thing: string): string =>
  of === 0 ? `no ${thing}s` : `${formatCount(count)} of ${countOf(of, thing)} (${percent(count / of)})`;

export function dropped(
  { command }: StatusLine,
  { objects: { dropped: found } }: StatusReport,
  { maxDropped }: DataBounds,
): Wording {
  const text = ({ readings, dropped: count }: DropCounts) => shareOf(count, readings, 'reading');
  const reasonsOf = (reasons: Readonly<Record<string, number>>) =>
    Object.entries(reasons).map(([reason, count]) => `${reason} ${formatCount(count)}`);
  return {
    text:
      found.length === 0
        ? 'no value of the last day'
        : [
            'values of optional measures that are none, by measure:',
            ...found.map(
              ({ dataset, measure, lastHour, lastDay, most: { key, reasons } }) =>
                `${dataset} ${measure}: last hour ${text(lastHour)}, last day ${text(lastDay)}; most in ${oneLine(key)}: ${reasonsOf(reasons).join(', ')}`,
            ),
          ].join('\n'),
    fix: `above ${percent(maxDropped)} (--max-dropped): has the sensor failed, or does the file use a unit, or a word for nothing, that datasets/ does not name? What a line has instead: ${command}`,
  };
}

export function contested(
  { state, command }: StatusLine,
  { data = noData }: StatusReport,
  { maxContested }: DataBounds,
): Wording {
  const found = data.contested.filter(({ lastDay }) => lastDay.contested > 0);
  const text = ({ readings, contested: count }: ContestedCounts) => shareOf(count, readings, 'reading');
  return {
    text:
      found.length === 0
        ? 'no reading on the days of what arrived in the last day'
        : [
            'on the days of what arrived then, others of the same rank say something else:',
            ...found.flatMap(({ dataset, lastHour, lastDay, series, seriesCount }) => [
              `${dataset}: last hour ${text(lastHour)}, last day ${text(lastDay)}`,
              ...series.map(({ sensorId, ...counts }) => `  ${sensorId}: ${text(counts)}`),
              ...(seriesCount > series.length
                ? [`  … and ${formatCount(seriesCount - series.length)} more series`]
                : []),
            ]),
          ].join('\n'),
    fix: `${state === 'fault' ? `a series above ${percent(maxContested)} (--max-contested): do two stations send under one id? ` : ''}see who says what: ${command}; a later upload, or a higher revision, settles it`,
  };
}

export function ahead(
  { command }: StatusLine,
  { data = noData, at }: StatusReport,
  { maxAheadMs }: DataBounds,
): Wording {
  const found = aheadOf(data, Date.parse(at));
  const far = found.filter(({ byMs }) => byMs > maxAheadMs);
  const more = far.length - shownSeries;
  return {
    text:
      far.length === 0
        ? found.length === 0
          ? 'no reading is ahead of now'
          : `${formatCount(found.length)} series with a reading ahead of now, by ${formatDuration(maxAheadMs)} at the most`
        : [
            `${formatCount(far.length)} series with a reading more than ${formatDuration(maxAheadMs)} ahead of now (--max-ahead):`,
            ...far
              .slice(0, shownSeries)
              .map(
                ({ dataset, sensorId, timestampMs, byMs }) =>
                  `${dataset} ${sensorId}: ${new Date(timestampMs).toISOString()}, in ${longDuration(byMs)}`,
              ),
            ...(more > 0 ? [`… and ${formatCount(more)} more: --json`] : []),
          ].join('\n'),
    ...(command && {
      fix: `a clock or a time zone that is wrong; where it comes from: ${command}, and out of the statistics: npm run caudal -- withdraw`,
    }),
  };
}

/** `0.3%`; a share that is not 0 is not shown as 0. */
function percent(share: number): string {
  const text = (share * 100).toFixed(1).replace(/\.0$/, '');
  return text === '0' && share > 0 ? 'below 0.1%' : `${text}%`;
}

export function silent({ command }: StatusLine, { data = noData }: StatusReport): Wording {
  const series = data.silent.flatMap(({ dataset, sensors }) =>
    sensors.map((sensor) => ({ dataset, ...sensor })),
  );
  const more = series.length - shownSeries;
  return {
    text: [
      series.length === 0
        ? 'every series has reported lately'
        : `${formatCount(series.length)} series without a reading for three times as long as they should take:`,
      ...series
        .slice(0, shownSeries)
        .map(({ dataset, sensorId, lastDay }) => `${dataset} ${sensorId}, last on ${lastDay}`),
      ...(more > 0 ? [`… and ${formatCount(more)} more: --json`] : []),
    ].join('\n'),
    fix: `is the station on, and does what it sends arrive? ${command}`,
  };
}

export function projections(
  { command }: StatusLine,
  { data: { projections: found } = noData }: StatusReport,
): Wording {
  const spanText = (months: readonly string[]): string =>
    months.length > 1 ? `${months[0]} to ${months.at(-1)}` : String(months[0]);
  return {
    text: [
      `${countOf(found.length, 'projection')} without an answer:`,
      ...found.flatMap(({ dataset, projection, version, outdated, missing }) => [
        ...(outdated.length > 0
          ? [
              `  ${dataset} ${projection}: events of ${spanText(outdated)} were folded by another version than ${version}`,
            ]
          : []),
        ...(missing.length > 0
          ? [`  ${dataset} ${projection}: events of ${spanText(missing)} are not folded yet`]
          : []),
      ]),
    ].join('\n'),
    fix: `while nothing is ingested: ${command}`,
  };
}
