import { shellWord } from '../../../core/shell-word.ts';
import type { ContestedReadings } from '../contested-readings.ts';
import type { DatasetLines, DropCounts, LineCounts } from '../recent-lines.ts';
import { projectionLines } from './event-lines.ts';
import { aboutOf, type StatusLine, type StatusName, verb } from './status-line.ts';
import type { DataReport, StatusReport } from './status-report.ts';

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

/** Where nobody says otherwise. */
export const usualBounds: DataBounds = {
  maxRejected: 0.2,
  maxDropped: 0.2,
  maxContested: 0.05,
  maxAheadMs: 300_000,
};

/** What is wrong with the data itself, while everything runs. A kind of outcome that lines get is one function, and a line here. */
export function dataLines(report: StatusReport, bounds: DataBounds): StatusLine[] {
  const { data } = report;
  const ofSets: StatusName[] = ['contested', 'ahead', 'silent'];
  return [
    rejected(report, bounds),
    dropped(report, bounds),
    ...(data === undefined
      ? ofSets.map((name): StatusLine => ({ name, state: 'unknown', figures: {}, ...aboutOf([]) }))
      : [contested(data, bounds), ahead(data, report.at, bounds), ...silent(data), ...projectionLines(data)]),
  ];
}

/** Lines of the last hour and day of all datasets, and of those that had any rejected. */
export function rejectedCounts(lines: readonly DatasetLines[]) {
  const sum = (of: 'lastHour' | 'lastDay'): LineCounts => ({
    lines: lines.reduce((total, each) => total + each[of].lines, 0),
    rejected: lines.reduce((total, each) => total + each[of].rejected, 0),
  });
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
  return { all, affected };
}

function rejected(
  { objects: { lines, withoutText } }: StatusReport,
  { maxRejected }: DataBounds,
): StatusLine {
  const { all, affected } = rejectedCounts(lines);
  const isHigh = (counts: LineCounts) => counts.rejected > maxRejected * counts.lines;
  const high = affected.some(({ lastHour, lastDay }) => isHigh(lastHour) || isHigh(lastDay));
  const areUnnamed = affected.some(({ dataset }) => dataset === undefined);
  return {
    name: 'rejected',
    // Of which dataset they are lost nobody knows, and it may be all that a small one has.
    state: high ? 'fault' : areUnnamed ? 'attention' : 'ok',
    figures: {
      linesLastHour: all.lastHour.lines,
      rejectedLastHour: all.lastHour.rejected,
      linesLastDay: all.lastDay.lines,
      rejectedLastDay: all.lastDay.rejected,
      withoutText,
      allowedShare: maxRejected,
    },
    ...aboutOf(affected.flatMap(({ dataset }) => dataset ?? [])),
    command: `${verb} rejects`,
  };
}

function dropped({ objects: { dropped: found } }: StatusReport, { maxDropped }: DataBounds): StatusLine {
  const isHigh = ({ readings, dropped: count }: DropCounts) => count > maxDropped * readings;
  const high = found.filter(({ lastHour, lastDay }) => isHigh(lastHour) || isHigh(lastDay));
  return {
    name: 'dropped',
    state: high.length > 0 ? 'fault' : 'ok',
    figures: {
      values: found.reduce((sum, { lastDay }) => sum + lastDay.dropped, 0),
      measures: found.length,
      allowedShare: maxDropped,
    },
    ...aboutOf((high.length > 0 ? high : found).map(({ dataset, measure }) => `${dataset} ${measure}`)),
    command: `${verb} explain`,
  };
}

function contested({ contested: all }: DataReport, { maxContested }: DataBounds): StatusLine {
  const found = all.filter(({ lastDay }) => lastDay.contested > 0);
  const isHigh = found.some(({ series }) =>
    series.some((each) => each.contested > maxContested * each.readings),
  );
  return {
    name: 'contested',
    state: isHigh ? 'fault' : found.length > 0 ? 'attention' : 'ok',
    figures: {
      readings: found.reduce((sum, { lastDay }) => sum + lastDay.contested, 0),
      series: found.reduce((sum, { seriesCount }) => sum + seriesCount, 0),
      allowedShare: maxContested,
    },
    ...aboutOf(
      found.flatMap(({ dataset, series }) => series.map(({ sensorId }) => `${dataset} ${sensorId}`)),
    ),
    command: contestedCommand(found),
  };
}

/** What shows who contradicts whom, at the worst series' first contested reading. */
function contestedCommand(found: readonly ContestedReadings[]): string {
  const [worst] = found.flatMap(({ dataset, series }) => series.map((each) => ({ dataset, ...each })));
  return worst?.firstMs === undefined
    ? `${verb} explain`
    : explainCommand(worst.dataset, worst.sensorId, worst.firstMs);
}

const explainCommand = (dataset: string, sensorId: string, atMs: number): string =>
  `${verb} explain ${dataset} ${sensorId.startsWith('-') ? '-- ' : ''}${shellWord(sensorId)} ${new Date(atMs).toISOString()}`;

/** Readings ahead of now, and by how much. */
export const aheadOf = ({ newest }: DataReport, nowMs: number) =>
  newest.flatMap(({ dataset, ahead: series }) =>
    series.map(({ sensorId, timestampMs }) => ({
      dataset,
      sensorId,
      timestampMs,
      byMs: timestampMs - nowMs,
    })),
  );

function ahead(data: DataReport, at: string, { maxAheadMs }: DataBounds): StatusLine {
  const found = aheadOf(data, Date.parse(at));
  const far = found.filter(({ byMs }) => byMs > maxAheadMs);
  const [first] = far;
  return {
    name: 'ahead',
    state: far.length > 0 ? 'fault' : 'ok',
    figures: { series: found.length, far: far.length, allowedMs: maxAheadMs },
    ...aboutOf(far.map(({ dataset, sensorId }) => `${dataset} ${sensorId}`)),
    ...(first && { command: explainCommand(first.dataset, first.sensorId, first.timestampMs) }),
  };
}

function silent({ silent: found }: DataReport): StatusLine[] {
  if (found.length === 0) return [];
  const series = found.flatMap(({ dataset, sensors }) =>
    sensors.map(({ sensorId }) => `${dataset} ${sensorId}`),
  );
  return [
    {
      name: 'silent',
      state: series.length === 0 ? 'ok' : 'attention',
      figures: { series: series.length },
      ...aboutOf(series),
      command: `${verb} rejects`,
    },
  ];
}
