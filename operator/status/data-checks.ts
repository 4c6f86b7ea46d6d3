import { countOf, formatCount, formatDuration } from '../../cli/format.ts';
import { shellWord } from '../../cli/print.ts';
import type { ContestedCounts } from '../../handlers/operations/contested-readings.ts';
import type { DropCounts, LineCounts } from '../../handlers/operations/recent-lines.ts';
import type { Check } from '../shared/checks.ts';
import type { StatusReport } from './status-report.ts';

/** From where on somebody is needed. */
export interface DataBounds {
  /** Share of a dataset's lines, 0 to 1. */
  readonly maxRejected: number;
  /** Share of the values of one measure, 0 to 1. */
  readonly maxDropped: number;
  /** Share of the readings of one series, 0 to 1. */
  readonly maxContested: number;
  /** How far ahead of now the clock of a sensor may be, ms. */
  readonly maxAheadMs: number;
}

const shownSeries = 10;

/** Of less than two days in the usual way, else in days. */
export const longDuration = (ms: number): string =>
  ms < 48 * 3_600_000 ? formatDuration(ms) : `${formatCount(Math.round(ms / 86_400_000))} days`;

/** What is wrong with the data itself, while everything runs. A kind of outcome that lines get is one function, and a line here. */
export function dataChecks(report: StatusReport, bounds: DataBounds): Check[] {
  return [
    rejected(report, bounds),
    dropped(report, bounds),
    contested(report, bounds),
    ahead(report, bounds),
    ...silent(report),
  ];
}

function rejected({ objects: { lines, withoutText } }: StatusReport, { maxRejected }: DataBounds): Check {
  const sum = (of: 'lastHour' | 'lastDay'): LineCounts => ({
    lines: lines.reduce((total, each) => total + each[of].lines, 0),
    rejected: lines.reduce((total, each) => total + each[of].rejected, 0),
  });
  const isHigh = (counts: LineCounts) => counts.rejected > maxRejected * counts.lines;
  const all = { lastHour: sum('lastHour'), lastDay: sum('lastDay') };
  // A rejected line may name no dataset, a valid one does not: the share is that of all lines.
  const ofAll = (of: 'lastHour' | 'lastDay', { rejected: count }: LineCounts) => ({
    lines: all[of].lines,
    rejected: count,
  });
  const affected = lines
    .filter(({ lastDay }) => lastDay.rejected > 0)
    .map(({ dataset, lastHour, lastDay }) =>
      dataset === undefined
        ? { dataset, lastHour: ofAll('lastHour', lastHour), lastDay: ofAll('lastDay', lastDay) }
        : { dataset, lastHour, lastDay },
    );
  const high = affected.some(({ lastHour, lastDay }) => isHigh(lastHour) || isHigh(lastDay));
  const areUnnamed = affected.some(({ dataset }) => dataset === undefined);
  const text = (hour: LineCounts, day: LineCounts) =>
    `last hour ${shareText(hour)}, last day ${shareText(day)}`;
  return {
    name: 'rejected',
    // Of which dataset they are lost nobody knows, and it may be all that a small one has.
    state: high ? 'fail' : areUnnamed ? 'warn' : 'ok',
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
    fix: `${high ? `above ${percent(maxRejected)} (--max-rejected)` : 'some name no dataset'}: npm run caudal -- rejects, which sums them by file and reason`,
  };
}

const shareText = ({ lines, rejected: count }: LineCounts): string => shareOf(count, lines, 'line');

const shareOf = (count: number, of: number, thing: string): string =>
  of === 0 ? `no ${thing}s` : `${formatCount(count)} of ${countOf(of, thing)} (${percent(count / of)})`;

function dropped({ objects: { dropped: found } }: StatusReport, { maxDropped }: DataBounds): Check {
  const text = ({ readings, dropped: count }: DropCounts) => shareOf(count, readings, 'reading');
  const isHigh = ({ readings, dropped: count }: DropCounts) => count > maxDropped * readings;
  const reasonsOf = (reasons: Readonly<Record<string, number>>) =>
    Object.entries(reasons).map(([reason, count]) => `${reason} ${formatCount(count)}`);
  return {
    name: 'dropped',
    state: found.some(({ lastHour, lastDay }) => isHigh(lastHour) || isHigh(lastDay)) ? 'fail' : 'ok',
    text:
      found.length === 0
        ? 'no value of the last day'
        : [
            'values of optional measures that are none, by measure:',
            ...found.map(
              ({ dataset, measure, lastHour, lastDay, most: { key, reasons } }) =>
                `${dataset} ${measure}: last hour ${text(lastHour)}, last day ${text(lastDay)}; most in ${key}: ${reasonsOf(reasons).join(', ')}`,
            ),
          ].join('\n'),
    fix: `above ${percent(maxDropped)} (--max-dropped): has the sensor failed, or does the file use a unit, or a word for nothing, that datasets/ does not name? What a line has instead: npm run caudal -- explain`,
  };
}

function contested(report: StatusReport, { maxContested }: DataBounds): Check {
  const found = report.contested.filter(({ lastDay }) => lastDay.contested > 0);
  const [worst] = found.flatMap(({ dataset, series }) => series.map((each) => ({ dataset, ...each })));
  const isHigh = found.some(({ series }) =>
    series.some((each) => each.contested > maxContested * each.readings),
  );
  const text = ({ readings, contested: count }: ContestedCounts) => shareOf(count, readings, 'reading');
  return {
    name: 'contested',
    state: isHigh ? 'fail' : found.length > 0 ? 'warn' : 'ok',
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
    fix: `${isHigh ? `a series above ${percent(maxContested)} (--max-contested): do two stations send under one id? ` : ''}see who says what: ${contestedCommand(worst)}; a later upload, or a higher revision, settles it`,
  };
}

const contestedCommand = (
  worst: { dataset: string; sensorId: string; firstMs?: number } | undefined,
): string =>
  worst?.firstMs === undefined
    ? 'npm run caudal -- explain'
    : `npm run caudal -- explain ${worst.dataset} ${shellWord(worst.sensorId)} ${new Date(worst.firstMs).toISOString()}`;

function ahead({ newest, at }: StatusReport, { maxAheadMs }: DataBounds): Check {
  const nowMs = Date.parse(at);
  const found = newest.flatMap(({ dataset, ahead: series }) =>
    series.map(({ sensorId, timestampMs }) => ({
      dataset,
      sensorId,
      timestampMs,
      byMs: timestampMs - nowMs,
    })),
  );
  const far = found.filter(({ byMs }) => byMs > maxAheadMs);
  const more = far.length - shownSeries;
  const [first] = far;
  return {
    name: 'ahead',
    state: far.length > 0 ? 'fail' : 'ok',
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
    ...(first && {
      fix: `a clock or a time zone that is wrong; where it comes from: npm run caudal -- explain ${first.dataset} ${shellWord(first.sensorId)} ${new Date(first.timestampMs).toISOString()}, and out of the statistics: npm run caudal -- withdraw`,
    }),
  };
}

/** `0.3%`; a share that is not 0 is not shown as 0. */
function percent(share: number): string {
  const text = (share * 100).toFixed(1).replace(/\.0$/, '');
  return text === '0' && share > 0 ? 'below 0.1%' : `${text}%`;
}

function silent({ silent: found }: StatusReport): Check[] {
  if (found.length === 0) return [];
  const series = found.flatMap(({ dataset, sensors }) => sensors.map((sensor) => ({ dataset, ...sensor })));
  const more = series.length - shownSeries;
  return [
    {
      name: 'silent',
      state: series.length === 0 ? 'ok' : 'warn',
      text: [
        series.length === 0
          ? 'every series has reported lately'
          : `${formatCount(series.length)} series without a reading for three times as long as they should take:`,
        ...series
          .slice(0, shownSeries)
          .map(({ dataset, sensorId, lastDay }) => `${dataset} ${sensorId}, last on ${lastDay}`),
        ...(more > 0 ? [`… and ${formatCount(more)} more: --json`] : []),
      ].join('\n'),
      fix: 'is the station on, and does what it sends arrive? npm run caudal -- rejects',
    },
  ];
}
